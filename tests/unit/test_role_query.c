/*
 * The role query on a real spool and a real socket: what is answered, what is
 * refused and to whom, and that nobody can hold it up.
 */
#include "tests/unit/spool_test.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/daemon/control.h"
#include "src/daemon/query.h"
#include "src/daemon/role.h"
#include "src/wire/msg.h"

#define MAX (64u << 20)

static bool strange; /* who connects now is a user without rights */

int
getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int rc = (int)syscall(SYS_getsockopt, fd, level, name, value, len);

	if (rc == 0 && level == SOL_SOCKET && name == SO_PEERCRED && strange)
		*(struct ucred *)value =
		    (struct ucred){ .pid = 1, .uid = 54321, .gid = 54321 };
	return rc;
}

struct door {
	struct box x;
	char control[512];
	struct exchange *exchange;
	struct role role;
	uint64_t arrival, filing;
};

static void
door_run(struct door *d)
{
	bool worked = true;
	struct err err = { "" };

	while (worked) {
		int64_t due = 0;
		struct msg *m;

		worked = false;
		while ((m = wire_next(d->role.wire)) != NULL) {
			assert_int_equal(
			    role_query.take(&d->role, m, &err), RC_OK);
			msg_free(m);
		}
		if (role_query.idle(&d->role, &due, &worked, &err) != RC_OK)
			fail_msg("%s", err.text);
	}
}

static void
door_new(struct door *d)
{
	struct a_filing f = { .key = "K1", .content = "one", .lane = "K1" };
	struct err err = { "" };

	log_open("test", LOG_ALARM, -1);
	box_new(&d->x);
	d->arrival = box_file(&d->x, "dec.edi", &f);
	d->filing = (uint64_t)box_sql(&d->x, "SELECT id FROM filing");
	(void)snprintf(d->control, sizeof(d->control), "%s/control", d->x.dir);
	d->x.conf.control = d->control;
	d->exchange = exchange_new();
	d->role = (struct role){ .ops = &role_query,
		.wire = exchange_wire(d->exchange, ROLE_QUERY),
		.clock = &d->x.clock,
		.conf = &d->x.conf };
	if (role_query.start(&d->role, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
door_free(struct door *d)
{
	role_query.stop(&d->role);
	exchange_free(d->exchange);
	box_free(&d->x);
}

static int
door_enter(struct door *d)
{
	struct err err;
	int fd = -1;

	if (control_connect(d->control, &fd, &err) != RC_OK)
		fail_msg("%s", err.text);
	return fd;
}

static void
line_put(int fd, const char *line)
{
	assert_int_equal(
	    send(fd, line, strlen(line), MSG_NOSIGNAL), strlen(line));
}

/* What has come by now; false: the peer closed it. */
static bool
bytes_get(int fd, struct buf *b)
{
	for (;;) {
		char *room = buf_room(b, 65536);
		ssize_t n;

		assert_non_null(room);
		n = recv(fd, room, 65536, 0);
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		b->len += (size_t)n;
	}
}

/* One question on a connection of its own: the whole answer, to buf_clear. */
static struct buf
door_ask(struct door *d, const char *line)
{
	int fd = door_enter(d);
	struct buf b;

	buf_init(&b, MAX);
	line_put(fd, line);
	for (int i = 0; i < 32; i++) { /* as much as the link holds */
		door_run(d);
		assert_true(bytes_get(fd, &b));
	}
	(void)close(fd);
	door_run(d);
	return b;
}

static void
answer_has(struct door *d, const char *question, const char *want)
{
	struct buf b = door_ask(d, question);

	if (strstr(buf_cstr(&b), want) == NULL)
		fail_msg(
		    "%sanswered with %swant %s", question, buf_cstr(&b), want);
	buf_clear(&b);
}

static void
test_a_thing_is_shown_with_every_state_and_its_time(void **state)
{
	struct door d;
	char line[64], id[ID_TEXT];

	(void)state;
	door_new(&d);
	(void)snprintf(
	    line, sizeof(line), "show id=%s\n", id_print(d.arrival, id));
	answer_has(&d, line, "{\"row\":\"thing\",\"what\":\"arrival\",");
	answer_has(&d, line,
	    "{\"row\":\"state\",\"what\":\"arrival\",\"state\":\"accepted\"");
	answer_has(&d, line, "\"at\":\"2026-11-");
	answer_has(&d, line, "\n.ok\n");
	door_free(&d);
}

static void
test_lists_counts_and_keys_are_answered(void **state)
{
	struct door d;

	(void)state;
	door_new(&d);
	answer_has(&d, "queue filter=what%3Dleg\n", "\"what\":\"leg\"");
	answer_has(&d, "queue filter=what=leg%20partner=nobody\n", ".ok");
	answer_has(&d, "counts\n", "\"partner\":\"customs\",\"n\":1,");
	answer_has(&d, "track key=K1\n", "\"what\":\"filing\"");
	answer_has(&d, "status\n", "{\"row\":\"status\",\"daemon\":true,");
	/* of as many partners as there may be */
	assert_int_equal(
	    sqlite3_exec(d.x.s->j.db,
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
		" c WHERE i < 4096) INSERT INTO tally SELECT 'delivery',"
		" printf('f%04d', i), 'published', 1, 7, 1 FROM c",
		NULL, NULL, NULL),
	    SQLITE_OK);
	answer_has(&d, "counts\n", "\"partner\":\"f4096\",\"n\":7,");
	door_free(&d);
}

static void
test_bodies_come_as_they_are(void **state)
{
	struct door d;
	char line[64], id[ID_TEXT];

	(void)state;
	door_new(&d);
	(void)snprintf(line, sizeof(line), "cat id=%s body=body\n",
	    id_print(d.arrival, id));
	answer_has(&d, line, "#14\ndec.edi K1 one.ok\n");
	door_free(&d);
}

static void
test_what_cannot_be_answered_is_one_sentence(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "fly\n", ".refused no question 'fly'\n" },
		{ "\n", ".refused no question\n" },
		{ "show id=7\n", ".refused '7' is no id\n" },
		{ "show id=0000000-0001000\n", ".refused " },
		{ "queue filter=what=ship\n",
		    ".refused 'ship' is no kind of thing, " },
		{ "queue filter=state\n", ".refused behind 'state' stands " },
		{ "queue after=ship.0000000-0001000\n",
		    ".refused 'ship.0000000-0001000' is no place" },
		{ "queue after=leg.7\n", ".refused 'leg.7' is no place" },
		{ "track\n", ".refused no key to look for\n" },
		{ "cat id=%00 body=body\n", ".refused " },
	};
	struct door d;

	(void)state;
	door_new(&d);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		answer_has(&d, cases[i].line, cases[i].want);
	door_free(&d);
}

static void
test_a_right_that_is_missing_is_told_before_anything_is_looked_at(void **state)
{
	static const struct {
		unsigned int rights;
		const char *line, *want;
	} cases[] = {
		{ 0, "status",
		    ".refused 'status' needs the right to view, which this "
		    "user does not have\n" },
		{ RIGHT_VIEW, "operate verb=hold filter=what=leg",
		    ".refused 'operate' needs the right to operate, which "
		    "this user does not have\n" },
		{ RIGHT_VIEW, "reload",
		    ".refused 'reload' needs the right to configure, which "
		    "this user does not have\n" },
		{ RIGHT_CONFIGURE, "cat id=1",
		    ".refused 'cat' needs the right to view, which this user "
		    "does not have\n" },
	};
	struct query q;
	struct door d;
	struct buf b;

	(void)state;
	door_new(&d);
	query_init(&q, &d.x.conf, &d.x.clock, true);
	buf_init(&b, MAX);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		assert_false(query_answer(
		    &q, cases[i].rights, slice_of(cases[i].line), &b));
		test_slice_is(buf_look(&b), cases[i].want);
		assert_null(q.view);
	}
	buf_clear(&b);
	query_clear(&q);
	door_free(&d);
}

static void
test_a_long_list_comes_in_pages_by_key(void **state)
{
	struct door d;
	struct buf b;
	struct err err;
	unsigned int rows = 0, pages = 0;
	char line[128] = "queue filter=what=leg\n";

	(void)state;
	door_new(&d);
	(void)box_arrive(&d.x, "acme", "many.edi", "249 of them");
	do
		box_order(&d.x);
	while (d.x.o.kind != ORDER_READ);
	claims_arrival(&b, 249, 0);
	for (uint32_t i = 1; i <= 249; i++) {
		char key[16];
		struct a_filing f = { .key = key, .content = key, .lane = key };

		(void)snprintf(key, sizeof(key), "N%u", (unsigned int)i);
		claims_filing(&d.x, &b, i, &f);
	}
	assert_int_equal(box_done(&d.x, &b, &err), RC_OK);
	while (line[0] != '\0') {
		const char *p, *after;

		b = door_ask(&d, line);
		for (p = buf_cstr(&b);
		     (p = strstr(p, "\"row\":\"item\"")) != NULL; p++)
			rows++;
		after = strstr(buf_cstr(&b), ".ok after=");
		line[0] = '\0';
		if (after != NULL)
			(void)snprintf(line, sizeof(line),
			    "queue filter=what=leg after=%.*s\n",
			    (int)strcspn(after + 10, "\n"), after + 10);
		pages++;
		buf_clear(&b);
	}
	assert_int_equal(rows, 250);
	assert_int_equal(pages, 3); /* the last one has no legs any more */
	door_free(&d);
}

static void
test_a_reload_is_answered_when_it_is_decided(void **state)
{
	struct door d;
	struct wire *supervisor;
	struct msg *m;
	struct err err;
	struct buf b;
	int fd;

	(void)state;
	door_new(&d);
	buf_init(&b, MAX);
	supervisor = exchange_wire(d.exchange, ROLE_SUPERVISOR);
	fd = door_enter(&d);
	line_put(fd, "reload\n");
	door_run(&d);
	assert_true(bytes_get(fd, &b));
	assert_int_equal(b.len, 0);
	m = wire_next(supervisor);
	assert_non_null(m);
	assert_int_equal(m->type, MSG_RELOAD);
	assert_int_equal(
	    wire_send(supervisor, ROLE_QUERY, MSG_RELOADED,
		&(struct msg_RELOADED){
		    .asked = ((const struct msg_RELOAD *)m->body)->asked,
		    .rc = RC_OK,
		    .generation = 7 },
		-1, &err),
	    RC_OK);
	msg_free(m);
	door_run(&d);
	assert_true(bytes_get(fd, &b));
	test_slice_is(
	    buf_look(&b), "{\"row\":\"reload\",\"generation\":7}\n.ok\n");
	(void)close(fd);
	buf_clear(&b);
	door_free(&d);
}

static void
test_a_reload_that_nobody_decides_ends_with_later(void **state)
{
	struct door d;
	struct buf b;
	int fd;

	(void)state;
	door_new(&d);
	buf_init(&b, MAX);
	fd = door_enter(&d);
	line_put(fd, "reload\n");
	door_run(&d);
	clock_move(&d.x.clock, 119999);
	door_run(&d);
	assert_true(bytes_get(fd, &b));
	assert_int_equal(b.len, 0);
	clock_move(&d.x.clock, 1);
	door_run(&d);
	assert_true(bytes_get(fd, &b));
	test_slice_is(
	    buf_look(&b), ".later the reload is not decided after 120 s\n");
	(void)close(fd);
	buf_clear(&b);
	door_free(&d);
}

static void
test_who_says_nothing_or_too_much_is_shut_out(void **state)
{
	char *much = malloc(5001);
	struct door d;
	struct buf b;
	int idle, loud;

	(void)state;
	assert_non_null(much);
	memset(much, 'a', 5000);
	much[5000] = '\0';
	door_new(&d);
	buf_init(&b, MAX);
	idle = door_enter(&d);
	loud = door_enter(&d);
	line_put(loud, much);
	door_run(&d);
	assert_false(bytes_get(loud, &b));
	assert_true(bytes_get(idle, &b));
	clock_move(&d.x.clock, 60001);
	door_run(&d);
	assert_false(bytes_get(idle, &b));
	assert_int_equal(b.len, 0);
	(void)close(idle);
	(void)close(loud);
	buf_clear(&b);
	free(much);
	door_free(&d);
}

static void
test_forty_at_the_door_are_served_one_after_the_other(void **state)
{
	struct door d;
	int fd[40];

	(void)state;
	door_new(&d);
	for (int i = 0; i < 40; i++) {
		/* The kernel keeps them at the door until there is a place. */
		fd[i] = door_enter(&d);
		door_run(&d);
	}
	for (int i = 0; i < 40; i++) {
		struct buf b;

		buf_init(&b, MAX);
		line_put(fd[i], "counts\n");
		door_run(&d);
		assert_true(bytes_get(fd[i], &b));
		assert_non_null(strstr(buf_cstr(&b), ".ok\n"));
		(void)close(fd[i]);
		door_run(&d);
		buf_clear(&b);
	}
	door_free(&d);
}

static void
test_many_without_a_right_keep_out_nobody_who_has_one(void **state)
{
	struct door d;
	int fd[40];

	(void)state;
	door_new(&d);
	strange = true;
	answer_has(&d, "status\n", "needs the right to view");
	for (int i = 0; i < 40; i++) {
		fd[i] = door_enter(&d);
		door_run(&d);
	}
	strange = false;
	answer_has(&d, "status\n", "{\"row\":\"status\"");
	for (int i = 0; i < 40; i++)
		(void)close(fd[i]);
	door_free(&d);
}

static void
test_two_questions_in_one_breath_get_two_answers(void **state)
{
	struct door d;
	struct buf b;

	(void)state;
	door_new(&d);
	b = door_ask(&d, "fly\nswim\n");
	test_slice_is(buf_look(&b),
	    ".refused no question 'fly'\n.refused no question 'swim'\n");
	buf_clear(&b);
	door_free(&d);
}

static void
test_a_dead_ones_socket_is_replaced(void **state)
{
	struct door d;
	struct err err;
	struct stat st;
	int fd = -1;

	(void)state;
	door_new(&d);
	assert_int_equal(stat(d.control, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	role_query.stop(&d.role);
	/* Its name is still there: nobody listens behind it. */
	assert_int_equal(stat(d.control, &st), 0);
	assert_int_equal(control_connect(d.control, &fd, &err), RC_LATER);
	assert_int_equal(role_query.start(&d.role, &err), RC_OK);
	answer_has(&d, "counts\n", ".ok\n");
	door_free(&d);
}

static void
role_say(struct exchange *x, uint32_t pid)
{
	struct err err;

	assert_int_equal(
	    wire_send(exchange_wire(x, ROLE_SUPERVISOR), ROLE_QUERY, MSG_ROLE,
		&(struct msg_ROLE){ .role = ROLE_QUERY,
		    .pid = pid,
		    .state = SLICE_LIT("ready") },
		-1, &err),
	    RC_OK);
}

static void
test_the_next_generation_answers_when_it_is_told_to(void **state)
{
	struct door d, next;
	struct err err;

	(void)state;
	door_new(&d);
	next = d;
	next.exchange = exchange_new();
	next.role.wire = exchange_wire(next.exchange, ROLE_QUERY);
	next.role.self = NULL;
	assert_int_equal(role_query.start(&next.role, &err), RC_OK);
	/* Both are up: the old one is asked. */
	answer_has(&d, "counts\n", ".ok\n");
	role_say(next.exchange, (uint32_t)getpid() + 1);
	door_run(&next);
	answer_has(&d, "counts\n", ".ok\n");
	role_say(next.exchange, (uint32_t)getpid());
	door_run(&next);
	answer_has(&next, "counts\n", ".ok\n");
	role_query.stop(&next.role);
	exchange_free(next.exchange);
	door_free(&d);
}

static void
test_status_tells_the_roles_as_the_supervisor_knows_them(void **state)
{
	struct door d;
	struct wire *supervisor;
	struct err err;

	(void)state;
	door_new(&d);
	supervisor = exchange_wire(d.exchange, ROLE_SUPERVISOR);
	assert_int_equal(wire_send(supervisor, ROLE_QUERY, MSG_ROLE,
			     &(struct msg_ROLE){ .role = ROLE_CONVERT,
				 .pid = 42,
				 .generation = 3,
				 .restarts = 1,
				 .state = SLICE_LIT("ready"),
				 .sandbox = SLICE_LIT("uid landlock seccomp") },
			     -1, &err),
	    RC_OK);
	door_run(&d);
	answer_has(&d, "status\n",
	    "{\"row\":\"role\",\"role\":\"convert\",\"state\":\"ready\","
	    "\"pid\":42,\"generation\":3,\"restarts\":1,"
	    "\"sandbox\":\"uid landlock seccomp\"}");
	door_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_thing_is_shown_with_every_state_and_its_time),
		T(test_lists_counts_and_keys_are_answered),
		T(test_bodies_come_as_they_are),
		T(test_what_cannot_be_answered_is_one_sentence),
		T(test_a_right_that_is_missing_is_told_before_anything_is_looked_at),
		T(test_a_long_list_comes_in_pages_by_key),
		T(test_a_reload_is_answered_when_it_is_decided),
		T(test_a_reload_that_nobody_decides_ends_with_later),
		T(test_who_says_nothing_or_too_much_is_shut_out),
		T(test_forty_at_the_door_are_served_one_after_the_other),
		T(test_many_without_a_right_keep_out_nobody_who_has_one),
		T(test_two_questions_in_one_breath_get_two_answers),
		T(test_a_dead_ones_socket_is_replaced),
		T(test_the_next_generation_answers_when_it_is_told_to),
		T(test_status_tells_the_roles_as_the_supervisor_knows_them),
	};

	return TESTS_RUN(tests);
}
