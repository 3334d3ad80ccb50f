/*
 * format/form.h - a format file as it is written: head and tree of lines.
 *
 * Private to src/format. `A/B` lines are nested lines here and share their A;
 * extends is carried out on these trees, before anything is looked up in the
 * directory. Texts point into the files.
 */
#ifndef FORMAT_FORM_H
#define FORMAT_FORM_H

#include "src/format/plan.h"
#include "src/record/source.h"

#define FORM_TESTS     6  /* in one guard */
#define FORM_CONSTANTS 24 /* of one test */
#define FORM_STEPS     8  /* A/B/C */
#define FORM_EXTENDS   8  /* formats above one another */

struct form_test {
	enum guard_kind kind;
	uint8_t nsteps, nconstants;
	struct slice step[GUARD_STEPS];
	struct slice *constant;
	size_t at;
};

enum form_kind { FORM_LINE, FORM_LET, FORM_REMOVE };

struct form {
	enum form_kind kind;
	const struct source_line *src;
	char way;    /* '<', '>' or 0 */
	bool folded; /* a step before "/": no value of its own */
	bool broken; /* a line below it was left out */
	bool mine;   /* extends: of the child, or matched by it */

	struct slice name[TAG_NAMES]; /* let: name[0] */
	uint8_t nnames;
	bool quoted;   /* a string: never a "." or "@name" */
	char count;    /* '!', '*', '+' or 0 */
	uint32_t most; /* of '*' and '+': 0 no limit */
	struct form_test *test;
	uint8_t ntests;
	size_t at; /* of the tag */

	struct lex rest; /* what follows the steps */
	struct form *parent, *child, *last, *next;
};

struct form_shape {
	struct slice name;
	struct form *root;
	struct form_shape *next;
	size_t at;
	const struct source *src;
};

/* One format: the head as words, and its lines. */
struct form_file {
	const struct source *src;
	struct slice name, en, zh, extends;
	struct slice edition; /* of this format, from that day: YYYYMMDD */
	size_t edition_at;
	uint32_t from;
	size_t name_at, extends_at, syntax_at, table_at, document_at, about_at,
	    each_at;
	struct slice syntax, table, document, about, each;
	bool one_way, has_syntax;
	uint16_t heads; /* bits of the head lines given */
	char delimiter;
	bool header, has_header;
	struct slice space, prefix;
	int encoding[PLAN_ENCODINGS];
	uint8_t nencodings;
	int zone;
	bool has_zone;
	struct slice in[PLAN_NAMES], answers[PLAN_NAMES], file[PLAN_NAMES];
	struct lex file_at[PLAN_NAMES];
	size_t in_at[PLAN_NAMES], answers_at[PLAN_NAMES];
	uint8_t nin, nanswers, nfiles;
	struct form *root;
	struct form_shape *shape;

	bool merged, merging, broken;
	bool derived; /* no file: sw-xml */
	uint32_t used;
	struct form_file *next;
};

/*
 * The format of a file; NULL when it has none (complained) or memory is
 * short. Mistakes in single lines are complaints, the rest goes on.
 */
struct form_file *form_parse(
    const struct source *, struct arena *, struct complaints *);
/* The head lines (format line first); false: not even a name. */
bool head_line(struct form_file *, struct lex *, bool *known);
/* Take what the parent has and the child does not say otherwise. */
bool form_extend(struct form_file *child, const struct form_file *parent,
    struct arena *, struct complaints *);
/* Same tests with the same constants, in any order of tests. */
bool form_guard_same(const struct form *, const struct form *);
/* The name without "p:"; prefix may be NULL. */
struct slice name_local(struct slice name, struct slice *prefix);

#endif
