/*
 * identify/known.c - questions to the formats a channel takes, and the
 * sentences when none of them fits. Trusts the formats.
 */
#include <stdio.h>
#include <string.h>
#include "src/identify/parts.h"

#define NAMED_MAX 300 /* bytes of names in a sentence */

/* Envelopes bind the transmission; what they hold is another arrival. */
bool
plan_is_envelope(const struct plan *p)
{
	if (p->syntax == SYN_ZIP)
		return true;
	return p->document != NULL &&
	       strcmp(p->document->name, "transmission") == 0;
}

bool
plan_accepted(const struct identify_in *in, const struct plan *p)
{
	if (in->naccept == 0)
		return true;
	for (unsigned int i = 0; i < in->naccept; i++)
		if (in->accept[i] == p)
			return true;
	return false;
}

bool
plan_has_root(const struct plan *p, struct slice name)
{
	for (const struct line *l = p->root->child; l != NULL; l = l->next)
		for (uint8_t i = 0; i < l->ntags; i++)
			if (l->read && slice_eq(l->name[i], name))
				return true;
	return false;
}

bool
plan_travels(const struct plan *p, const struct plan *envelope)
{
	const char *name = envelope == NULL ? "-" : envelope->name;

	for (uint8_t i = 0; i < p->nin; i++)
		if (strcmp(p->in[i], name) == 0)
			return true;
	return p->nin == 0;
}

static void
names_list(const struct identify_in *in, char out[NAMED_MAX + 64])
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < in->nall && len < NAMED_MAX; i++) {
		const struct plan *p = in->all[i];

		if (plan_is_envelope(p) || !plan_accepted(in, p))
			continue;
		len += (size_t)snprintf(out + len, NAMED_MAX + 64 - len,
		    "%s%.60s", len == 0 ? "" : ", ", p->name);
	}
}

void
unknown_add(struct layer *l, const struct plan *known, struct slice found,
    struct document *d)
{
	struct slice none = { NULL, 0 };
	char names[NAMED_MAX + 64], what[200];
	struct finding *f;

	names_list(l->in, names);
	if (known == NULL) {
		f = finding_add(d->findings, FIND_NO_FORMAT, none, none, found,
		    slice_of(names));
	} else {
		(void)snprintf(what, sizeof(what), "%.60s (%.100s)",
		    known->name, known->en == NULL ? "" : known->en);
		f = finding_add(d->findings, FIND_NOT_ACCEPTED, none, none,
		    slice_of(what), slice_of(names));
	}
	f->text_at = d->at;
	f->text_span = d->span > 80 ? 80 : d->span;
}

void
travel_check(struct layer *l, struct document *d)
{
	struct slice none = { NULL, 0 };
	char found[100], wanted[200] = "";
	size_t len = 0;

	(void)l;
	if (d->plan == NULL || plan_travels(d->plan, d->envelope))
		return;
	if (d->envelope == NULL)
		(void)snprintf(found, sizeof(found), "there is none");
	else
		(void)snprintf(
		    found, sizeof(found), "%.60s", d->envelope->name);
	for (uint8_t i = 0; i < d->plan->nin && len < 120; i++)
		len += (size_t)snprintf(wanted + len, sizeof(wanted) - len,
		    "%s%.60s", i == 0 ? "" : " or ",
		    strcmp(d->plan->in[i], "-") == 0 ? "none" : d->plan->in[i]);
	(void)finding_add(d->findings, FIND_ENVELOPE, none, none,
	    slice_of(found), slice_of(wanted));
}
