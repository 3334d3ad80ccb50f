/*
 * tests/unit/test_spool_amend.c - what comes under a number that was filed:
 * each row of the table in entrepot-status(7), in each of its columns, on a
 * real spool. A row without a way to get there fails, and so does a way without
 * row; to some rows there are several.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include <string.h>
#include "spool/joint.h"

/* The leg that is looked at is "second"; "first" goes on beside it. */
static const struct a_leg before[] = {
	{ .name = "first", .agency = "port", .body = "<A/>", .tells = true },
	{ .name = "second", .agency = "customs", .body = "<B/>" },
};

static const struct {
	const char *amends;
	bool tells;
} columns[] = {
	{ "", false },
	{ "change", true },
	{ "change", false },
	{ "cancel", true },
	{ "cancel", false },
};

static void
sql_run(struct box *x, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(x->s->j.db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

/* --- the ways there --- */

static void
filed(struct box *x)
{
	struct err err;

	if (joint_file(x, "acme", "a.edi", "K1", "", before, 2, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
to_none(struct box *x)
{
	struct err err;

	if (joint_file(x, "acme", "a.edi", "K1", "", before, 1, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
to_waits(struct box *x)
{
	static const struct a_leg legs[] = {
		{ .name = "first", .agency = "port", .body = "<A/>" },
		{ .name = "second", .agency = "customs", .waits = true },
	};
	struct err err;

	if (joint_file(x, "acme", "a.edi", "K1", "", legs, 2, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
out_again(struct box *x, const char *leg_state)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE delivery SET state = 'cancelled' WHERE id = (SELECT "
	    "delivery"
	    " FROM leg WHERE name = 'second'); UPDATE leg SET state = '%s',"
	    " delivery = 0 WHERE name = 'second'",
	    leg_state);
	sql_run(x, sql);
}

static void
to_written(struct box *x)
{
	filed(x);
	out_again(x, "written");
}

static void
to_held(struct box *x)
{
	filed(x);
	out_again(x, "held");
}

static void
delivery_is(struct box *x, const char *what)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE delivery SET %s WHERE id = (SELECT delivery FROM leg"
	    " WHERE name = 'second')",
	    what);
	sql_run(x, sql);
}

static void
to_open_with_others(struct box *x)
{
	filed(x);
	delivery_is(x, "state = 'open', legs = 3");
}

static void
to_staged(struct box *x)
{
	filed(x);
	delivery_is(x, "state = 'staged'");
}

static void
to_sent(struct box *x)
{
	filed(x);
	delivery_is(x, "state = 'picked', published_ms = 1");
}

static void
to_expired(struct box *x)
{
	to_sent(x);
	sql_run(x, "UPDATE leg SET state = 'expired' WHERE name = 'second'");
}

static void
to_given_up(struct box *x)
{
	to_waits(x);
	sql_run(x, "UPDATE leg SET state = 'expired' WHERE name = 'second'");
}

static void
to_accepted(struct box *x)
{
	to_sent(x);
	joint_answer(x, "customs", "K1", NULL, "accepted", 30);
}

static void
to_released(struct box *x)
{
	to_sent(x);
	joint_answer(x, "customs", "K1", NULL, "released", 60);
}

static void
to_returned(struct box *x)
{
	to_sent(x);
	joint_answer(x, "customs", "K1", "P1", "returned", 55);
}

/* Its agency spoke before it was out. */
static void
early(struct box *x)
{
	to_written(x);
	joint_answer(x, "customs", "K1", "P1", "returned", 55);
	sql_run(x, "UPDATE leg SET state = 'bound', delivery = (SELECT id FROM"
		   " delivery WHERE partner = 'customs' AND kind = 'legs')"
		   " WHERE name = 'second'");
}

static void
to_early_sent(struct box *x)
{
	early(x);
	delivery_is(x, "state = 'picked', published_ms = 1");
}

static void
to_early_expired(struct box *x)
{
	to_early_sent(x);
	sql_run(x, "UPDATE leg SET state = 'expired' WHERE name = 'second'");
}

/* The answer moves it: it is bound no more, and not out. */
static void
to_answered_staged(struct box *x)
{
	to_staged(x);
	joint_answer(x, "customs", "K1", "P1", "returned", 55);
}

static void
to_answered_open(struct box *x)
{
	to_open_with_others(x);
	joint_answer(x, "customs", "K1", "P1", "returned", 55);
}

static void
to_undeliverable(struct box *x)
{
	struct leg_row r;
	struct entry e = { .kind = ENTRY_UNDELIVERABLE,
		.answer = {
		    .level = LEVEL_TRANSPORT, .outcome = OUTCOME_FAILED } };
	struct step st;

	filed(x);
	delivery_is(x, "state = 'failed'");
	if (!step_begin(x->b, &st) ||
	    leg_get(x->s,
		(uint64_t)box_sql(
		    x, "SELECT id FROM leg WHERE name = 'second'"),
		&r, &st.why) != RC_OK)
		fail_msg("no leg");
	step_end(x->b, &st, leg_answer(x->b, &r, &e, &st.why));
	box_commit(x);
	assert_int_equal(st.rc, RC_OK);
}

static void
to_deleted(struct box *x)
{
	to_sent(x);
	joint_answer(x, "customs", "K1", NULL, "deleted", 95);
}

static void
to_cancelled(struct box *x)
{
	filed(x);
	delivery_is(x, "state = 'cancelled'");
	sql_run(x, "UPDATE leg SET state = 'cancelled' WHERE name = 'second'");
}

/* Accepted, then changed; what it was changed to is here or there. */
static void
changed(struct box *x, const char *state)
{
	static const struct a_leg change[] = {
		{ .name = "first",
		    .agency = "port",
		    .body = "<A/>",
		    .tells = true },
		{ .name = "second",
		    .agency = "customs",
		    .body = "<C/>",
		    .tells = true,
		    .content = 7 },
	};
	struct err err;
	char sql[200];

	to_accepted(x);
	if (joint_file(x, "acme", "c.edi", "K1", "change", change, 2, &err) !=
	    RC_OK)
		fail_msg("%s", err.text);
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE leg SET %s WHERE name = 'second' AND prev <> 0", state);
	sql_run(x, sql);
}

static void
to_change_here(struct box *x)
{
	changed(x, "state = 'written', delivery = 0");
}

static void
to_change_refused(struct box *x)
{
	changed(x, "state = 'answered', outcome = 'refused', level = 4");
}

static const struct {
	const char *row;
	void (*there)(struct box *);
	const char *then; /* of its delivery */
} ways[] = {
	{ "none", to_none, NULL },
	{ "waits for another leg", to_waits, NULL },
	{ "waits for its turn", to_written, NULL },
	{ "held", to_held, NULL },
	{ "in a file, not out", filed, "state = 'ready'" },
	{ "in a file, not out", early, "state = 'ready'" },
	{ "in a file with others, open", to_open_with_others, NULL },
	{ "in a file with others, closed", filed, "state = 'ready', legs = 3" },
	{ "in a file numbered without a gap", filed,
	    "state = 'ready', gapless = 1" },
	{ "in a file numbered without a gap", to_undeliverable,
	    "state = 'ready', gapless = 1" },
	{ "going out", to_staged, NULL },
	{ "going out", early, "state = 'staged'" },
	{ "going out", to_answered_staged, NULL },
	{ "going out", to_undeliverable, "state = 'staged'" },
	{ "sent, no answer", to_sent, NULL },
	{ "sent, no answer", to_early_sent, NULL },
	{ "sent, no answer", to_undeliverable,
	    "state = 'picked', published_ms = 1" },
	{ "sent, answer overdue", to_expired, NULL },
	{ "sent, answer overdue", to_early_expired, NULL },
	{ "given up, never sent", to_given_up, NULL },
	{ "going", to_accepted, NULL },
	{ "good", to_released, NULL },
	{ "reopen", to_returned, NULL },
	{ "reopen", to_answered_open, NULL },
	{ "reopen, never delivered", to_undeliverable, NULL },
	{ "reopen, never delivered", to_undeliverable, "state = 'ready'" },
	{ "undone", to_deleted, NULL },
	{ "cancelled", to_cancelled, NULL },
	{ "change not out", to_change_here, NULL },
	{ "change refused", to_change_refused, NULL },
};

#define WAYS    (sizeof(ways) / sizeof(ways[0]))
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* --- what is done --- */

static const char *const word[] = {
	[LEG_NEW] = "new",
	[LEG_SEND] = "sent",
	[LEG_REPLACE] = "instead",
	[LEG_KEEP] = "stays",
	[LEG_DROP] = "ended",
	[LEG_BLOCKED] = "told",
	[LEG_SKIP] = "-",
};

static int64_t
seconds(struct box *x, const char *and)
{
	char sql[300];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM leg WHERE name = 'second' AND %s", and);
	return box_sql(x, sql);
}

/* The filing comes; its effects are those of the action. */
static void
effect(struct box *x, unsigned int column, enum leg_action todo, bool reopened)
{
	struct a_leg legs[2] = { before[0], before[1] };
	bool made = todo == LEG_NEW || todo == LEG_SEND || todo == LEG_REPLACE;
	bool cancels = strcmp(columns[column].amends, "cancel") == 0;
	int64_t n = seconds(x, "1"), gone = seconds(x, "state = 'cancelled'");
	const char *why;
	struct err err;

	legs[1].tells = columns[column].tells;
	legs[1].content = 9;
	legs[1].body = "<D/>";
	if (joint_file(x, "acme", "d.edi", "K1", columns[column].amends, legs,
		2, &err) != RC_OK)
		fail_msg("%s", err.text);
	why = box_text(x, "SELECT why FROM filing ORDER BY id DESC LIMIT 1");
	if (columns[column].amends[0] == '\0' && !reopened) {
		assert_string_equal(why, "key-used");
		assert_int_equal(seconds(x, "1"), n);
		return;
	}
	/* the other leg is told that it is cancelled, so others go on */
	assert_string_equal(why, todo != LEG_BLOCKED ? ""
				 : cancels           ? "legs-kept second"
						     : "cannot-amend second");
	assert_int_equal(seconds(x, "1"), n + made);
	assert_int_equal(seconds(x, "state = 'cancelled'"),
	    gone + (todo == LEG_REPLACE || todo == LEG_DROP));
	if (todo == LEG_REPLACE || todo == LEG_DROP)
		assert_int_equal(
		    box_sql(x, "SELECT count(*) FROM leg l JOIN delivery d"
			       " ON d.id = l.delivery WHERE l.name = 'second'"
			       " AND l.state = 'cancelled' AND d.state IN"
			       " ('open', 'planned', 'ready', 'held')"),
		    0);
	/* nor does what was to be tried again go beside what is sent anew */
	assert_int_equal(
	    box_sql(x, "SELECT count(*) FROM leg l JOIN delivery d ON"
		       " d.id = l.delivery WHERE l.name = 'second' AND"
		       " l.outcome IN ('returned', 'failed') AND (l.next <> 0"
		       " OR l.state = 'cancelled') AND d.gapless = 0 AND"
		       " d.state IN ('open', 'planned', 'ready', 'held')"),
	    0);
	/* what its agency never had is planned again, as an original */
	if (made && columns[column].tells)
		assert_int_equal(
		    seconds(x, "wake <> 0 AND state = 'waiting' AND prev = 0"),
		    seconds(x, "prev = 0 AND next = 0 AND wake <> 0"));
	/* and the other leg is as it was, but for a cancellation */
	assert_int_equal(
	    box_sql(x, "SELECT count(*) FROM leg WHERE name = 'first'"),
	    1 + cancels);
}

static enum leg_action
action(struct box *x, unsigned int column)
{
	struct claim_leg l = { .name = SLICE_LIT("second"),
		.tells = columns[column].tells };
	uint64_t filing =
	    (uint64_t)box_sql(x, "SELECT id FROM filing WHERE holds = 1");
	struct leg_row old;
	struct err err;
	bool there = amend_before(x->s, filing, l.name, &old, &err) == RC_OK;

	l.content[0] = 9;
	return amend_action(
	    x->s, slice_of(columns[column].amends), there ? &old : NULL, &l);
}

static void
cell(unsigned int way, unsigned int column, const char *want)
{
	enum leg_action todo;
	bool reopened;
	struct box x;

	box_new(&x);
	ways[way].there(&x);
	if (ways[way].then != NULL)
		delivery_is(&x, ways[way].then);
	todo = action(&x, column);
	if (strcmp(word[todo], want) != 0)
		fail_msg("'%s', way %u, column %u: %s, the manual says %s",
		    ways[way].row, way + 1, column + 1, word[todo], want);
	/* the other agency has its leg, and is at it */
	sql_run(&x, "UPDATE leg SET state = 'answered', outcome = 'accepted',"
		    " level = 4 WHERE name = 'first' AND next = 0");
	reopened =
	    box_sql(&x, "SELECT count(*) FROM leg WHERE next = 0 AND"
			" (outcome IN ('returned', 'failed', 'refused') OR"
			" (state = 'expired' AND delivery = 0))") > 0 &&
	    todo != LEG_KEEP;
	effect(&x, column, todo, reopened);
	box_free(&x);
}

/* --- the manual's rows --- */

static bool
field_next(char **rest, char *out, size_t size)
{
	char *p = *rest + strspn(*rest, " "), *end;
	bool quoted = *p == '"';

	if (strncmp(p, "Ta ", 3) == 0)
		p += 3;
	p += strspn(p, " ");
	quoted = *p == '"';
	p += quoted;
	end = p + strcspn(p, quoted ? "\"\n" : " \n");
	if (end == p)
		return false;
	(void)snprintf(out, size, "%.*s", (int)(end - p), p);
	*rest = end + (quoted && *end == '"');
	return true;
}

static void
row_run(char *line, bool seen[WAYS])
{
	char name[64], want[16];
	char *rest = line + strlen(".It");
	unsigned int found = 0;

	assert_true(field_next(&rest, name, sizeof(name)));
	for (unsigned int way = 0; way < WAYS; way++)
		if (strcmp(ways[way].row, name) == 0) {
			seen[way] = true;
			found++;
		}
	if (found == 0)
		fail_msg("the manual has a row '%s', the test none", name);
	for (unsigned int c = 0; c < COLUMNS; c++) {
		if (!field_next(&rest, want, sizeof(want)))
			fail_msg("row '%s' has no column %u", name, c + 1);
		for (unsigned int way = 0; way < WAYS; way++)
			if (strcmp(ways[way].row, name) == 0)
				cell(way, c, want);
	}
}

static void
test_the_manual_says_what_is_done_to_a_leg(void **state)
{
	bool in = false, seen[WAYS] = { false };
	char path[4096], line[1024];
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/man/entrepot-status.7",
	    getenv("ENTREPOT_SRC") == NULL ? "." : getenv("ENTREPOT_SRC"));
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s cannot be read", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, ".\\\" end amend", 13) == 0)
			in = false;
		if (in)
			row_run(line, seen);
		if (strncmp(line, ".\\\" begin amend", 15) == 0)
			in = true;
	}
	(void)fclose(f);
	for (unsigned int i = 0; i < WAYS; i++)
		if (!seen[i])
			fail_msg("the manual has no row '%s'", ways[i].row);
}

/*
 * Each time it is given back and filed again, what was answered before is
 * known: the answers of hundreds of submissions hinder none that comes.
 */
static void
test_what_is_given_back_again_and_again_is_answered_all_the_same(void **state)
{
	struct a_receipt back = { .filer = "K1",
		.status = "55",
		.level = "decision",
		.outcome = "returned",
		.rank = 55 };
	char name[24];
	struct delivery_out d;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	for (int i = 0; i < 300; i++) {
		struct a_leg leg = { .name = "only",
			.agency = "customs",
			.body = "<A/>",
			.file = name,
			.content = (uint8_t)i };

		(void)snprintf(name, sizeof(name), "%d.edi", i);
		if (joint_file(&x, "acme", name, "K1", "", &leg, 1, &err) !=
		    RC_OK)
			fail_msg("%s: %s", name, err.text);
		while (box_deliver(&x, &d))
			box_publish(&x, d.id);
		clock_move(&x.clock, 1000);
		back.event_ms = clock_wall(&x.clock);
		box_receipt(&x, "customs", &back);
	}
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg WHERE"
				     " outcome = 'returned' AND answers = 1"),
	    300);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_manual_says_what_is_done_to_a_leg),
		T(test_what_is_given_back_again_and_again_is_answered_all_the_same),
	};

	return TESTS_RUN(tests);
}
