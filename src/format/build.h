/*
 * format/build.h - a form becomes a plan: what the files of the compiler share.
 *
 * Private to src/format. One builder lives for one format; what it makes is in
 * the arena of all formats and is not changed after the checks.
 */
#ifndef FORMAT_BUILD_H
#define FORMAT_BUILD_H

#include "src/format/form.h"
#include "src/format/lex.h"

#define BUILD_LINES  8000 /* of one plan, shapes copied */
#define BUILD_DEPTH  64   /* lines in lines, shapes in shapes among them */
#define BUILD_PIECES 64   /* of one pattern */
#define CODECS_MAX   6    /* on one value */

struct pick; /* pick.c */

struct index_slot {
	wtag tag;
	const struct line *first;
	const struct line *const *all; /* of the tag, NULL behind the last */
	const struct pick *pick;       /* NULL: no leaf tells them apart */
};

/* A line with what only the loader and line_first() look at. */
struct line_store {
	struct line line; /* first: a line is its store */
	struct index_slot *slot;
	uint32_t mask;
	const struct line *again[TAG_NAMES];

	const struct form *form;
	const struct path_scope *scope; /* of its own path and condition */
	struct slice segment; /* EDIFACT: the segment that leaves are of */
	bool in_segment;      /* it is a segment */
	bool composite;       /* EDIFACT: all components of one, for "-" */
	bool broken;          /* a line below it was left out */
	bool shared_when;     /* when is the negation of the line before */
	const struct table_place *place; /* EDIFACT: where the segment stands */
	size_t value_at, when_at, by_at; /* places in form->src */
};

struct table_place; /* syntax/wire_table.h */

/* tables/NAME.tsv, for syntaxes without wire tables, row by row. */
struct limit {
	struct slice block, element;
	struct slice format; /* "an..20"; empty: not known */
	uint32_t line;       /* of the file */
};

struct xml_limits {
	const char *file;
	struct limit *row;
	uint32_t n;
};

struct builder {
	const struct form_file *file;
	struct plan *plan;
	struct tags *tags;
	const struct directory *dir;
	const struct codelists *codes;
	struct arena *mem;
	struct complaints *to;
	const struct xml_limits *limits;
	struct path_env env; /* document and transmission */
	struct line_store *root;
	uint32_t nlines;
	const struct form_shape *open[BUILD_DEPTH]; /* shapes being copied */
	uint8_t nopen;
	bool sound;  /* no mistake found */
	bool failed; /* memory */
};

/* Where a line stands. */
struct place_of {
	const struct path_scope *scope;
	const struct let *lets;
	struct slice segment;
	bool through; /* by: paths may name what the line gathers */
	uint8_t depth;
};

static inline const struct line_store *
store_of(const struct line *l)
{
	return (const struct line_store *)l;
}

/* build.c: the whole of it; false: memory is short. */
bool build_plan(struct builder *);
void build_wrong(struct builder *, const struct form *, size_t at, const char *,
    ...) PRINTF(4, 5);
void build_warn(struct builder *, const struct form *, size_t at, const char *,
    ...) PRINTF(4, 5);
struct path_env build_env(const struct builder *, const struct place_of *);

/* Of a let's elements the first that is no such thing as the first one. */
const struct element *choice_other(const struct choice *);

/* build_tag.c: names become tags; false: complained. */
bool build_tags(struct builder *, struct line_store *, const struct place_of *);
bool build_guards(
    struct builder *, struct line_store *, const struct place_of *inner);
/* The tag of a leaf beside (with LEAF) or below; 0: complained. */
wtag build_leaf_tag(struct builder *, const struct form *, size_t at,
    struct slice name, const struct place_of *);

/* build_value.c: what follows the steps; false: complained. */
struct rest { /* what the line says beside its value */
	struct slice shape;
	size_t shape_at;
	bool is_else;
};
bool build_rest(struct builder *, struct line_store *, const struct place_of *,
    struct rest *);

/* build_codec.c: one more codec if a codec's word comes next. */
enum took { TOOK_NONE, TOOK_ONE, TOOK_WRONG };
enum took build_codec(struct builder *, struct lex *, const struct form *,
    const struct place_of *, const struct choice *, const struct codec **list);

/* build_pattern.c */
bool pattern_is(struct slice raw);
bool build_pattern(struct builder *, struct lex *, const struct form *,
    const struct place_of *, const struct piece **, uint16_t *n);

/* plan.c: the tables that line_first() looks into. */
bool plan_index(struct arena *, struct line_store *root);
struct index_slot *slot_find(const struct line_store *parent, wtag);
/* pick.c: what lines_for() looks into; line_again() is there already. */
bool pick_index(struct arena *, struct index_slot *);

/* check*.c: LANGUAGE section 7 */
/* check.c */
void check_plan(struct builder *);

/* limits.c: tables/NAME.tsv */
struct xml_limits *limits_load(
    const char *folder, struct slice name, struct arena *, struct err *);
/* The "an..20" of BLOCK and ELEMENT; empty: not known. has: is it there? */
struct slice limits_find(const struct xml_limits *, struct slice block,
    struct slice element, bool *has_block, bool *has);

#endif
