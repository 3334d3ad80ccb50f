/*
 * tests/unit/test_folder_crowd.c - a drop folder with more names than one look
 * sees: walked in slices, told of in bounds.
 */
#include "tests/unit/folder_test.h"
#include <time.h>

/* More names than one look: each look goes on where the last one ended. */
static void
test_a_folder_full_of_names_is_walked_in_slices(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	unsigned int found = 0, looks = 0;
	struct folder_offer *o;
	struct err err;
	char name[32];
	size_t n;
	bool more;

	(void)state;
	for (unsigned int i = 0; i < FOLDER_SLICE + 3000; i++) {
		(void)snprintf(name, sizeof(name),
		    i % 1000 == 0 ? "in/whole%u" : "in/n%u.tmp", i);
		assert_int_equal(
		    mknod(bench_path(b, name), S_IFREG | 0600, 0), 0);
	}
	do {
		assert_int_equal(folder_scan(b->f, 0, 1000, &o, &n, &more,
				     bench_refuse, b, &err),
		    RC_OK);
		assert_int_equal(more, folder_midway(b->f));
		found += (unsigned int)n;
		looks++;
		folder_offers_free(o, n);
	} while (folder_midway(b->f));
	assert_int_equal(looks, 2);
	assert_int_equal(found, (FOLDER_SLICE + 3000 + 999) / 1000);
	assert_true(folder_walked(b->f) >= FOLDER_SLICE + 3000);
	bench_free(b);
}

/* Too young in the first look, old enough in the second. */
static void
test_what_the_first_look_left_is_not_forgotten_by_the_second(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	int64_t now = (int64_t)time(NULL) * 1000;
	struct folder_offer *o;
	struct err err;
	char name[32];
	size_t n, found = 0;
	bool more;

	(void)state;
	b->conf.complete = COMPLETE_QUIET;
	b->conf.quiet_ms = 3600000;
	for (unsigned int i = 0; i < FOLDER_SLICE + 100; i++) {
		(void)snprintf(name, sizeof(name), "in/n%u", i);
		assert_int_equal(
		    mknod(bench_path(b, name), S_IFREG | 0600, 0), 0);
	}
	for (int look = 0; look < 2; look++) {
		assert_int_equal(
		    folder_scan(b->f, now + look * INT64_C(7200000), 100000, &o,
			&n, &more, bench_refuse, b, &err),
		    RC_OK);
		assert_true(more);
		found += n;
		folder_offers_free(o, n);
	}
	assert_false(folder_midway(b->f));
	assert_in_range(found, 100, 103); /* with three of its own */
	bench_free(b);
}

struct refusals {
	unsigned int n;
	char last[128];
};

static void
refusal_count(void *arg, const char *name, const char *why)
{
	struct refusals *r = arg;

	r->n++;
	(void)snprintf(r->last, sizeof(r->last), "%.20s: %.90s", name, why);
}

/* Of names that can never be taken a thousand are told, and how many more. */
static void
test_a_folder_full_of_links_is_told_of_in_bounds(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);
	struct refusals told = { 0 };
	struct folder_offer *o;
	struct err err;
	char name[32];
	size_t n;
	bool more;

	(void)state;
	for (unsigned int i = 0; i < 1500; i++) {
		(void)snprintf(name, sizeof(name), "in/l%u", i);
		assert_int_equal(symlink("nothing", bench_path(b, name)), 0);
	}
	for (int walk = 0; walk < 3; walk++) {
		assert_int_equal(folder_scan(b->f, 0, 10, &o, &n, &more,
				     refusal_count, &told, &err),
		    RC_OK);
		assert_int_equal(n, 0);
		folder_offers_free(o, n);
		/* not again at the next walks */
		assert_int_equal(told.n, 1024 + 1);
	}
	assert_string_equal(told.last,
	    "...: and 476 more like those before, that can never be taken");
	bench_free(b);
}

#define REFUSED_MANY 100500

struct refused_seen {
	unsigned int n, calls;
	unsigned int later; /* so many calls until one cannot be told */
	unsigned char of[REFUSED_MANY];
};

static enum rc
refused_see(void *arg, const char *name, uint64_t mark, uint64_t size)
{
	struct refused_seen *r = arg;
	unsigned int i = (unsigned int)strtoul(name + 1, NULL, 10);

	assert_int_equal(size, 0);
	assert_true(mark != 0 && i < REFUSED_MANY);
	if (++r->calls == r->later)
		return RC_LATER;
	r->n++;
	r->of[i]++;
	return RC_OK;
}

/* One walk, in as many calls as it takes. */
static unsigned int
refused_walk(struct bench *b, struct refused_seen *r)
{
	unsigned int calls = 0;
	struct err err;

	do {
		unsigned int before = r->n;
		bool stops = r->later > r->calls;
		enum rc rc = folder_refused(b->f, refused_see, r, &err);

		calls++;
		assert_true(rc == RC_OK ||
			    (rc == RC_LATER && stops && r->calls == r->later));
		assert_true(r->n - before <= REFUSED_SLICE + 1);
	} while (folder_refused_midway(b->f));
	return calls;
}

/* Each of more than anybody counts is told, and none a second time. */
static void
test_a_folder_full_of_refused_files_is_told_whole_and_once(void **state)
{
	struct refused_seen *r = calloc(1, sizeof(*r));
	struct bench *b = bench_new(FOLDER_TAKES);
	char name[32];

	(void)state;
	assert_non_null(r);
	folder_close(b->f);
	b->conf.agency = true;
	b->conf.refused = "no";
	bench_open(b, FOLDER_GIVES);
	for (unsigned int i = 0; i < REFUSED_MANY; i++) {
		(void)snprintf(name, sizeof(name), "no/f%u", i);
		assert_int_equal(
		    mknod(bench_path(b, name), S_IFREG | 0600, 0), 0);
	}
	/* one cannot be told: the next call begins with it */
	r->later = 5000;
	assert_true(refused_walk(b, r) > REFUSED_MANY / REFUSED_SLICE);
	assert_int_equal(r->n, REFUSED_MANY);
	for (unsigned int i = 0; i < REFUSED_MANY; i++)
		assert_int_equal(r->of[i], 1);
	(void)refused_walk(b, r);
	assert_int_equal(r->n, REFUSED_MANY);
	bench_free(b);
	free(r);
}

struct marked {
	const char *name;
	uint64_t mark;
};

static enum rc
mark_see(void *arg, const char *name, uint64_t mark, uint64_t size)
{
	struct marked *m = arg;

	(void)size;
	if (strcmp(name, m->name) == 0)
		m->mark = mark;
	return RC_OK;
}

/* Its mark as the walk tells it, and its end moved at once behind that. */
static bool
is_same(struct bench *b, const char *name, int64_t told, int64_t end)
{
	char path[64];
	struct digest sum;
	struct err err;
	struct marked m = { name, 0 };
	uint64_t size;
	bool same;
	int fd;

	(void)snprintf(path, sizeof(path), "no/%s", name);
	fd = open(bench_path(b, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, told), 0);
	assert_int_equal(folder_refused(b->f, mark_see, &m, &err), RC_OK);
	assert_true(m.mark != 0);
	if (end != told)
		assert_int_equal(ftruncate(fd, end), 0);
	(void)close(fd);
	assert_int_equal(
	    folder_refused_sum(b->f, name, m.mark, &same, &size, &sum, &err),
	    RC_OK);
	assert_true(!same || size == (uint64_t)told);
	return same;
}

/* Nobody has us read what is longer than anything that we sent. */
static void
test_a_refused_file_is_read_within_bounds(void **state)
{
	struct bench *b = bench_new(FOLDER_TAKES);

	(void)state;
	folder_close(b->f);
	b->conf.agency = true;
	b->conf.refused = "no";
	bench_open(b, FOLDER_GIVES);
	assert_true(is_same(b, "a", 9, 9));
	assert_false(is_same(b, "b", 9, 10));
	assert_false(is_same(b, "c", 9, INT64_C(1) << 40));
	assert_false(is_same(b, "d", INT64_C(1) << 33, INT64_C(1) << 33));
	bench_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_folder_full_of_names_is_walked_in_slices),
		T(test_what_the_first_look_left_is_not_forgotten_by_the_second),
		T(test_a_folder_full_of_links_is_told_of_in_bounds),
		T(test_a_folder_full_of_refused_files_is_told_whole_and_once),
		T(test_a_refused_file_is_read_within_bounds),
	};

	return TESTS_RUN(tests);
}
