/*
 * spool/operate_answer.c - an operator's question, as text, to a page of steps
 * and what came of it. Trusts nothing in it but who asks, which the kernel
 * told. Called by the role spool and by tools on a stopped spool.
 */
#include "spool/operate.h"
#include <stdio.h>
#include <string.h>
#include "spool/inner.h"

#define ASKED_MEMORY (1u << 20)

bool
place_read(struct slice s, int *machine, uint64_t *after)
{
	struct slice kind;

	*machine = 0;
	*after = 0;
	if (s.len == 0)
		return true;
	kind = slice_cut(&s, '.');
	while (*machine < MACHINES &&
	       !slice_is(kind, machine_name((enum machine) * machine)))
		++*machine;
	return *machine < MACHINES && (s.len == 0 || id_parse(s, after));
}

void
place_print(int machine, uint64_t after, char out[32])
{
	char id[ID_TEXT] = "";

	out[0] = '\0';
	if (machine < MACHINES)
		(void)snprintf(out, 32, "%s.%s",
		    machine_name((enum machine)machine),
		    after != 0 ? id_print(after, id) : "");
}

static enum rc
verb_read(const struct operate_asked *a, struct operation *op, struct filter *f,
    struct arena *mem, struct err *err)
{
	size_t at;
	int machine;
	enum rc rc;

	*op = (struct operation){ .verb = operate_find(a->verb),
		.filter = f,
		.by = a->by,
		.why = a->words };
	if (op->verb == OPERATE_VERBS)
		return err_set(
		    err, RC_REFUSED, "'%.*s' is no act", SLICE_ARG(a->verb));
	if (!place_read(a->place, &machine, &op->after))
		return err_set(err, RC_REFUSED, "'%.*s' is no place in a list",
		    SLICE_ARG(a->place));
	op->machine = (enum machine)machine;
	rc = filter_parse(f, a->filter, mem, &at, err);
	if (rc != RC_OK || op->verb != OPERATE_attach)
		return rc;
	if (filter_id(f) == 0 || !id_parse(a->to, &op->leg))
		return err_set(err, RC_REFUSED,
		    "attach wants the id of a receipt and of a leg");
	return RC_OK;
}

static void
pages_answer(
    struct batch *b, const struct operate_asked *a, struct operate_told *t)
{
	struct arena *mem = arena_new(ASKED_MEMORY);
	struct operation op;
	struct filter f;
	struct step st = { .rc = RC_OK };
	enum rc rc;

	if (mem == NULL) {
		t->rc = err_set(&t->why, RC_LATER, "no memory");
		return;
	}
	t->rc = verb_read(a, &op, &f, mem, &t->why);
	if (t->rc == RC_OK) {
		operate(b, &op, &t->n, &st);
		rc = batch_commit(b, &t->why);
		t->rc = rc != RC_OK ? rc : st.rc;
		if (rc == RC_OK && st.rc != RC_OK)
			t->why = st.why;
		place_print((int)op.machine, op.after, t->place);
	}
	arena_free(mem);
}

static void
pause_answer(struct spool *s, struct batch *b, const struct operate_asked *a,
    struct operate_told *t)
{
	bool on = slice_is(a->verb, "pause");
	enum pause_what what =
	    slice_is(a->to, "intake") ? PAUSE_INTAKE : PAUSE_DELIVERY;
	unsigned int before = partner_paused(s, a->filter);
	struct step st = { .rc = RC_OK };
	enum rc rc;

	if (!slice_is(a->to, "intake") && !slice_is(a->to, "delivery")) {
		t->rc = err_set(&t->why, RC_REFUSED,
		    "'%.*s' is no door, want intake or delivery",
		    SLICE_ARG(a->to));
		return;
	}
	partner_pause(b, a->filter, what, on, a->by, a->words, &st);
	rc = batch_commit(b, &t->why);
	t->rc = rc != RC_OK ? rc : st.rc;
	if (rc == RC_OK && st.rc != RC_OK)
		t->why = st.why;
	t->paused = partner_paused(s, a->filter);
	t->n.done = t->paused != before;
}

void
operate_answer(struct spool *s, struct batch *b, const struct operate_asked *a,
    struct operate_told *t)
{
	*t = (struct operate_told){ .rc = RC_OK };
	if (slice_is(a->verb, "pause") || slice_is(a->verb, "resume"))
		pause_answer(s, b, a, t);
	else
		pages_answer(b, a, t);
}
