/*
 * conf/conf.c - a configuration from its text, whole or not at all; trusts
 * nothing in it. Called by the supervisor's child, the tools and the tests.
 */
#include "src/conf/parser.h"
#include "src/base/buf.h"
#include <string.h>

#define RESERVE_USUAL ((uint64_t)1 << 30)
#define KEEP_USUAL    400

static struct conf_whole *
whole_new(const char *file_name, struct slice text)
{
	struct arena *mem = arena_new(CONF_MEM_MAX);
	struct conf_whole *w;

	if (mem == NULL)
		return NULL;
	w = arena_get(mem, sizeof(*w));
	if (w != NULL) {
		w->mem = mem;
		w->text = conf_unpack(arena_dup(mem, text), &w->files);
		w->conf.file = arena_str(mem, slice_of(file_name));
		w->conf.reserve = RESERVE_USUAL;
		w->conf.keep_days = KEEP_USUAL;
	}
	if (arena_failed(mem)) {
		arena_free(mem);
		return NULL;
	}
	return w;
}

static void
defaults_set(struct conf_whole *w)
{
	struct buf b;

	if (w->conf.nmappings == 0)
		w->conf.mappings[w->conf.nmappings++] = ENTREPOT_MAPPINGS;
	if (w->conf.control != NULL || w->conf.spool == NULL)
		return;
	buf_init(&b, CONF_TEXT_MAX);
	buf_fmt(&b, "%s/control", w->conf.spool);
	w->conf.control = arena_str(w->mem, buf_look(&b));
	buf_clear(&b);
}

/* RC_REFUSED: its mistakes are in the parser's complaints. */
static enum rc
whole_parse(struct conf_parser *p)
{
	if (conf_yyparse(p) != 0 && p->complaints->errors == 0)
		p->failed = true;
	conf_block_lost(p);
	if (!p->failed)
		conf_check(p);
	defaults_set(p->w);
	if (p->complaints->errors > 0)
		return RC_REFUSED;
	return p->failed || arena_failed(p->w->mem) ? RC_LATER : RC_OK;
}

enum rc
conf_parse(struct conf **out, const char *file_name, struct slice text,
    struct complaints *complaints, struct err *err)
{
	struct complaints own; /* the same mistake may be in the other's */
	struct conf_parser p = {
		.complaints = &own, .line_ended = true, .begins = true
	};
	enum rc rc;

	if (text.len > CONF_TEXT_MAX)
		return err_set(err, RC_REFUSED,
		    "configuration '%s' is %zu bytes, limit is %u", file_name,
		    text.len, CONF_TEXT_MAX);
	p.w = whole_new(file_name, text);
	if (p.w == NULL)
		return err_set(err, RC_LATER, "no memory for '%s'", file_name);
	complaints_init(&own);
	rc = whole_parse(&p);
	if (rc == RC_REFUSED)
		err_set(err, rc, "configuration '%s' has %u %s", file_name,
		    own.errors, complaints_word(own.errors));
	else if (rc == RC_LATER)
		err_set(err, rc, "no memory for '%s'", file_name);
	complaints_move(complaints, &own);
	if (rc == RC_OK)
		*out = &p.w->conf;
	else
		conf_free(&p.w->conf);
	return rc;
}

enum rc
conf_read(struct conf **out, const char *file_name,
    struct complaints *complaints, struct err *err)
{
	struct buf b;
	enum rc rc;

	buf_init(&b, CONF_TEXT_MAX + 4096);
	rc = conf_pack(file_name, &b, err);
	if (rc == RC_OK)
		rc = conf_parse(out, file_name, buf_look(&b), complaints, err);
	buf_clear(&b);
	return rc;
}

void
conf_free(struct conf *c)
{
	if (c != NULL)
		arena_free(((struct conf_whole *)c)->mem);
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The rows STARTING of directives.def. */
const char *
conf_unchangeable(const struct conf *now, const struct conf *before)
{
	if (!same(now->spool, before->spool))
		return "spool";
	if (now->node != before->node)
		return "node";
	return same(now->user, before->user) ? NULL : "user";
}

const struct conf_partner *
conf_partner(const struct conf *c, struct slice name)
{
	for (unsigned int i = 0; i < c->npartners; i++)
		if (slice_is(name, c->partner[i].name))
			return &c->partner[i];
	return NULL;
}

const struct conf_submit *
conf_route(const struct conf *c, struct slice agency, struct slice document,
    struct slice format, bool test)
{
	const struct conf_partner *p = conf_partner(c, agency);

	if (p == NULL || !p->agency)
		return NULL;
	for (unsigned int i = 0; i < p->nsubmit; i++)
		if (slice_is(document, p->submit[i].document) &&
		    slice_is(format, p->submit[i].format) &&
		    (!test || p->submit[i].test))
			return &p->submit[i];
	return NULL;
}

uint32_t
conf_window(const struct conf_partner *p)
{
	uint32_t w = p->reply_window;

	for (unsigned int i = 0; i < p->nsubmit; i++)
		if (p->submit[i].window > 0 &&
		    (w == 0 || p->submit[i].window < w))
			w = p->submit[i].window;
	return w;
}
