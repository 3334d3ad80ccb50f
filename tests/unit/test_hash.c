/*
 * SHA-256, against the vectors of FIPS 180-4.
 */
#include "tests/unit/test.h"
#include "src/base/hash.h"
#include <stdlib.h>
#include <string.h>

static const char abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char nothing[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char million_a[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static void
test_digests_are_those_of_the_standard(void **state)
{
	struct digest d;
	struct err err;
	char text[DIGEST_TEXT];

	(void)state;
	assert_int_equal(hash_of(SLICE_LIT("abc"), &d, &err), RC_OK);
	assert_string_equal(digest_print(&d, text), abc);
	assert_int_equal(hash_of(slice_of(NULL), &d, &err), RC_OK);
	assert_string_equal(digest_print(&d, text), nothing);
}

static void
test_pieces_give_the_same_digest_as_the_whole(void **state)
{
	struct hash *h = hash_new();
	struct err err;
	struct digest d;
	char text[DIGEST_TEXT];
	char block[1000];

	(void)state;
	assert_non_null(h);
	memset(block, 'a', sizeof(block));
	for (int round = 0; round < 2; round++) {
		hash_start(h);
		hash_add(h, NULL, 0);
		for (int i = 0; i < 1000; i++) {
			hash_add(h, block, 1);
			hash_add(h, block, 999);
		}
		assert_int_equal(hash_end(h, &d, &err), RC_OK);
		assert_string_equal(digest_print(&d, text), million_a);
	}
	hash_free(h);
	hash_free(NULL);
}

static void
test_a_hash_that_ended_must_be_started_again(void **state)
{
	struct hash *h = hash_new();
	struct err err;
	struct digest d;

	(void)state;
	assert_int_equal(hash_end(h, &d, &err), RC_OK);
	hash_add(h, "a", 1);
	assert_int_equal(hash_end(h, &d, &err), RC_LATER);
	hash_free(h);
}

static void
test_only_64_hexadecimal_digits_are_a_digest(void **state)
{
	static const char upper[] = "BA7816BF8F01CFEA414140DE5DAE2223"
				    "B00361A396177A9CB410FF61F20015AD";
	struct digest a, b;
	char text[DIGEST_TEXT];

	(void)state;
	assert_true(digest_parse(slice_of(abc), &a));
	assert_string_equal(digest_print(&a, text), abc);
	assert_true(digest_parse(slice_of(upper), &b));
	assert_true(digest_eq(&a, &b));
	b.b[31] ^= 1;
	assert_false(digest_eq(&a, &b));
	assert_false(digest_parse(slice_sub(slice_of(abc), 0, 63), &b));
	memcpy(text, abc, sizeof(text));
	text[10] = 'g';
	assert_false(digest_parse(slice_of(text), &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_digests_are_those_of_the_standard),
		T(test_pieces_give_the_same_digest_as_the_whole),
		T(test_a_hash_that_ended_must_be_started_again),
		T(test_only_64_hexadecimal_digits_are_a_digest),
	};

	return TESTS_RUN(tests);
}
