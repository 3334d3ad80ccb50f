/*
 * spool/filter.c - parsing and measuring; pure, trusts no byte of the text.
 * Called by the tools, query and the steps of an operator.
 */
#include "spool/filter.h"
#include <string.h>
#include "src/base/id.h"

#define DAY_MS INT64_C(86400000)

static const struct {
	const char *word, *ops;
} words[FILTER_WORDS] = {
#define FILTER(word, ops, what) { #word, ops },
#include "spool/filter.def"
#undef FILTER
};

const char *
filter_word_name(enum filter_word w)
{
	return words[w].word;
}

const char *
filter_word_ops(enum filter_word w)
{
	return words[w].ops;
}

/* --- parsing --- */

struct reading {
	struct slice text;
	size_t at; /* the next byte */
	struct arena *mem;
	size_t *wrong; /* where the sentence points */
	struct err *err;
};

#define WRONG(r, where, ...)                                                   \
	(*(r)->wrong = (where), err_set((r)->err, RC_REFUSED, __VA_ARGS__))

static bool
more(const struct reading *r)
{
	return r->at < r->text.len;
}

static char
look(const struct reading *r)
{
	return more(r) ? r->text.p[r->at] : '\0';
}

static enum rc
word_read(struct reading *r, struct filter_term *t)
{
	size_t from = r->at;
	struct slice s;
	int w = 0;

	while (look(r) >= 'a' && look(r) <= 'z')
		r->at++;
	s = slice_sub(r->text, from, r->at - from);
	while (w < FILTER_WORDS && !slice_is(s, words[w].word))
		w++;
	t->word = (enum filter_word)w;
	if (w < FILTER_WORDS)
		return RC_OK;
	if (s.len == 0)
		return WRONG(r, from,
		    "a filter is WORD=VALUE, this begins with no word");
	return WRONG(r, from,
	    "'%.*s' is no word of a filter, want what, id, partner, state, "
	    "age, kind, number or text",
	    SLICE_ARG(s));
}

static enum rc
op_read(struct reading *r, struct filter_term *t)
{
	char c = look(r);
	bool not = c == '!';

	t->op = c;
	if (not &&(r->at + 1 == r->text.len || r->text.p[r->at + 1] != '='))
		c = '\0';
	if (c == '\0' || c == ' ' || strchr(words[t->word].ops, c) == NULL)
		return WRONG(r, r->at, "behind '%s' stands no %s",
		    words[t->word].word, words[t->word].ops);
	r->at += not ? 2 : 1;
	return RC_OK;
}

/* To a blank or a comma; between quotes anything, \" and \\ for these. */
static enum rc
value_read(struct reading *r, struct slice *out)
{
	char *p = arena_raw(r->mem, r->text.len + 1);
	size_t from = r->at, n = 0;
	bool quoted = look(r) == '"';

	if (p == NULL)
		return err_set(r->err, RC_LATER, "no memory for a filter");
	if (quoted)
		r->at++;
	while (more(r) &&
	       (quoted ? look(r) != '"' : look(r) != ' ' && look(r) != ',')) {
		if (quoted && look(r) == '\\' && r->at + 1 < r->text.len)
			r->at++;
		p[n++] = look(r);
		r->at++;
	}
	if (quoted && !more(r))
		return WRONG(r, from, "the quote is not closed");
	if (quoted)
		r->at++;
	if (n == 0)
		return WRONG(r, from, "a value is missing here");
	*out = (struct slice){ p, n };
	return RC_OK;
}

static enum rc
age_read(struct reading *r, struct filter_term *t, size_t from)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 },
		{ 'd', DAY_MS } };
	struct slice s = t->value[0];
	uint64_t n;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (s.p[s.len - 1] == units[i].letter &&
		    slice_u64(slice_sub(s, 0, s.len - 1), &n) && n <= 1000000) {
			t->ms = (int64_t)n * units[i].ms;
			return RC_OK;
		}
	return WRONG(r, from,
	    "'%.*s' is no age, want for example 90s, 15m, 2h "
	    "or 3d",
	    SLICE_ARG(s));
}

static bool
machine_known(struct slice s)
{
	for (int m = 0; m < MACHINES; m++)
		if (slice_is(s, machine_name((enum machine)m)))
			return true;
	return false;
}

static bool
state_known(struct slice s)
{
	for (int m = 0; m < MACHINES; m++)
		if (state_find((enum machine)m, s) != STATE_NONE)
			return true;
	return false;
}

static enum rc
value_check(struct reading *r, struct filter_term *t, size_t from)
{
	struct slice s = t->value[t->n - 1];

	switch (t->word) {
	case FILTER_what:
		if (!machine_known(s))
			return WRONG(r, from,
			    "'%.*s' is no kind of thing, want arrival, "
			    "filing, leg, delivery or receipt",
			    SLICE_ARG(s));
		return RC_OK;
	case FILTER_state:
		if (!state_known(s))
			return WRONG(r, from,
			    "no state '%.*s', entrepot-states(7) lists them",
			    SLICE_ARG(s));
		return RC_OK;
	case FILTER_age:
		return age_read(r, t, from);
	case FILTER_id:
		if (!id_parse(s, &t->id))
			return WRONG(r, from, "'%.*s' is no id", SLICE_ARG(s));
		return RC_OK;
	default:
		return RC_OK;
	}
}

static bool
takes_many(enum filter_word w)
{
	return w != FILTER_age && w != FILTER_id && w != FILTER_text;
}

static enum rc
term_read(struct reading *r, struct filter_term *t)
{
	enum rc rc = word_read(r, t);

	if (rc == RC_OK)
		rc = op_read(r, t);
	while (rc == RC_OK) {
		size_t from = r->at;

		if (t->n == FILTER_VALUES)
			return WRONG(
			    r, from, "more than %d values", FILTER_VALUES);
		rc = value_read(r, &t->value[t->n++]);
		if (rc == RC_OK)
			rc = value_check(r, t, from);
		if (rc != RC_OK || look(r) != ',')
			break;
		if (!takes_many(t->word))
			return WRONG(r, r->at, "'%s' takes one value",
			    words[t->word].word);
		r->at++;
	}
	if (rc == RC_OK && more(r) && look(r) != ' ')
		return WRONG(r, r->at, "a blank stands between two words");
	return rc;
}

enum rc
filter_parse(struct filter *f, struct slice text, struct arena *mem, size_t *at,
    struct err *err)
{
	struct reading r = {
		.text = text, .mem = mem, .wrong = at, .err = err
	};
	enum rc rc = RC_OK;

	*f = (struct filter){ .n = 0 };
	*at = 0;
	if (text.len > FILTER_MAX)
		return WRONG(&r, (size_t)FILTER_MAX,
		    "the filter is longer than %d bytes", FILTER_MAX);
	while (rc == RC_OK) {
		while (look(&r) == ' ')
			r.at++;
		if (!more(&r))
			break;
		if (f->n == FILTER_TERMS)
			return WRONG(
			    &r, r.at, "more than %d words", FILTER_TERMS);
		rc = term_read(&r, &f->term[f->n++]);
	}
	return rc;
}

/* --- measuring --- */

/* "*" and "?"; steps back to the last star only, so it is bounded. */
static bool
globbed(struct slice p, struct slice s)
{
	size_t i = 0, k = 0, star = SIZE_MAX, back = 0;

	while (k < s.len) {
		if (i < p.len && (p.p[i] == '?' || p.p[i] == s.p[k]) &&
		    p.p[i] != '*') {
			i++;
			k++;
		} else if (i < p.len && p.p[i] == '*') {
			star = i++;
			back = k;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			k = ++back;
		} else
			return false;
	}
	while (i < p.len && p.p[i] == '*')
		i++;
	return i == p.len;
}

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
contains(struct slice s, struct slice part)
{
	for (size_t i = 0; i + part.len <= s.len; i++) {
		size_t k = 0;

		while (k < part.len && small(s.p[i + k]) == small(part.p[k]))
			k++;
		if (k == part.len)
			return true;
	}
	return false;
}

static bool
one_of(const struct filter_term *t, struct slice s)
{
	bool is = false;

	for (unsigned int i = 0; i < t->n && !is; i++)
		is = globbed(t->value[i], s);
	return is == (t->op == '=');
}

static bool
term_passes(const struct filter_term *t, const struct filter_facts *x)
{
	bool found = false;

	switch (t->word) {
	case FILTER_what:
		return one_of(t, slice_of(machine_name(x->machine)));
	case FILTER_id:
		return x->id == t->id;
	case FILTER_partner:
		return one_of(t, x->partner);
	case FILTER_state:
		return one_of(t, slice_of(state_name(x->state)));
	case FILTER_age:
		return t->op == '>' ? x->age_ms > t->ms : x->age_ms < t->ms;
	case FILTER_kind:
		return one_of(t, x->kind);
	case FILTER_number:
		return one_of(t, x->number);
	case FILTER_text:
		for (size_t i = 0; i < sizeof(x->text) / sizeof(x->text[0]);
		     i++)
			found = found || contains(x->text[i], t->value[0]);
		return found;
	case FILTER_WORDS:
		break;
	}
	return false;
}

bool
filter_passes(const struct filter *f, const struct filter_facts *x)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (!term_passes(&f->term[i], x))
			return false;
	return true;
}

bool
filter_wants(const struct filter *f, enum machine m)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->term[i].word == FILTER_what &&
		    !one_of(&f->term[i], slice_of(machine_name(m))))
			return false;
	return true;
}

bool
filter_wants_state(const struct filter *f, enum state st)
{
	if (!filter_names(f, FILTER_state) && filter_id(f) == 0)
		return state_waits(st);
	for (unsigned int i = 0; i < f->n; i++)
		if (f->term[i].word == FILTER_state &&
		    !one_of(&f->term[i], slice_of(state_name(st))))
			return false;
	return true;
}

bool
filter_names(const struct filter *f, enum filter_word w)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->term[i].word == w)
			return true;
	return false;
}

static bool
is_whole(struct slice s)
{
	return s.len == 0 || (memchr(s.p, '*', s.len) == NULL &&
				 memchr(s.p, '?', s.len) == NULL);
}

struct slice
filter_partner(const struct filter *f)
{
	for (unsigned int i = 0; i < f->n; i++) {
		const struct filter_term *t = &f->term[i];

		if (t->word == FILTER_partner && t->op == '=' && t->n == 1 &&
		    is_whole(t->value[0]))
			return t->value[0];
	}
	return (struct slice){ NULL, 0 };
}

const struct filter_term *
filter_numbers(const struct filter *f)
{
	for (unsigned int i = 0; i < f->n; i++) {
		const struct filter_term *t = &f->term[i];
		unsigned int k = 0;

		while (k < t->n && is_whole(t->value[k]))
			k++;
		if (t->word == FILTER_number && t->op == '=' && k == t->n)
			return t;
	}
	return NULL;
}

struct slice
filter_number_begin(const struct filter *f)
{
	for (unsigned int i = 0; i < f->n; i++) {
		const struct filter_term *t = &f->term[i];
		size_t n = 0;

		if (t->word != FILTER_number || t->op != '=' || t->n != 1)
			continue;
		while (n < t->value[0].len && t->value[0].p[n] != '*' &&
		       t->value[0].p[n] != '?')
			n++;
		if (n > 0 && n < t->value[0].len)
			return slice_sub(t->value[0], 0, n);
	}
	return (struct slice){ NULL, 0 };
}

uint64_t
filter_id(const struct filter *f)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->term[i].word == FILTER_id)
			return f->term[i].id;
	return 0;
}
