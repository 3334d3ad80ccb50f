/*
 * Messages that were written go into one envelope.
 */
#include "tests/unit/test.h"
#include "src/envelope/zip.h"
#include "src/wrap/wrap.h"

#define MEM (1u << 20)

static const struct wrap_head head = { .sender = "ENTREPOT",
	.receiver = "acme'+1",
	.number = 42,
	.year = 2024,
	.month = 6,
	.day = 15,
	.hour = 10,
	.minute = 30,
	.second = 5 };

static struct wrap_body *
bodies(struct wrap_body *b, unsigned int n)
{
	for (unsigned int i = 0; i + 1 < n; i++)
		b[i].next = &b[i + 1];
	return b;
}

static void
test_messages_share_an_interchange_each_with_its_own_reference(void **state)
{
	struct wrap_body b[] = {
		{ .body = SLICE_LIT("UNH+1+CUSRES:D:96B:UN'BGM+962+A'"),
		    .segments = 2 },
		{ .body = SLICE_LIT("UNH+1+CUSRES:D:96B:UN'BGM+962+B'X'"),
		    .segments = 3 },
	};
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, MEM);
	assert_int_equal(
	    wrap_interchange(bodies(b, 2), &head, &out, &err), RC_OK);
	test_slice_is(buf_look(&out),
	    "UNB+UNOC:3+ENTREPOT+acme?'?+1+240615:1030+42'\n"
	    "UNH+1+CUSRES:D:96B:UN'BGM+962+A'UNT+3+1'\n"
	    "UNH+2+CUSRES:D:96B:UN'BGM+962+B'X'UNT+4+2'\n"
	    "UNZ+2+42'\n");
	buf_clear(&out);
}

static void
test_an_interchange_of_test_filings_says_so(void **state)
{
	struct wrap_body b = { .body = SLICE_LIT("UNH+1+X'BGM+962+A'"),
		.segments = 2 };
	struct wrap_head trial = head;
	struct buf out;
	struct err err;

	(void)state;
	trial.test = true;
	buf_init(&out, MEM);
	assert_int_equal(wrap_interchange(&b, &trial, &out, &err), RC_OK);
	assert_non_null(strstr(buf_cstr(&out), ":1030+42++++++1'\n"));
	buf_clear(&out);
}

static void
test_text_beyond_ascii_is_said_in_version_4_without_repetition(void **state)
{
	struct wrap_body b = { .body = SLICE_LIT("UNH+1+X'FTX+放行'"),
		.segments = 2 };
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, MEM);
	assert_int_equal(wrap_interchange(&b, &head, &out, &err), RC_OK);
	assert_memory_equal(out.p, "UNA:+.? '\nUNB+UNOW:4+ENTREPOT+", 30);
	assert_non_null(strstr(buf_cstr(&out), "+20240615:1030+42'\n"));
	buf_clear(&out);
}

static void
test_what_is_no_message_has_no_interchange(void **state)
{
	struct wrap_body b = { .name = SLICE_LIT("a.xml"),
		.body = SLICE_LIT("<a/>") };
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, MEM);
	assert_int_equal(wrap_interchange(&b, &head, &out, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "'a.xml' is no message, want UNH in front");
	assert_int_equal(wrap_interchange(NULL, &head, &out, &err), RC_REFUSED);
	buf_clear(&out);
}

static void
test_no_entry_of_a_package_hides_another(void **state)
{
	static const char *const want[] = { "I_A_t-1.xml", "I_A_t-1-2.xml",
		"plain", "plain-2", "I_A_t-1-3.xml" };
	struct wrap_body b[] = {
		{ .name = SLICE_LIT("I_A_t-1.xml"), .body = SLICE_LIT("1") },
		{ .name = SLICE_LIT("I_A_t-1.xml"), .body = SLICE_LIT("2") },
		{ .name = SLICE_LIT("plain"), .body = SLICE_LIT("3") },
		{ .name = SLICE_LIT("plain"), .body = SLICE_LIT("4") },
		{ .name = SLICE_LIT("I_A_t-1.xml"), .body = SLICE_LIT("5") },
	};
	struct arena *mem = arena_new(MEM);
	struct zip_entry *e;
	struct findings found;
	struct buf out, again;
	struct err err;
	unsigned int i = 0;

	(void)state;
	buf_init(&out, MEM);
	buf_init(&again, MEM);
	assert_int_equal(wrap_zip(bodies(b, 5), &head, mem, &out, &err), RC_OK);
	assert_int_equal(wrap_zip(b, &head, mem, &again, &err), RC_OK);
	assert_true(slice_eq(buf_look(&out), buf_look(&again)));
	findings_init(&found, mem);
	assert_int_equal(
	    zip_read(buf_look(&out), &e, mem, &found, &err), RC_OK);
	for (; e != NULL; e = e->next, i++) {
		test_slice_is(e->name, want[i]);
		assert_int_equal(e->body.p[0], '1' + (int)i);
	}
	assert_int_equal(i, 5);
	assert_int_equal(wrap_zip(NULL, &head, mem, &out, &err), RC_REFUSED);
	assert_string_equal(err.text, "nothing to wrap");
	buf_clear(&out);
	buf_clear(&again);
	arena_free(mem);
}

/* Tried again it would be as large: by its bodies, or by heads alone. */
static void
test_a_zip_over_the_ceiling_is_refused(void **state)
{
	static char noise[60000];
	static struct zip_entry many[1000];
	struct zip_entry one = { .name = SLICE_LIT("m.bin"),
		.body = { noise, sizeof(noise) } };
	uint32_t seed = 1;
	struct err err;
	struct buf z;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++) {
		seed = seed * 1664525 + 1013904223;
		noise[i] = (char)(unsigned char)(seed >> 24);
	}
	for (size_t i = 0; i < 1000; i++)
		many[i] = (struct zip_entry){ .name = SLICE_LIT("absent.pdf"),
			.absent = true,
			.next = i < 999 ? &many[i + 1] : NULL };
	buf_init(&z, 40000);
	assert_int_equal(zip_write(&one, 0x0021, 0, &z, &err), RC_REFUSED);
	assert_string_equal(err.text, "a zip over 40000 bytes");
	buf_reset(&z);
	assert_int_equal(zip_write(many, 0x0021, 0, &z, &err), RC_REFUSED);
	assert_string_equal(err.text, "a zip over 40000 bytes");
	buf_clear(&z);
	/* wherever the ceiling is met, in a head or behind it */
	for (size_t i = 0; i < 1000; i++) {
		many[i].absent = false;
		many[i].body = SLICE_LIT("<a/>");
	}
	for (size_t most = 30000; most < 30100; most++) {
		buf_init(&z, most);
		assert_int_equal(
		    zip_write(many, 0x0021, 0, &z, &err), RC_REFUSED);
		buf_clear(&z);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_messages_share_an_interchange_each_with_its_own_reference),
		T(test_an_interchange_of_test_filings_says_so),
		T(test_text_beyond_ascii_is_said_in_version_4_without_repetition),
		T(test_what_is_no_message_has_no_interchange),
		T(test_no_entry_of_a_package_hides_another),
		T(test_a_zip_over_the_ceiling_is_refused),
	};

	return TESTS_RUN(tests);
}
