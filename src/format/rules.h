/*
 * format/rules.h - rules as data, for checking and for planning.
 *
 * Loaded from mappings/rules (*.rules, entrepot-rules(5)), every mistake told
 * in one run. src/check evaluates `check` and `require`, src/plan `leg`,
 * `hold`, `see` and `release`; `set` is carried out here for both. Conditions
 * and expressions are evaluated with src/format/cond.h: here is the document's
 * node, each the node of `each` that the rule runs for.
 */
#ifndef FORMAT_RULES_H
#define FORMAT_RULES_H

#include "src/format/cond.h"
#include "src/record/finding.h"

enum rule_kind {
	RULE_CHECK,
	RULE_REQUIRE,
	RULE_SET,
	RULE_LEG,
	RULE_HOLD,
	RULE_RELEASE,
	RULE_SEE,
};

struct rules;

struct rule {
	enum rule_kind kind;
	const struct rule *next;  /* of the same document, in file order */
	struct path path;         /* CHECK: at; REQUIRE, SET: what */
	struct path each;         /* a repeated group; nsteps 0: runs once */
	const struct cond *when;  /* NULL: always */
	const struct cond *until; /* HOLD */
	uint64_t wait_ms;         /* HOLD: at most; 0: as long as it takes */
	bool wait_ends;           /* then the leg is given up */
	const struct expr *expr;  /* SET */
	bool unique;              /* CHECK: for a value that stands again */
	bool reads_legs;          /* "@leg." stands somewhere in it */
	struct slice code, en, zh;
	enum severity severity;
	struct slice leg; /* LEG, HOLD, SEE: its name; REQUIRE: for; or empty;
			     RELEASE: of which it speaks */
	const struct path *see; /* SEE */
	uint8_t nsee;
	struct slice partner, format, envelope; /* LEG */
	const char *file;
	uint32_t line;
};

enum rc rules_load(struct rules **, const char *folder, const struct formats *,
    struct complaints *, struct err *) MUST_USE;
void rules_free(struct rules *);
/* The rules for a kind of document; NULL: none. Rules may be NULL, too. */
const struct rule *rules_first(
    const struct rules *, const struct group *document);

/* What a rule may ask about the legs of a filing; any of it may be NULL. */
struct rule_legs {
	const struct value *(*value)(void *arg, const struct path *);
	bool (*planned)(void *arg, struct slice leg);
	void *arg;
};

/* fn for each node that the rule runs for, every repeated level opened. */
typedef void rule_fn(void *arg, const struct rule *, struct scope *);
void rule_each(const struct rule *, struct record *, const struct rule_legs *,
    rule_fn *, void *arg);
/* The node that holds what the rule's path means here, made when make. */
struct node *rule_holder(
    const struct rule *, const struct scope *, struct arena *mem, bool make);
/* Does the rule apply here? */
bool rule_holds(const struct rule *, const struct scope *);
/*
 * Carry out the `set` rules: without legs those that read none, with legs
 * those that do.
 */
void rules_set(const struct rules *, struct record *, const struct rule_legs *);

#endif
