/*
 * tests/fuzz/fuzz_claim.c - bytes that pretend to be claims, parts of a package
 * or a leg to be planned again: each is refused, or decodes to what encodes to
 * the same bytes again. They are made here, too: seeds of a corpus.
 */
#include <string.h>
#include "src/wire/claim.h"
#include "tests/fuzz/fuzz.h"

#define CLAIM_BYTES (4u << 20)
#define SEEDS_EACH  30
#define TEXT_MOST   200

enum { REACHED_WRAP = CLAIM_KINDS, REACHED_REPLAN = REACHED_WRAP + WRAP_KINDS };
const unsigned int fuzz_kinds = REACHED_REPLAN + 1;

static struct buf again;

/* Each of these is drawn. */
#define TEXTS(d, ...)                                                          \
	texts_make(d, (struct slice *const[]){ __VA_ARGS__, NULL })

static void
texts_make(struct dice *d, struct slice *const *s)
{
	for (; *s != NULL; s++)
		**s = dice_text(d, TEXT_MOST);
}

static void
keys_make(struct dice *d, struct claim_key *key, uint32_t *n)
{
	*n = (uint32_t)(dice_next(d) % 4 == 0 ? dice_next(d) % CLAIM_KEYS
					      : dice_next(d) % 3);
	for (uint32_t i = 0; i < *n; i++)
		TEXTS(d, &key[i].name, &key[i].text);
}

static bool
flag_make(struct dice *d)
{
	return dice_next(d) % 2 == 0;
}

static void
leg_make(struct dice *d, struct claim_leg *l)
{
	l->filing = (uint32_t)dice_next(d) % 9;
	l->id = dice_next(d);
	TEXTS(d, &l->name, &l->agency, &l->format, &l->edition, &l->file_name,
	    &l->lane, &l->body, &l->trace, &l->waits_for, &l->wants, &l->attach,
	    &l->beside);
	keys_make(d, l->key_of, &l->nkeys);
	l->segments = (uint32_t)dice_next(d) % 5;
	l->waits = flag_make(d);
	l->wait_ms = dice_next(d) % 100000;
	l->wait_ends = flag_make(d);
	l->gates = flag_make(d);
	l->tells = flag_make(d);
	l->together = flag_make(d);
	l->items = (uint32_t)dice_next(d) % 500;
}

static void
receipt_make(struct dice *d, struct claim_receipt *r)
{
	r->number = (uint32_t)dice_next(d) % 9;
	TEXTS(d, &r->format, &r->issued, &r->status, &r->code, &r->list,
	    &r->answers, &r->level, &r->outcome, &r->en, &r->zh, &r->text,
	    &r->findings, &r->complaints);
	keys_make(d, r->key_of, &r->nkeys);
	r->rank = (int32_t)(dice_next(d) % 9) - 1;
	r->final = flag_make(d);
	r->event_ms = (int64_t)dice_next(d);
	r->len = dice_next(d) % 4096;
	r->unreadable = flag_make(d);
}

static void
filing_make(struct dice *d, struct claim_filing *f)
{
	f->number = (uint32_t)dice_next(d) % 9;
	f->id = dice_next(d);
	TEXTS(d, &f->format, &f->kind, &f->key, &f->version, &f->label,
	    &f->amends, &f->findings, &f->search, &f->lacks);
	f->test = flag_make(d);
	f->refused = flag_make(d);
	f->len = dice_next(d) % 4096;
	f->errors = (uint32_t)dice_next(d) % 3;
}

static void
claim_make(struct dice *d, struct claim *c, enum claim_kind kind)
{
	memset(c, 0, sizeof(*c));
	c->kind = kind;
	switch (kind) {
	case CLAIM_ARRIVAL:
		TEXTS(d, &c->u.arrival.format, &c->u.arrival.encoding,
		    &c->u.arrival.interchange, &c->u.arrival.findings,
		    &c->u.arrival.control, &c->u.arrival.names);
		c->u.arrival.refused = flag_make(d);
		c->u.arrival.filings = (uint32_t)dice_next(d) % 100;
		break;
	case CLAIM_FILING:
		filing_make(d, &c->u.filing);
		break;
	case CLAIM_LEG:
		leg_make(d, &c->u.leg);
		break;
	case CLAIM_RECEIPT:
		receipt_make(d, &c->u.receipt);
		break;
	case CLAIM_BODY:
		TEXTS(d, &c->u.body.body, &c->u.body.findings);
		break;
	case CLAIM_FILE:
		TEXTS(d, &c->u.file.name, &c->u.file.body);
		c->u.file.fresh = flag_make(d);
		break;
	case CLAIM_KINDS:
		break;
	}
}

static void
wrap_make(struct dice *d, enum wrap_kind kind)
{
	struct wrap_part part = { .kind = kind };

	TEXTS(d, &part.name, &part.body);
	part.segments = (uint32_t)dice_next(d) % 200;
	part.len = part.body.len;
	part.crc = (uint32_t)dice_next(d);
	wrap_put(&again, &part);
}

static void
replan_make(struct dice *d)
{
	static struct replan_in in;

	memset(&in, 0, sizeof(in));
	in.filing = 1;
	TEXTS(d, &in.file_name, &in.leg, &in.agency, &in.format, &in.original);
	in.first = flag_make(d);
	keys_make(d, in.key_of, &in.nkeys);
	in.nfacts = (uint32_t)dice_next(d) % 4;
	for (uint32_t i = 0; i < in.nfacts; i++) {
		struct replan_fact *x = &in.fact[i];

		TEXTS(d, &x->name, &x->outcome, &x->level, &x->status,
		    &x->number, &x->text);
		keys_make(d, x->key_of, &x->nkeys);
	}
	replan_put(&again, &in);
}

static void
again_open(void)
{
	if (again.max == 0)
		buf_init(&again, CLAIM_BYTES);
	buf_reset(&again);
}

size_t
fuzz_seed(unsigned int n, uint8_t *p, size_t max)
{
	struct dice d = { n + 1 };
	unsigned int kind = n / SEEDS_EACH;
	struct claim c;

	if (kind >= fuzz_kinds)
		return 0;
	again_open();
	if (kind == REACHED_REPLAN) {
		replan_make(&d);
	} else if (kind >= REACHED_WRAP) {
		wrap_make(&d, (enum wrap_kind)(kind - REACHED_WRAP));
	} else {
		claim_make(&d, &c, (enum claim_kind)kind);
		claim_put(&again, &c);
	}
	MUST(!buf_failed(&again) && again.len <= max);
	memcpy(p, again.p, again.len);
	return again.len;
}

/* What was read from the bytes up to rest is written as they were. */
static void
same_again(struct slice before, struct slice rest)
{
	MUST(slice_eq(
	    buf_look(&again), slice_sub(before, 0, before.len - rest.len)));
}

static void
claims_read(struct slice rest)
{
	struct claim c;
	struct err err;

	while (rest.len > 0) {
		struct slice before = rest;

		if (claim_next(&rest, &c, &err) != RC_OK)
			break;
		fuzz_reached(c.kind);
		PLANTED(c.kind == CLAIM_LEG && c.u.leg.segments > 4);
		buf_reset(&again);
		claim_put(&again, &c);
		same_again(before, rest);
	}
}

static void
parts_read(struct slice rest)
{
	struct wrap_part part;
	struct err err;

	while (rest.len > 0) {
		struct slice before = rest;

		if (wrap_next(&rest, &part, &err) != RC_OK)
			break;
		fuzz_reached(REACHED_WRAP + part.kind);
		buf_reset(&again);
		wrap_put(&again, &part);
		same_again(before, rest);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct replan_in in;
	struct slice all = { (const char *)p, n };
	struct err err;

	again_open();
	claims_read(all);
	parts_read(all);
	if (replan_read(all, &in, &err) == RC_OK) {
		fuzz_reached(REACHED_REPLAN);
		buf_reset(&again);
		replan_put(&again, &in);
		same_again(all, (struct slice){ all.p, 0 });
	}
	return 0;
}
