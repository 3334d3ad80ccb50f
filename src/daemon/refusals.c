/*
 * daemon/refusals.c - the spool's questions about files among the refused ones,
 * answered one at a time: one of them may be a large file to read. Trusts the
 * spool. Called by role_deliver.c.
 */
#include "src/daemon/refusals.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/log.h"

void
refusals_clear(struct refusals *f)
{
	for (unsigned int i = 0; i < f->n; i++)
		msg_free(f->ask[i]);
	free(f->ask);
	*f = (struct refusals){ 0 };
}

enum rc
refusals_put(struct refusals *f, struct msg *m, struct err *err)
{
	unsigned int room = f->room == 0 ? 16 : f->room * 2;

	if (f->n == f->room) {
		struct msg **p = realloc(f->ask, room * sizeof(struct msg *));

		if (p == NULL)
			return err_set(
			    err, RC_LATER, "no memory for a question");
		f->ask = p;
		f->room = room;
	}
	f->ask[f->n++] = msg_hold(m);
	return RC_OK;
}

/*
 * A folder that is away is walked anew when it is back, and its files are told
 * again: so nothing is lost that is not answered.
 */
static enum rc
whose(
    struct role *r, struct gate *g, const struct msg_WHOSE *w, struct err *err)
{
	struct msg_REJECTED answer = { .partner = w->partner,
		.name = w->name,
		.mark = w->mark,
		.asked = 1,
		.read = 1 };
	char name[256];
	bool same = true;
	enum rc rc;

	if (g == NULL || g->folder == NULL || w->name.len >= sizeof(name))
		return RC_OK;
	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(w->name));
	rc = folder_refused_sum(
	    g->folder, name, w->mark, &same, &answer.size, &answer.sha256, err);
	gate_refused_read(g, clock_mono(r->clock), answer.size);
	if (rc == RC_LATER || (rc == RC_OK && !same))
		return rc;
	if (rc != RC_OK)
		answer.read = 0;
	return wire_send(r->wire, ROLE_SPOOL, MSG_REJECTED, &answer, -1, err);
}

static enum rc
withdraw(struct role *r, struct gate *g, unsigned int gates,
    const struct msg_WITHDRAW *w, struct err *err)
{
	struct job *j = NULL;
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < gates && j == NULL; i++) {
		j = gate_job(&g[i], w->delivery);
		if (j != NULL && g[i].folder == NULL)
			return RC_OK;
		if (j != NULL)
			rc = gate_withdraw(&g[i], j, err);
	}
	if (rc == RC_BROKEN)
		return rc;
	if (rc != RC_OK) /* it stays there: a person must clear it */
		log_rc("deliver.withdraw", rc, err);
	return wire_send(r->wire, ROLE_SPOOL, MSG_WITHDRAWN,
	    &(struct msg_WITHDRAWN){
		.delivery = w->delivery, .part = w->part, .mark = w->mark },
	    -1, err);
}

static struct gate *
gate_named(struct gate *g, unsigned int gates, struct slice partner)
{
	for (unsigned int i = 0; i < gates; i++)
		if (slice_is(partner, g[i].partner->name))
			return &g[i];
	return NULL;
}

enum rc
refusals_answer(struct role *r, struct refusals *f, struct gate *g,
    unsigned int gates, bool *worked, struct err *err)
{
	struct msg *m = f->n > 0 ? f->ask[0] : NULL;
	const struct msg_WHOSE *w;
	enum rc rc;

	if (m == NULL)
		return RC_OK;
	w = m->body;
	rc = m->type == MSG_WHOSE
		 ? whose(r, gate_named(g, gates, w->partner), w, err)
		 : withdraw(r, g, gates, m->body, err);
	if (rc != RC_OK)
		return rc == RC_BROKEN ? rc : RC_OK;
	f->n--;
	memmove(f->ask, f->ask + 1, f->n * sizeof(struct msg *));
	msg_free(m);
	*worked = true;
	return RC_OK;
}
