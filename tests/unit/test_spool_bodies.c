/*
 * tests/unit/test_spool_bodies.c - segments torn, damaged, read without the
 * journal and dropped; a journal that is older than they are; the chain of
 * events changed in every way.
 */
#include "tests/unit/spool_test.h"
#include "spool/segments_head.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT "bodies/000001.seg"

static char *
path_of(const struct box *x, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", x->dir, name);
	return path;
}

static struct slice
file_read(const char *path)
{
	static char bytes[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	assert_true(fd >= 0 && n >= 0);
	close(fd);
	return (struct slice){ bytes, (size_t)n };
}

static void
file_write(const char *path, struct slice a, struct slice b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, a.p, a.len), a.len);
	assert_int_equal(write(fd, b.p, b.len), b.len);
	close(fd);
}

static off_t
file_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void
shut(struct box *x)
{
	batch_free(x->b);
	spool_close(x->s);
}

static void
reopen(struct box *x)
{
	struct err err;

	if (spool_open(&x->s, x->dir, &x->conf, &x->clock, &err) != RC_OK)
		fail_msg("%s", err.text);
	x->b = batch_begin(x->s);
}

static void
test_a_tail_torn_at_any_byte_is_cut_and_nothing_before_it(void **state)
{
	struct slice whole, record;
	char path[512], copy[4096];
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "kept", "kept through it all");
	snprintf(path, sizeof(path), "%s", path_of(&x, SEGMENT));
	whole = file_read(path);
	assert_in_range(whole.len, SEG_HEAD, sizeof(copy));
	memcpy(copy, whole.p, whole.len);
	whole.p = copy;
	record = whole; /* one that no commit names */
	shut(&x);
	for (size_t cut = 1; cut <= record.len; cut++) {
		file_write(path, whole, slice_sub(record, 0, cut));
		reopen(&x);
		assert_int_equal(file_size(path),
		    cut == record.len ? 2 * whole.len : whole.len);
		shut(&x);
	}
	reopen(&x);
	box_arrive(&x, "fwd", "next", "written behind it");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "kept through it all");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "written behind it");
	box_free(&x);
}

static void
test_a_damaged_body_holds_its_delivery_and_not_the_spool(void **state)
{
	struct delivery_out d;
	struct box x;
	char bad = 'X';
	int fd;

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "one", "the first body");
	box_arrive(&x, "fwd", "two", "the second body");
	fd = open(path_of(&x, SEGMENT), O_WRONLY);
	assert_int_equal(pwrite(fd, &bad, 1, SEG_HEAD + 3), 1);
	close(fd);
	box_again(&x, 0);
	assert_false(box_deliver(&x, &d));
	assert_string_equal(box_text(&x, "SELECT state FROM delivery WHERE"
					 " name = 'one'"),
	    "held");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "the second body");
	box_free(&x);
}

static void
test_a_segment_that_lost_bytes_stops_nothing_but_its_own(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "one", "the first body");
	shut(&x);
	assert_int_equal(truncate(path_of(&x, SEGMENT), 20), 0);
	reopen(&x);
	box_arrive(&x, "fwd", "two", "the second body");
	assert_false(box_deliver(&x, &d));
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "the second body");
	assert_true(file_size(path_of(&x, "bodies/000002.seg")) > 0);
	box_free(&x);
}

/* Those before the loss are as good as ever, from the start on. */
static void
test_whole_bodies_of_a_segment_that_lost_bytes_go_on(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "one", "the first body");
	box_arrive(&x, "fwd", "two", "the second body");
	shut(&x);
	assert_int_equal(
	    truncate(path_of(&x, SEGMENT), file_size(path_of(&x, SEGMENT)) - 8),
	    0);
	reopen(&x);
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "the first body");
	assert_false(box_deliver(&x, &d));
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE name = 'two'"),
	    "held");
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE name = 'one'"),
	    "ready");
	box_free(&x);
}

/* It passes, and says nothing of a body or of a segment. */
static void
test_without_descriptors_nothing_is_held_and_no_segment_is_lost(void **state)
{
	char *big = malloc(BODY_FILE + 2);
	struct delivery_out d;
	struct segments g;
	uint64_t tail, n, event;
	struct rlimit was;
	struct err err;
	struct box x;
	int fd;

	(void)state;
	box_new(&x);
	assert_non_null(big);
	memset(big, 'b', BODY_FILE + 1);
	big[BODY_FILE + 1] = '\0';
	box_arrive(&x, "fwd", "big", big);
	box_arrive(&x, "fwd", "small", "small");
	box_again(&x, 0);
	free(big);
	fd = open(x.dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(segments_open(&g, fd, false, &err), RC_OK);
	tail = (uint64_t)1 << REF_SHIFT;
	was = descriptors_leave(0);
	assert_int_equal(spool_next_delivery(x.s, &d, x.mem, &err), RC_LATER);
	assert_int_equal(
	    segments_recover(&g, tail, &n, &event, &err), RC_LATER);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(segments_recover(&g, tail, &n, &event, &err), RC_OK);
	assert_int_equal(n, 1);
	segments_close(&g);
	(void)close(fd);
	for (int i = 0; i < 2; i++)
		assert_true(box_deliver(&x, &d));
	box_free(&x);
}

struct seen {
	unsigned int n;
	uint64_t subject[4], len[4];
};

static bool
seen_add(void *arg, uint64_t ref, const struct body_head *h, uint64_t next)
{
	struct seen *s = arg;

	(void)ref;
	(void)next;
	assert_true(s->n < 4);
	assert_int_equal(h->kind, BODY_ARRIVAL);
	s->subject[s->n] = h->subject;
	s->len[s->n++] = h->len;
	return true;
}

static void
test_a_segment_is_read_without_the_journal(void **state)
{
	struct seen seen = { 0 };
	struct segments g;
	struct box x;
	struct err err;
	uint64_t a, b, end;
	int fd;

	(void)state;
	box_new(&x);
	a = box_arrive(&x, "fwd", "one", "first");
	b = box_arrive(&x, "fwd", "two", "second one");
	fd = open(x.dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(segments_open(&g, fd, false, &err), RC_OK);
	assert_int_equal(
	    segments_walk(&g, 1, 0, seen_add, &seen, &end, &err), RC_OK);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.subject[0], a);
	assert_int_equal(seen.subject[1], b);
	assert_int_equal(seen.len[1], 10);
	segments_close(&g);
	close(fd);
	box_free(&x);
}

static void
test_a_large_body_is_a_file_of_its_own(void **state)
{
	size_t size = BODY_FILE + 1;
	char *big = malloc(size + 1);
	struct delivery_out d;
	struct err err;
	struct box x;
	uint64_t pos;
	int fd;

	(void)state;
	box_new(&x);
	assert_non_null(big);
	memset(big, 'b', size);
	big[size] = '\0';
	box_arrive(&x, "fwd", "big", big);
	box_again(&x, 0);
	assert_true(box_deliver(&x, &d));
	assert_int_equal(d.body.len, 0); /* nobody holds it in memory */
	assert_int_equal(d.npieces, 1);
	assert_int_equal(d.piece[0].len, size);
	fd = spool_piece_fd(x.s, &d.piece[0], &pos, &err);
	assert_true(fd >= 0);
	assert_int_equal(fsx_pread(fd, big, size, pos, &err), RC_OK);
	assert_true(big[0] == 'b' && memcmp(big, big + 1, size - 1) == 0);
	(void)close(fd);
	free(big);
	box_free(&x);
}

static void
test_a_journal_older_than_its_bodies_is_refused(void **state)
{
	struct conf conf;
	struct spool *s;
	struct box x;
	struct err err;
	char *other = test_dir(), path[512];

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "one", "first");
	/* The log with all commits is lost; the bodies are not. */
	snprintf(path, sizeof(path), "%s/bodies", other);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/" SEGMENT, other);
	file_write(path, file_read(path_of(&x, SEGMENT)), (struct slice){ 0 });
	snprintf(path, sizeof(path), "%s/journal", other);
	file_write(
	    path, file_read(path_of(&x, "journal")), (struct slice){ 0 });
	conf = x.conf;
	conf.spool = other;
	assert_int_equal(
	    spool_open(&s, other, &conf, &x.clock, &err), RC_BROKEN);
	assert_non_null(
	    strstr(err.text, "the journal is older than the bodies"));
	box_free(&x);
	test_dir_gone(other);
}

static void
test_a_batch_that_was_not_committed_leaves_nothing(void **state)
{
	struct arrival_in in = { .id = 9,
		.partner = SLICE_LIT("acme"),
		.channel = SLICE_LIT("folder"),
		.name = SLICE_LIT("gone"),
		.body = SLICE_LIT("gone") };
	struct digest d;
	struct step st;
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, DIGEST_LEN);
	arrival_take(x.b, &in, &st);
	box_again(&x, 0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM arrival"), 0);
	box_free(&x);
}

static void
test_segments_go_when_nothing_that_lives_refers_to_them(void **state)
{
	size_t size = BODY_FILE - 4096;
	char *body = malloc(size + 1);
	struct delivery_out d;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	x.conf.keep_days = 10;
	assert_non_null(body);
	memset(body, 'b', size);
	body[size] = '\0';
	for (int i = 0; i < 10; i++)
		box_arrive(&x, "fwd", "same", body);
	free(body);
	assert_true(file_size(path_of(&x, "bodies/000002.seg")) > 0);
	for (int round = 0; round < 2; round++) {
		box_due(&x, INT64_C(11) * 24 * 3600 * 1000);
		box_due(&x, 3700000);
		/* undelivered: kept, however old */
		assert_int_equal(
		    access(path_of(&x, SEGMENT), F_OK), round == 0 ? 0 : -1);
		for (int i = 0; i < 10 && round == 0; i++) {
			assert_true(box_deliver(&x, &d));
			box_publish(&x, d.id);
			delivery_picked(x.b, d.id, &st);
			box_commit(&x);
			arena_rewind(x.mem);
		}
	}
	assert_int_equal(access(path_of(&x, "bodies/000002.seg"), F_OK), 0);
	/* a crash behind the commit: the next start unlinks it */
	file_write(
	    path_of(&x, SEGMENT), SLICE_LIT("left"), (struct slice){ 0 });
	box_again(&x, 0);
	assert_int_equal(access(path_of(&x, SEGMENT), F_OK), -1);
	assert_int_equal(access(path_of(&x, "bodies/000002.seg"), F_OK), 0);
	box_free(&x);
}

/*
 * The sweep has passed a delivery that was over when an operator sends it once
 * more: its body stays, and is found unneeded by a later sweep.
 */
static void
test_what_comes_to_life_during_a_sweep_keeps_its_body(void **state)
{
	size_t size = BODY_FILE - 4096;
	char *body = malloc(size + 1);
	struct delivery_out d;
	uint64_t first = 0;
	struct step st;
	struct box x;
	int64_t at;

	(void)state;
	box_new(&x);
	x.conf.keep_days = 10;
	assert_non_null(body);
	memset(body, 'b', size);
	body[size] = '\0';
	for (int i = 0; i < 10; i++)
		box_arrive(&x, "fwd", "same", body);
	free(body);
	for (int i = 0; i < 10; i++) {
		assert_true(box_deliver(&x, &d));
		first = first == 0 ? d.id : first;
		box_publish(&x, d.id);
		delivery_picked(x.b, d.id, &st);
		box_commit(&x);
		arena_rewind(x.mem);
	}
	spool_due(x.s, x.b, &at); /* after a start it waits a little */
	clock_move(&x.clock, INT64_C(11) * 24 * 3600 * 1000);
	while (x.s->sweep.at < 7) { /* the last table */
		spool_due(x.s, x.b, &at);
		box_commit(&x);
	}
	x.s->sweep.after = INT64_MAX; /* deliveries were looked at, too */
	delivery_again(x.b, first, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	box_due(&x, 0);
	assert_int_equal(x.s->sweep.at, 0);
	assert_int_equal(access(path_of(&x, SEGMENT), F_OK), 0);
	assert_true(box_deliver(&x, &d));
	assert_int_equal(d.id, first);
	assert_int_equal(d.body.len, size);
	box_publish(&x, d.id);
	delivery_picked(x.b, d.id, &st);
	box_commit(&x);
	box_due(&x, 3700000);
	box_due(&x, 0);
	assert_int_equal(access(path_of(&x, SEGMENT), F_OK), -1);
	box_free(&x);
}

/* --- the chain --- */

static void
tamper(const char *sql, const char *want)
{
	struct digest head;
	struct box x;
	struct err err;
	uint64_t n;

	box_new(&x);
	for (int i = 0; i < 4; i++)
		box_arrive(&x, "acme", "a", "a");
	if (sqlite3_exec(x.s->j.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(x.s->j.db));
	assert_int_equal(audit_verify(&x.s->j, 5, &n, &head, &err),
	    want == NULL ? RC_OK : RC_REFUSED);
	if (want != NULL && strstr(err.text, want) == NULL)
		fail_msg("'%s', want '%s'", err.text, want);
	journal_clear(&x.s->j);
	box_free(&x);
}

static void
test_a_chain_that_was_touched_is_found(void **state)
{
	(void)state;
	tamper("SELECT 1", NULL);
	tamper("UPDATE event SET line = replace(line, 'taken', 'faked')"
	       " WHERE seq = 4",
	    "event 4 is changed");
	tamper("DELETE FROM event WHERE seq = 3", "event 3 is missing");
	tamper("DELETE FROM event WHERE seq > 4",
	    "the chain ends at event 4, event 5 is known of");
	tamper("UPDATE event SET seq = 99 WHERE seq = 2;"
	       "UPDATE event SET seq = 2 WHERE seq = 3;"
	       "UPDATE event SET seq = 3 WHERE seq = 99",
	    "event 2 is out of place");
	tamper("UPDATE event SET hash = zeroblob(32) WHERE seq = 2",
	    "event 2 is changed");
	tamper("UPDATE event SET line = '3 ' || line WHERE seq = 3",
	    "event 3 is changed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_tail_torn_at_any_byte_is_cut_and_nothing_before_it),
		T(test_a_damaged_body_holds_its_delivery_and_not_the_spool),
		T(test_a_segment_that_lost_bytes_stops_nothing_but_its_own),
		T(test_whole_bodies_of_a_segment_that_lost_bytes_go_on),
		T(test_without_descriptors_nothing_is_held_and_no_segment_is_lost),
		T(test_a_segment_is_read_without_the_journal),
		T(test_a_large_body_is_a_file_of_its_own),
		T(test_a_journal_older_than_its_bodies_is_refused),
		T(test_a_batch_that_was_not_committed_leaves_nothing),
		T(test_segments_go_when_nothing_that_lives_refers_to_them),
		T(test_what_comes_to_life_during_a_sweep_keeps_its_body),
		T(test_a_chain_that_was_touched_is_found),
	};

	return TESTS_RUN(tests);
}
