/*
 * tests/unit/joint_test.c - see joint_test.h; called by the unit tests of
 * filings with several legs.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include <string.h>

static void
leg_put(struct buf *b, const struct a_leg *l, const char *key, uint32_t filing)
{
	struct claim c = { .kind = CLAIM_LEG };

	c.u.leg = (struct claim_leg){ .filing = filing,
		.name = slice_of(l->name),
		.agency = slice_of(l->agency),
		.format = slice_of(l->format == NULL ? "cn-dec" : l->format),
		.lane = slice_of(l->lane == NULL ? key : l->lane),
		.file_name = slice_of(l->file == NULL ? l->name : l->file),
		.body = slice_of(l->body == NULL ? "" : l->body),
		.waits = l->waits,
		.tells = l->tells,
		.gates = true,
		.together = true,
		.wants = slice_of(l->wants == NULL ? "" : l->wants),
		.key_of = { { SLICE_LIT("filer"), slice_of(key) } },
		.nkeys = l->waits ? 0 : 1 };
	c.u.leg.content[0] = l->content;
	claim_put(b, &c);
}

void
joint_order(struct box *x, enum order_kind kind)
{
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct err err;
	struct buf b;

	for (;;) {
		box_order(x);
		if (x->o.kind == kind)
			return;
		buf_init(&b, 1u << 20);
		claim_put(&b, &body);
		if (box_done(x, &b, &err) != RC_OK)
			fail_msg("%s", err.text);
	}
}

/* Each filing of a file has a content of its own. */
static void
part_put(struct buf *b, const struct a_part *p, const char *name, uint32_t n)
{
	struct claim c = { .kind = CLAIM_FILING };
	struct digest d;
	struct err err;
	char text[256];

	(void)snprintf(text, sizeof(text), "%s %u", name, n);
	assert_int_equal(hash_of(slice_of(text), &d, &err), RC_OK);
	c.u.filing = (struct claim_filing){ .number = n,
		.format = SLICE_LIT("un-cusdec-d96b"),
		.kind = slice_of(p->kind == NULL ? "declaration" : p->kind),
		.key = slice_of(p->key),
		.label = slice_of(p->key),
		.amends = slice_of(p->amends),
		.keyed = 7 };
	memcpy(c.u.filing.content, d.b, sizeof(c.u.filing.content));
	claim_put(b, &c);
	for (unsigned int i = 0; i < p->n; i++)
		leg_put(b, &p->leg[i], p->key, n);
}

enum rc
joint_parts(struct box *x, const char *partner, const char *name,
    const struct a_part *part, unsigned int n, struct err *err)
{
	struct buf b;

	box_arrive(x, partner, name, name);
	joint_order(x, ORDER_READ);
	claims_arrival(&b, n, 0);
	for (unsigned int i = 0; i < n; i++)
		part_put(&b, &part[i], name, i + 1);
	return box_done(x, &b, err);
}

enum rc
joint_file(struct box *x, const char *partner, const char *name,
    const char *key, const char *amends, const struct a_leg *leg,
    unsigned int n, struct err *err)
{
	return joint_parts(x, partner, name,
	    &(struct a_part){ key, amends, leg, n, NULL }, 1, err);
}

void
joint_answer(struct box *x, const char *agency, const char *key,
    const char *platform, const char *outcome, int rank)
{
	struct a_receipt r = { .filer = key,
		.platform = platform,
		.status = outcome,
		.level = "decision",
		.outcome = outcome,
		.rank = rank };
	struct err err;
	struct buf b;
	char name[64];

	(void)snprintf(name, sizeof(name), "%s-%s-%d", agency, outcome,
	    (int)x->s->audit.seq);
	box_arrive(x, agency, name, name);
	joint_order(x, ORDER_READ);
	claims_arrival(&b, 0, 1);
	claims_receipt(&b, 1, &r);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}
