/*
 * Durable file steps: nothing below a folder leads out of it, nothing hangs,
 * nothing is replaced.
 */
#include "tests/unit/test.h"
#include "src/base/fsx.h"
#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct place {
	char *path;
	int fd;
	struct err err;
};

static int
place_make(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->path = test_dir();
	p->fd = fsx_opendir(p->path, &p->err);
	assert_true(p->fd >= 0);
	*state = p;
	return 0;
}

static int
place_gone(void **state)
{
	struct place *p = *state;

	(void)close(p->fd);
	test_dir_gone(p->path);
	free(p);
	return 0;
}

static void
file_put(struct place *p, const char *name, const char *text)
{
	int fd = fsx_create(p->fd, name, 0600, &p->err);

	assert_true(fd >= 0);
	assert_int_equal(fsx_write(fd, text, strlen(text), &p->err), RC_OK);
	assert_int_equal(fsx_sync(fd, &p->err), RC_OK);
	(void)close(fd);
}

static void
file_holds(struct place *p, const char *name, const char *text)
{
	char got[100] = "";
	int fd = fsx_open(p->fd, name, &p->err);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof(got) - 1), strlen(text));
	assert_string_equal(got, text);
	(void)close(fd);
}

static void
test_what_is_written_is_there(void **state)
{
	struct place *p = *state;

	file_put(p, "a", "BGM+929'");
	assert_int_equal(fsx_syncdir(p->fd, &p->err), RC_OK);
	file_holds(p, "a", "BGM+929'");
}

static void
test_a_folder_that_is_missing_is_told_by_name(void **state)
{
	struct place *p = *state;

	assert_int_equal(fsx_opendir("/nowhere/at/all", &p->err), -1);
	assert_string_equal(
	    p->err.text, "folder '/nowhere/at/all': No such file or directory");
	file_put(p, "a", "x");
	assert_int_equal(fsx_subdir(p->fd, "a", 0700, &p->err), -1);
	assert_string_equal(p->err.text, "folder 'a': Not a directory");
}

static void
test_a_folder_is_made_once_with_its_mode(void **state)
{
	struct place *p = *state;
	mode_t old = umask(077);
	struct stat st;
	int fd = fsx_subdir(p->fd, "out", 0770, &p->err);

	assert_true(fd >= 0);
	(void)umask(old);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0770);
	(void)close(fd);
	fd = fsx_subdir(p->fd, "out", 0700, &p->err);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0770);
	(void)close(fd);
}

static void
test_a_link_below_a_folder_is_not_followed(void **state)
{
	struct place *p = *state;

	file_put(p, "real", "x");
	assert_int_equal(symlinkat("real", p->fd, "link"), 0);
	assert_int_equal(symlinkat("/etc", p->fd, "etc"), 0);
	assert_int_equal(fsx_open(p->fd, "link", &p->err), -1);
	assert_int_equal(errno, ELOOP);
	assert_string_equal(
	    p->err.text, "open 'link': Too many levels of symbolic links");
	assert_int_equal(fsx_open_rw(p->fd, "link", &p->err), -1);
	assert_int_equal(fsx_open(p->fd, "etc/passwd", &p->err), -1);
	assert_int_equal(fsx_subdir(p->fd, "etc", 0700, &p->err), -1);
	assert_int_equal(
	    fsx_create(p->fd, "etc/entrepot-x", 0600, &p->err), -1);
	assert_int_equal(fsx_create(p->fd, "link", 0600, &p->err), -1);
}

static void
test_a_name_does_not_lead_out_of_its_folder(void **state)
{
	static const char *const names[] = { "../x", "/etc/passwd", "a/../../x",
		"..", "" };
	struct place *p = *state;
	struct fsx_mark m;
	bool there;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(fsx_open(p->fd, names[i], &p->err), -1);
		assert_int_equal(
		    fsx_create(p->fd, names[i], 0600, &p->err), -1);
		assert_int_equal(
		    fsx_subdir(p->fd, names[i], 0700, &p->err), -1);
		assert_int_equal(
		    fsx_unlink(p->fd, names[i], &p->err), RC_REFUSED);
		assert_int_equal(
		    fsx_mark_name(p->fd, names[i], &m, &there, &p->err),
		    RC_REFUSED);
		assert_true(there);
	}
	file_put(p, "a", "x");
	assert_int_equal(
	    fsx_rename(p->fd, "a", p->fd, "../b", &p->err), RC_REFUSED);
	assert_string_equal(p->err.text,
	    "name '../b': want one name in the folder, not a path");
}

static void
test_a_pipe_in_a_folder_does_not_hang_us(void **state)
{
	struct place *p = *state;
	int fd;

	assert_int_equal(mkfifoat(p->fd, "pipe", 0600), 0);
	fd = fsx_open(p->fd, "pipe", &p->err);
	assert_true(fd >= 0);
	assert_int_equal(fsx_plain(fd, (uid_t)-1, &p->err), RC_REFUSED);
	assert_string_equal(
	    p->err.text, "not a regular file but a pipe, want a regular file");
	(void)close(fd);
	assert_int_equal(fsx_plain(p->fd, (uid_t)-1, &p->err), RC_REFUSED);
}

static void
test_a_plain_file_has_one_name_and_the_right_owner(void **state)
{
	struct place *p = *state;
	int fd;

	file_put(p, "a", "x");
	fd = fsx_open(p->fd, "a", &p->err);
	assert_int_equal(fsx_plain(fd, geteuid(), &p->err), RC_OK);
	assert_int_equal(fsx_plain(fd, (uid_t)-1, &p->err), RC_OK);
	assert_int_equal(fsx_plain(fd, geteuid() + 1, &p->err), RC_REFUSED);
	assert_non_null(strstr(p->err.text, "file belongs to user"));
	assert_int_equal(linkat(p->fd, "a", p->fd, "b", 0), 0);
	assert_int_equal(fsx_plain(fd, geteuid(), &p->err), RC_REFUSED);
	assert_string_equal(p->err.text, "file has 2 names, want one");
	(void)close(fd);
}

static void
test_creating_and_renaming_replace_nothing(void **state)
{
	struct place *p = *state;
	int out = fsx_subdir(p->fd, "out", 0700, &p->err);

	file_put(p, "a", "new");
	file_put(p, "b", "old");
	assert_int_equal(fsx_create(p->fd, "a", 0600, &p->err), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(
	    fsx_rename(p->fd, "a", p->fd, "b", &p->err), RC_REFUSED);
	assert_int_equal(errno, EEXIST);
	assert_string_equal(p->err.text, "rename 'a' to 'b': File exists");
	file_holds(p, "a", "new");
	file_holds(p, "b", "old");
	assert_int_equal(fsx_rename(p->fd, "a", out, "a", &p->err), RC_OK);
	assert_int_equal(fsx_open(p->fd, "a", &p->err), -1);
	assert_int_equal(fsx_rename(p->fd, "a", out, "c", &p->err), RC_REFUSED);
	assert_int_equal(errno, ENOENT);
	(void)close(out);
}

static void
test_bytes_go_to_their_place_and_come_back_exactly(void **state)
{
	struct place *p = *state;
	char got[8];
	int fd = fsx_create(p->fd, "a", 0600, &p->err);

	assert_int_equal(fsx_write(fd, "12345678", 8, &p->err), RC_OK);
	assert_int_equal(fsx_pwrite(fd, "ab", 2, 3, &p->err), RC_OK);
	assert_int_equal(fsx_pread(fd, got, 8, 0, &p->err), RC_OK);
	assert_memory_equal(got, "123ab678", 8);
	assert_int_equal(fsx_pread(fd, got, 5, 4, &p->err), RC_REFUSED);
	assert_string_equal(
	    p->err.text, "file ends at byte 8, want 5 bytes from 4");
	assert_int_equal(
	    fsx_pread(fd, got, 1, UINT64_MAX, &p->err), RC_REFUSED);
	assert_int_equal(
	    fsx_pwrite(fd, got, 1, UINT64_MAX, &p->err), RC_REFUSED);
	assert_int_equal(fsx_cut(fd, UINT64_MAX, &p->err), RC_REFUSED);
	assert_int_equal(fsx_cut(fd, 4, &p->err), RC_OK);
	(void)close(fd);
	file_holds(p, "a", "123a");
	fd = fsx_open_rw(p->fd, "a", &p->err);
	assert_int_equal(fsx_pwrite(fd, "Z", 1, 0, &p->err), RC_OK);
	(void)close(fd);
	file_holds(p, "a", "Z23a");
}

static void
test_a_full_disk_is_later_and_a_bad_descriptor_is_broken(void **state)
{
	struct place *p = *state;
	int full = open("/dev/full", O_RDWR | O_CLOEXEC);

	assert_true(full >= 0);
	assert_int_equal(fsx_write(full, "x", 1, &p->err), RC_LATER);
	assert_string_equal(p->err.text, "write: No space left on device");
	assert_int_equal(fsx_write(-1, "x", 1, &p->err), RC_BROKEN);
	assert_int_equal(fsx_pwrite(-1, "x", 1, 0, &p->err), RC_BROKEN);
	(void)close(full);
}

static void
test_a_sync_that_failed_is_never_later(void **state)
{
	struct place *p = *state;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_int_equal(fsx_sync(fd, &p->err), RC_BROKEN);
	assert_string_equal(p->err.text, "sync file: Invalid argument");
	assert_int_equal(fsx_syncdir(fd, &p->err), RC_BROKEN);
	assert_int_equal(fsx_sync(-1, &p->err), RC_BROKEN);
	(void)close(fd);
}

/* What the kernel says of syncs that wait together; 0: the truth. */
static int submit_error, told_error;

int
io_submit(io_context_t q, long n, struct iocb **call)
{
	long did = submit_error != 0 ? -1 : syscall(SYS_io_submit, q, n, call);

	return did >= 0 ? (int)did : submit_error != 0 ? -submit_error : -errno;
}

int
io_getevents(io_context_t q, long least, long n, struct io_event *e,
    struct timespec *wait)
{
	long got = syscall(SYS_io_getevents, q, least, n, e, wait);

	if (got > 0 && told_error != 0) {
		e[0].res = (unsigned long)-(long)told_error;
		told_error = 0;
	}
	return got < 0 ? -errno : (int)got;
}

#define MANY (FSX_SYNCS * 2 + 7)

/* How many failed. */
static unsigned int
many_sync(struct place *p, size_t n)
{
	struct fsx_syncing s[MANY];
	struct err err[MANY];
	unsigned int failed = 0;
	char name[32];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "m%zu", i);
		s[i] = (struct fsx_syncing){ .rc = RC_LATER, .err = &err[i] };
		s[i].fd = fsx_create(p->fd, name, 0600, &p->err);
		assert_true(s[i].fd >= 0);
		assert_int_equal(fsx_write(s[i].fd, "x", 1, &p->err), RC_OK);
		assert_int_equal(fsx_unlink(p->fd, name, &p->err), RC_OK);
	}
	fsx_sync_all(s, n);
	for (size_t i = 0; i < n; i++) {
		if (s[i].rc != RC_OK) {
			assert_int_equal(s[i].rc, RC_BROKEN);
			assert_string_equal(
			    err[i].text, "sync file: Input/output error");
			failed++;
		}
		(void)close(s[i].fd);
	}
	return failed;
}

static void
test_many_are_synced_together_and_each_is_told(void **state)
{
	struct place *p = *state;

	assert_int_equal(many_sync(p, 0), 0);
	assert_int_equal(many_sync(p, 1), 0);
	assert_int_equal(many_sync(p, MANY), 0);
	told_error = EIO;
	assert_int_equal(many_sync(p, MANY), 1);
	assert_int_equal(told_error, 0);
	submit_error = ENOSYS; /* one by one */
	assert_int_equal(many_sync(p, MANY), 0);
	submit_error = 0;
}

static void
test_one_that_cannot_be_synced_leaves_the_others_alone(void **state)
{
	struct place *p = *state;
	struct fsx_syncing s[3];
	struct err err[3];

	for (int i = 0; i < 3; i++)
		s[i] = (struct fsx_syncing){ .rc = RC_LATER, .err = &err[i] };
	s[0].fd = fsx_create(p->fd, "a", 0600, &p->err);
	s[1].fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	s[2].fd = fsx_create(p->fd, "c", 0600, &p->err);
	fsx_sync_all(s, 3);
	assert_int_equal(s[0].rc, RC_OK);
	assert_int_equal(s[1].rc, RC_BROKEN);
	assert_string_equal(err[1].text, "sync file: Invalid argument");
	assert_int_equal(s[2].rc, RC_OK);
	s[2].folder = s[1].folder = true;
	(void)close(s[2].fd);
	s[2].fd = dup(p->fd);
	fsx_sync_all(s, 3);
	assert_int_equal(s[0].rc, RC_OK);
	assert_int_equal(s[1].rc, RC_BROKEN);
	assert_string_equal(err[1].text, "sync folder: Invalid argument");
	assert_int_equal(s[2].rc, RC_OK);
	for (int i = 0; i < 3; i++)
		(void)close(s[i].fd);
}

static void
test_removing_a_name_that_is_not_there_is_refused(void **state)
{
	struct place *p = *state;

	file_put(p, "a", "x");
	assert_int_equal(fsx_unlink(p->fd, "a", &p->err), RC_OK);
	assert_int_equal(fsx_unlink(p->fd, "a", &p->err), RC_REFUSED);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(
	    p->err.text, "remove 'a': No such file or directory");
}

static void
test_a_mark_knows_its_file_again_and_no_other(void **state)
{
	struct place *p = *state;
	struct fsx_mark a, b, n;
	bool there = false;
	int fd;

	file_put(p, "a", "x");
	file_put(p, "b", "x");
	fd = fsx_open_rw(p->fd, "a", &p->err);
	assert_int_equal(fsx_mark_fd(fd, &a, &p->err), RC_OK);
	assert_int_equal(fsx_mark_name(p->fd, "a", &n, &there, &p->err), RC_OK);
	assert_true(there);
	assert_true(fsx_mark_same(&a, &n));
	assert_int_equal(fsx_mark_name(p->fd, "b", &b, &there, &p->err), RC_OK);
	assert_false(fsx_mark_same(&a, &b));
	assert_int_equal(fsx_pwrite(fd, "yy", 2, 0, &p->err), RC_OK);
	assert_int_equal(fsx_mark_fd(fd, &n, &p->err), RC_OK);
	assert_false(fsx_mark_same(&a, &n));
	(void)close(fd);
}

static void
test_a_mark_of_a_link_is_the_links_own_and_of_nothing_is_told(void **state)
{
	struct place *p = *state;
	struct fsx_mark real, link;
	bool there = true;

	file_put(p, "real", "x");
	assert_int_equal(symlinkat("real", p->fd, "link"), 0);
	assert_int_equal(
	    fsx_mark_name(p->fd, "real", &real, &there, &p->err), RC_OK);
	assert_int_equal(
	    fsx_mark_name(p->fd, "link", &link, &there, &p->err), RC_OK);
	assert_false(fsx_mark_same(&real, &link));
	assert_int_equal(
	    fsx_mark_name(p->fd, "none", &link, &there, &p->err), RC_REFUSED);
	assert_false(there);
}

static void
test_a_list_is_sorted_and_says_when_names_were_left(void **state)
{
	static const char *const want[] = { "10", "2", "B", "a", "\xff" };
	struct place *p = *state;
	char **names;
	size_t n;
	bool more;

	for (int i = 4; i >= 0; i--)
		file_put(p, want[i], "x");
	for (int round = 0; round < 2; round++) {
		assert_int_equal(
		    fsx_list(p->fd, 5, &names, &n, &more, &p->err), RC_OK);
		assert_int_equal(n, 5);
		assert_false(more);
		for (size_t i = 0; i < n; i++)
			assert_string_equal(names[i], want[i]);
		free(names);
	}
	assert_int_equal(fsx_list(p->fd, 4, &names, &n, &more, &p->err), RC_OK);
	assert_int_equal(n, 4);
	assert_true(more);
	free(names);
	assert_int_equal(fsx_list(p->fd, 0, &names, &n, &more, &p->err), RC_OK);
	assert_int_equal(n, 0);
	assert_true(more);
	free(names);
}

static void
test_an_empty_folder_and_no_folder_are_told_apart(void **state)
{
	struct place *p = *state;
	char **names = NULL;
	size_t n = 42;
	bool more;
	int fd;

	assert_int_equal(
	    fsx_list(p->fd, SIZE_MAX, &names, &n, &more, &p->err), RC_OK);
	assert_int_equal(n, 0);
	assert_false(more);
	free(names);
	assert_int_equal(
	    fsx_list(-1, 5, &names, &n, &more, &p->err), RC_BROKEN);
	file_put(p, "a", "x");
	fd = fsx_open(p->fd, "a", &p->err);
	assert_int_equal(
	    fsx_list(fd, 5, &names, &n, &more, &p->err), RC_REFUSED);
	assert_string_equal(p->err.text, "list folder: Not a directory");
	(void)close(fd);
}

static void
test_sealed_bytes_cross_and_can_not_be_changed(void **state)
{
	struct place *p = *state;
	struct slice s;
	int fd = fsx_memfd("body", SLICE_LIT("<a/>"), &p->err);

	assert_true(fd >= 0);
	assert_int_equal(fsx_memfd_map(fd, 4, &s, &p->err), RC_OK);
	test_slice_is(s, "<a/>");
	fsx_unmap(s);
	assert_int_equal(pwrite(fd, "b", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(fsx_memfd_map(fd, 3, &s, &p->err), RC_REFUSED);
	assert_string_equal(p->err.text, "memfd is 4 bytes, limit is 3");
	(void)close(fd);
	fd = fsx_memfd("empty", slice_of(NULL), &p->err);
	assert_int_equal(fsx_memfd_map(fd, 0, &s, &p->err), RC_OK);
	assert_int_equal(s.len, 0);
	fsx_unmap(s);
	(void)close(fd);
}

static void
test_a_descriptor_that_is_not_sealed_is_refused(void **state)
{
	static const int partial[] = { 0, F_SEAL_SHRINK | F_SEAL_GROW,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
		F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL };
	struct place *p = *state;
	struct slice s;
	int fd;

	for (size_t i = 0; i < sizeof(partial) / sizeof(partial[0]); i++) {
		fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		assert_int_equal(write(fd, "x", 1), 1);
		assert_int_equal(fcntl(fd, F_ADD_SEALS, partial[i]), 0);
		assert_int_equal(
		    fsx_memfd_map(fd, 10, &s, &p->err), RC_REFUSED);
		assert_non_null(strstr(p->err.text, "memfd has seals"));
		(void)close(fd);
	}
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsx_memfd_map(fd, 10, &s, &p->err), RC_REFUSED);
	assert_string_equal(
	    p->err.text, "descriptor is not a memfd, want a sealed memfd");
	(void)close(fd);
	assert_int_equal(fsx_memfd_map(-1, 10, &s, &p->err), RC_BROKEN);
}

#define F(name) cmocka_unit_test_setup_teardown(name, place_make, place_gone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		F(test_what_is_written_is_there),
		F(test_a_folder_that_is_missing_is_told_by_name),
		F(test_a_folder_is_made_once_with_its_mode),
		F(test_a_link_below_a_folder_is_not_followed),
		F(test_a_name_does_not_lead_out_of_its_folder),
		F(test_a_pipe_in_a_folder_does_not_hang_us),
		F(test_a_plain_file_has_one_name_and_the_right_owner),
		F(test_creating_and_renaming_replace_nothing),
		F(test_bytes_go_to_their_place_and_come_back_exactly),
		F(test_a_full_disk_is_later_and_a_bad_descriptor_is_broken),
		F(test_a_sync_that_failed_is_never_later),
		F(test_many_are_synced_together_and_each_is_told),
		F(test_one_that_cannot_be_synced_leaves_the_others_alone),
		F(test_removing_a_name_that_is_not_there_is_refused),
		F(test_a_mark_knows_its_file_again_and_no_other),
		F(test_a_mark_of_a_link_is_the_links_own_and_of_nothing_is_told),
		F(test_a_list_is_sorted_and_says_when_names_were_left),
		F(test_an_empty_folder_and_no_folder_are_told_apart),
		F(test_sealed_bytes_cross_and_can_not_be_changed),
		F(test_a_descriptor_that_is_not_sealed_is_refused),
	};

	return TESTS_RUN(tests);
}
