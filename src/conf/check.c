/*
 * conf/check.c - what no single line can tell: directives that belong to
 * another kind of partner, missing ones, folders that meet, partners that are
 * not there. Trusts the grammar for the shape. Called once, by conf_parse().
 */
#include "src/conf/parser.h"
#include <stdio.h>
#include <string.h>

static void
spool_check(struct conf_parser *p)
{
	const uint64_t partners =
	    UINT64_C(1) << DIR_FILER | UINT64_C(1) << DIR_AGENCY |
	    UINT64_C(1) << DIR_SUBSCRIBER | UINT64_C(1) << DIR_PEER;

	if (p->given[DIR_SPOOL] == 0 && !conf_is_lost(p->lost, DIR_SPOOL))
		conf_wrong(p, p->w->text.len,
		    "no spool, want a line: spool \"/var/spool/entrepot\"");
	if (p->w->conf.npartners == 0 && (p->lost & partners) == 0)
		conf_wrong(p, p->w->text.len, "no partner, want a filer");
}

/* A directive in the block of a partner that it does not fit. */
static void
kind_check(struct conf_parser *p, unsigned int i, enum conf_word dir,
    const char *word, bool fits, const char *want)
{
	size_t at = p->w->note[i].given[dir];

	if (at != 0 && !fits)
		conf_wrong(p, at - 1, "'%s' is for %s, '%s' is none", word,
		    want, p->w->partner[i].name);
}

static void
kinds_check(struct conf_parser *p, unsigned int i)
{
	static const struct {
		enum conf_word dir;
		const char *word;
	} filer[] = {
		{ DIR_ACCEPT, "accept" },
		{ DIR_FORWARD, "forward" },
		{ DIR_REPLY, "reply" },
		{ DIR_DEFAULT, "default" },
		{ DIR_HOLD, "hold" },
		{ DIR_ATTACHMENTS, "attachments" },
	},
	  agency[] = {
		{ DIR_SUBMIT, "submit" },
		{ DIR_EXPECT, "expect" },
	};
	const struct conf_partner *c = &p->w->partner[i];

	for (size_t k = 0; k < sizeof(filer) / sizeof(filer[0]); k++)
		kind_check(p, i, filer[k].dir, filer[k].word,
		    c->filer || c->peer, "a filer or peer");
	for (size_t k = 0; k < sizeof(agency) / sizeof(agency[0]); k++)
		kind_check(p, i, agency[k].dir, agency[k].word,
		    c->agency || c->peer, "an agency or peer");
	if (c->control_format != NULL && !c->filer && !c->peer)
		conf_wrong(p, p->w->note[i].control_as_at,
		    "'reply control' is for a filer or peer, '%s' is none",
		    c->name);
	if (c->decision_format != NULL && !c->filer && !c->peer)
		conf_wrong(p, p->w->note[i].decision_as_at,
		    "'reply decision' is for a filer or peer, '%s' is none",
		    c->name);
}

static bool
is_forward_target(const struct conf *c, const char *name)
{
	for (unsigned int i = 0; i < c->npartners; i++)
		if (c->partner[i].forward != NULL &&
		    strcmp(c->partner[i].forward, name) == 0)
			return true;
	return false;
}

static void
forward_check(struct conf_parser *p, unsigned int i)
{
	static const struct {
		enum conf_word dir;
		const char *word;
	} not [] = {
		{ DIR_REPLY, "reply" },
		{ DIR_DEFAULT, "default" },
		{ DIR_HOLD, "hold" },
		{ DIR_ATTACHMENTS, "attachments" },
	};
	const struct conf_partner *c = &p->w->partner[i];
	const struct conf_note *n = &p->w->note[i];

	if (c->forward == NULL)
		return;
	if (c->naccept > 0)
		conf_wrong(p, n->forward_at,
		    "filer '%s' has accept and forward, want one of them",
		    c->name);
	for (size_t k = 0; k < sizeof(not ) / sizeof(not [0]); k++)
		if (n->given[not [k].dir] != 0 && c->naccept == 0 &&
		    (not [k].dir != DIR_REPLY || c->replies != 0))
			conf_wrong(p, n->given[not [k].dir] - 1,
			    "'%s' is for files that are read, those of '%s' go "
			    "on unread",
			    not [k].word, c->name);
	if (strcmp(c->forward, c->name) == 0)
		conf_wrong(p, n->forward_at,
		    "files of '%s' go on to '%s' itself", c->name, c->forward);
	else if (conf_partner(&p->w->conf, slice_of(c->forward)) == NULL)
		conf_wrong(p, n->forward_at, "no partner '%s'", c->forward);
}

/* Neither there nor in a line that was not understood. */
static bool
lacks(const struct conf_note *n, enum conf_word dir)
{
	return n->given[dir] == 0 && !conf_is_lost(n->lost, dir);
}

static void
lacks_check(struct conf_parser *p, unsigned int i)
{
	const struct conf_partner *c = &p->w->partner[i];
	const struct conf_note *n = &p->w->note[i];

	if (lacks(n, DIR_FOLDER))
		conf_wrong(p, n->at, "'%s' has no folder", c->name);
	if (c->filer && lacks(n, DIR_ACCEPT) && lacks(n, DIR_FORWARD))
		conf_wrong(p, n->at,
		    "filer '%s' has neither accept nor forward", c->name);
	if (c->filer && n->given[DIR_ACCEPT] != 0 && c->forward == NULL &&
	    lacks(n, DIR_REPLY))
		conf_wrong(p, n->at,
		    "filer '%s' has no reply, want one, or 'reply none'",
		    c->name);
	if (c->agency && lacks(n, DIR_SUBMIT) &&
	    !is_forward_target(&p->w->conf, c->name))
		conf_wrong(p, n->at, "agency '%s' has no submit", c->name);
}

static void
needs_check(struct conf_parser *p, unsigned int i)
{
	const struct conf_partner *c = &p->w->partner[i];
	const struct conf_note *n = &p->w->note[i];

	lacks_check(p, i);
	if ((c->replies & ~(unsigned int)REPLY_CONTROL) != 0 &&
	    c->reply_format == NULL)
		conf_wrong(p, n->given[DIR_REPLY] - 1,
		    "reply has no format, want one behind it: 'as FORMAT'");
	if (c->decision_format != NULL && (c->replies & REPLY_STATUS) == 0)
		conf_wrong(p, n->decision_as_at,
		    "'reply decision' is of a status reply, and there is "
		    "none");
	if (c->decision_format != NULL && c->together_ms > 0)
		conf_wrong(p, n->decision_as_at,
		    "'reply decision' tells each answer in a file of its own, "
		    "not 'together'");
	if (strcmp(c->in, c->out) == 0)
		conf_wrong(p, n->folder_at,

		    "'%s' is the folder in both directions, want one for each",
		    c->in);
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void
boxes_check(struct conf_parser *p, unsigned int i)
{
	const struct conf_partner *c = &p->w->partner[i];
	const struct conf_note *n = &p->w->note[i];

	if (c->layout == LAYOUT_IMPORT_CLIENT && c->filer &&
	    (c->agency || c->peer) && !(n->in_given && n->out_given))
		conf_wrong(p, n->folder_at,
		    "'%s' files and is filed to: which of OutBox and InBox is "
		    "in, which out? want 'in' and 'out' with their names",
		    c->name);
	if (same(c->sent, c->in) || same(c->sent, c->out) ||
	    same(c->sent, c->refused))
		conf_wrong(p, n->folder_at,
		    "'%s' is named for two things, want a name for each",
		    c->sent);
	if (same(c->refused, c->in) || same(c->refused, c->out))
		conf_wrong(p, n->folder_at,
		    "'%s' is named for two things, want a name for each",
		    c->refused);
}

static void
hours_check(struct conf_parser *p, unsigned int i)
{
	struct conf_partner *c = &p->w->partner[i];
	const struct conf_note *n = &p->w->note[i];

	if (n->hours.p != NULL) {
		c->hours = hours_find(
		    p->w->hours, p->w->conf.nhours, slice_of(n->hours.p));
		if (c->hours == NULL)
			conf_wrong(
			    p, n->hours.at, "no calendar '%s'", n->hours.p);
	} else if (n->by_hours_at != 0) {
		conf_wrong(p, n->by_hours_at - 1,
		    "'%s' has no hours to expect answers by", c->name);
	}
}

static void
retry_check(struct conf_parser *p, unsigned int i)
{
	struct conf_partner *c = &p->w->partner[i];
	size_t at = p->w->note[i].given[DIR_RETRY];

	if (at == 0)
		return;
	if (c->retry_upto_ms == 0) {
		c->retry_upto_ms = c->retry_every_ms;
		if (c->retry_doubling)
			conf_wrong(p, at - 1,
			    "retry doubling has no end, want 'upto TIME'");
	}
	if (c->retry_upto_ms < c->retry_every_ms)
		conf_wrong(p, at - 1,
		    "retry upto %u s is shorter than every %u s",
		    c->retry_upto_ms / 1000, c->retry_every_ms / 1000);
	if (c->retry_for_ms < c->retry_every_ms)
		conf_wrong(p, at - 1,
		    "retry for %ju s is shorter than every %u s",
		    (uintmax_t)c->retry_for_ms / 1000,
		    c->retry_every_ms / 1000);
}

/* Is one of them the other, or below it? */
static bool
paths_meet(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	size_t less = n < m ? n : m;

	if (strncmp(a, b, less) != 0)
		return false;
	if (n == m || less == 1) /* "/" holds all */
		return true;
	return (n < m ? b : a)[less] == '/';
}

static void
folders_check(struct conf_parser *p, unsigned int i)
{
	const struct conf *c = &p->w->conf;
	const char *mine = c->partner[i].folder;
	size_t at = p->w->note[i].folder_at;

	if (mine == NULL)
		return;
	if (c->spool != NULL && paths_meet(mine, c->spool))
		conf_wrong(p, at,
		    "folder '%s' and the spool '%s' are not apart", mine,
		    c->spool);
	for (unsigned int k = 0; k < c->nmappings; k++)
		if (paths_meet(mine, c->mappings[k]))
			conf_wrong(p, at,
			    "folder '%s' and the mappings '%s' are not apart",
			    mine, c->mappings[k]);
	for (unsigned int k = 0; k < i; k++) {
		const char *other = c->partner[k].folder;

		if (other != NULL && paths_meet(mine, other))
			conf_wrong(p, at,
			    "folder '%s' and '%s' of '%s' are not apart", mine,
			    other, c->partner[k].name);
	}
}

/* Legs are planned among so many: a row that is left out would lack a leg. */
static void
routes_check(struct conf_parser *p)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->w->conf.npartners; i++) {
		unsigned int more = p->w->partner[i].nsubmit;

		if (n <= CONF_ROUTES && n + more > CONF_ROUTES)
			conf_wrong(p, p->w->note[i].submit_at[0],
			    "more than %d submit lines of all agencies",
			    CONF_ROUTES);
		n += more;
	}
}

void
conf_check(struct conf_parser *p)
{
	routes_check(p);
	spool_check(p);
	for (unsigned int i = 0; i < p->w->conf.npartners; i++) {
		kinds_check(p, i);
		needs_check(p, i);
		boxes_check(p, i);
		hours_check(p, i);
		forward_check(p, i);
		retry_check(p, i);
		folders_check(p, i);
	}
}
