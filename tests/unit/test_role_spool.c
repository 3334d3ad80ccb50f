/*
 * tests/unit/test_role_spool.c - the role spool over a queue, with intake,
 * convert and deliver played by the test: the whole way of hundreds of
 * filings, what it costs in rows and syncs, and what a full link, a death or
 * a restart of the others does.
 */
#include "tests/unit/desk_test.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILES    12
#define FILINGS  100
#define ANSWERS  2 /* receipts of each filing */
#define ROUNDS   20000
#define KEY_SIZE 24

struct world {
	struct desk d;
	struct idgen ids;
	unsigned int accepted, halves, greeted, ordered, died, picked;
	unsigned int file, answer; /* sent */
	bool hold;                 /* deliver says nothing */
	bool poison;               /* the child dies at every message */
	struct slice kept[64];
};

/* Convert is ready, with mappings of this version. */
static void
generation_say(struct world *w, uint64_t generation, const char *mapping)
{
	desk_say(&w->d, ROLE_SUPERVISOR, MSG_GENERATION,
	    &(struct msg_GENERATION){ .generation = generation,
		.mapping_version = slice_of(mapping) },
	    -1);
}

static void
world_closed(struct world *w)
{
	*w = (struct world){ 0 };
	box_new(&w->d.x);
	w->d.x.partner[1].submit[0].batch = FILINGS;
	idgen_init(&w->ids, &w->d.x.clock, 600);
	desk_begin(&w->d);
}

static void
world_new(struct world *w)
{
	world_closed(w);
	generation_say(w, w->d.role.generation + 1, "abc");
}

static int
memfd(struct slice bytes)
{
	struct err err;
	int fd = fsx_memfd("test", bytes, &err);

	if (fd < 0)
		fail_msg("%s", err.text);
	return fd;
}

static void
file_send(struct world *w, const char *partner, const char *name)
{
	struct msg_TAKE m = { .arrival = id_new(&w->ids),
		.partner = slice_of(partner),
		.channel = SLICE_LIT("folder"),
		.name = slice_of(name),
		.size = strlen(name) };
	struct err err;

	assert_int_equal(hash_of(m.name, &m.sha256, &err), RC_OK);
	desk_say(&w->d, ROLE_INTAKE, MSG_TAKE, &m, memfd(m.name));
}

static void
intake_play(struct world *w)
{
	struct msg *m;

	while ((m = wire_next(exchange_wire(w->d.ex, ROLE_INTAKE))) != NULL) {
		if (m->type == MSG_TAKEN) {
			const struct msg_TAKEN *t = m->body;

			assert_int_equal(t->rc, RC_OK);
			desk_say(&w->d, ROLE_INTAKE, MSG_ACCEPT,
			    &(struct msg_ACCEPT){ .arrival = t->arrival }, -1);
		} else if (m->type == MSG_ACCEPTED) {
			assert_int_equal(
			    ((const struct msg_ACCEPTED *)m->body)->rc, RC_OK);
			w->accepted++;
		} else {
			assert_int_equal(m->type, MSG_HALF);
			w->halves++;
		}
		msg_free(m);
	}
}

/* "FILE.edi": a hundred filings; "ANSWER-FILE.xml": their receipts. */
static void
claims_make(struct world *w, const struct msg_ORDER *o, struct buf *b)
{
	unsigned int file = 0, answer = 0;
	char key[KEY_SIZE], name[64];

	snprintf(name, sizeof(name), "%.*s", SLICE_ARG(o->name));
	w->d.x.o = (struct order){ .ids = o->ids, .nids = o->nids };
	if (sscanf(name, "%u-%u.xml", &answer, &file) == 2) {
		claims_arrival(b, 0, FILINGS);
		for (uint32_t i = 1; i <= FILINGS; i++) {
			struct a_receipt r = { .filer = key,
				.platform = key,
				.customs = answer == 1 ? key : NULL,
				.status = "X",
				.level = answer == 0 ? "technical" : "decision",
				.outcome =
				    answer == 0 ? "received" : "released",
				.rank = 10 + (int)answer,
				.final = answer == 1,
				.event_ms = 1000 + answer };

			snprintf(key, sizeof(key), "%u.%u", file, i);
			claims_receipt(b, i, &r);
		}
		return;
	}
	assert_int_equal(sscanf(name, "%u.edi", &file), 1);
	claims_arrival(b, FILINGS, 0);
	for (uint32_t i = 1; i <= FILINGS; i++) {
		struct a_filing f = { .key = key,
			.content = key,
			.lane = key,
			.file_name = "n.xml" };

		snprintf(key, sizeof(key), "%u.%u", file, i);
		claims_filing(&w->d.x, b, i, &f);
	}
}

static void
convert_play(struct world *w)
{
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct msg *m;

	while ((m = wire_next(exchange_wire(w->d.ex, ROLE_CONVERT))) != NULL) {
		const struct msg_ORDER *o = m->body;
		struct msg_RESULT r = { .order = o->order };
		struct buf b;

		w->ordered++;
		if (w->poison) {
			w->died++;
			desk_say(&w->d, ROLE_CONVERT, MSG_DIED,
			    &(struct msg_DIED){
				.order = o->order, .why = SLICE_LIT("killed") },
			    -1);
			msg_free(m);
			continue;
		}
		if (o->kind == ORDER_READ) {
			claims_make(w, o, &b);
		} else {
			buf_init(&b, 1u << 20);
			claim_put(&b, &body);
		}
		desk_say(
		    &w->d, ROLE_CONVERT, MSG_RESULT, &r, memfd(buf_look(&b)));
		buf_clear(&b);
		msg_free(m);
	}
}

static void
deliver_play(struct world *w)
{
	struct msg *m;

	while (!w->hold &&
	       (m = wire_next(exchange_wire(w->d.ex, ROLE_DELIVER))) != NULL) {
		if (m->type == MSG_DELIVER) {
			const struct msg_DELIVER *d = m->body;

			desk_say(&w->d, ROLE_DELIVER, MSG_STAGED,
			    &(struct msg_STAGED){ .delivery = d->delivery },
			    -1);
		} else if (m->type == MSG_PUBLISH) {
			const struct msg_PUBLISH *p = m->body;

			desk_say(&w->d, ROLE_DELIVER, MSG_PUBLISHED,
			    &(struct msg_PUBLISHED){ .delivery = p->delivery },
			    -1);
			desk_say(&w->d, ROLE_DELIVER, MSG_PICKED,
			    &(struct msg_PICKED){ .delivery = p->delivery },
			    -1);
			w->picked++;
		} else {
			assert_int_equal(m->type, MSG_STANDING);
			w->greeted++;
		}
		msg_free(m);
	}
}

/* Until nobody has anything to say. */
static void
world_run(struct world *w)
{
	struct err err;

	for (int i = 0; i < ROUNDS; i++) {
		bool worked = false;
		int64_t due = 0;
		struct msg *m;

		while ((m = wire_next(w->d.role.wire)) != NULL) {
			if (role_spool.take(&w->d.role, m, &err) != RC_OK)
				fail_msg("%s", err.text);
			msg_free(m);
		}
		if (role_spool.idle(&w->d.role, &due, &worked, &err) != RC_OK)
			fail_msg("%s", err.text);
		intake_play(w);
		convert_play(w);
		deliver_play(w);
		if (!worked && (exchange_quiet(w->d.ex) || w->hold))
			return;
	}
	fail_msg("it never comes to rest");
}

/* Its messages and one round; the commits so far. */
static uint64_t
world_step(struct world *w, int64_t *due)
{
	struct spool_counters c;

	*due = desk_step(&w->d);
	spool_counters(desk_spool(&w->d), &c);
	return c.commits;
}

/* One of the files that are taken is moved aside. */
static void
aside_say(struct world *w)
{
	struct msg *m = wire_next(exchange_wire(w->d.ex, ROLE_INTAKE));
	const struct msg_TAKEN *t = m->body;

	assert_int_equal(m->type, MSG_TAKEN);
	desk_say(&w->d, ROLE_INTAKE, MSG_ACCEPT,
	    &(struct msg_ACCEPT){ .arrival = t->arrival }, -1);
	msg_free(m);
}

static void
test_the_whole_way_stays_within_rows_and_syncs(void **state)
{
	struct spool_counters a, c;
	struct world w;
	double n = FILES * FILINGS;
	char name[32];

	(void)state;
	world_new(&w);
	world_run(&w);
	assert_int_equal(w.halves, 1); /* the end of the list */
	assert_int_equal(w.greeted, 1);
	spool_counters(desk_spool(&w.d), &a);
	for (unsigned int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "%u.edi", i);
		file_send(&w, "acme", name);
	}
	world_run(&w);
	for (unsigned int k = 0; k < ANSWERS; k++) {
		for (unsigned int i = 0; i < FILES; i++) {
			snprintf(name, sizeof(name), "%u-%u.xml", k, i);
			file_send(&w, "customs", name);
		}
		world_run(&w);
	}
	spool_counters(desk_spool(&w.d), &c);
	assert_int_equal(c.filings - a.filings, n);
	assert_int_equal(
	    desk_sql(&w.d, "SELECT count(*) FROM leg WHERE state = 'final' AND"
			   " outcome = 'released'"),
	    n);
	assert_int_equal(desk_sql(&w.d, "SELECT count(*) FROM delivery WHERE"
					" state <> 'picked'"),
	    0);
	assert_int_equal(desk_sql(&w.d, "SELECT count(*) FROM delivery WHERE"
					" kind = 'legs'"),
	    FILES);
	assert_int_equal(desk_sql(&w.d, "SELECT count(*) FROM receipt"), 0);
	print_message("a filing: %.2f rows, %.3f syncs, %.3f events,"
		      " %.0f body bytes, %llu commits in all\n",
	    (double)(c.row_writes - a.row_writes) / n,
	    (double)(c.syncs - a.syncs) / n, (double)(c.events - a.events) / n,
	    (double)(c.body_bytes - a.body_bytes) / n,
	    (unsigned long long)(c.commits - a.commits));
	assert_true((double)(c.row_writes - a.row_writes) / n <= 8);
	assert_true((double)(c.syncs - a.syncs) / n <= 0.1);
	assert_true((double)(c.events - a.events) / n <= 1);
	desk_end(&w.d);
}

/* Nothing is waited for twice when nobody said a word. */
static void
test_a_batch_waits_only_while_much_is_under_way(void **state)
{
	struct world w;
	int64_t due;
	uint64_t n;

	(void)state;
	world_new(&w);
	world_run(&w);
	n = world_step(&w, &due);
	file_send(&w, "acme", "lone.edi");
	assert_int_equal(world_step(&w, &due), n + 1);
	while (w.accepted == 0) {
		intake_play(&w);
		n = world_step(&w, &due);
	}
	for (unsigned int i = 0; i < HOLD_OWED; i++)
		file_send(&w, "acme", "some.edi");
	assert_int_equal(world_step(&w, &due), n + 1);
	aside_say(&w);
	assert_int_equal(world_step(&w, &due), n + 1);
	assert_int_equal(due, clock_mono(&w.d.x.clock) + HOLD_MS);
	intake_play(&w); /* the others, and it was the last word owed */
	assert_int_equal(world_step(&w, &due), n + 2);
	/* convert has them all now, and says nothing */
	file_send(&w, "acme", "more.edi");
	assert_int_equal(world_step(&w, &due), n + 2);
	clock_move(&w.d.x.clock, HOLD_MS);
	assert_int_equal(world_step(&w, &due), n + 3);
	file_send(&w, "acme", "again.edi");
	assert_int_equal(world_step(&w, &due), n + 4);
	desk_end(&w.d);
}

static void
test_a_death_is_counted_and_the_third_holds(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.poison = true;
	file_send(&w, "acme", "1.edi");
	world_run(&w);
	assert_int_equal(desk_sql(&w.d, "SELECT count(*) FROM arrival WHERE"
					" state = 'held'"),
	    1);
	assert_int_equal(w.died, 2 * SPOOL_ATTEMPTS); /* it and its reply */
	desk_end(&w.d);
}

static void
test_a_deliver_that_starts_again_is_told_what_stands(void **state)
{
	struct world w;
	struct msg *m;
	struct err err;
	unsigned int standing = 0, out = 0;

	(void)state;
	world_new(&w);
	world_run(&w);
	w.hold = true;
	file_send(&w, "fwd", "1.edi");
	world_run(&w);
	while ((m = wire_next(exchange_wire(w.d.ex, ROLE_DELIVER))) != NULL) {
		out += m->type == MSG_DELIVER;
		msg_free(m);
	}
	assert_int_equal(out, 1);
	assert_int_equal(role_spool.peer(&w.d.role, ROLE_DELIVER, &err), RC_OK);
	w.hold = false;
	world_run(&w);
	standing = w.greeted;
	assert_int_equal(standing, 2); /* the list's end, twice */
	assert_int_equal(w.picked, 1); /* handed out anew, delivered once */
	desk_end(&w.d);
}

static void
test_a_convert_that_starts_again_gets_its_orders_anew(void **state)
{
	struct world w;
	struct msg *m;
	struct err err;
	bool worked = false;
	int64_t due;

	(void)state;
	world_new(&w);
	file_send(&w, "acme", "1.edi");
	for (int i = 0; i < 4; i++) {
		while ((m = wire_next(w.d.role.wire)) != NULL) {
			assert_int_equal(
			    role_spool.take(&w.d.role, m, &err), RC_OK);
			msg_free(m);
		}
		assert_int_equal(
		    role_spool.idle(&w.d.role, &due, &worked, &err), RC_OK);
		intake_play(&w);
	}
	m = wire_next(exchange_wire(w.d.ex, ROLE_CONVERT));
	assert_non_null(m);
	assert_int_equal(m->type, MSG_ORDER);
	msg_free(m);
	w.d.role.peer_generation = 0;
	assert_int_equal(role_spool.peer(&w.d.role, ROLE_CONVERT, &err), RC_OK);
	world_run(&w);
	assert_int_equal(desk_sql(&w.d, "SELECT count(*) FROM filing"), 0);
	generation_say(&w, w.d.role.generation, "abc"); /* it is ready */
	world_run(&w);
	assert_int_equal(
	    desk_sql(&w.d, "SELECT count(*) FROM filing"), FILINGS);
	assert_int_equal(desk_sql(&w.d, "SELECT count(*) FROM generation"), 1);
	assert_int_equal(desk_sql(&w.d, "SELECT attempts FROM arrival"), 2);
	desk_end(&w.d);
}

static void
test_rows_name_the_generation_that_did_the_work(void **state)
{
	struct world w;
	struct err err;

	(void)state;
	world_closed(&w);
	file_send(&w, "acme", "1.edi");
	world_run(&w);
	/* nobody knows yet by which mappings it would be read */
	assert_int_equal(desk_sql(&w.d, "SELECT attempts FROM arrival"), 0);
	generation_say(&w, 1, "abc");
	world_run(&w);
	assert_int_equal(
	    desk_sql(&w.d, "SELECT count(*) FROM leg WHERE generation = 1"),
	    FILINGS);
	/* a start again goes on behind it */
	role_spool.stop(&w.d.role);
	if (role_spool.start(&w.d.role, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_int_equal(w.d.role.generation, 1);
	generation_say(&w, 2, "def");
	file_send(&w, "acme", "2.edi");
	world_run(&w);
	assert_int_equal(
	    desk_sql(&w.d, "SELECT min(generation) FROM arrival"), 1);
	assert_int_equal(
	    desk_sql(&w.d, "SELECT max(generation) FROM arrival"), 2);
	assert_int_equal(
	    desk_sql(&w.d, "SELECT count(*) FROM generation WHERE id = 2 AND "
			   "mapping = 'def'"),
	    1);
	desk_end(&w.d);
}

static void
taken_wait(struct world *w, uint64_t id)
{
	struct msg *m;
	bool taken = false;

	while ((m = wire_next(exchange_wire(w->d.ex, ROLE_INTAKE))) != NULL) {
		if (m->type == MSG_TAKEN)
			taken =
			    ((const struct msg_TAKEN *)m->body)->arrival == id;
		msg_free(m);
	}
	assert_true(taken);
}

/* Its file is back in the folder: nobody asks for its row any more. */
static void
test_a_take_that_is_given_up_is_dropped_also_while_the_disk_is_full(
    void **state)
{
	struct msg_UNTAKE m;
	struct full f;
	struct world w;

	(void)state;
	world_new(&w);
	file_send(&w, "acme", "0.edi");
	m.arrival = w.ids.last;
	desk_step(&w.d);
	taken_wait(&w, m.arrival);
	commits_full(desk_spool(&w.d), &f);
	f.times = 2;
	desk_say(&w.d, ROLE_INTAKE, MSG_UNTAKE, &m, -1);
	desk_step(&w.d);
	clock_move(&w.d.x.clock, 1000);
	desk_step(&w.d);
	assert_string_equal(
	    desk_text(&w.d, "SELECT state FROM arrival"), "taken");
	clock_move(&w.d.x.clock, 1000);
	desk_step(&w.d);
	assert_string_equal(
	    desk_text(&w.d, "SELECT state FROM arrival"), "dropped");
	desk_end(&w.d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_whole_way_stays_within_rows_and_syncs),
		T(test_a_batch_waits_only_while_much_is_under_way),
		T(test_a_death_is_counted_and_the_third_holds),
		T(test_a_deliver_that_starts_again_is_told_what_stands),
		T(test_a_convert_that_starts_again_gets_its_orders_anew),
		T(test_rows_name_the_generation_that_did_the_work),
		T(test_a_take_that_is_given_up_is_dropped_also_while_the_disk_is_full),
	};

	return TESTS_RUN(tests);
}
