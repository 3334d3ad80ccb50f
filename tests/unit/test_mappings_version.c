/*
 * A mappings folder's version: the same for the same files, another as soon as
 * one name or one byte is another.
 */
#include "tests/unit/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/format/version.h"
#include "tests/unit/texts.h"

static const char *const files[][2] = {
	{ "formats/a.fmt", "one\n" },
	{ "formats/b.fmt", "two\n" },
	{ "codes/a.tsv", "three\n" },
	{ "directory/d.dir", "" },
};

#define NFILES (sizeof(files) / sizeof(files[0]))

static void
version_of(const char *dir, char out[DIGEST_TEXT])
{
	struct err err = { "" };

	if (mappings_version(dir, NULL, NULL, out, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_int_equal(strlen(out), DIGEST_TEXT - 1);
	assert_int_equal(strspn(out, "0123456789abcdef"), DIGEST_TEXT - 1);
}

static char *
folder_make(bool backwards)
{
	char *dir = test_dir();

	for (size_t i = 0; i < NFILES; i++) {
		size_t k = backwards ? NFILES - 1 - i : i;

		text_write(dir, files[k][0], files[k][1]);
	}
	return dir;
}

static void
file_gone(const char *dir, const char *name)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

static void
test_the_version_does_not_depend_on_the_order_files_were_made_in(void **state)
{
	char *a = folder_make(false), *b = folder_make(true);
	char x[DIGEST_TEXT], y[DIGEST_TEXT];

	(void)state;
	version_of(a, x);
	version_of(b, y);
	assert_string_equal(x, y);
	test_dir_gone(a);
	test_dir_gone(b);
}

/*
 * The same bytes by hand:
 *   printf 'codes/a.tsv 6\nthree\ndirectory/d.dir 0\nformats/a.fmt 4\none\n'
 *   'formats/b.fmt 4\ntwo\n' | sha256sum
 */
static void
test_the_version_is_the_sha256_that_sha256sum_gives(void **state)
{
	char *dir = folder_make(false);
	char x[DIGEST_TEXT];

	(void)state;
	version_of(dir, x);
	assert_string_equal(x,
	    "af20e409a505fd29ee4868777781dba7ea5a6f9866f2fe2aff1ae72fa1a609dc");
	test_dir_gone(dir);
}

static void
test_a_byte_a_name_and_a_place_each_make_another_version(void **state)
{
	static const struct {
		const char *without, *name, *text;
	} changes[] = {
		{ "formats/a.fmt", "formats/a.fmt", "onE\n" },
		{ "formats/a.fmt", "formats/c.fmt", "one\n" },
		{ "formats/a.fmt", "rules/a.fmt", "one\n" },
		/* bytes moved over the border of two files */
		{ "formats/a.fmt", "formats/a.fmt", "one\nt" },
		{ "directory/d.dir", "tables/README", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char *dir = folder_make(false);
		char before[DIGEST_TEXT], after[DIGEST_TEXT];

		version_of(dir, before);
		file_gone(dir, changes[i].without);
		text_write(dir, changes[i].name, changes[i].text);
		version_of(dir, after);
		assert_string_not_equal(before, after);
		test_dir_gone(dir);
	}
}

static void
test_an_editors_hidden_file_and_the_cases_are_no_part_of_it(void **state)
{
	char *dir = folder_make(false);
	char before[DIGEST_TEXT], after[DIGEST_TEXT];

	(void)state;
	version_of(dir, before);
	text_write(dir, "formats/.a.fmt.swp", "x");
	text_write(dir, "cases/x", "x");
	version_of(dir, after);
	assert_string_equal(before, after);
	test_dir_gone(dir);
}

static void
test_a_folder_without_mappings_has_no_version(void **state)
{
	char *dir = test_dir(), out[DIGEST_TEXT] = "kept";
	struct err err = { "" };
	char want[400];

	(void)state;
	assert_int_equal(
	    mappings_version(dir, NULL, NULL, out, &err), RC_REFUSED);
	(void)snprintf(
	    want, sizeof(want), "there are no mappings in '%s'", dir);
	assert_string_equal(err.text, want);
	assert_string_equal(out, "kept");
	test_dir_gone(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_version_does_not_depend_on_the_order_files_were_made_in),
		T(test_the_version_is_the_sha256_that_sha256sum_gives),
		T(test_a_byte_a_name_and_a_place_each_make_another_version),
		T(test_an_editors_hidden_file_and_the_cases_are_no_part_of_it),
		T(test_a_folder_without_mappings_has_no_version),
	};

	return TESTS_RUN(tests);
}
