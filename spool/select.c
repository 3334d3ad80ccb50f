/*
 * spool/select.c - from a filter to rows; trusts the filter to be parsed. The
 * words it puts into a statement come from states.def, everything a person
 * typed is bound. Called by the views and by the steps of an operator.
 */
#include "spool/select.h"
#include "spool/view_in.h"
#include "spool/view_rows.h"
#include "src/base/buf.h"
#include <assert.h>
#include <string.h>

#define SQL_ROOM   8192
#define NUMBERS_AT 5u /* parameters: of the numbers, behind the others */

static const struct {
	const char *row, *partner;
} tables[MACHINES] = {
	[MACHINE_arrival] = { ROW_ARRIVAL, "partner" },
	[MACHINE_filing] = { ROW_FILING, "partner" },
	[MACHINE_leg] = { ROW_LEG, "agency" },
	[MACHINE_delivery] = { ROW_DELIVERY, "partner" },
	[MACHINE_receipt] = { ROW_RECEIPT, "partner" },
};

/*
 * Ways in by an index: when all states that are wanted are among these, only
 * such rows are looked at; some of the indexes begin with the partner.
 */
static const struct way {
	enum state st[2];
	const char *where;
	bool partner;
} ways[] = {
	{ { STATE_arrival_TAKEN }, "state = 'taken'", false },
	{ { STATE_arrival_HELD }, "state = 'held'", false },
	{ { STATE_filing_HELD }, "state = 'held'", false },
	{ { STATE_leg_HELD }, "state = 'held'", false },
	{ { STATE_delivery_HELD, STATE_delivery_FAILED },
	    "state IN ('held', 'failed')", false },
	{ { STATE_receipt_PARKED, STATE_receipt_HELD },
	    "state IN ('parked', 'held')", false },
	{ { STATE_arrival_ACCEPTED }, "state = 'accepted'", true },
	{ { STATE_leg_WRITTEN }, "state = 'written'", true },
	{ { STATE_delivery_PLANNED }, "state = 'planned'", true },
	{ { STATE_delivery_READY }, "state = 'ready'", true },
	{ { STATE_delivery_STAGED, STATE_delivery_PUBLISHED },
	    "state IN ('staged', 'published')", true },
};

/*
 * Ways in by a number: few things have it, or have one that begins so. What the
 * filter says besides is measured row by row, as always. Receipts have several
 * in one column.
 */
static const struct {
	const char *index, *before, *column, *after; /* column: the number's */
} by_number[MACHINES] = {
	[MACHINE_arrival] = { "arrival_name", "", "name", "" },
	[MACHINE_filing] = { "filing_label", "", "label", "" },
	[MACHINE_leg] = { "leg_arrival",
	    "(arrival, filing) IN (SELECT f.arrival, f.id FROM filing f"
	    " INDEXED BY filing_label WHERE ",
	    "f.label", ")" },
	[MACHINE_delivery] = { "delivery_name",
	    "partner IN (WITH RECURSIVE p(one) AS (SELECT min(partner) FROM"
	    " delivery UNION ALL SELECT (SELECT min(partner) FROM delivery"
	    " WHERE partner > one) FROM p WHERE one IS NOT NULL) SELECT one"
	    " FROM p WHERE one IS NOT NULL) AND ",
	    "name", "" },
};

static void
numbers_put(struct buf *sql, enum machine m, const struct filter_term *t)
{
	buf_fmt(sql, " INDEXED BY %s WHERE id > ?1 AND %s%s IN (",
	    by_number[m].index, by_number[m].before, by_number[m].column);
	for (unsigned int i = 0; i < t->n; i++)
		buf_fmt(sql, "%s?%u", i == 0 ? "" : ", ", NUMBERS_AT + i);
	buf_fmt(sql, ")%s", by_number[m].after);
}

static void
begin_put(struct buf *sql, enum machine m)
{
	buf_fmt(sql,
	    " INDEXED BY %s WHERE id > ?1 AND %s%s >= ?%u AND %s < ?%u%s",
	    by_number[m].index, by_number[m].before, by_number[m].column,
	    NUMBERS_AT, by_number[m].column, NUMBERS_AT + 1,
	    by_number[m].after);
}

static void
text_bind(sqlite3_stmt *st, unsigned int at, struct slice text)
{
	(void)sqlite3_bind_text64(st, (int)at, text.len == 0 ? "" : text.p,
	    text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void
numbers_bind(sqlite3_stmt *st, const struct filter_term *t)
{
	for (unsigned int i = 0; i < t->n; i++)
		text_bind(st, NUMBERS_AT + i, t->value[i]);
}

/* From the text to behind all that begin with it. */
static void
begin_bind(sqlite3_stmt *st, struct slice begin)
{
	char past[FILTER_MAX + 1];

	assert(begin.len < sizeof(past));
	memcpy(past, begin.p, begin.len);
	past[begin.len] = '\xff'; /* in no text */
	text_bind(st, NUMBERS_AT, begin);
	text_bind(st, NUMBERS_AT + 1, (struct slice){ past, begin.len + 1 });
}

/*
 * Do no more begin so than one page looks at? All of them are put in order for
 * each page, so of many it is cheaper to look at everything: then they are not
 * far between.
 */
static bool
begin_few(struct journal *j, const struct select *s, struct slice begin)
{
	/* a leg has its filing's, all of which would be gathered first */
	enum machine m =
	    s->machine == MACHINE_leg ? MACHINE_filing : s->machine;
	sqlite3_stmt *st = NULL;
	struct buf sql;
	bool few = false;

	buf_init(&sql, SQL_ROOM);
	buf_fmt(
	    &sql, "SELECT count(*) FROM (SELECT 1 FROM %s", machine_name(m));
	begin_put(&sql, m);
	buf_str(&sql, " LIMIT ?2)");
	if (sqlite3_prepare_v2(j->db, buf_cstr(&sql), -1, &st, NULL) ==
	    SQLITE_OK) {
		(void)sqlite3_bind_int64(st, 1, 0);
		(void)sqlite3_bind_int64(st, 2, SELECT_LOOKED);
		begin_bind(st, begin);
		few = sqlite3_step(st) == SQLITE_ROW &&
		      sqlite3_column_int64(st, 0) < SELECT_LOOKED;
	}
	sqlite3_finalize(st);
	buf_clear(&sql);
	return few;
}

static bool
wanted(const struct select *s, enum state st)
{
	return state_machine(st) == s->machine &&
	       filter_wants_state(s->filter, st);
}

static bool
way_fits(const struct select *s, const struct way *w, bool partner)
{
	if (state_machine(w->st[0]) != s->machine || (w->partner && !partner))
		return false;
	for (int i = STATE_NONE + 1; i < STATES; i++)
		if (wanted(s, (enum state)i) && (enum state)i != w->st[0] &&
		    (enum state)i != w->st[1])
			return false;
	return true;
}

static void
way_put(struct buf *sql, const struct select *s, bool partner)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!way_fits(s, &ways[i], partner))
			continue;
		buf_fmt(sql, " AND %s", ways[i].where);
		if (ways[i].partner)
			buf_fmt(
			    sql, " AND %s = ?3", tables[s->machine].partner);
		return;
	}
}

static sqlite3_stmt *
select_begin(struct journal *j, const struct select *s, struct err *err)
{
	struct slice partner = filter_partner(s->filter);
	uint64_t id = filter_id(s->filter);
	const struct filter_term *numbers =
	    id == 0 && by_number[s->machine].index != NULL
		? filter_numbers(s->filter)
		: NULL;
	struct slice begin = { NULL, 0 };
	sqlite3_stmt *st = NULL;
	struct buf sql;
	int code;

	if (id == 0 && numbers == NULL && by_number[s->machine].index != NULL)
		begin = filter_number_begin(s->filter);
	if (begin.len > 0 && !begin_few(j, s, begin))
		begin.len = 0;
	buf_init(&sql, SQL_ROOM);
	buf_str(&sql, tables[s->machine].row);
	if (numbers != NULL)
		numbers_put(&sql, s->machine, numbers);
	else if (begin.len > 0)
		begin_put(&sql, s->machine);
	else
		buf_str(&sql, " WHERE id > ?1");
	if (id != 0)
		buf_str(&sql, " AND id = ?4");
	else if (numbers == NULL && begin.len == 0)
		way_put(&sql, s, partner.len > 0);
	buf_str(&sql, " ORDER BY id LIMIT ?2");
	code = sqlite3_prepare_v2(j->db, buf_cstr(&sql), -1, &st, NULL);
	buf_clear(&sql);
	if (code == SQLITE_OK) {
		(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)s->after);
		(void)sqlite3_bind_int64(st, 2, SELECT_LOOKED);
		(void)sqlite3_bind_text64(
		    st, 3, partner.p, partner.len, SQLITE_STATIC, SQLITE_UTF8);
		(void)sqlite3_bind_int64(st, 4, (sqlite3_int64)id);
		if (numbers != NULL)
			numbers_bind(st, numbers);
		else if (begin.len > 0)
			begin_bind(st, begin);
		return st;
	}
	(void)err_set(
	    err, RC_BROKEN, "journal: selecting: %s", sqlite3_errmsg(j->db));
	return NULL;
}

static bool
row_passes(const struct select *s, const struct view_row *r)
{
	struct filter_facts x = { .machine = r->machine,
		.id = r->id,
		.state = r->state,
		.partner = r->partner,
		.kind = r->kind,
		.number = r->number,
		.text = { r->name, r->number, r->why, r->outcome, r->other },
		.age_ms = s->now - r->t };

	return filter_wants_state(s->filter, r->state) &&
	       filter_passes(s->filter, &x);
}

static bool
states_any(const struct select *s)
{
	for (int i = STATE_NONE + 1; i < STATES; i++)
		if (wanted(s, (enum state)i))
			return true;
	return false;
}

enum rc
select_page(struct journal *j, struct select *s, struct arena *mem,
    struct view_row *rows, unsigned int *n, struct err *err)
{
	unsigned int looked = 0, have = 0;
	sqlite3_stmt *st;
	int code;

	*n = 0;
	s->next = 0;
	if (!filter_wants(s->filter, s->machine) || !states_any(s))
		return RC_OK;
	st = select_begin(j, s, err);
	if (st == NULL)
		return RC_BROKEN;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		view_row_read(st, mem, &rows[have]);
		s->next = rows[have].id;
		looked++;
		have += row_passes(s, &rows[have]);
		if (have == s->max)
			break;
	}
	if (code == SQLITE_DONE && looked < SELECT_LOOKED)
		s->next = 0;
	sqlite3_finalize(st);
	*n = have;
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return RC_OK;
	return err_set(
	    err, RC_LATER, "journal: selecting: %s", sqlite3_errmsg(j->db));
}
