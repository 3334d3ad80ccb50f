/*
 * format/rules_parse.c - the grammar of one rule (entrepot-rules(5)), and what
 * it runs for. Called by rules.c.
 */
#include "src/format/rules_parse.h"

#define RULE_PATHS 64 /* in one `see` */
#define WAIT_MOST  (UINT64_C(3650) * 86400000)

struct parser {
	struct lex *lx;
	const struct formats *formats;
	struct path_env env;
	struct path_scope document, own; /* own: of "set item.x" */
};

/* How many steps lead to the last repeated group; 0: none is on the way. */
static uint8_t
steps_repeated(const struct path *p)
{
	uint8_t n = 0;

	for (uint8_t i = 0; i + 1 < p->nsteps; i++)
		if (p->step[i]->repeats)
			n = (uint8_t)(i + 1);
	return n;
}

static void
each_from(struct path *each, const struct path *p)
{
	uint8_t n = steps_repeated(p);

	if (n <= each->nsteps ||
	    (p->base != PATH_HERE && p->base != PATH_DOCUMENT))
		return;
	*each = *p;
	each->base = PATH_DOCUMENT;
	each->nsteps = n;
}

static void
each_find(void *arg, const struct path *p, bool each_node)
{
	if (!each_node)
		each_from(arg, p);
}

static bool
when_parse(struct parser *p, struct rule *r)
{
	if (!lex_take(p->lx, "when"))
		return true;
	return cond_parse(p->lx, &p->env, &r->when);
}

static bool
bare_parse(struct parser *p, const char *wanted, struct slice *out)
{
	*out = lex_bare(p->lx, "");
	return out->len > 0 || lex_want(p->lx, wanted);
}

static bool
word_parse(struct parser *p, const char *word)
{
	char wanted[32] = "'";

	if (lex_take(p->lx, word))
		return true;
	(void)strncat(wanted, word, 20);
	(void)strcat(wanted, "'");
	return lex_want(p->lx, wanted);
}

static bool
severity_parse(struct parser *p, struct rule *r)
{
	if (lex_take(p->lx, "error"))
		r->severity = SEV_ERROR;
	else if (lex_take(p->lx, "warning"))
		r->severity = SEV_WARNING;
	else if (lex_take(p->lx, "hint"))
		r->severity = SEV_HINT;
	else
		return lex_want(p->lx, "error, warning or hint");
	return true;
}

/* "at PATH when COND": a condition that must not hold. */
static bool
at_parse(struct parser *p, struct rule *r)
{
	if (!path_parse(p->lx, &p->env, &r->path) || !word_parse(p, "when") ||
	    !cond_parse(p->lx, &p->env, &r->when))
		return false;
	cond_paths(r->when, each_find, &r->each);
	return true;
}

/* "unique PATH [when COND]": no two members of the list may say the same. */
static bool
unique_parse(struct parser *p, struct rule *r)
{
	const struct element *el;
	size_t at;

	(void)lex_end(p->lx);
	at = p->lx->at;
	if (!path_parse(p->lx, &p->env, &r->path))
		return false;
	each_from(&r->each, &r->path);
	el = path_last(&r->path);
	if (r->each.nsteps == 0 || el->repeats || element_group(el) != NULL) {
		lex_wrong(p->lx, at,
		    "'%.*s' %s, want an element of one value in a repeated "
		    "group",
		    SLICE_ARG(r->path.text),
		    element_group(el) != NULL ? "is a group"
		    : el->repeats             ? "can have many values"
					      : "stands once");
		return false;
	}
	r->unique = true;
	return when_parse(p, r);
}

static bool
check_parse(struct parser *p, struct rule *r)
{
	if (!bare_parse(p, "a code", &r->code) || !severity_parse(p, r))
		return false;
	if (lex_take(p->lx, "at")) {
		if (!at_parse(p, r))
			return false;
	} else if (!lex_take(p->lx, "unique")) {
		return lex_want(p->lx, "'at' or 'unique'");
	} else if (!unique_parse(p, r)) {
		return false;
	}
	if (lex_peek(p->lx) != '"')
		return lex_want(p->lx, "a sentence for people");
	if (!lex_text(p->lx, &r->en))
		return false;
	return lex_peek(p->lx) != '"' || lex_text(p->lx, &r->zh);
}

static bool
require_parse(struct parser *p, struct rule *r)
{
	if (!path_parse(p->lx, &p->env, &r->path))
		return false;
	if (lex_take(p->lx, "for")) {
		r->leg = lex_name(p->lx);
		if (r->leg.len == 0)
			return lex_want(p->lx, "a leg's name");
	}
	each_from(&r->each, &r->path);
	return when_parse(p, r);
}

struct self {
	const struct path *target;
	bool read;
};

static void
self_find(void *arg, const struct path *p, bool each_node)
{
	struct self *s = arg;

	(void)each_node;
	if (p->base == PATH_TRANSMISSION || p->base == PATH_LEG)
		return;
	s->read |=
	    p->nsteps > 0 && s->target->nsteps > 0 &&
	    p->step[p->nsteps - 1] == s->target->step[s->target->nsteps - 1] &&
	    (p->nsteps < 2 || s->target->nsteps < 2 ||
		p->step[p->nsteps - 2] ==
		    s->target->step[s->target->nsteps - 2]);
}

/* Its own words: in "set item.x" paths start at the item. */
static void
own_scope(struct parser *p, const struct rule *r)
{
	uint8_t n = steps_repeated(&r->path);

	if (n == 0)
		return;
	p->own.group = r->path.step[n - 1]->group;
	p->own.up = &p->document;
	p->own.hops = n;
	p->env.here = &p->own;
}

/* A value is given to one element of the document that holds one. */
static bool
target_check(struct parser *p, const struct path *path, size_t at)
{
	const struct element *el = path_last(path);

	if (path->base != PATH_HERE && path->base != PATH_DOCUMENT)
		lex_wrong(p->lx, at,
		    "'%.*s' is not of the document, want an element that is",
		    SLICE_ARG(path->text));
	else if (el->type == EL_GROUP || el->type == EL_ABOUT)
		lex_wrong(
		    p->lx, at, "'%s' is a group, want an element", el->name);
	else if (el->repeats)
		lex_wrong(p->lx, at,
		    "'%s' can have many values, want an element of one",
		    el->name);
	else
		return true;
	return false;
}

static bool
set_parse(struct parser *p, struct rule *r)
{
	struct self self = { &r->path, false };
	size_t at;

	(void)lex_end(p->lx);
	at = p->lx->at;
	if (!path_parse(p->lx, &p->env, &r->path) ||
	    !target_check(p, &r->path, at))
		return false;
	each_from(&r->each, &r->path);
	own_scope(p, r);
	if (!lex_char(p->lx, '='))
		return lex_want(p->lx, "'='");
	if (!expr_parse(p->lx, &p->env, path_last(&r->path), &r->expr) ||
	    !when_parse(p, r))
		return false;
	if (r->path.base == PATH_HERE)
		r->path.base = PATH_DOCUMENT;
	expr_paths(r->expr, self_find, &self);
	if (r->when != NULL)
		cond_paths(r->when, self_find, &self);
	if (self.read) {
		lex_wrong(p->lx, at, "this rule assigns what it reads");
		return false;
	}
	return true;
}

/* The format says itself what it may travel in. */
static bool
envelope_parse(struct parser *p, struct rule *r)
{
	const struct plan *plan = format_find(p->formats, r->format);
	size_t at;

	(void)lex_end(p->lx);
	at = p->lx->at;
	if (!bare_parse(p, "an envelope or '-'", &r->envelope))
		return false;
	for (uint8_t i = 0; i < plan->nin; i++)
		if (slice_is(r->envelope, plan->in[i]))
			return true;
	if (plan->nin == 0 && slice_is(r->envelope, "-"))
		return true;
	lex_wrong(p->lx, at, "'%s' does not travel in '%.*s'", plan->name,
	    SLICE_ARG(r->envelope));
	return false;
}

static bool
leg_parse(struct parser *p, struct rule *r)
{
	size_t at;

	r->leg = lex_name(p->lx);
	if (r->leg.len == 0)
		return lex_want(p->lx, "the leg's name");
	if (!word_parse(p, "to") || !bare_parse(p, "a partner", &r->partner) ||
	    !word_parse(p, "as"))
		return false;
	(void)lex_end(p->lx);
	at = p->lx->at;
	if (!bare_parse(p, "a format", &r->format))
		return false;
	if (format_find(p->formats, r->format) == NULL) {
		lex_wrong(p->lx, at, "no format '%.*s'", SLICE_ARG(r->format));
		return false;
	}
	if (lex_take(p->lx, "in") && !envelope_parse(p, r))
		return false;
	return when_parse(p, r);
}

/* "36h", "2d", as times are written in the configuration. */
static bool
time_parse(struct parser *p, uint64_t *ms)
{
	static const struct {
		char unit;
		uint64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 },
		{ 'd', 86400000 } };
	struct slice word;
	uint64_t n;
	size_t at;

	(void)lex_end(p->lx);
	at = p->lx->at;
	word = lex_bare(p->lx, "");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (word.len > 1 && word.p[word.len - 1] == units[i].unit &&
		    slice_u64(slice_sub(word, 0, word.len - 1), &n) && n > 0 &&
		    n <= WAIT_MOST / units[i].ms) {
			*ms = n * units[i].ms;
			return true;
		}
	p->lx->at = at;
	return lex_want(p->lx, "a time from 1s to 3650d, as 30m, 36h or 2d");
}

/* How long at most, and what then. */
static bool
within_parse(struct parser *p, struct rule *r)
{
	if (!lex_take(p->lx, "within"))
		return true;
	if (!time_parse(p, &r->wait_ms))
		return false;
	if (!lex_take(p->lx, "then"))
		return true;
	r->wait_ends = lex_take(p->lx, "end");
	return r->wait_ends || lex_take(p->lx, "wait") ||
	       lex_want(p->lx, "'end' or 'wait'");
}

static bool
hold_parse(struct parser *p, struct rule *r)
{
	r->leg = lex_name(p->lx);
	if (r->leg.len == 0)
		return lex_want(p->lx, "the leg's name");
	return word_parse(p, "until") &&
	       cond_parse(p->lx, &p->env, &r->until) && within_parse(p, r) &&
	       when_parse(p, r);
}

/* see LEG PATH, PATH, ... */
static bool
see_parse(struct parser *p, struct rule *r)
{
	struct path *path = arena_get(p->env.mem, RULE_PATHS * sizeof(*path));
	size_t at;

	r->leg = lex_name(p->lx);
	if (r->leg.len == 0)
		return lex_want(p->lx, "the leg's name");
	if (path == NULL)
		return false;
	r->see = path;
	do {
		if (r->nsee == RULE_PATHS)
			return lex_want(p->lx, "at most 64 paths in a line");
		(void)lex_end(p->lx);
		at = p->lx->at;
		if (!path_parse(p->lx, &p->env, &path[r->nsee]))
			return false;
		if (path[r->nsee].base != PATH_HERE &&
		    path[r->nsee].base != PATH_DOCUMENT) {
			p->lx->at = at;
			return lex_want(p->lx, "a path of the document");
		}
		r->nsee++;
	} while (lex_char(p->lx, ','));
	return true;
}

static void
leg_find(void *arg, const struct path *p, bool each_node)
{
	bool *found = arg;

	(void)each_node;
	*found |= p->base == PATH_LEG;
}

static bool
reads_legs(const struct rule *r)
{
	bool found = false;

	if (r->when != NULL)
		cond_paths(r->when, leg_find, &found);
	if (r->until != NULL)
		cond_paths(r->until, leg_find, &found);
	if (r->expr != NULL)
		expr_paths(r->expr, leg_find, &found);
	return found;
}

static bool
kind_parse(struct parser *p, struct rule *r)
{
	static const struct {
		const char *word;
		enum rule_kind kind;
		bool (*parse)(struct parser *, struct rule *);
	} kinds[] = {
		{ "check", RULE_CHECK, check_parse },
		{ "require", RULE_REQUIRE, require_parse },
		{ "set", RULE_SET, set_parse },
		{ "leg", RULE_LEG, leg_parse },
		{ "hold", RULE_HOLD, hold_parse },
		{ "release", RULE_RELEASE, when_parse },
		{ "see", RULE_SEE, see_parse },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (lex_take(p->lx, kinds[i].word)) {
			r->kind = kinds[i].kind;
			return kinds[i].parse(p, r);
		}
	return lex_want(
	    p->lx, "check, require, set, leg, hold, see or release");
}

bool
rule_parse(struct lex *lx, const struct formats *formats,
    const struct group *document, struct rule *r)
{
	const struct directory *dir = formats_directory(formats);
	struct parser p = {
		.lx = lx, .formats = formats, .document = { .group = document }
	};

	p.env = (struct path_env){ .dir = dir,
		.here = &p.document,
		.document = document,
		.transmission =
		    directory_document(dir, SLICE_LIT("transmission")),
		.mem = lx->mem,
		.rules = true,
		.through = true };
	if (!kind_parse(&p, r))
		return false;
	if (!lex_end(lx))
		return lex_want(lx, "the end of the rule");
	r->reads_legs = reads_legs(r);
	return rule_legs_check(lx, document, r);
}
