/*
 * tests/unit/test_mappings_load.c - the folder that is installed becomes plans.
 */
#include <stdlib.h>
#include "src/format/plan.h"
#include "tests/unit/test.h"
#include "tests/unit/texts.h"

static void
test_the_installed_formats_load_and_have_a_version(void **state)
{
	struct formats *all = NULL;
	struct complaints c;
	struct err err = { "" };
	char *dir = test_path("mappings");
	const struct plan *p;

	(void)state;
	complaints_init(&c);
	if (formats_load(&all, dir, &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		fail_msg("%s", err.text);
	}
	p = format_find(all, SLICE_LIT("cn-dec"));
	assert_non_null(p);
	assert_int_equal(p->syntax, SYN_XML);
	assert_non_null(format_find(all, SLICE_LIT("sw-xml")));
	assert_int_equal(strlen(formats_version(all)), 64);
	formats_free(all);
	complaints_clear(&c);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_installed_formats_load_and_have_a_version),
	};

	return TESTS_RUN(tests);
}
