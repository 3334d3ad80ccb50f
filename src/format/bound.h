/*
 * format/bound.h - what a format binds: every line's paths, followed from the
 * document.
 *
 * A line says `^number` or `seal`; here it is certificate.item.number or
 * container.seal, as a chain of elements. Each binding also says whether it is
 * read and written and under which conditions, so that what one format carries
 * can be held against another's without a message.
 */
#ifndef FORMAT_BOUND_H
#define FORMAT_BOUND_H

#include "src/base/buf.h"
#include "src/format/cond.h"

#define CHAIN_STEPS   16
#define BINDING_NEEDS 16

/* The way from the document (or the transmission) to a node or an element. */
struct chain {
	const struct element *step[CHAIN_STEPS];
	uint8_t n;
	bool transmission;
};

/* A condition that must hold, or must not. Its own paths start at here. */
struct need {
	const struct cond *cond;
	struct chain here;
	bool holds;
};

struct binding {
	const struct line *line;
	struct chain at;
	const struct codec *codec; /* of the value, or of the pattern's hole */
	struct slice fallback;     /* p NULL: none */
	bool group;                /* the line makes nodes: no value */
	bool gives;                /* a column of the row of the line's code:
				      it goes with it, never by itself */
	bool read, write;          /* the lines around it go there, too */
	struct need need[BINDING_NEEDS];
	uint8_t nneeds;
};

/* The binding is the callee's to copy from; it goes after the call. */
typedef void binding_fn(void *arg, const struct binding *);
/* Every path of every line, in the order of the file. */
void plan_bindings(const struct plan *, binding_fn *, void *arg);

/*
 * Every path that is only looked at: by a condition, a count, `by`. A "let" is
 * told wherever it is used.
 */
typedef void reads_fn(
    void *arg, const struct line *, const struct chain *, const char *how);
void plan_reads(const struct plan *, reads_fn *, void *arg);

/* The way on from here. */
struct chain chain_follow(const struct chain *here, const struct path *);
bool chain_same(const struct chain *, const struct chain *);
/* Are both the same way, where the first ends inside the second? */
bool chain_begins(const struct chain *, const struct chain *whole);
/* "item.certificate.number", "$sender"; the end is cut where out ends. */
const char *chain_print(const struct chain *, char *out, size_t size);
/* The file of mappings/formats a line stands in. */
const char *line_file(const struct line *);
/* What stands behind its name: "gross_mass decimals ..5". */
struct slice line_value(const struct line *);
/* "DecMessage/DecHead/GName", guards of EDIFACT lines in brackets. */
const char *line_path(const struct line *, char *out, size_t size);

/*
 * A condition in the words of the language, its paths from the document on:
 * equal conditions print alike wherever they stand.
 */
void cond_print(const struct cond *, const struct chain *here, struct buf *);

/*
 * Is there a record for which none of these bindings carries? false: one of
 * them always does. The answer regards conditions as words: `a = x` and
 * `not a = x` are one and its contrary, other pairs are independent. cases
 * gets all such records in words, "direction != import or kind = x".
 */
bool bindings_miss(const struct binding *, uint32_t n, struct buf *cases);

#endif
