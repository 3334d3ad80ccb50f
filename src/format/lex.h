/*
 * format/lex.h - paths, conditions and expressions are read from a line.
 *
 * For the parsers of formats and of rules; words and strings are in
 * src/record/source.h. Each function complains with the place and returns
 * false when the text is wrong, and what it makes lives in env->mem.
 */
#ifndef FORMAT_LEX_H
#define FORMAT_LEX_H

#include "src/format/cond.h"
#include "src/record/source.h"

/* A record node that paths start from, while a file is parsed. */
struct path_scope {
	const struct group *group;
	const struct path_scope *up; /* the one around it, NULL: none */
	uint8_t hops; /* parents from its node to that of up; 0: no way */
};

/* "let NAME = ...": text that is parsed again at each use. */
struct let {
	struct slice name;
	struct lex value; /* behind "=" */
	const struct path_scope *scope;
	const struct let *next;
};

/* What names may mean here. */
struct path_env {
	const struct directory *dir;
	const struct path_scope *here;
	const struct group *document;     /* "/" */
	const struct group *transmission; /* "$"; NULL: there is none */
	const struct let *lets;
	struct arena *mem;
	bool rules;    /* "@leg." paths, "leg NAME", "absent" alone */
	bool through;  /* paths may go through repeated groups */
	uint8_t shift; /* a let used in an inner scope: hops to its own */
};

#define PATH_ARMS  8
#define COND_DEPTH 32 /* brackets in brackets */
#define COND_LIST  32 /* values after one "=" */

/* May a path begin here (and no word of the language)? */
bool path_next(struct lex *);
/* A path, or the choice that a let stands for. */
bool choice_parse(struct lex *, const struct path_env *, struct choice *out);
/* One path; a let is refused. */
bool path_parse(struct lex *, const struct path_env *, struct path *out);
/* What the path means; NULL: the base node itself. */
const struct element *path_last(const struct path *);
/* The group a step leads into; NULL: it is an element. */
const struct group *element_group(const struct element *);

bool cond_parse(struct lex *, const struct path_env *, const struct cond **out);
/*
 * expect: the element that gets the result, or NULL; a bare name that is one
 * of its codes is that code.
 */
bool expr_parse(struct lex *, const struct path_env *,
    const struct element *expect, const struct expr **out);
/* "not" of a condition, for "else". */
const struct cond *cond_negate(struct arena *, const struct cond *);
/* An element if the expression is nothing but its path; NULL. */
const struct element *expr_element(const struct expr *);

#endif
