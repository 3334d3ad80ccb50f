/*
 * The take: what a drop folder may hold, and what becomes of it.
 */
#include "tests/unit/folder_test.h"
#include <errno.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>
#include <utime.h>

static void
test_a_file_is_copied_moved_aside_and_forgotten(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct fsx_mark mark;
	struct digest sha;
	char hex[DIGEST_TEXT];
	struct slice s;
	struct err err;
	int fd;
	bool same;

	(void)state;
	bench_put(b, "in/a.edi", "abc");
	assert_string_equal(bench_scan(b), "a.edi,");
	assert_int_equal(
	    folder_copy(b->f, "a.edi", 100, NULL, &fd, &mark, &sha, &err),
	    RC_OK);
	assert_int_equal(mark.size, 3);
	assert_string_equal(digest_print(&sha, hex),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(fsx_memfd_map(fd, 100, &s, &err), RC_OK);
	test_slice_is(s, "abc");
	fsx_unmap(s);
	(void)close(fd);
	assert_true(bench_there(b, "in/a.edi"));
	assert_int_equal(
	    bench_aside(b->f, "a.edi", "ID1", &mark, &same, &err), RC_OK);
	assert_true(same);
	assert_false(bench_there(b, "in/a.edi"));
	bench_holds(b, "in/.taken/ID1", "abc");
	assert_string_equal(bench_scan(b), "");
	assert_int_equal(folder_forget(b->f, "ID1", "a.edi", &err), RC_OK);
	assert_false(bench_there(b, "in/.taken/ID1"));
	assert_int_equal(folder_forget(b->f, "ID1", "a.edi", &err), RC_OK);
	bench_free(b);
}

static void
test_an_empty_file_is_taken_as_it_is(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct fsx_mark mark;
	struct digest sha;
	struct slice s;
	struct err err;
	int fd;

	(void)state;
	bench_put(b, "in/empty", "");
	assert_string_equal(bench_scan(b), "empty,");
	assert_int_equal(
	    folder_copy(b->f, "empty", 100, NULL, &fd, &mark, &sha, &err),
	    RC_OK);
	assert_int_equal(fsx_memfd_map(fd, 100, &s, &err), RC_OK);
	assert_int_equal(s.len, 0);
	(void)close(fd);
	bench_free(b);
}

static void
test_what_is_no_plain_file_is_told_once_and_stays(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	assert_int_equal(symlink("/etc/passwd", bench_path(b, "in/link")), 0);
	assert_int_equal(mkfifo(bench_path(b, "in/pipe"), 0600), 0);
	assert_int_equal(mkdir(bench_path(b, "in/dir"), 0700), 0);
	bench_put(b, "in/two", "x");
	assert_int_equal(
	    link(bench_path(b, "in/two"), bench_path(b, "in/also")), 0);
	assert_string_equal(bench_scan(b), "");
	assert_non_null(strstr(b->said, "link: is a link, want a regular"));
	assert_non_null(strstr(b->said, "pipe: is a pipe, want a regular"));
	assert_non_null(strstr(b->said, "dir: is a folder, want a regular"));
	assert_non_null(strstr(b->said, "two: file has 2 names, want one"));
	assert_non_null(strstr(b->said, "also: file has 2 names, want one"));
	assert_string_equal(bench_scan(b), "");
	assert_string_equal(b->said, "");
	assert_true(bench_there(b, "in/link"));
	assert_int_equal(unlink(bench_path(b, "in/also")), 0);
	assert_string_equal(bench_scan(b), "two,");
	bench_free(b);
}

static void
test_a_device_is_not_opened(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	if (mknod(bench_path(b, "in/zero"), S_IFCHR | 0600, makedev(1, 5)) !=
	    0) {
		assert_int_not_equal(geteuid(), 0);
		bench_free(b);
		skip();
	}
	assert_string_equal(bench_scan(b), "");
	assert_string_equal(b->said, "zero: is a device, want a regular file;");
	bench_free(b);
}

static void
test_a_foreign_file_is_told_and_stays(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	bench_put(b, "in/a", "x");
	if (chown(bench_path(b, "in/a"), 65534, (gid_t)-1) != 0) {
		assert_int_not_equal(geteuid(), 0);
		bench_free(b);
		skip();
	}
	assert_string_equal(bench_scan(b), "");
	assert_string_equal(
	    b->said, "a: file belongs to user 65534, want user 0;");
	/* when the partner's folder is theirs, so are their files */
	assert_int_equal(chown(b->dir, 65534, (gid_t)-1), 0);
	folder_close(b->f);
	bench_open(b, FOLDER_TAKES);
	assert_string_equal(bench_scan(b), "a,");
	bench_free(b);
}

static void
test_names_with_control_bytes_and_large_files_are_told(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	b->conf.limit = 4;
	bench_put(b, "in/a\nb", "x");
	bench_put(b, "in/big", "12345");
	bench_put(b, "in/fits", "1234");
	assert_string_equal(bench_scan(b), "fits,");
	assert_non_null(
	    strstr(b->said, "a\nb: name holds control bytes, want text;"));
	assert_non_null(strstr(b->said, "big: file is 5 bytes, limit is 4;"));
	bench_free(b);
}

static void
test_temporary_names_are_left_without_a_word(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	bench_put(b, "in/a.edi.tmp", "x");
	bench_put(b, "in/.hidden", "x");
	bench_put(b, "in/b.part", "x");
	assert_string_equal(bench_scan(b), "");
	assert_string_equal(b->said, "");
	bench_free(b);
}

static void
test_the_oldest_file_comes_first_and_not_more_than_asked(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct folder_offer *o;
	struct err err;
	size_t n;
	bool more;

	(void)state;
	for (int i = 0; i < 12; i++) {
		char name[16];
		struct utimbuf t = { .modtime = 1000 - i };

		(void)snprintf(name, sizeof(name), "in/f%02d", i);
		bench_put(b, name, "x");
		assert_int_equal(utime(bench_path(b, name), &t), 0);
	}
	assert_int_equal(
	    folder_scan(b->f, 0, 10, &o, &n, &more, bench_refuse, b, &err),
	    RC_OK);
	assert_int_equal(n, 10);
	assert_true(more);
	assert_string_equal(o[0].name, "f11");
	assert_string_equal(o[9].name, "f02");
	folder_offers_free(o, n);
	bench_free(b);
}

/* What is copied, then what is done to it before it is moved aside. */
static bool
taken_after(struct bench *b, void (*deed)(struct bench *))
{
	struct fsx_mark mark;
	struct digest sha;
	struct err err;
	bool same;
	int fd;

	bench_put(b, "in/a", "first");
	assert_int_equal(
	    folder_copy(b->f, "a", 100, NULL, &fd, &mark, &sha, &err), RC_OK);
	(void)close(fd);
	deed(b);
	assert_int_equal(
	    bench_aside(b->f, "a", "ID1", &mark, &same, &err), RC_OK);
	return same;
}

static void
deed_replace(struct bench *b)
{
	bench_put(b, "other", "other");
	assert_int_equal(
	    rename(bench_path(b, "other"), bench_path(b, "in/a")), 0);
}

/* As many bytes in the same file: its time tells, were it written at once. */
static void
deed_write(struct bench *b)
{
	struct utimbuf t = { .modtime = 1000 };

	bench_put(b, "in/a", "later");
	assert_int_equal(utime(bench_path(b, "in/a"), &t), 0);
}

static void
deed_remove(struct bench *b)
{
	assert_int_equal(unlink(bench_path(b, "in/a")), 0);
}

static void
deed_link(struct bench *b)
{
	assert_int_equal(unlink(bench_path(b, "in/a")), 0);
	assert_int_equal(symlink("/etc/passwd", bench_path(b, "in/a")), 0);
}

static void
test_a_file_replaced_while_it_is_taken_is_put_back(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	assert_false(taken_after(b, deed_replace));
	bench_holds(b, "in/a", "other");
	assert_false(bench_there(b, "in/.taken/ID1"));
	assert_false(taken_after(b, deed_write));
	bench_holds(b, "in/a", "later");
	assert_false(taken_after(b, deed_link));
	assert_true(bench_there(b, "in/a"));
	assert_int_equal(unlink(bench_path(b, "in/a")), 0);
	assert_false(taken_after(b, deed_remove));
	assert_string_equal(bench_scan(b), "");
	bench_free(b);
}

static void
test_what_cannot_be_put_back_under_its_name_gets_another(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct err err;

	(void)state;
	bench_put(b, "in/.taken/ID7", "old");
	bench_put(b, "in/a", "new");
	assert_int_equal(folder_put_back(b->f, "ID7", "a", &err), RC_OK);
	bench_holds(b, "in/a", "new");
	bench_holds(b, "in/a.ID7", "old");
	assert_false(bench_there(b, "in/.taken/ID7"));
	assert_int_equal(folder_put_back(b->f, "ID7", "a", &err), RC_OK);
	bench_free(b);
}

static void
test_after_a_crash_what_stands_aside_is_known_again(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	enum folder_aside_is is;
	struct fsx_mark mark = { .ino = 1 };
	struct err err;

	(void)state;
	assert_int_equal(folder_is_aside(b->f, "ID1", &mark, &is, &err), RC_OK);
	assert_int_equal(is, ASIDE_GONE);
	bench_put(b, "in/.taken/ID1", "x");
	assert_int_equal(folder_is_aside(b->f, "ID1", &mark, &is, &err), RC_OK);
	assert_int_equal(is, ASIDE_OTHER);
	bench_free(b);
}

static void
test_a_file_that_is_gone_or_too_large_is_not_copied(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct fsx_mark mark;
	struct digest sha;
	struct err err;
	int fd;

	(void)state;
	assert_int_equal(
	    folder_copy(b->f, "a", 9, NULL, &fd, &mark, &sha, &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "open 'a': No such file or directory");
	bench_put(b, "in/a", "0123456789");
	assert_int_equal(
	    folder_copy(b->f, "a", 9, NULL, &fd, &mark, &sha, &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "file is 10 bytes, limit is 9");
	assert_int_equal(mkfifo(bench_path(b, "in/p"), 0600), 0);
	assert_int_equal(
	    folder_copy(b->f, "p", 9, NULL, &fd, &mark, &sha, &err),
	    RC_REFUSED);
	assert_string_equal(
	    err.text, "not a regular file but a pipe, want a regular file");
	assert_int_equal(
	    folder_copy(b->f, "../x", 9, NULL, &fd, &mark, &sha, &err),
	    RC_REFUSED);
	bench_free(b);
}

static void
test_a_marker_makes_a_file_whole_and_goes_with_it(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	char long_id[300] = "";
	struct fsx_mark mark;
	struct digest sha;
	struct err err;
	bool same;
	int fd;

	(void)state;
	b->conf.complete = COMPLETE_MARKER;
	bench_put(b, "in/a", "x");
	assert_string_equal(bench_scan(b), "");
	bench_put(b, "in/a.ok", "");
	assert_string_equal(bench_scan(b), "a,");
	assert_int_equal(
	    folder_copy(b->f, "a", 9, NULL, &fd, &mark, &sha, &err), RC_OK);
	(void)close(fd);
	/* The file cannot be moved, to no such name: its marker comes back. */
	memset(long_id, 'i', sizeof(long_id) - 1);
	assert_int_equal(
	    bench_aside(b->f, "a", long_id, &mark, &same, &err), RC_REFUSED);
	assert_non_null(strstr(err.text, "rename 'a' to"));
	assert_string_equal(bench_scan(b), "a,");
	assert_int_equal(
	    bench_aside(b->f, "a", "ID1", &mark, &same, &err), RC_OK);
	assert_true(same);
	assert_false(bench_there(b, "in/a.ok"));
	assert_int_equal(folder_put_back(b->f, "ID1", "a", &err), RC_OK);
	assert_true(bench_there(b, "in/a.ok"));
	assert_string_equal(bench_scan(b), "a,");
	assert_int_equal(
	    bench_aside(b->f, "a", "ID1", &mark, &same, &err), RC_OK);
	assert_int_equal(folder_forget(b->f, "ID1", "a.edi", &err), RC_OK);
	assert_false(bench_there(b, "in/.taken/ID1.m"));
	bench_free(b);
}

/* A crash between the marker's move and the file's. */
static void
test_a_marker_that_went_alone_comes_back(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct err err;

	(void)state;
	b->conf.complete = COMPLETE_MARKER;
	bench_put(b, "in/a", "x");
	bench_put(b, "in/.taken/ID1.m", "");
	assert_int_equal(folder_put_back(b->f, "ID1", "a", &err), RC_OK);
	assert_true(bench_there(b, "in/a.ok"));
	assert_string_equal(bench_scan(b), "a,");
	bench_free(b);
}

static void
client_take(struct bench *b, const char *id)
{
	struct fsx_mark mark;
	struct digest sha;
	struct err err = { "" };
	bool same;
	int fd;

	bench_put(b, "OutBox/I_A.zip", id);
	assert_string_equal(bench_scan(b), "I_A.zip,");
	assert_int_equal(
	    folder_copy(b->f, "I_A.zip", 99, NULL, &fd, &mark, &sha, &err),
	    RC_OK);
	(void)close(fd);
	assert_int_equal(
	    bench_aside(b->f, "I_A.zip", id, &mark, &same, &err), RC_OK);
	assert_true(same);
	assert_true(bench_there(b, ".taken"));
	for (unsigned int i = 0; i < 2; i++) /* a crash may ask again */
		assert_int_equal(
		    folder_forget(b->f, id, "I_A.zip", &err), RC_OK);
}

static void
test_what_a_filers_client_sent_stands_in_its_sent_box(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	(void)state;
	assert_non_null(b);
	b->dir = test_dir();
	b->conf = (struct conf_partner){ .name = "acme",
		.filer = true,
		.folder = b->dir,
		.layout = LAYOUT_IMPORT_CLIENT,
		.in = "OutBox",
		.out = "InBox",
		.sent = "SentBox",
		.refused = "FailBox",
		.limit = 8 };
	bench_open(b, FOLDER_TAKES);
	client_take(b, "ID1");
	bench_holds(b, "SentBox/I_A.zip", "ID1");
	client_take(b, "ID2"); /* the client may use a name again */
	bench_holds(b, "SentBox/I_A.zip", "ID1");
	bench_holds(b, "SentBox/I_A.zip.ID2", "ID2");
	/* too large, whole: told, and put where its user looks */
	bench_put(b, "OutBox/I_B.xml", "123456789");
	assert_string_equal(bench_scan(b), "");
	assert_string_equal(b->said, "I_B.xml: file is 9 bytes, limit is 8;");
	bench_holds(b, "FailBox/I_B.xml", "123456789");
	bench_put(b, "OutBox/I_B.xml", "1234567890");
	assert_string_equal(bench_scan(b), "");
	bench_holds(b, "FailBox/I_B.xml.2", "1234567890");
	/* what is no file of its user is left where it is */
	assert_int_equal(symlink("/etc/passwd", bench_path(b, "OutBox/l")), 0);
	assert_string_equal(bench_scan(b), "");
	assert_true(bench_there(b, "OutBox/l"));
	bench_free(b);
}

static void
test_a_file_that_is_too_large_is_not_moved_under_its_writer(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct utimbuf t = { .modtime = 1000 };

	(void)state;
	folder_close(b->f);
	b->conf.complete = COMPLETE_QUIET;
	b->conf.quiet_ms = 60000;
	b->conf.refused = "no";
	b->conf.limit = 2;
	bench_open(b, FOLDER_TAKES);
	bench_put(b, "in/a", "abc");
	assert_int_equal(utime(bench_path(b, "in/a"), &t), 0);
	assert_string_equal(bench_scan_at(b, 1059999), "");
	assert_true(bench_there(b, "in/a"));
	assert_string_equal(bench_scan_at(b, 1060000), "");
	assert_false(bench_there(b, "in/a"));
	bench_holds(b, "no/a", "abc");
	bench_free(b);
}

static void
test_a_quiet_file_is_whole_after_its_time(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct utimbuf t = { .modtime = 1000 };

	(void)state;
	b->conf.complete = COMPLETE_QUIET;
	b->conf.quiet_ms = 60000;
	bench_put(b, "in/a", "x");
	assert_int_equal(utime(bench_path(b, "in/a"), &t), 0);
	assert_string_equal(bench_scan_at(b, 1059999), "");
	assert_string_equal(bench_scan_at(b, 1060000), "a,");
	bench_free(b);
}

static void
test_a_file_open_for_writing_waits_for_its_close(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	int fd;

	(void)state;
	b->conf.complete = COMPLETE_CLOSE;
	bench_put(b, "in/a", "x");
	fd = open(bench_path(b, "in/a"), O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_string_equal(bench_scan(b), "");
	(void)close(fd);
	assert_string_equal(bench_scan(b), "a,");
	/* another's file, by a user without leases */
	assert_int_equal(chmod(bench_path(b, "in"), 0755), 0);
	assert_int_equal(chmod(bench_path(b, "in/a"), 0644), 0);
	if (geteuid() == 0 && seteuid(65534) == 0) {
		assert_string_equal(bench_scan(b), "");
		assert_non_null(strstr(b->said, "a: cannot tell whether"));
		assert_int_equal(seteuid(0), 0);
	}
	bench_free(b);
}

static void
test_a_side_folder_that_is_not_ours_alone_is_refused(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct folder *f = NULL;
	struct err err;

	(void)state;
	assert_int_equal(chmod(bench_path(b, "in/.taken"), 0770), 0);
	assert_int_equal(
	    folder_open(&f, &b->conf, FOLDER_TAKES, &err), RC_REFUSED);
	assert_non_null(
	    strstr(err.text, "folder '.taken' has mode 0770, want 0700"));
	assert_int_equal(rmdir(bench_path(b, "in/.taken")), 0);
	assert_int_equal(symlink("/tmp", bench_path(b, "in/.taken")), 0);
	assert_int_equal(
	    folder_open(&f, &b->conf, FOLDER_TAKES, &err), RC_REFUSED);
	assert_null(f);
	bench_free(b);
}

static void
test_an_import_client_has_its_side_folder_beside_its_box(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	folder_close(b->f);
	b->conf.layout = LAYOUT_IMPORT_CLIENT;
	b->conf.in = "InBox";
	bench_open(b, FOLDER_TAKES);
	assert_true(bench_there(b, ".taken"));
	assert_false(bench_there(b, "InBox/.taken"));
	bench_put(b, "InBox/a.xml", "x");
	assert_string_equal(bench_scan(b), "a.xml,");
	bench_free(b);
}

static void
test_a_new_file_is_told_by_the_watch(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	char events[4096];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_true(folder_watch(b->f, fd) >= 0);
	assert_true(read(fd, events, sizeof(events)) < 0 && errno == EAGAIN);
	bench_put(b, "x", "x");
	assert_int_equal(rename(bench_path(b, "x"), bench_path(b, "in/x")), 0);
	assert_true(read(fd, events, sizeof(events)) > 0);
	(void)close(fd);
	bench_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_is_copied_moved_aside_and_forgotten),
		T(test_an_empty_file_is_taken_as_it_is),
		T(test_what_is_no_plain_file_is_told_once_and_stays),
		T(test_a_device_is_not_opened),
		T(test_a_foreign_file_is_told_and_stays),
		T(test_names_with_control_bytes_and_large_files_are_told),
		T(test_temporary_names_are_left_without_a_word),
		T(test_the_oldest_file_comes_first_and_not_more_than_asked),
		T(test_a_file_replaced_while_it_is_taken_is_put_back),
		T(test_what_cannot_be_put_back_under_its_name_gets_another),
		T(test_after_a_crash_what_stands_aside_is_known_again),
		T(test_a_file_that_is_gone_or_too_large_is_not_copied),
		T(test_a_marker_makes_a_file_whole_and_goes_with_it),
		T(test_a_marker_that_went_alone_comes_back),
		T(test_what_a_filers_client_sent_stands_in_its_sent_box),
		T(test_a_file_that_is_too_large_is_not_moved_under_its_writer),
		T(test_a_quiet_file_is_whole_after_its_time),
		T(test_a_file_open_for_writing_waits_for_its_close),
		T(test_a_side_folder_that_is_not_ours_alone_is_refused),
		T(test_an_import_client_has_its_side_folder_beside_its_box),
		T(test_a_new_file_is_told_by_the_watch),
	};

	return TESTS_RUN(tests);
}
