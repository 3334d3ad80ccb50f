/*
 * conf/formats.c - are the formats that a configuration names there? Trusts
 * both, as each was checked by itself. Called at start, reload and check.
 */
#include "src/conf/parser.h"
#include <string.h>
#include "src/format/plan.h"

struct formats_check {
	const struct conf_whole *w;
	const struct formats *formats;
	const char *folder;
	struct complaints *complaints;
	uint32_t wrong;
};

/* The loader checks formats of more syntaxes than there are readers for. */
static const char *
syntax_unspoken(enum syntax_kind syntax)
{
	return syntax == SYN_X12     ? "x12"
	       : syntax == SYN_FLAT  ? "flat"
	       : syntax == SYN_FIXED ? "fixed"
				     : NULL;
}

/* document: the kind that it must write, or NULL where it only reads. */
static void
format_check(
    struct formats_check *k, const char *name, const char *document, size_t at)
{
	const struct plan *p = format_find(k->formats, slice_of(name));

	if (p == NULL) {
		k->wrong++;
		complaints_add(k->complaints, false, k->w->conf.file,
		    k->w->text, at, "no format '%s' in '%s'", name, k->folder);
	} else if (syntax_unspoken(p->syntax) != NULL) {
		k->wrong++;
		complaints_add(k->complaints, false, k->w->conf.file,
		    k->w->text, at,
		    "format '%s' is in syntax %s, which is checked and neither "
		    "read nor written, want another",
		    name, syntax_unspoken(p->syntax));
	} else if (document != NULL &&
		   strcmp(p->document->name, document) != 0) {
		k->wrong++;
		complaints_add(k->complaints, false, k->w->conf.file,
		    k->w->text, at,
		    "format '%s' is of document '%s', want one of '%s'", name,
		    p->document->name, document);
	}
}

static const struct element *
element_at(const struct group *g, const char *path)
{
	struct slice rest = slice_of(path);
	const struct element *e = NULL;

	while (g != NULL && rest.len > 0) {
		e = group_element(g, slice_cut(&rest, '.'));
		if (e == NULL || e->repeats)
			return NULL;
		g = e->type == EL_GROUP ? e->group : NULL;
	}
	return rest.len == 0 && g == NULL ? e : NULL;
}

/* One of the documents that he files has it, once. */
static void
default_check(
    struct formats_check *k, const struct conf_partner *p, unsigned int d)
{
	for (unsigned int a = 0; a < p->naccept; a++) {
		const struct plan *plan =
		    format_find(k->formats, slice_of(p->accept[a]));

		if (plan != NULL &&
		    element_at(plan->document, p->preset[d].path) != NULL)
			return;
	}
	k->wrong++;
	complaints_add(k->complaints, false, k->w->conf.file, k->w->text,
	    k->w->note[p - k->w->conf.partner].preset_at[d],
	    "no document of '%s' has a single element '%s'", p->name,
	    p->preset[d].path);
}

static bool
headings_within(const struct plan *a, const struct plan *b)
{
	for (uint32_t i = 0; i < a->nheadings; i++) {
		uint32_t k = 0;

		while (
		    k < b->nheadings && !slice_eq(a->heading[i], b->heading[k]))
			k++;
		if (k == b->nheadings)
			return false;
	}
	return true;
}

/* The members that its outermost object must have, all in the other's, too. */
static bool
members_within(const struct plan *a, const struct plan *b)
{
	const struct line *x = a->root->child, *y = b->root->child;

	for (uint8_t i = 0; x != NULL && y != NULL && i < x->nguards; i++) {
		uint8_t k = 0;

		while (k < y->nguards &&
		       !slice_eq(x->guard[i].name[0], y->guard[k].name[0]))
			k++;
		if (k == y->nguards)
			return false;
	}
	return true;
}

/*
 * Messages and XML are told apart when formats are loaded. Tables and lists may
 * look alike, for partners who send only one of them: here one sends both.
 */
static bool
plans_alike(const struct plan *a, const struct plan *b)
{
	if (a->syntax != b->syntax)
		return false;
	if (a->syntax == SYN_JSON)
		return members_within(a, b) && members_within(b, a);
	if (a->syntax != SYN_CSV || a->header != b->header ||
	    a->delimiter != b->delimiter || a->nheadings != b->nheadings)
		return false;
	return !a->header || (headings_within(a, b) && headings_within(b, a));
}

static void
alike_check(struct formats_check *k, const struct conf_partner *p,
    unsigned int a, size_t at)
{
	const struct plan *plan =
	    format_find(k->formats, slice_of(p->accept[a]));

	for (unsigned int i = 0; plan != NULL && i < a; i++) {
		const struct plan *other =
		    format_find(k->formats, slice_of(p->accept[i]));

		if (other == NULL || !plans_alike(plan, other))
			continue;
		k->wrong++;
		complaints_add(k->complaints, false, k->w->conf.file,
		    k->w->text, at,
		    "format '%s' looks from outside like '%s', which '%s' may "
		    "send, too: want only one of them",
		    plan->name, other->name, p->name);
	}
}

/*
 * EDIFACT messages go in an interchange, alone in an archive they are none; of
 * others several share a file only in an archive.
 */
static void
envelope_check(struct formats_check *k, const struct conf_partner *partner,
    const struct conf_submit *s, size_t at)
{
	const struct plan *p = format_find(k->formats, slice_of(s->format));
	bool client = partner->layout == LAYOUT_IMPORT_CLIENT;
	bool packed = s->zip || client;
	const char *want = client ? "and an import client takes archives"
				  : "want it without 'zip'";

	if (p == NULL ||
	    (p->syntax == SYN_EDIFACT ? !packed : packed || s->batch <= 1))
		return;
	k->wrong++;
	if (packed)
		complaints_add(k->complaints, false, k->w->conf.file,
		    k->w->text, at, "format '%s' goes in an interchange, %s",
		    s->format, want);
	else
		complaints_add(k->complaints, false, k->w->conf.file,
		    k->w->text, at,
		    "%u messages of '%s' share no file, want 'zip' with them",
		    s->batch, s->format);
}

enum rc
conf_check_formats(const struct conf *c, const struct formats *formats,
    const char *folder, struct complaints *complaints)
{
	struct formats_check k = { .w = (const struct conf_whole *)c,
		.formats = formats,
		.folder = folder,
		.complaints = complaints };

	for (unsigned int i = 0; i < c->npartners; i++) {
		const struct conf_partner *p = &c->partner[i];
		const struct conf_note *n = &k.w->note[i];

		for (unsigned int a = 0; a < p->naccept; a++) {
			format_check(&k, p->accept[a], NULL, n->accept_at[a]);
			alike_check(&k, p, a, n->accept_at[a]);
		}
		for (unsigned int d = 0; d < p->npresets; d++)
			default_check(&k, p, d);
		for (unsigned int s = 0; s < p->nsubmit; s++) {
			format_check(&k, p->submit[s].format,
			    p->submit[s].document, n->submit_format_at[s]);
			envelope_check(
			    &k, p, &p->submit[s], n->submit_format_at[s]);
		}
		if (p->reply_format != NULL)
			format_check(
			    &k, p->reply_format, "receipt", n->reply_as_at);
		if (p->decision_format != NULL)
			format_check(&k, p->decision_format, "receipt",
			    n->decision_as_at);
		if (p->control_format != NULL)
			format_check(
			    &k, p->control_format, "receipt", n->control_as_at);
	}
	return k.wrong > 0 ? RC_REFUSED : RC_OK;
}
