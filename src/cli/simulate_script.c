/*
 * cli/simulate_script.c - the simulator's script: who is answered what, when.
 * Trusts its author; called by verb_simulate.c. The language is on one page,
 * entrepot-simulate(8).
 */
#include "src/cli/simulate.h"
#include <ctype.h>

#define STEPS_MAX 100 /* of one rule */
#define TIMES_MAX 100
#define BATCH_MAX 10000

struct parser {
	struct sim_script *script;
	struct arena *mem;
	const char *file;
	struct slice text;
	size_t at;   /* next byte */
	size_t word; /* where the last word began */
	struct complaints *to;
	const char *quote; /* around what the last token says */
	bool wrong;        /* this line: nothing more is said about it */
};

enum token { TOK_END, TOK_WORD, TOK_TEXT, TOK_COLON, TOK_SEMI };

static void
complain(struct parser *p, const char *what, struct slice found)
{
	if (!p->wrong)
		complaints_add(p->to, false, p->file, p->text, p->word,
		    "found %s%.*s%s, want %s", p->quote, SLICE_ARG(found),
		    p->quote, what);
	p->wrong = true;
}

static bool
at_end(const struct parser *p)
{
	return p->at >= p->text.len || p->text.p[p->at] == '\n';
}

static enum token
text_take(struct parser *p, struct slice *out)
{
	size_t from = ++p->at;

	while (!at_end(p) && p->text.p[p->at] != '"')
		p->at++;
	*out = slice_sub(p->text, from, p->at - from);
	if (at_end(p))
		complain(p, "a closing quote", *out);
	else
		p->at++;
	return TOK_TEXT;
}

static bool
word_byte(char c)
{
	return c != ';' && c != ':' && c != '"' && !isspace((unsigned char)c);
}

static enum token
token_take(struct parser *p, struct slice *out)
{
	while (!at_end(p) &&
	       (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\t' ||
		   p->text.p[p->at] == '\r'))
		p->at++;
	p->word = p->at;
	p->quote = "";
	*out = SLICE_LIT("the end of the line");
	if (!at_end(p) && p->text.p[p->at] == '#' &&
	    (p->at == 0 || isspace((unsigned char)p->text.p[p->at - 1])))
		while (!at_end(p))
			p->at++;
	if (at_end(p))
		return TOK_END;
	p->quote = p->text.p[p->at] == '"' ? "\"" : "'";
	if (p->text.p[p->at] == '"')
		return text_take(p, out);
	*out = slice_sub(p->text, p->at, 1);
	if (p->text.p[p->at] == ';' || p->text.p[p->at] == ':')
		return p->text.p[p->at++] == ';' ? TOK_SEMI : TOK_COLON;
	while (!at_end(p) && word_byte(p->text.p[p->at]))
		p->at++;
	*out = slice_sub(p->text, p->word, p->at - p->word);
	for (size_t i = 0; i < out->len; i++)
		if ((unsigned char)out->p[i] < ' ') {
			p->quote = "";
			complain(
			    p, "none", SLICE_LIT("a word with a control byte"));
		}
	return TOK_WORD;
}

/* The same token again at the next call. */
static void
token_back(struct parser *p)
{
	p->at = p->word;
}

static bool
next_is(struct parser *p, enum token want, struct slice *out)
{
	if (token_take(p, out) == want)
		return true;
	token_back(p);
	return false;
}

static unsigned int
number_take(struct parser *p, unsigned int most, const char *what)
{
	struct slice s;
	uint64_t n = 0;

	if (token_take(p, &s) != TOK_WORD || !slice_u64(s, &n) || n == 0 ||
	    n > most) {
		complain(p, what, s);
		return 1;
	}
	return (unsigned int)n;
}

/* Seconds with up to three decimals, in milliseconds. */
static int64_t
seconds_take(struct parser *p)
{
	struct slice s, whole, part;
	uint64_t a = 0, b = 0;
	enum token t = token_take(p, &s);

	part = s;
	whole = slice_cut(&part, '.');
	if (t != TOK_WORD || !slice_u64(whole, &a) || a > 1000000 ||
	    part.len > 3 || (part.len > 0 && !slice_u64(part, &b))) {
		complain(
		    p, "seconds up to 1000000, with three decimals at most", s);
		return 0;
	}
	for (size_t i = part.len; i < 3; i++)
		b *= 10;
	return (int64_t)(a * 1000 + b);
}

static struct sim_step *
step_add(
    struct parser *p, struct sim_rule *r, enum sim_act act, struct slice code)
{
	struct sim_step *s = arena_get(p->mem, sizeof(*s));

	if (s == NULL || r->nsteps >= STEPS_MAX) {
		complain(p, "at most 100 steps", code);
		return NULL;
	}
	s->act = act;
	s->times = 1;
	if (code.len >= SIM_CODE)
		complain(p, "a code of at most 15 bytes", code);
	else
		memcpy(s->code, code.p, code.len);
	if (r->last == NULL)
		r->step = s;
	else
		r->last->next = s;
	r->last = s;
	r->nsteps++;
	return s;
}

static void
course_add(struct parser *p, struct sim_rule *r, const char *channels)
{
	(void)step_add(p, r, SIM_STORED, SLICE_LIT("0"));
	for (; *channels != '\0'; channels++)
		(void)step_add(p, r, SIM_RESULT, (struct slice){ channels, 1 });
}

static void
code_take(struct parser *p, struct sim_rule *r, enum sim_act act)
{
	struct slice s;

	if (token_take(p, &s) == TOK_WORD)
		(void)step_add(p, r, act, s);
	else
		complain(p, "a code", s);
}

static void
response_take(struct parser *p, struct sim_rule *r)
{
	struct slice s;
	enum token t = token_take(p, &s);

	if (t == TOK_WORD && slice_is(s, "ok"))
		(void)step_add(p, r, SIM_STORED, SLICE_LIT("0"));
	else if (t == TOK_WORD && slice_is(s, "failed"))
		(void)step_add(p, r, SIM_REFUSED, SLICE_LIT("1"));
	else
		complain(p, "ok or failed", s);
}

/* What a step does; the bare word is a channel code. */
static void
act_take(struct parser *p, struct sim_rule *r, struct slice word)
{
	if (slice_is(word, "accepts"))
		course_add(p, r, "7LJPR");
	else if (slice_is(word, "refuses")) {
		course_add(p, r, "7");
		code_take(p, r, SIM_RESULT);
	} else if (slice_is(word, "fails"))
		code_take(p, r, SIM_CLIENT);
	else if (slice_is(word, "response"))
		response_take(p, r);
	else if (slice_is(word, "result"))
		code_take(p, r, SIM_RESULT);
	else if (slice_is(word, "out-of-order"))
		r->out_of_order = true;
	else if (!slice_is(word, "never"))
		(void)step_add(p, r, SIM_RESULT, word);
}

static const char *
file_take(struct parser *p)
{
	struct slice s;
	enum token t = token_take(p, &s);

	if ((t != TOK_WORD && t != TOK_TEXT) || s.len == 0)
		complain(p, "a file", s);
	return arena_str(p->mem, s);
}

static void
mark_take(struct parser *p, struct sim_step *s, struct slice word)
{
	if (slice_is(word, "after") || slice_is(word, "late"))
		s->after_ms = seconds_take(p);
	else if (slice_is(word, "when"))
		s->when = file_take(p);
	else if (slice_is(word, "twice"))
		s->times = 2;
	else if (slice_is(word, "times"))
		s->times =
		    number_take(p, TIMES_MAX, "a number of times up to 100");
	else if (slice_is(word, "half"))
		s->half = true;
	else
		complain(
		    p, "after, late, when, twice, times, half or ';'", word);
}

/* Behind "never" and "out-of-order", which answer nothing, no mark stands. */
static void
step_take(struct parser *p, struct sim_rule *r)
{
	struct sim_step *before = r->last;
	struct slice s;
	enum token t = token_take(p, &s);

	if (t == TOK_WORD && slice_is(s, "then"))
		t = token_take(p, &s);
	if (t != TOK_WORD) {
		complain(p, "a step", s);
		return;
	}
	act_take(p, r, s);
	if (p->wrong || r->last == before)
		return;
	if (next_is(p, TOK_TEXT, &s))
		r->last->text = arena_dup(p->mem, s);
	while (!p->wrong && next_is(p, TOK_WORD, &s))
		mark_take(p, r->last, s);
}

/* "3", "3-7", "each", or "number ABC". */
static void
who_take(struct parser *p, struct sim_rule *r)
{
	struct slice s, from, to;
	uint64_t a = 0, b = 0;
	enum token t = token_take(p, &s);

	if (t == TOK_WORD && slice_is(s, "each"))
		return;
	if (t == TOK_WORD && slice_is(s, "number")) {
		t = token_take(p, &s);
		r->seq = arena_dup(p->mem, s);
		if ((t != TOK_WORD && t != TOK_TEXT) || s.len == 0)
			complain(p, "a ClientSeqNo", s);
		return;
	}
	from = to = s;
	if (memchr(s.p, '-', s.len) != NULL)
		from = slice_cut(&to, '-');
	if (t != TOK_WORD || !slice_u64(from, &a) || !slice_u64(to, &b) ||
	    a == 0 || b < a || b > UINT32_MAX) {
		complain(p, "each, number TEXT, N or N-N", s);
		return;
	}
	r->from = (unsigned int)a;
	r->to = (unsigned int)b;
}

static void
rule_take(struct parser *p)
{
	struct sim_rule *r = arena_get(p->mem, sizeof(*r));
	struct slice s;

	if (r == NULL)
		return; /* arena_failed() is asked at the end */
	who_take(p, r);
	if (!p->wrong && token_take(p, &s) != TOK_COLON)
		complain(p, "':'", s);
	while (!p->wrong) {
		step_take(p, r);
		if (!next_is(p, TOK_SEMI, &s))
			break;
	}
	if (p->script->last == NULL)
		p->script->first = r;
	else
		p->script->last->next = r;
	p->script->last = r;
}

static void
batch_take(struct parser *p, struct slice word)
{
	if (p->script->batch != 0)
		complain(p, "one line of it", word);
	p->script->batch =
	    number_take(p, BATCH_MAX, "a number of answers up to 10000");
}

static void
line_take(struct parser *p)
{
	struct slice s;
	enum token t = token_take(p, &s);

	p->wrong = false;
	if (t == TOK_END)
		return;
	if (t == TOK_WORD && slice_is(s, "for"))
		rule_take(p);
	else if (t == TOK_WORD && slice_is(s, "batch"))
		batch_take(p, s);
	else
		complain(p, "for or batch", s);
	if (!p->wrong && token_take(p, &s) != TOK_END)
		complain(p, "';' or the end of the line", s);
}

enum rc
sim_script_parse(struct sim_script *script, struct arena *mem,
    const char *file_name, struct slice text, struct complaints *to,
    struct err *err)
{
	struct parser p = { .script = script,
		.mem = mem,
		.file = file_name,
		.text = text,
		.to = to };

	memset(script, 0, sizeof(*script));
	while (p.at < text.len) {
		line_take(&p);
		while (!at_end(&p))
			p.at++;
		p.at++;
	}
	if (to->errors > 0)
		return err_set(err, RC_REFUSED, "%u %s in script '%s'",
		    to->errors, complaints_word(to->errors), file_name);
	if (arena_failed(mem))
		return err_set(
		    err, RC_REFUSED, "script '%s' is too long", file_name);
	if (script->first == NULL)
		return err_set(
		    err, RC_REFUSED, "script '%s' has no 'for'", file_name);
	return RC_OK;
}

const struct sim_rule *
sim_script_rule(
    const struct sim_script *script, unsigned int nth, struct slice seq)
{
	for (const struct sim_rule *r = script->first; r != NULL; r = r->next) {
		if (r->seq.len > 0) {
			if (slice_eq(r->seq, seq))
				return r;
		} else if (r->from == 0 || (nth >= r->from && nth <= r->to))
			return r;
	}
	return NULL;
}
