/*
 * tests/unit/test.h - what a cmocka test needs, in cmocka's order, and the
 * temporary folders and data files of the suite.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "src/base/rc.h"
#include "src/base/slice.h"

/* One row of the table in main(). */
#define T(name) cmocka_unit_test(name)
/* Run the table "tests" of this file; what main() returns. */
#define TESTS_RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

/* A new empty folder, 0700; the path lives until test_dir_gone(). */
char *test_dir(void);
/* Remove the folder with everything in it, and free the path. */
void test_dir_gone(char *path);
/* "tests/data/..." below the source tree, wherever make runs; to free(). */
char *test_path(const char *below_source);
/* The whole file; fails the test if it cannot be read. p is to free(). */
struct slice test_file(const char *below_source);
/* The slice holds this text. */
void test_slice_is(struct slice, const char *want);

#endif
