/*
 * record/finding.h - one complaint or hint about what a partner sent.
 *
 * Codes and their sentences, English and Chinese, stand once in finding.def
 * and in entrepot-findings(7). The place is in the filer's own bytes.
 */
#ifndef RECORD_FINDING_H
#define RECORD_FINDING_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/slice.h"

struct group; /* src/record/directory.h */

enum severity { SEV_HINT, SEV_WARNING, SEV_ERROR };

/* FINDING(name, "code", severity, "english", "chinese") */
enum finding_kind {
#define FINDING(name, code, sev, en, zh) FIND_##name,
#include "src/record/finding.def"
#undef FINDING
	FIND_KINDS
};

/* Where in the arrival; 0: not known or not meaningful. */
struct place {
	uint64_t at;      /* byte offset in the arrival as received */
	uint32_t span;    /* bytes */
	uint32_t line;    /* from 1 */
	uint32_t column;  /* characters from 1 */
	uint32_t segment; /* EDIFACT, X12: UNH is 1 */
	uint32_t element, component; /* from 1 */
};

struct finding {
	enum finding_kind kind; /* FIND_RULE: code and texts are the rule's */
	enum severity severity;
	struct slice code;    /* "E0012" */
	struct slice element; /* directory path, "item[2].quantity", or empty */
	struct slice tag;     /* wire path, "DecLists/DecList[2]/GQty" */
	struct slice found, wanted;
	struct slice en, zh; /* whole sentences, made when added */
	struct place place;
	/* What UN/EDIFACT 0085 calls it; 0: the syntax did not find it. */
	uint8_t fault;
	uint32_t text_at, text_span; /* range in the decoded text, see text.h */
	struct finding *next;
};

#define FINDINGS_MAX 500 /* one filing; then they are only counted */

struct findings {
	struct arena *mem;
	struct finding *first, *last;
	uint32_t n, errors, warnings, hints;
	uint32_t dropped;
	struct finding *spare; /* given over the ceiling, in no list */
	/* whose labels {label} takes; NULL: the element's path stands for it */
	const struct group *document;
	bool lenient; /* the reader sets it: errors are entered as warnings */
};

void findings_init(struct findings *, struct arena *);
/*
 * Add one; the sentences of the kind are filled with {tag} {element} {found}
 * {wanted} {label} from the arguments. The caller may set more fields of what
 * is returned. Never NULL: over the ceiling a spare one is returned.
 */
struct finding *finding_add(struct findings *, enum finding_kind,
    struct slice element, struct slice tag, struct slice found,
    struct slice wanted);
/*
 * What was said twice of one place in the text stays once: of findings of one
 * kind that tell the same bytes, the one that names an element; of those that
 * name none and the same tag, the first. A value that is not what it should be
 * in several ways is one mistake, too: an error goes before a warning, what it
 * should be before how long, and that before what it disagrees with.
 */
void findings_merge(struct findings *);
const char *severity_name(enum severity);
/*
 * "FILE:3:14: error E0012: sentence" (segment and element when known), one
 * line, control bytes escaped; or one JSON object.
 */
void finding_print(const struct finding *, const char *file, struct buf *);
void finding_json(const struct finding *, struct buf *);

#endif
