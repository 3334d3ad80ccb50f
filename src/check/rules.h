/*
 * check/rules.h - rules as data, for checking and for planning.
 *
 * Checking evaluates `check`, `require` and `set`; legs, holds and releases are
 * parsed, proved and kept here for whoever plans. Conditions and expressions
 * are evaluated with src/format/cond.h: here is the document's node, each the
 * node of `each` that the rule runs for.
 */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "src/check/check.h"
#include "src/format/cond.h"

enum rule_kind {
	RULE_CHECK,
	RULE_REQUIRE,
	RULE_SET,
	RULE_LEG,
	RULE_HOLD,
	RULE_RELEASE,
};

struct rule {
	enum rule_kind kind;
	const struct rule *next;  /* of the same document, in file order */
	struct path path;         /* CHECK: at; REQUIRE, SET: what */
	struct path each;         /* a repeated group; nsteps 0: runs once */
	const struct cond *when;  /* NULL: always */
	const struct cond *until; /* HOLD */
	const struct expr *expr;  /* SET */
	struct slice code, en, zh;
	enum severity severity;
	struct slice leg; /* LEG, HOLD: its name; REQUIRE: for; or empty */
	struct slice partner, format, envelope; /* LEG */
	const char *file;
	uint32_t line;
};

/* The rules for a kind of document; NULL: none. */
const struct rule *rules_first(
    const struct rules *, const struct group *document);
/* A rule that reads what legs gave back runs when they do, not before. */
bool rule_reads_legs(const struct rule *);

#endif
