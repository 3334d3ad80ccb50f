/*
 * The four outcomes and their sentence.
 */
#include "tests/unit/test.h"
#include <errno.h>
#include <string.h>

static void
test_each_outcome_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(rc_name(RC_OK), "ok");
	assert_string_equal(rc_name(RC_LATER), "later");
	assert_string_equal(rc_name(RC_REFUSED), "refused");
	assert_string_equal(rc_name(RC_BROKEN), "broken");
}

static void
test_a_sentence_is_cut_at_the_end_of_its_array(void **state)
{
	struct err err;
	char long_word[sizeof(err.text) + 10];

	(void)state;
	memset(long_word, 'x', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_int_equal(
	    err_set(&err, RC_REFUSED, "%s", long_word), RC_REFUSED);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(
	    err_prefix(&err, RC_BROKEN, "file '%s'", "a"), RC_BROKEN);
	assert_memory_equal(err.text, "file 'a': xxx", 13);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void
test_a_sentence_may_quote_the_one_before(void **state)
{
	struct err err;

	(void)state;
	(void)err_set(&err, RC_REFUSED, "no such file");
	(void)err_set(&err, RC_REFUSED, "conf: %s", err.text);
	assert_string_equal(err.text, "conf: no such file");
	(void)err_prefix(&err, RC_REFUSED, "line %d", 4);
	assert_string_equal(err.text, "line 4: conf: no such file");
}

static void
test_errors_that_pass_are_later_and_others_the_word_given(void **state)
{
	static const int passing[] = { ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM,
		EAGAIN, EINTR, EROFS };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
		errno = passing[i];
		assert_int_equal(err_errno(&err, RC_BROKEN, "write"), RC_LATER);
		assert_int_equal(errno, passing[i]);
	}
	errno = ENOENT;
	assert_int_equal(err_errno(&err, RC_REFUSED, "open 'a'"), RC_REFUSED);
	assert_string_equal(err.text, "open 'a': No such file or directory");
	errno = EIO;
	assert_int_equal(err_errno(&err, RC_BROKEN, "sync"), RC_BROKEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_each_outcome_has_its_word),
		T(test_a_sentence_is_cut_at_the_end_of_its_array),
		T(test_a_sentence_may_quote_the_one_before),
		T(test_errors_that_pass_are_later_and_others_the_word_given),
	};

	return TESTS_RUN(tests);
}
