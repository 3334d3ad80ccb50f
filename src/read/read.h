/*
 * read/read.h - a wire tree becomes a record, by one plan.
 *
 * Pure: a tree in, a record and findings out. Whatever matches no line is a
 * finding; nothing is cut or rounded. Lines whose conditions or paths depend
 * on the record wait until the end of the filing (LANGUAGE 3.3).
 */
#ifndef READ_READ_H
#define READ_READ_H

#include "src/base/rc.h"
#include "src/format/plan.h"
#include "src/record/finding.h"
#include "src/record/record.h"

/* The next filing, asked before it is read: true, and it is stepped over. */
typedef bool read_skip_fn(void *arg);

struct read_in {
	const struct plan *plan;
	const struct directory *dir; /* of the plan */
	const struct text *text;     /* for places */
	struct wnode *tree;          /* of the document or message */
	struct slice file_name;      /* for file patterns; may be empty */
	struct node *transmission;   /* of the envelope, or NULL */
	const struct line *filing;   /* read_filing_line(), if filing_known */
	bool filing_known;
	struct arena *keep; /* outlives each filing; NULL: mem does */
	int base_year;      /* for two-digit years */
	read_skip_fn *skip; /* NULL: none is; its arg is that of read_fn */
};

typedef enum rc read_fn(
    void *arg, struct record *, struct findings *, uint32_t at, uint32_t span);

/*
 * Calls fn for each filing of the tree (one, unless a line says `filing`).
 * Record and findings live in mem until the caller rewinds it. RC_OK even
 * with findings; RC_REFUSED: the tree does not fit the plan's root at all,
 * with findings through one call of fn with record NULL; RC_LATER: mem full.
 */
enum rc read_filings(const struct read_in *, struct arena *mem, read_fn *,
    void *arg, struct err *) MUST_USE;
/* The line that says `filing`; NULL: the whole document is one. */
const struct line *read_filing_line(const struct plan *);

#endif
