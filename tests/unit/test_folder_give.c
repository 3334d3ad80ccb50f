/*
 * Publishing: staged, renamed without replacing, picked up.
 */
#include "tests/unit/folder_test.h"
#include <sys/inotify.h>

static void
test_a_file_appears_whole_and_its_staged_name_is_gone(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	struct stat st;
	struct err err;
	bool taken, there, picked;

	(void)state;
	assert_int_equal(
	    bench_stage(b->f, "ID1", slice_of("body"), &err), RC_OK);
	bench_holds(b, "out/.entrepot/ID1", "body");
	assert_int_equal(folder_staged(b->f, "ID1", &there, &err), RC_OK);
	assert_true(there);
	assert_int_equal(
	    bench_publish(b->f, "ID1", "a.xml", &taken, &err), RC_OK);
	assert_false(taken);
	bench_holds(b, "out/a.xml", "body");
	assert_int_equal(stat(bench_path(b, "out/a.xml"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(folder_staged(b->f, "ID1", &there, &err), RC_OK);
	assert_false(there);
	assert_int_equal(folder_picked(b->f, "a.xml", &picked, &err), RC_OK);
	assert_false(picked);
	assert_int_equal(unlink(bench_path(b, "out/a.xml")), 0);
	assert_int_equal(folder_picked(b->f, "a.xml", &picked, &err), RC_OK);
	assert_true(picked);
	bench_free(b);
}

static void
test_a_name_that_is_taken_is_never_replaced(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	struct err err;
	bool taken;

	(void)state;
	bench_put(b, "out/a", "theirs");
	assert_int_equal(
	    bench_stage(b->f, "ID1", slice_of("ours"), &err), RC_OK);
	assert_int_equal(
	    bench_publish(b->f, "ID1", "a", &taken, &err), RC_REFUSED);
	assert_true(taken);
	assert_string_equal(err.text, "another file stands under the name 'a'");
	bench_holds(b, "out/a", "theirs");
	bench_holds(b, "out/.entrepot/ID1", "ours");
	bench_free(b);
}

static void
give(struct folder_give *g, const char *id, const char *name, const char *body)
{
	*g = (struct folder_give){
		.id = id, .name = name, .body = slice_of(body)
	};
}

/* A name that is taken, and one renamed before a crash, stand among them. */
static void
test_files_that_go_together_have_each_its_own_outcome(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	struct folder_give g[4];
	struct err err;

	(void)state;
	bench_put(b, "out/b", "theirs");
	give(&g[0], "ID1", "a", "one");
	give(&g[1], "ID2", "b", "two");
	assert_int_equal(mkdir(bench_path(b, "out/.entrepot/dir"), 0700), 0);
	give(&g[2], "dir", "c", "three");
	give(&g[3], "ID4", "d", "four");
	assert_int_equal(folder_stage(b->f, g, 4, &err), RC_OK);
	assert_int_equal(g[0].rc, RC_OK);
	assert_int_equal(g[1].rc, RC_OK);
	assert_int_equal(g[2].rc, RC_REFUSED);
	assert_non_null(strstr(g[2].why.text, "'dir'"));
	assert_int_equal(g[3].rc, RC_OK);
	bench_holds(b, "out/.entrepot/ID4", "four");
	give(&g[2], "ID3", "c", "");
	assert_int_equal(folder_publish(b->f, g, 4, &err), RC_OK);
	assert_int_equal(g[0].rc, RC_OK);
	assert_int_equal(g[1].rc, RC_REFUSED);
	assert_true(g[1].taken_name);
	assert_int_equal(g[2].rc, RC_OK); /* it is not staged any more */
	assert_int_equal(g[3].rc, RC_OK);
	bench_holds(b, "out/a", "one");
	bench_holds(b, "out/b", "theirs");
	bench_holds(b, "out/d", "four");
	bench_holds(b, "out/.entrepot/ID2", "two");
	bench_free(b);
}

static void
test_a_name_is_one_name_and_not_hidden(void **state)
{
	static const char *const wrong[] = { "", ".", "..", "../x", "a/b",
		".hidden" };
	struct bench *b = bench_new(FOLDER_GIVES);
	struct err err;
	bool taken;

	(void)state;
	assert_int_equal(bench_stage(b->f, "ID1", slice_of("x"), &err), RC_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    bench_publish(b->f, "ID1", wrong[i], &taken, &err),
		    RC_REFUSED);
		assert_false(taken);
	}
	assert_true(bench_there(b, "out/.entrepot/ID1"));
	bench_free(b);
}

static void
test_what_a_crash_left_staged_is_replaced_or_removed(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	struct err err;
	char **names;
	size_t n;

	(void)state;
	bench_put(b, "out/.entrepot/ID1", "half a bo");
	assert_int_equal(
	    bench_stage(b->f, "ID1", slice_of("body"), &err), RC_OK);
	bench_holds(b, "out/.entrepot/ID1", "body");
	assert_int_equal(bench_stage(b->f, "ID2", slice_of(""), &err), RC_OK);
	assert_int_equal(folder_stages(b->f, &names, &n, &err), RC_OK);
	assert_int_equal(n, 2);
	assert_string_equal(names[1], "ID2");
	free(names);
	assert_int_equal(folder_unstage(b->f, "ID2", &err), RC_OK);
	assert_int_equal(folder_unstage(b->f, "ID2", &err), RC_OK);
	assert_false(bench_there(b, "out/.entrepot/ID2"));
	bench_free(b);
}

static void
test_a_link_laid_where_we_stage_is_not_followed(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	struct err err;

	(void)state;
	bench_put(b, "victim", "untouched");
	assert_int_equal(symlink(bench_path(b, "victim"),
			     bench_path(b, "out/.entrepot/ID1")),
	    0);
	assert_int_equal(
	    bench_stage(b->f, "ID1", slice_of("body"), &err), RC_OK);
	bench_holds(b, "victim", "untouched");
	bench_holds(b, "out/.entrepot/ID1", "body");
	bench_free(b);
}

static void
test_an_out_folder_that_is_a_link_is_refused(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	struct folder *f = NULL;
	struct err err;

	(void)state;
	assert_int_equal(rmdir(bench_path(b, "out/.entrepot")), 0);
	assert_int_equal(rmdir(bench_path(b, "out")), 0);
	assert_int_equal(symlink("/tmp", bench_path(b, "out")), 0);
	assert_int_equal(
	    folder_open(&f, &b->conf, FOLDER_GIVES, &err), RC_REFUSED);
	assert_null(f);
	bench_free(b);
}

static void
test_an_import_client_gets_nothing_but_files_in_its_box(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	struct err err;
	bool taken;

	(void)state;
	folder_close(b->f);
	b->conf.layout = LAYOUT_IMPORT_CLIENT;
	b->conf.out = "OutBox";
	bench_open(b, FOLDER_GIVES);
	assert_int_equal(
	    bench_stage(b->f, "ID1", slice_of("body"), &err), RC_OK);
	assert_true(bench_there(b, ".entrepot/ID1"));
	assert_false(bench_there(b, "OutBox/.entrepot"));
	assert_int_equal(
	    bench_publish(b->f, "ID1", "I_1.zip", &taken, &err), RC_OK);
	bench_holds(b, "OutBox/I_1.zip", "body");
	bench_free(b);
}

static void
test_a_pick_up_is_told_by_the_watch(void **state)
{
	struct bench *b = bench_new(FOLDER_GIVES);
	char events[4096];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	(void)state;
	bench_put(b, "out/a", "x");
	assert_true(fd >= 0);
	assert_true(folder_watch(b->f, fd) >= 0);
	assert_true(read(fd, events, sizeof(events)) < 0);
	assert_int_equal(unlink(bench_path(b, "out/a")), 0);
	assert_true(read(fd, events, sizeof(events)) > 0);
	(void)close(fd);
	bench_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_appears_whole_and_its_staged_name_is_gone),
		T(test_a_name_that_is_taken_is_never_replaced),
		T(test_files_that_go_together_have_each_its_own_outcome),
		T(test_a_name_is_one_name_and_not_hidden),
		T(test_what_a_crash_left_staged_is_replaced_or_removed),
		T(test_a_link_laid_where_we_stage_is_not_followed),
		T(test_an_out_folder_that_is_a_link_is_refused),
		T(test_an_import_client_gets_nothing_but_files_in_its_box),
		T(test_a_pick_up_is_told_by_the_watch),
	};

	return TESTS_RUN(tests);
}
