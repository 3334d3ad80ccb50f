/*
 * tests/unit/test_convert_walls.c - what convert needs of the file system it
 * has taken before it gives up its files.
 */
#include "tests/unit/test.h"
#include <sys/wait.h>
#include <unistd.h>
#include "src/sandbox/sandbox.h"
#include "src/envelope/zip.h"
#include "src/syntax/text.h"

/* The first text in it comes when the role sees no file any more. */
static void
gb18030_read(void)
{
	static const enum encoding gb = ENC_GB18030;
	struct sandbox s = { .npaths = 0 };
	struct sandbox_truth truth;
	struct arena *mem = arena_new(1 << 20);
	struct findings found;
	struct text t;
	struct err err;

	findings_init(&found, mem);
	if (encodings_ready(&err) != RC_OK ||
	    sandbox_enter(&s, &truth, &err) != RC_OK)
		_exit(2);
	if (text_decode(&t, slice_of("\xd6\xd0\xce\xc4"), &gb, 1, slice_of(""),
		mem, &found, &err) != RC_OK)
		_exit(3);
	_exit(slice_eq(t.utf8, slice_of("中文")) ? 0 : 4);
}

static void
test_text_in_gb18030_is_read_when_the_files_are_given_up(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		gb18030_read();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
package_read(void)
{
	struct zip_entry one = { .name = SLICE_LIT("a.xml"),
		.body = SLICE_LIT("<a/>") };
	struct sandbox s = { .npaths = 0 };
	struct sandbox_truth truth;
	struct arena *mem = arena_new(4 << 20);
	struct zip_entry *got = NULL;
	struct findings found;
	struct buf z;
	struct err err;

	findings_init(&found, mem);
	buf_init(&z, 1 << 20);
	if (zip_write(&one, 0x0021, 0, &z, &err) != RC_OK ||
	    zip_ready(&err) != RC_OK ||
	    sandbox_enter(&s, &truth, &err) != RC_OK)
		_exit(2);
	if (zip_read(buf_look(&z), &got, mem, &found, &err) != RC_OK)
		_exit(3);
	_exit(got != NULL && slice_is(got->body, "<a/>") ? 0 : 4);
}

static void
test_a_package_is_opened_when_the_files_are_given_up(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		package_read();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_text_in_gb18030_is_read_when_the_files_are_given_up),
		cmocka_unit_test(
		    test_a_package_is_opened_when_the_files_are_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
