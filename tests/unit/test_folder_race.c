/*
 * The race of DESIGN's take: a file is replaced again and again while it is
 * taken. The other side swaps its files (RENAME_EXCHANGE), so that it knows of
 * each version whether it came back; all the others must have been taken, each
 * once, none mixed of two.
 */
#include "tests/unit/folder_test.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define TRIES    2000
#define VERSIONS 400000
#define BYTES    4096

enum fate { FATE_NONE, FATE_PUT, FATE_BACK, FATE_TAKEN, FATE_TWICE };

struct race {
	struct bench *b;
	atomic_bool stop, ended;
	unsigned char fate[VERSIONS];
	unsigned int put, back;
};

/* BYTES times the number: "  1234 ..." */
static void
version_write(struct bench *b, unsigned int v)
{
	char text[BYTES + 9];

	for (unsigned int i = 0; i < BYTES; i += 8)
		(void)snprintf(text + i, 9, "%8u", v);
	bench_put(b, "w", text);
}

static unsigned int
version_of(struct slice s)
{
	unsigned int v;

	assert_int_equal(s.len, BYTES);
	assert_int_equal(sscanf(s.p, "%8u", &v), 1);
	for (size_t i = 8; i < BYTES; i += 8)
		if (memcmp(s.p, s.p + i, 8) != 0)
			fail_msg("version %u is mixed with another", v);
	assert_true(v < VERSIONS);
	return v;
}

/* What the swap brought back to us was not taken, and never will be. */
static void
version_back(struct race *r)
{
	char text[BYTES + 1];
	FILE *f = fopen(bench_path(r->b, "w"), "r");
	unsigned int v;

	assert_non_null(f);
	assert_int_equal(fread(text, 1, BYTES, f), BYTES);
	(void)fclose(f);
	v = version_of((struct slice){ text, BYTES });
	if (r->fate[v] != FATE_PUT)
		fail_msg("version %u came back, but was taken", v);
	r->fate[v] = FATE_BACK;
	r->back++;
}

static void *
writer(void *arg)
{
	struct race *r = arg;

	for (unsigned int v = 1; v < VERSIONS && !r->stop; v++) {
		char from[4096], to[4096];

		(void)snprintf(from, sizeof(from), "%s/w", r->b->dir);
		(void)snprintf(to, sizeof(to), "%s/in/a", r->b->dir);
		version_write(r->b, v);
		r->fate[v] = FATE_PUT;
		r->put++;
		for (;;) {
			if (renameat2(AT_FDCWD, from, AT_FDCWD, to,
				RENAME_EXCHANGE) == 0) {
				version_back(r);
				break;
			}
			if (renameat2(AT_FDCWD, from, AT_FDCWD, to,
				RENAME_NOREPLACE) == 0)
				break;
		}
	}
	r->ended = true;
	return NULL;
}

/* Take what is offered; the fate is written when it is accepted. */
static unsigned int
take_all(struct race *r, unsigned int *id, unsigned int *replaced)
{
	struct folder_offer *o;
	struct err err;
	size_t n;
	bool more;

	assert_int_equal(folder_scan(r->b->f, 0, 10, &o, &n, &more,
			     bench_refuse, r->b, &err),
	    RC_OK);
	for (size_t i = 0; i < n; i++) {
		struct fsx_mark mark;
		struct digest sha;
		struct slice s;
		char name[32];
		bool same;
		int fd;

		if (folder_copy(r->b->f, o[i].name, 1 << 20, NULL, &fd, &mark,
			&sha, &err) != RC_OK)
			continue;
		(void)snprintf(name, sizeof(name), "ID%u", (*id)++);
		assert_int_equal(
		    bench_aside(r->b->f, o[i].name, name, &mark, &same, &err),
		    RC_OK);
		*replaced += !same;
		assert_int_equal(fsx_memfd_map(fd, BYTES, &s, &err), RC_OK);
		if (same) {
			unsigned int v = version_of(s);

			if (r->fate[v] != FATE_PUT)
				fail_msg("version %u is taken twice", v);
			r->fate[v] = FATE_TAKEN;
			assert_int_equal(
			    folder_forget(r->b->f, name, name, &err), RC_OK);
		}
		fsx_unmap(s);
		(void)close(fd);
	}
	folder_offers_free(o, n);
	return (unsigned int)n;
}

static void
test_a_file_replaced_while_it_is_taken_is_not_lost_doubled_or_mixed(
    void **state)
{
	static struct race r;
	unsigned int tries = 0, replaced = 0, id = 0;
	unsigned int count[FATE_TWICE + 1] = { 0 };
	pthread_t thread;

	(void)state;
	r.b = bench_new(FOLDER_TAKES);
	assert_int_equal(pthread_create(&thread, NULL, writer, &r), 0);
	while ((tries < TRIES || replaced < 10) && !r.ended)
		tries += take_all(&r, &id, &replaced);
	r.stop = true;
	assert_int_equal(pthread_join(thread, NULL), 0);
	while (take_all(&r, &id, &replaced) > 0)
		;
	for (unsigned int v = 1; v < VERSIONS; v++)
		count[r.fate[v]]++;
	print_message("%u tries, %u put, %u came back, %u taken, %u replaced "
		      "while they were taken\n",
	    tries, r.put, r.back, count[FATE_TAKEN], replaced);
	assert_int_equal(count[FATE_PUT], 0); /* neither here nor there: lost */
	assert_int_equal(count[FATE_TAKEN] + r.back, r.put);
	bench_free(r.b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_replaced_while_it_is_taken_is_not_lost_doubled_or_mixed),
	};

	return TESTS_RUN(tests);
}
