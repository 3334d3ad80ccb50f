/*
 * syntax/text.h - outside bytes become UTF-8 once, with a way back.
 *
 * Decoding is strict and ours: no syntax ever sees another encoding. Every
 * place in the decoded text can be told as byte, line and column of the bytes
 * as received, whatever their encoding was. Limits: DESIGN.md section 8.
 */
#ifndef SYNTAX_TEXT_H
#define SYNTAX_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/record/finding.h"

enum encoding {
	ENC_UTF8,
	ENC_GB18030,
	ENC_GB2312,
	ENC_LATIN1,
	ENC_UTF16LE,
	ENC_UTF16BE,
	ENC_KINDS
};

struct text {
	struct slice raw;       /* as received, owned by the caller */
	struct slice utf8;      /* raw itself when it is plain UTF-8 */
	enum encoding encoding; /* what it turned out to be */
	bool bom;
	struct text_map *map; /* decoded offset -> raw offset; NULL: equal */
};

/* "GB18030" -> ENC_GB18030, any case, common other names too; -1. */
int encoding_find(struct slice name);
const char *encoding_name(enum encoding);
/*
 * Opens every converter: a role that gives up its files calls this before, or
 * the first text in GB18030 could not be read. RC_BROKEN: glibc lacks one.
 */
enum rc encodings_ready(struct err *) MUST_USE;

/*
 * Decode with the first of the candidates that is valid throughout; a BOM
 * decides before them. label is what the text says of itself (XML
 * declaration, UNB syntax identifier), may be empty: when it names another
 * encoding than the one found, ENCODING_LABEL is added. Nothing valid:
 * finding ENCODING at the first bad byte and RC_REFUSED.
 */
enum rc text_decode(struct text *, struct slice raw, const enum encoding *,
    unsigned int n, struct slice label, struct arena *, struct findings *,
    struct err *) MUST_USE;

/* Byte, line and column (from 1) in the raw bytes of a decoded offset. */
void text_place(
    const struct text *, uint32_t at, uint32_t span, struct place *);
/* Fill place of every finding that has a text range (once, in order). */
void text_place_all(const struct text *, struct findings *);

/*
 * UTF-8 -> another encoding for writing. Characters that do not fit become
 * "[U+XXXX]" and are counted in *lost.
 */
struct buf;
enum rc text_encode(struct slice utf8, enum encoding, struct buf *,
    uint32_t *lost, struct err *) MUST_USE;
/* Characters (not bytes) in valid UTF-8. */
uint32_t utf8_count(struct slice);
/* The first n characters at most. */
struct slice utf8_head(struct slice, uint32_t n);

#endif
