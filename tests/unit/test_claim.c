/*
 * Claims cross from the process that parsed a stranger's bytes: what was put
 * comes back, and nothing else is believed.
 */
#include "tests/unit/test.h"
#include <string.h>
#include "src/wire/claim.h"

#define MAX (4u << 20)

static void
key_set(struct claim_key *k, const char *name, const char *text)
{
	k->name = slice_of(name);
	k->text = slice_of(text);
}

static struct claim
filing_make(void)
{
	struct claim c = { .kind = CLAIM_FILING };
	struct claim_filing *f = &c.u.filing;

	f->number = 7;
	f->id = 0xfedcba9876543210u;
	f->format = SLICE_LIT("un-cusdec-d96b");
	f->kind = SLICE_LIT("declaration");
	f->key = SLICE_LIT("510120240615000001");
	f->label = SLICE_LIT("REF/7");
	memset(f->content, 0xa5, sizeof(f->content));
	f->test = true;
	f->at = 1u << 20;
	f->len = 5000000000u;
	f->errors = 1;
	f->warnings = 2;
	f->hints = 3;
	f->findings = SLICE_LIT("{\"code\":\"E0101\"}\n");
	f->search = SLICE_LIT("filer\x1d"
			      "510120240615000001\x1e"
			      "bill\x1d"
			      "999-00001111");
	f->unsearched = 3;
	return c;
}

static struct claim
receipt_make(void)
{
	struct claim c = { .kind = CLAIM_RECEIPT };
	struct claim_receipt *r = &c.u.receipt;

	r->number = 1;
	r->format = SLICE_LIT("cn-dec-result");
	key_set(&r->key_of[0], "platform", "I20241310000000001");
	r->nkeys = 1;
	r->status = SLICE_LIT("R");
	r->code = SLICE_LIT("closed");
	r->list = SLICE_LIT("dec-channel");
	r->answers = SLICE_LIT("cn-dec,sw-xml");
	r->level = SLICE_LIT("decision");
	r->outcome = SLICE_LIT("closed");
	r->rank = -90;
	r->final = true;
	r->event_ms = -1;
	r->en = SLICE_LIT("closed");
	r->zh = SLICE_LIT("已结关");
	r->text = SLICE_LIT("with\0a NUL");
	r->at = 3;
	r->len = 4;
	return c;
}

static struct claim
leg_make(void)
{
	struct claim c = { .kind = CLAIM_LEG };
	struct claim_leg *l = &c.u.leg;

	l->filing = 7;
	l->id = 11;
	l->name = SLICE_LIT("declare");
	l->agency = SLICE_LIT("customs");
	l->edition = SLICE_LIT("cn-dec-4.9");
	l->waits = l->tells = l->together = l->wait_ends = true;
	l->waits_for = SLICE_LIT("first, second");
	l->wait_ms = UINT64_C(172800000);
	l->items = 157;
	l->content[31] = 9;
	l->wants = SLICE_LIT("platform");
	l->attach = SLICE_LIT("a.pdf\nb.pdf");
	l->format = SLICE_LIT("cn-dec");
	l->file_name = SLICE_LIT("I_510120240615000001_t-1.xml");
	l->lane = SLICE_LIT("510120240615000001");
	key_set(&l->key_of[0], "filer", "510120240615000001");
	l->nkeys = 1;
	l->body = SLICE_LIT("<DecMessage/>");
	l->trace = SLICE_LIT("0 3\tDecMessage\t\t0 0\n");
	l->segments = 3;
	return c;
}

static void
test_every_field_of_a_filing_comes_back(void **state)
{
	struct claim in = filing_make(), out;
	struct slice rest;
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, MAX);
	claim_put(&b, &in);
	rest = buf_look(&b);
	assert_int_equal(claim_next(&rest, &out, &err), RC_OK);
	assert_int_equal(rest.len, 0);
	assert_int_equal(out.kind, CLAIM_FILING);
	assert_int_equal(out.u.filing.number, 7);
	assert_true(out.u.filing.id == 0xfedcba9876543210u);
	test_slice_is(out.u.filing.format, "un-cusdec-d96b");
	test_slice_is(out.u.filing.kind, "declaration");
	test_slice_is(out.u.filing.key, "510120240615000001");
	test_slice_is(out.u.filing.version, "");
	test_slice_is(out.u.filing.label, "REF/7");
	assert_memory_equal(out.u.filing.content, in.u.filing.content, 32);
	assert_true(out.u.filing.test);
	assert_false(out.u.filing.refused);
	assert_true(out.u.filing.len == 5000000000u);
	assert_int_equal(out.u.filing.hints, 3);
	test_slice_is(out.u.filing.search, "filer\x1d"
					   "510120240615000001\x1e"
					   "bill\x1d"
					   "999-00001111");
	assert_int_equal(out.u.filing.unsearched, 3);
	buf_clear(&b);
}

static void
test_every_field_of_a_receipt_and_a_leg_comes_back(void **state)
{
	struct claim receipt = receipt_make(), leg = leg_make(), out;
	struct slice rest;
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, MAX);
	claim_put(&b, &receipt);
	claim_put(&b, &leg);
	rest = buf_look(&b);
	assert_int_equal(claim_next(&rest, &out, &err), RC_OK);
	assert_int_equal(out.kind, CLAIM_RECEIPT);
	assert_int_equal(out.u.receipt.rank, -90);
	assert_int_equal(out.u.receipt.event_ms, -1);
	assert_true(out.u.receipt.final);
	assert_int_equal(out.u.receipt.text.len, 10);
	test_slice_is(out.u.receipt.zh, "已结关");
	test_slice_is(out.u.receipt.list, "dec-channel");
	test_slice_is(out.u.receipt.answers, "cn-dec,sw-xml");
	assert_int_equal(claim_next(&rest, &out, &err), RC_OK);
	assert_int_equal(out.kind, CLAIM_LEG);
	test_slice_is(out.u.leg.body, "<DecMessage/>");
	test_slice_is(out.u.leg.lane, "510120240615000001");
	assert_int_equal(out.u.leg.segments, 3);
	test_slice_is(out.u.leg.name, "declare");
	test_slice_is(out.u.leg.edition, "cn-dec-4.9");
	test_slice_is(out.u.leg.wants, "platform");
	test_slice_is(out.u.leg.attach, "a.pdf\nb.pdf");
	assert_true(out.u.leg.waits && out.u.leg.tells && out.u.leg.together);
	test_slice_is(out.u.leg.waits_for, "first, second");
	assert_int_equal(out.u.leg.wait_ms, 172800000);
	assert_true(out.u.leg.wait_ends);
	assert_false(out.u.leg.gates);
	assert_int_equal(out.u.leg.items, 157);
	assert_int_equal(out.u.leg.content[31], 9);
	assert_int_equal(rest.len, 0);
	buf_clear(&b);
}

static void
test_a_leg_to_plan_again_comes_back_whole_or_not_at_all(void **state)
{
	struct replan_in in = { .filing = 7,
		.file_name = SLICE_LIT("a.edi"),
		.leg = SLICE_LIT("customs"),
		.agency = SLICE_LIT("cn"),
		.format = SLICE_LIT("cn-dec"),
		.first = true,
		.nkeys = 1,
		.nfacts = 2,
		.original = SLICE_LIT("UNB+") };
	static struct replan_in out;
	struct buf b;
	struct err err;

	(void)state;
	key_set(&in.key_of[0], "platform", "P1");
	in.fact[1].name = SLICE_LIT("ciq");
	in.fact[1].outcome = SLICE_LIT("accepted");
	in.fact[1].nkeys = 1;
	key_set(&in.fact[1].key_of[0], "platform", "Q2");
	buf_init(&b, MAX);
	replan_put(&b, &in);
	assert_int_equal(replan_read(buf_look(&b), &out, &err), RC_OK);
	assert_int_equal(out.filing, 7);
	assert_true(out.first);
	test_slice_is(out.key_of[0].text, "P1");
	assert_int_equal(out.nfacts, 2);
	test_slice_is(out.fact[1].outcome, "accepted");
	test_slice_is(out.fact[1].key_of[0].text, "Q2");
	test_slice_is(out.original, "UNB+");
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(
		    replan_read(slice_sub(buf_look(&b), 0, n), &out, &err),
		    RC_REFUSED);
	buf_byte(&b, 0);
	assert_int_equal(replan_read(buf_look(&b), &out, &err), RC_REFUSED);
	assert_non_null(strstr(err.text, "1 bytes are left over"));
	buf_clear(&b);
}

/* Each kind, with its fields empty, encodes to bytes that decode to the same
 * bytes again: the two directions agree field by field. */
static void
test_claims_decoded_and_put_again_are_the_same_bytes(void **state)
{
	struct claim all[] = { filing_make(), receipt_make(), leg_make(),
		{ .kind = CLAIM_ARRIVAL }, { .kind = CLAIM_BODY } };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct claim out;
		struct buf a, b;
		struct slice rest;
		struct err err;

		buf_init(&a, MAX);
		buf_init(&b, MAX);
		claim_put(&a, &all[i]);
		rest = buf_look(&a);
		assert_int_equal(claim_next(&rest, &out, &err), RC_OK);
		claim_put(&b, &out);
		assert_true(slice_eq(buf_look(&a), buf_look(&b)));
		buf_clear(&a);
		buf_clear(&b);
	}
}

static void
test_claims_cut_anywhere_are_refused(void **state)
{
	struct claim in = filing_make(), out;
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, MAX);
	claim_put(&b, &in);
	for (size_t n = 0; n < b.len; n++) {
		struct slice rest = slice_sub(buf_look(&b), 0, n);
		struct slice before = rest;

		assert_int_equal(claim_next(&rest, &out, &err), RC_REFUSED);
		assert_ptr_equal(rest.p, before.p);
		assert_int_equal(rest.len, before.len);
	}
	buf_clear(&b);
}

static void
test_bytes_left_over_inside_a_claim_are_refused(void **state)
{
	struct claim in = { .kind = CLAIM_BODY }, out;
	struct slice rest;
	struct buf b;
	struct err err;

	(void)state;
	in.u.body.body = SLICE_LIT("x");
	buf_init(&b, MAX);
	claim_put(&b, &in);
	buf_byte(&b, 'y');
	b.p[1]++; /* the length takes the stray byte in */
	rest = buf_look(&b);
	assert_int_equal(claim_next(&rest, &out, &err), RC_REFUSED);
	assert_string_equal(err.text, "claim 'body': 1 bytes are left over");
	buf_clear(&b);
}

static void
test_an_unknown_kind_is_refused(void **state)
{
	struct slice rest = SLICE_LIT("\x06\0\0\0\0");
	struct claim out;
	struct err err;

	(void)state;
	assert_int_equal(claim_next(&rest, &out, &err), RC_REFUSED);
	assert_string_equal(err.text, "a claim is of kind 6, want less than 6");
}

static void
test_a_text_longer_than_its_claim_is_refused(void **state)
{
	struct slice rest = SLICE_LIT("\x04\x09\0\0\0\xff\xff\xff\x0f"
				      "abcde");
	struct claim out;
	struct err err;

	(void)state;
	assert_int_equal(claim_next(&rest, &out, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "claim 'body': field 'body' does not fit");
}

static void
test_more_keys_than_there_is_room_for_are_refused(void **state)
{
	struct claim in = receipt_make(), out;
	struct slice rest;
	struct buf b;
	struct err err;
	size_t at = 5 + 4 + 4 + strlen("cn-dec-result");

	(void)state;
	buf_init(&b, MAX);
	claim_put(&b, &in);
	assert_int_equal(b.p[at], 1); /* the count of keys */
	b.p[at] = CLAIM_KEYS + 1;
	rest = buf_look(&b);
	assert_int_equal(claim_next(&rest, &out, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "claim 'receipt': field 'number of keys' does not fit");
	buf_clear(&b);
}

static void
test_a_flag_that_is_neither_yes_nor_no_is_refused(void **state)
{
	struct claim in = { .kind = CLAIM_ARRIVAL }, out;
	struct slice rest;
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, MAX);
	claim_put(&b, &in);
	b.p[5] = 2;
	rest = buf_look(&b);
	assert_int_equal(claim_next(&rest, &out, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "claim 'arrival': field 'refused' does not fit");
	buf_clear(&b);
}

static void
test_a_name_over_its_ceiling_fails_the_buffer(void **state)
{
	static char big[1025];
	struct claim in = filing_make();
	struct buf b;

	(void)state;
	memset(big, 'a', sizeof(big));
	in.u.filing.label = (struct slice){ big, sizeof(big) };
	buf_init(&b, MAX);
	claim_put(&b, &in);
	assert_true(buf_failed(&b));
	buf_clear(&b);
	in.u.filing.label.len--;
	claim_put(&b, &in);
	assert_false(buf_failed(&b));
	buf_clear(&b);
}

static void
test_a_file_that_goes_along_comes_back(void **state)
{
	struct claim in = { .kind = CLAIM_FILE }, out;
	struct slice rest;
	struct buf b;
	struct err err;

	(void)state;
	in.u.file = (struct claim_file){ .name = SLICE_LIT("a.pdf"),
		.at = UINT64_C(1) << 32,
		.fresh = true,
		.body = SLICE_LIT("PDF") };
	buf_init(&b, MAX);
	claim_put(&b, &in);
	rest = buf_look(&b);
	assert_int_equal(claim_next(&rest, &out, &err), RC_OK);
	assert_int_equal(out.kind, CLAIM_FILE);
	test_slice_is(out.u.file.name, "a.pdf");
	test_slice_is(out.u.file.body, "PDF");
	assert_true(out.u.file.fresh && out.u.file.at == UINT64_C(1) << 32);
	buf_clear(&b);
}

static void
test_parts_of_a_delivery_come_back_in_order(void **state)
{
	struct wrap_part a = { .name = SLICE_LIT("a.xml"),
		.body = SLICE_LIT("<a/>") };
	struct wrap_part f = { .kind = WRAP_FILES,
		.name = SLICE_LIT("a.pdf\nb.pdf"),
		.body = SLICE_LIT("PK") };
	struct wrap_part g = { .kind = WRAP_FILE,
		.name = SLICE_LIT("c.pdf"),
		.len = UINT64_C(1) << 33,
		.crc = 0xfedcba98 };
	struct wrap_part z = { .name = SLICE_LIT("z.edi"),
		.segments = 12,
		.body = SLICE_LIT("UNH") },
			 out;
	struct slice rest;
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, MAX);
	wrap_put(&b, &a);
	wrap_put(&b, &f);
	wrap_put(&b, &g);
	wrap_put(&b, &z);
	rest = buf_look(&b);
	assert_int_equal(wrap_next(&rest, &out, &err), RC_OK);
	test_slice_is(out.name, "a.xml");
	assert_int_equal(out.kind, WRAP_MESSAGE);
	assert_int_equal(wrap_next(&rest, &out, &err), RC_OK);
	test_slice_is(out.name, "a.pdf\nb.pdf");
	assert_int_equal(out.kind, WRAP_FILES);
	assert_int_equal(wrap_next(&rest, &out, &err), RC_OK);
	assert_int_equal(out.kind, WRAP_FILE);
	assert_true(out.len == UINT64_C(1) << 33 && out.crc == 0xfedcba98);
	assert_int_equal(wrap_next(&rest, &out, &err), RC_OK);
	test_slice_is(out.body, "UNH");
	assert_int_equal(out.segments, 12);
	assert_int_equal(rest.len, 0);
	assert_int_equal(wrap_next(&rest, &out, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "part of a delivery: field 'kind' does not fit");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_every_field_of_a_filing_comes_back),
		T(test_every_field_of_a_receipt_and_a_leg_comes_back),
		T(test_a_leg_to_plan_again_comes_back_whole_or_not_at_all),
		T(test_claims_decoded_and_put_again_are_the_same_bytes),
		T(test_claims_cut_anywhere_are_refused),
		T(test_bytes_left_over_inside_a_claim_are_refused),
		T(test_an_unknown_kind_is_refused),
		T(test_a_text_longer_than_its_claim_is_refused),
		T(test_more_keys_than_there_is_room_for_are_refused),
		T(test_a_flag_that_is_neither_yes_nor_no_is_refused),
		T(test_a_name_over_its_ceiling_fails_the_buffer),
		T(test_a_file_that_goes_along_comes_back),
		T(test_parts_of_a_delivery_come_back_in_order),
	};

	return TESTS_RUN(tests);
}
