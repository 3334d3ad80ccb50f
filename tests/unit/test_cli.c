/*
 * The verbs' table and its dispatcher.
 */
#include "tests/unit/test.h"
#include "src/cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Run with standard output and error caught; *said is to free(). */
static int
run_caught(int argc, char **argv, char **said)
{
	FILE *f = tmpfile();
	int out = dup(1);
	int err = dup(2);
	int status;
	long n;

	assert_non_null(f);
	(void)fflush(NULL);
	(void)dup2(fileno(f), 1);
	(void)dup2(fileno(f), 2);
	status = cli_run(argc, argv);
	(void)fflush(NULL);
	(void)dup2(out, 1);
	(void)dup2(err, 2);
	(void)close(out);
	(void)close(err);
	n = lseek(fileno(f), 0, SEEK_END);
	*said = calloc(1, (size_t)n + 1);
	assert_non_null(*said);
	assert_int_equal(pread(fileno(f), *said, (size_t)n, 0), n);
	(void)fclose(f);
	return status;
}

static void
test_an_unknown_verb_gets_one_sentence_and_exit_2(void **state)
{
	char *argv[] = { "entrepot", "fly", NULL };
	char *said;

	(void)state;
	assert_int_equal(run_caught(2, argv, &said), 2);
	assert_string_equal(
	    said, "entrepot: no verb 'fly', 'entrepot help' lists them\n");
	free(said);
}

static void
test_no_verb_at_all_shows_the_usage_and_exit_2(void **state)
{
	char *argv[] = { "entrepot", NULL };
	char *said;

	(void)state;
	assert_int_equal(run_caught(1, argv, &said), 2);
	assert_memory_equal(said, "usage: entrepot VERB", 20);
	free(said);
}

static void
test_version_names_the_program_and_its_number(void **state)
{
	char *argv[] = { "entrepot", "--version", NULL };
	char *said;

	(void)state;
	assert_int_equal(run_caught(2, argv, &said), 0);
	assert_string_equal(said, "entrepot " PACKAGE_VERSION "\n");
	free(said);
}

static void
test_help_has_a_line_for_every_verb(void **state)
{
	char *argv[] = { "entrepot", "help", NULL };
	const struct verb *v;
	char *said;

	(void)state;
	assert_int_equal(run_caught(2, argv, &said), 0);
	for (unsigned int i = 0; (v = verb_at(i)) != NULL; i++) {
		assert_non_null(strstr(said, v->name));
		assert_non_null(strstr(said, v->what));
	}
	free(said);
}

static void
test_the_verbs_stand_in_order_and_once(void **state)
{
	(void)state;
	for (unsigned int i = 1; verb_at(i) != NULL; i++)
		assert_true(strcmp(verb_at(i - 1)->name, verb_at(i)->name) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_an_unknown_verb_gets_one_sentence_and_exit_2),
		T(test_no_verb_at_all_shows_the_usage_and_exit_2),
		T(test_version_names_the_program_and_its_number),
		T(test_help_has_a_line_for_every_verb),
		T(test_the_verbs_stand_in_order_and_once),
	};

	return TESTS_RUN(tests);
}
