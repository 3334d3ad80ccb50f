/*
 * record/source.h - text files of ours: read whole, cut into lines and words.
 *
 * Directory, formats and rules share one shape (LANGUAGE section 8): UTF-8
 * lines, nesting by leading blanks, ";" starts a sibling at the same depth, "#"
 * after a blank starts a comment, strings in double quotes with backslash
 * escapes. Whoever wrote them is trusted to mean well, not to be right: each
 * ceiling below is a complaint with its place.
 */
#ifndef RECORD_SOURCE_H
#define RECORD_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/record/complaints.h"

#define SOURCE_FILES 2000        /* in one folder */
#define SOURCE_BYTES (16u << 20) /* one file */
#define SOURCE_LINE  8192        /* bytes of one line */
#define SOURCE_DEPTH 64          /* nested lines */
#define SOURCE_LINES 200000      /* of one file, ";" counted */

struct source {
	const char *name;  /* as complaints say it */
	struct slice base; /* the file's own name, for versions */
	struct slice text;
};

struct sources {
	struct source *file;
	uint32_t n;
};

/*
 * All files of a folder whose names end in suffix, in the order of their
 * names. A folder that is not there has no files.
 */
enum rc sources_load(struct sources *, const char *folder, const char *suffix,
    struct arena *, struct err *) MUST_USE;

/* Is it UTF-8 without control bytes? Else a complaint at the first. */
bool source_sound(const struct source *, struct complaints *);

/* One line, or what stands between two ";". */
struct source_line {
	const struct source *src;
	uint32_t at, end; /* byte offsets in the file */
	uint32_t number;  /* of the line, from 1 */
	struct source_line *child, *last, *next, *parent;
};

/*
 * The file as a tree of lines below a nameless root; NULL when memory is
 * short. Mistakes (text that is no UTF-8, tabs, strings without an end, too
 * deep, too long) are complaints and the lines that suffer are left out.
 */
struct source_line *source_tree(
    const struct source *, struct arena *, struct complaints *);

/* A cursor over one line. */
struct lex {
	const struct source *src;
	size_t at, end;
	struct arena *mem;
	struct complaints *to;
};

void lex_init(struct lex *, const struct source_line *, struct arena *,
    struct complaints *);
/* Skips blanks; is there nothing more? */
bool lex_end(struct lex *);
/* The next byte behind blanks, 0 at the end. */
char lex_peek(struct lex *);
/* Take this byte if it comes next (behind blanks). */
bool lex_char(struct lex *, char);
/* A run without blanks that ends before any byte of stops; may be empty. */
struct slice lex_bare(struct lex *, const char *stops);
/* letter { letter | digit | "_" }; empty when the next is something else. */
struct slice lex_name(struct lex *);
/* Is this word next? take: and step over it. A word ends where a name does. */
bool lex_is(struct lex *, const char *word);
bool lex_take(struct lex *, const char *word);
bool lex_int(struct lex *, uint32_t *out);
/* The same within bounds; false: none is taken. */
bool lex_number(struct lex *, uint32_t least, uint32_t most, uint32_t *out);
/* A string; *raw still holds its escapes and points into the file. */
bool lex_string(struct lex *, struct slice *raw);
/* The same, with escapes taken out: \" \\ \{ \} \[ \]. */
bool lex_text(struct lex *, struct slice *out);
struct slice lex_unescape(struct arena *, struct slice raw);
/* A complaint at a place of the file (lx->at: the next thing). */
void lex_wrong(const struct lex *, size_t at, const char *, ...) PRINTF(3, 4);
/* "found 'x', want WANTED" at the next thing; false, so one may return it. */
bool lex_want(struct lex *, const char *wanted);

#endif
