/*
 * Arenas: pieces that go in one call.
 */
#include "tests/unit/test.h"
#include "src/base/arena.h"
#include <stdalign.h>
#include <string.h>

static void
test_pieces_are_aligned_zeroed_and_apart(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *last = NULL;

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		char *p = arena_get(a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		assert_ptr_not_equal(p, last);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xa5, n);
		last = p;
	}
	arena_free(a);
}

static void
test_pieces_hold_their_bytes_over_many_chunks(void **state)
{
	struct arena *a = arena_new(16 << 20);
	unsigned char *p[500];

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		p[i] = arena_raw(a, i * 17 + 1);
		assert_non_null(p[i]);
		memset(p[i], (int)(i & 255), i * 17 + 1);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t k = 0; k < i * 17 + 1; k++)
			assert_int_equal(p[i][k], i & 255);
	arena_free(a);
}

static void
test_over_its_ceiling_it_fails_until_rewound(void **state)
{
	struct arena *a = arena_new(100);

	(void)state;
	assert_non_null(arena_get(a, 60));
	assert_null(arena_get(a, 41));
	assert_true(arena_failed(a));
	assert_null(arena_get(a, 1));
	assert_null(arena_str(a, SLICE_LIT("a")));
	assert_null(arena_dup(a, SLICE_LIT("a")).p);
	arena_rewind(a);
	assert_false(arena_failed(a));
	assert_int_equal(arena_used(a), 0);
	assert_non_null(arena_get(a, 100));
	assert_int_equal(arena_used(a), 100);
	arena_free(a);
}

static void
test_sizes_that_would_wrap_fail(void **state)
{
	struct arena *a = arena_new(SIZE_MAX);

	(void)state;
	assert_null(arena_get(a, SIZE_MAX));
	arena_rewind(a);
	assert_null(arena_raw(a, SIZE_MAX - 8));
	arena_rewind(a);
	assert_null(arena_str(a, (struct slice){ "a", SIZE_MAX }));
	arena_free(a);
}

static void
test_texts_are_copied_with_their_nul(void **state)
{
	struct arena *a = arena_new(1000);
	char bytes[] = "BGM+929";
	struct slice s;
	char *str;

	(void)state;
	s = arena_dup(a, (struct slice){ bytes, 3 });
	str = arena_str(a, slice_of(bytes));
	bytes[0] = '?';
	test_slice_is(s, "BGM");
	assert_int_equal(s.p[3], '\0');
	assert_string_equal(str, "BGM+929");
	assert_string_equal(arena_str(a, slice_of(NULL)), "");
	/* A piece behind a text is aligned again. */
	assert_int_equal((uintptr_t)arena_get(a, 8) % alignof(max_align_t), 0);
	arena_free(a);
}

static void
test_rewinding_gives_the_same_pages_zeroed_again(void **state)
{
	struct arena *a = arena_new(4 << 20);
	char *first = arena_get(a, 100);

	(void)state;
	for (int i = 0; i < 100; i++)
		memset(arena_raw(a, 10000), 'x', 10000);
	for (int round = 0; round < 5; round++) {
		arena_rewind(a);
		assert_ptr_equal(arena_get(a, 100), first);
		for (int i = 0; i < 100; i++) {
			char *p = arena_get(a, 10000);

			assert_non_null(p);
			assert_int_equal(p[0], 0);
			assert_int_equal(p[9999], 0);
			memset(p, 'y', 10000);
		}
	}
	arena_free(a);
}

/* The ceiling bounds what is kept, however the sizes change. */
static void
test_a_piece_of_the_whole_ceiling_fits_after_any_history(void **state)
{
	const size_t max = 4 << 20;
	struct arena *a = arena_new(max);

	(void)state;
	for (size_t n = 40000; n < max; n += 200000) {
		assert_non_null(arena_raw(a, n));
		arena_rewind(a);
	}
	assert_non_null(arena_raw(a, max));
	assert_null(arena_raw(a, 1));
	arena_rewind(a);
	assert_non_null(arena_raw(a, 10));
	arena_free(a);
	arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_pieces_are_aligned_zeroed_and_apart),
		T(test_pieces_hold_their_bytes_over_many_chunks),
		T(test_over_its_ceiling_it_fails_until_rewound),
		T(test_sizes_that_would_wrap_fail),
		T(test_texts_are_copied_with_their_nul),
		T(test_rewinding_gives_the_same_pages_zeroed_again),
		T(test_a_piece_of_the_whole_ceiling_fits_after_any_history),
	};

	return TESTS_RUN(tests);
}
