/*
 * format/cond_tree.h - compiled conditions and expressions; private to
 * cond*.c. Trees are made once by cond_parse.c and never change.
 */
#ifndef FORMAT_COND_TREE_H
#define FORMAT_COND_TREE_H

#include "src/format/cond.h"
#include "src/record/decimal.h"

enum expr_kind {
	EXPR_PATH,   /* choice */
	EXPR_TEXT,   /* a string, a code or a number: text */
	EXPR_NUMBER, /* the same, and number is it */
	EXPR_COUNT,
	EXPR_SUM,
	EXPR_MIN,
	EXPR_MAX, /* of choice */
	EXPR_ABS, /* of a */
	EXPR_ADD,
	EXPR_SUB,
	EXPR_MUL,
	EXPR_DIV,
};

struct expr {
	enum expr_kind kind;
	struct choice choice;
	struct slice text;
	struct decimal number;
	const struct expr *a, *b;
};

enum cond_kind {
	COND_AND,
	COND_OR,
	COND_NOT,
	COND_COMPARE,
	COND_PRESENT,
	COND_ABSENT,
	COND_TRUE, /* the path alone: a flag that says yes, or any value */
	COND_ANY,
	COND_ALL,
	COND_NO,
	COND_LEG,    /* is this leg planned? */
	COND_TARGET, /* "absent" alone: what the rule sets is absent */
};

enum relation { REL_EQ, REL_NE, REL_LT, REL_LE, REL_GT, REL_GE };
enum compare_as { AS_TEXT, AS_NUMBER, AS_TIME };

struct cond {
	enum cond_kind kind;
	const struct cond *a, *b;
	struct choice choice; /* PRESENT, ABSENT, TRUE, ANY, ALL, NO */
	const struct expr *left;
	bool compared; /* ANY, ALL, NO: with relation and right */
	enum relation relation;
	enum compare_as as;
	const struct expr *const *right; /* any of them (=), none (!=) */
	uint8_t nright;
	struct slice leg;
};

#endif
