/*
 * Intake against a spool played by the test: the order of its steps, and what
 * it makes of a crash between any two of them.
 */
#include "tests/unit/role_test.h"
#include "src/daemon/take.h"
#include <sys/mman.h>

static void
all_told(struct stage *s)
{
	stage_say(s, MSG_HALF, &(struct msg_HALF){ .arrival = 0 }, -1);
}

/* The id of the one take that was asked for; its body must be want. */
static struct msg_TAKE
asked(struct stage *s, const char *want)
{
	struct msg *m = stage_heard(s, MSG_TAKE);
	struct msg_TAKE t = *(const struct msg_TAKE *)m->body;
	struct slice body;
	struct err err;

	test_slice_is(t.partner, "acme");
	test_slice_is(t.channel, "folder");
	assert_int_equal(msg_bytes(m, 1 << 20, &body, &err), RC_OK);
	test_slice_is(body, want);
	t.partner = t.channel = t.name = (struct slice){ NULL, 0 };
	msg_free(m);
	return t;
}

static void
taken(struct stage *s, uint64_t id, enum rc rc)
{
	stage_say(s, MSG_TAKEN,
	    &(struct msg_TAKEN){ .arrival = id,
		.rc = (uint32_t)rc,
		.why = slice_of("disk full") },
	    -1);
}

static void
accepted(struct stage *s, uint64_t id, enum rc rc)
{
	stage_say(s, MSG_ACCEPTED,
	    &(struct msg_ACCEPTED){ .arrival = id, .rc = (uint32_t)rc }, -1);
}

static uint64_t
heard_id(struct stage *s, enum msg_type type)
{
	struct msg *m = stage_heard(s, type);
	uint64_t id = ((const struct msg_ACCEPT *)m->body)->arrival;

	msg_free(m);
	return id;
}

static const char *
aside_path(uint64_t id)
{
	static char path[64];
	char text[ID_TEXT];

	(void)snprintf(path, sizeof(path), "in/.taken/%s", id_print(id, text));
	return path;
}

static void
half(struct stage *s, const struct msg_TAKE *t, const char *name, bool yes)
{
	stage_say(s, MSG_HALF,
	    &(struct msg_HALF){ .arrival = t->arrival,
		.partner = slice_of("acme"),
		.channel = slice_of("folder"),
		.name = slice_of(name),
		.accepted = yes,
		.dev = t->dev,
		.ino = t->ino,
		.size = t->size,
		.mtime_ns = t->mtime_ns },
	    -1);
}

static void
test_nothing_is_taken_before_all_half_takes_are_told(void **state)
{
	struct stage *s = stage_new(&role_intake);

	(void)state;
	bench_put(&s->b, "in/a", "x");
	stage_run(s);
	stage_silent(s);
	all_told(s);
	(void)asked(s, "x");
	stage_free(s);
}

static void
test_a_file_leaves_the_folder_only_after_its_row_is_on_disk(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t;

	(void)state;
	all_told(s);
	bench_put(&s->b, "in/a", "x");
	stage_run(s);
	t = asked(s, "x");
	assert_true(bench_there(&s->b, "in/a"));
	stage_silent(s);
	taken(s, t.arrival, RC_OK);
	assert_false(bench_there(&s->b, "in/a"));
	bench_holds(&s->b, aside_path(t.arrival), "x");
	assert_int_equal(heard_id(s, MSG_ACCEPT), t.arrival);
	stage_silent(s);
	assert_true(bench_there(&s->b, aside_path(t.arrival)));
	accepted(s, t.arrival, RC_OK);
	assert_false(bench_there(&s->b, aside_path(t.arrival)));
	stage_silent(s);
	stage_free(s);
}

static void
test_a_file_is_not_asked_for_twice_while_it_is_on_its_way(void **state)
{
	struct stage *s = stage_new(&role_intake);

	(void)state;
	all_told(s);
	bench_put(&s->b, "in/a", "x");
	stage_run(s);
	(void)asked(s, "x");
	bench_put(&s->b, "in/b", "y"); /* makes it look again */
	stage_run(s);
	(void)asked(s, "y");
	clock_move(&s->clock, 20000);
	stage_run(s);
	stage_silent(s);
	stage_free(s);
}

static void
test_a_full_disk_leaves_the_file_and_it_is_taken_when_there_is_room(
    void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t;

	(void)state;
	all_told(s);
	bench_put(&s->b, "in/a", "x");
	stage_run(s);
	t = asked(s, "x");
	taken(s, t.arrival, RC_LATER);
	bench_holds(&s->b, "in/a", "x");
	stage_silent(s);
	clock_move(&s->clock, 1000);
	stage_run(s);
	t = asked(s, "x");
	taken(s, t.arrival, RC_OK);
	assert_int_equal(heard_id(s, MSG_ACCEPT), t.arrival);
	accepted(s, t.arrival, RC_LATER);
	assert_true(bench_there(&s->b, aside_path(t.arrival)));
	stage_silent(s);
	clock_move(&s->clock, 1000);
	stage_run(s);
	assert_int_equal(heard_id(s, MSG_ACCEPT), t.arrival);
	accepted(s, t.arrival, RC_OK);
	assert_false(bench_there(&s->b, aside_path(t.arrival)));
	stage_free(s);
}

static void
test_a_file_replaced_before_it_moved_is_taken_as_another(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t, u;

	(void)state;
	all_told(s);
	bench_put(&s->b, "in/a", "old");
	stage_run(s);
	t = asked(s, "old");
	bench_put(&s->b, "w", "new");
	assert_int_equal(
	    rename(bench_path(&s->b, "w"), bench_path(&s->b, "in/a")), 0);
	taken(s, t.arrival, RC_OK);
	assert_int_equal(heard_id(s, MSG_UNTAKE), t.arrival);
	u = asked(s, "new");
	assert_true(u.arrival > t.arrival);
	stage_free(s);
}

static void
test_after_a_crash_before_the_move_the_take_is_undone(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t;

	(void)state;
	all_told(s);
	bench_put(&s->b, "in/a", "x");
	stage_run(s);
	t = asked(s, "x");
	stage_again(s);
	half(s, &t, "a", false);
	assert_int_equal(heard_id(s, MSG_UNTAKE), t.arrival);
	stage_silent(s);
	all_told(s);
	assert_true(asked(s, "x").arrival > t.arrival);
	stage_free(s);
}

static void
test_after_a_crash_behind_the_move_the_take_goes_on(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t;

	(void)state;
	all_told(s);
	bench_put(&s->b, "in/a", "x");
	stage_run(s);
	t = asked(s, "x");
	taken(s, t.arrival, RC_OK);
	stage_again(s);
	half(s, &t, "a", false);
	assert_int_equal(heard_id(s, MSG_ACCEPT), t.arrival);
	all_told(s);
	stage_silent(s);
	accepted(s, t.arrival, RC_OK);
	assert_false(bench_there(&s->b, aside_path(t.arrival)));
	stage_free(s);
}

static void
test_after_a_crash_a_foreign_file_aside_is_put_back(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t = { .arrival = 77, .ino = 1 };

	(void)state;
	bench_put(&s->b, aside_path(77), "other");
	half(s, &t, "a", false);
	assert_int_equal(heard_id(s, MSG_UNTAKE), 77);
	bench_holds(&s->b, "in/a", "other");
	assert_false(bench_there(&s->b, aside_path(77)));
	all_told(s);
	(void)asked(s, "other");
	stage_free(s);
}

static void
test_after_a_crash_an_accepted_file_is_forgotten(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t = { .arrival = 78 };

	(void)state;
	bench_put(&s->b, aside_path(78), "x");
	half(s, &t, "a", true);
	assert_false(bench_there(&s->b, aside_path(78)));
	stage_silent(s);
	stage_free(s);
}

/* Its disk is mounted after our start: what was half done waits for that. */
static void
test_half_takes_of_a_folder_that_is_away_keep_nobody_waiting(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t = { .ino = 1, .size = 1 << 24 };
	struct wire *top;
	char away[512];
	struct msg *m;
	struct err err;

	(void)state;
	(void)snprintf(away, sizeof(away), "%s.away", s->b.dir);
	bench_put(&s->b, aside_path(100), "accepted");
	stage_stop(s);
	assert_int_equal(rename(s->b.dir, away), 0);
	stage_start(s, &role_intake);
	for (t.arrival = 100; t.arrival < 200; t.arrival++)
		half(s, &t, "h", true);
	all_told(s);
	assert_int_equal(rename(away, s->b.dir), 0);
	bench_put(&s->b, "in/a", "x");
	clock_move(&s->clock, 2000);
	stage_run(s);
	(void)asked(s, "x");
	clock_move(&s->clock, 2000);
	stage_run(s);
	assert_false(bench_there(&s->b, aside_path(100)));
	stage_silent(s);
	/* nor is the end of a set waited for */
	stage_stop(s);
	assert_int_equal(rename(s->b.dir, away), 0);
	stage_start(s, &role_intake);
	top = exchange_wire(s->x, ROLE_SUPERVISOR);
	half(s, &t, "a", true);
	all_told(s);
	assert_int_equal(wire_send(top, ROLE_INTAKE, MSG_DRAIN,
			     &(struct msg_DRAIN){ 0 }, -1, &err),
	    RC_OK);
	stage_run(s);
	m = wire_next(top);
	assert_non_null(m);
	msg_free(m);
	assert_int_equal(rename(away, s->b.dir), 0);
	stage_free(s);
}

static void
test_a_file_that_lacks_its_end_waits_until_it_changes(void **state)
{
	struct stage *s = stage_new(&role_intake);

	(void)state;
	s->b.conf.complete = COMPLETE_MARKER;
	all_told(s);
	bench_put(&s->b, "in/a", "<Dec><x/>");
	bench_put(&s->b, "in/a.ok", "");
	stage_run(s);
	clock_move(&s->clock, 20000);
	stage_run(s);
	stage_silent(s);
	bench_put(&s->b, "in/a", "<Dec><x/></Dec>");
	stage_run(s);
	(void)asked(s, "<Dec><x/></Dec>");
	stage_free(s);
}

static void
test_a_draining_intake_takes_nothing_new_and_finishes_the_rest(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct wire *top = exchange_wire(s->x, ROLE_SUPERVISOR);
	struct msg_TAKE t;
	struct err err;

	(void)state;
	all_told(s);
	bench_put(&s->b, "in/a", "x");
	stage_run(s);
	t = asked(s, "x");
	assert_int_equal(wire_send(top, ROLE_INTAKE, MSG_DRAIN,
			     &(struct msg_DRAIN){ 0 }, -1, &err),
	    RC_OK);
	bench_put(&s->b, "in/b", "y");
	stage_run(s);
	stage_silent(s);
	assert_null(wire_next(top));
	taken(s, t.arrival, RC_OK);
	assert_int_equal(heard_id(s, MSG_ACCEPT), t.arrival);
	accepted(s, t.arrival, RC_OK);
	msg_free(wire_next(top));
	assert_true(bench_there(&s->b, "in/b"));
	stage_free(s);
}

static void
test_many_files_are_in_flight_but_not_without_limit(void **state)
{
	struct stage *s = stage_new(&role_intake);
	unsigned int n = 0;
	struct msg *m;

	(void)state;
	all_told(s);
	for (int i = 0; i < 2 * DOOR_TAKES; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "in/f%d", i);
		bench_put(&s->b, name, "x");
	}
	stage_run(s);
	while ((m = wire_next(s->spool)) != NULL) {
		n += m->type == MSG_TAKE;
		msg_free(m);
	}
	assert_int_equal(n, DOOR_TAKES);
	stage_free(s);
}

static void
test_a_folder_that_comes_later_is_opened_then(void **state)
{
	struct stage *s = stage_new(&role_intake);
	char *away;

	(void)state;
	stage_stop(s);
	away = strdup(bench_path(&s->b, "partner"));
	s->b.conf.folder = away;
	stage_start(s, &role_intake);
	all_told(s);
	stage_silent(s);
	assert_int_equal(mkdir(away, 0700), 0);
	clock_move(&s->clock, 20000);
	stage_run(s);
	bench_put(&s->b, "partner/in/a", "x");
	stage_run(s);
	(void)asked(s, "x");
	stage_free(s);
	free(away);
}

/* Root reads everything: then the test goes on as nobody. */
static void
nobody_be(struct stage *s)
{
	if (geteuid() != 0)
		return;
	stage_stop(s);
	assert_int_equal(chown(s->b.dir, 65534, 65534), 0);
	assert_int_equal(chown(bench_path(&s->b, "in"), 65534, 65534), 0);
	assert_int_equal(
	    chown(bench_path(&s->b, "in/.taken"), 65534, 65534), 0);
	assert_int_equal(seteuid(65534), 0);
	stage_start(s, &role_intake);
}

static char *
log_text(int fd)
{
	static char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void
test_a_file_that_cannot_be_read_is_told_after_a_minute(void **state)
{
	struct stage *s = stage_new(&role_intake);
	int log = memfd_create("log", MFD_CLOEXEC);
	char *text;

	(void)state;
	log_open("test", LOG_ALARM, log);
	nobody_be(s);
	all_told(s);
	bench_put(&s->b, "in/a", "abc");
	assert_int_equal(chmod(bench_path(&s->b, "in/a"), 0), 0);
	for (unsigned int i = 0; i < 60; i++) {
		stage_run(s);
		assert_string_equal(log_text(log), "");
		clock_move(&s->clock, 1000);
	}
	for (unsigned int i = 0; i < 60; i++) {
		stage_run(s);
		clock_move(&s->clock, 1000);
	}
	text =
	    strstr(log_text(log), "intake.unreadable partner=acme name=\"a\"");
	assert_non_null(text);
	assert_null(strstr(text + 1, "intake.unreadable"));
	stage_silent(s);
	/* its rights are mended: it is taken */
	assert_int_equal(chmod(bench_path(&s->b, "in/a"), 0600), 0);
	clock_move(&s->clock, 1000);
	stage_run(s);
	(void)asked(s, "abc");
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	log_open("test", LOG_ALARM, -1);
	(void)close(log);
	stage_free(s);
}

/* Its partner may do that, and shall not have us take and give back for ever.
 */
static void
test_a_side_folder_that_was_taken_away_is_made_anew(void **state)
{
	struct stage *s = stage_new(&role_intake);
	struct msg_TAKE t;

	(void)state;
	all_told(s);
	assert_int_equal(rmdir(bench_path(&s->b, "in/.taken")), 0);
	bench_put(&s->b, "in/a.xml", "body");
	stage_run(s);
	t = asked(s, "body");
	taken(s, t.arrival, RC_OK);
	assert_int_equal(heard_id(s, MSG_ACCEPT), t.arrival);
	assert_true(bench_there(&s->b, aside_path(t.arrival)));
	stage_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_nothing_is_taken_before_all_half_takes_are_told),
		T(test_a_file_leaves_the_folder_only_after_its_row_is_on_disk),
		T(test_a_file_is_not_asked_for_twice_while_it_is_on_its_way),
		T(test_a_full_disk_leaves_the_file_and_it_is_taken_when_there_is_room),
		T(test_a_file_replaced_before_it_moved_is_taken_as_another),
		T(test_after_a_crash_before_the_move_the_take_is_undone),
		T(test_after_a_crash_behind_the_move_the_take_goes_on),
		T(test_after_a_crash_a_foreign_file_aside_is_put_back),
		T(test_after_a_crash_an_accepted_file_is_forgotten),
		T(test_half_takes_of_a_folder_that_is_away_keep_nobody_waiting),
		T(test_a_file_that_lacks_its_end_waits_until_it_changes),
		T(test_a_draining_intake_takes_nothing_new_and_finishes_the_rest),
		T(test_many_files_are_in_flight_but_not_without_limit),
		T(test_a_folder_that_comes_later_is_opened_then),
		T(test_a_side_folder_that_was_taken_away_is_made_anew),
		T(test_a_file_that_cannot_be_read_is_told_after_a_minute),
	};

	return TESTS_RUN(tests);
}
