/*
 * spool/view.c - one thing with its fields, times and answers; lists of
 * things. Trusts the journal to be one commit; reads it without ever holding
 * it. Called by the role query and by tools on a stopped spool.
 */
#include "spool/view_in.h"
#include "spool/release.h"
#include "spool/select.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/fsx.h"
#include "src/base/id.h"

static const enum sql show_sql[MACHINES] = {
	[MACHINE_arrival] = SQL_VIEW_ARRIVAL,
	[MACHINE_filing] = SQL_VIEW_FILING,
	[MACHINE_leg] = SQL_VIEW_LEG,
	[MACHINE_delivery] = SQL_VIEW_DELIVERY,
	[MACHINE_receipt] = SQL_VIEW_RECEIPT,
};

static const enum sql row_sql[MACHINES] = {
	[MACHINE_arrival] = SQL_VIEW_ROW_ARRIVAL,
	[MACHINE_filing] = SQL_VIEW_ROW_FILING,
	[MACHINE_leg] = SQL_VIEW_ROW_LEG,
	[MACHINE_delivery] = SQL_VIEW_ROW_DELIVERY,
	[MACHINE_receipt] = SQL_VIEW_ROW_RECEIPT,
};

enum rc
view_open(struct view **out, const char *folder, struct err *err)
{
	struct view *v = calloc(1, sizeof(*v));
	enum rc rc;

	if (v == NULL)
		return err_set(err, RC_LATER, "no memory for a view");
	v->seg.dirfd = v->seg.fd = -1;
	v->dirfd = fsx_opendir(folder, err);
	rc =
	    v->dirfd < 0 ? RC_REFUSED : journal_open(&v->j, folder, false, err);
	if (rc == RC_OK)
		rc = segments_open(&v->seg, v->dirfd, false, err);
	if (rc != RC_OK) {
		view_close(v);
		return err_prefix(err, RC_REFUSED, "spool '%s'", folder);
	}
	*out = v;
	return RC_OK;
}

void
view_close(struct view *v)
{
	if (v == NULL)
		return;
	if (v->j.db != NULL)
		journal_close(&v->j);
	segments_close(&v->seg);
	if (v->dirfd >= 0)
		close(v->dirfd);
	free(v);
}

enum rc
view_end(struct view *v, struct err *err)
{
	enum rc rc = journal_rc(&v->j, err);

	journal_clear(&v->j);
	return rc;
}

static enum machine
machine_find(struct slice word)
{
	int m = 0;

	while (m < MACHINES && !slice_is(word, machine_name((enum machine)m)))
		m++;
	return (enum machine)m;
}

void
view_row_read(sqlite3_stmt *st, struct arena *mem, struct view_row *r)
{
	*r = (struct view_row){ .machine = machine_find(column_slice(st, 0)) };
	r->id = column_id(st, 1);
	r->state = state_find(r->machine, column_slice(st, 2));
	r->partner = column_dup(st, 3, mem);
	r->other = column_dup(st, 4, mem);
	r->name = column_dup(st, 5, mem);
	r->outcome = column_dup(st, 6, mem);
	r->why = column_dup(st, 7, mem);
	r->at_ms = column_int(st, 8);
	r->count = (uint32_t)column_int(st, 9);
	r->test = column_int(st, 10) != 0;
	r->up = column_id(st, 11);
	r->kind = column_dup(st, 12, mem);
	r->number = column_dup(st, 13, mem);
	r->t = column_int(st, 14);
}

enum machine
view_find(struct view *v, uint64_t id, struct view_row *row, struct arena *mem)
{
	for (int m = 0; m < MACHINES; m++) {
		sqlite3_stmt *st =
		    journal_ask(&v->j, row_sql[m], "i", (int64_t)id);

		if (st == NULL)
			continue;
		view_row_read(st, mem, row);
		journal_end(st);
		return (enum machine)m;
	}
	return MACHINES;
}

/* --- one thing --- */

static void
field_add(struct view_thing *t, const char *column, sqlite3_stmt *st, int at,
    struct arena *mem)
{
	static const char types[] = "TNIWF";
	const char *type = strchr(types, column[0]);
	struct view_field *f;

	if (type == NULL || t->nfields == VIEW_FIELDS)
		return;
	f = &t->field[t->nfields];
	*f = (struct view_field){ .name = arena_str(mem, slice_of(column + 2)),
		.type = (enum view_type)(type - types) };
	if (f->name == NULL)
		return;
	if (column[0] == 'W')
		f->type = VIEW_TIME;
	else if (column[0] == 'F')
		f->type = VIEW_FLAG;
	if (f->type == VIEW_TEXT)
		f->text = column_dup(st, at, mem);
	else
		f->n = column_int(st, at);
	t->nfields++;
}

static void
time_add(struct view_thing *t, const char *word, int64_t at_ms)
{
	enum state state = state_find(t->machine, slice_of(word));
	unsigned int i = t->ntimes;

	if (at_ms == 0 || state == STATE_NONE || i == VIEW_TIMES)
		return;
	/* In order of time; states of one instant in the table's order. */
	for (; i > 0 && t->time[i - 1].at_ms > at_ms; i--)
		t->time[i] = t->time[i - 1];
	t->time[i] = (struct view_time){ state, at_ms };
	t->ntimes++;
}

static void
thing_read(sqlite3_stmt *st, struct arena *mem, struct view_thing *t)
{
	int n = sqlite3_column_count(st);

	t->id = column_id(st, 0);
	t->state = state_find(t->machine, column_slice(st, 1));
	t->partner = column_dup(st, 2, mem);
	for (int i = 3; i < n; i++) {
		const char *name = sqlite3_column_name(st, i);

		if (name == NULL || name[0] == '\0' || name[1] != ' ')
			continue;
		if (name[0] == 'S')
			time_add(t, name + 2, column_int(st, i));
		else
			field_add(t, name, st, i, mem);
	}
}

static void
text_add(struct view_thing *t, const char *name, struct slice text)
{
	if (t->nfields < VIEW_FIELDS && text.len > 0)
		t->field[t->nfields++] = (struct view_field){
			.name = name, .type = VIEW_TEXT, .text = text
		};
}

/* What its legs amount to: a word, who holds it, how much was delivered. */
static void
release_add(struct view *v, struct view_thing *t, struct arena *mem)
{
	struct release r;

	release_of(&v->j, t->id, RELEASE_NOW, mem, &r);
	if (r.legs == 0)
		return;
	text_add(t, "status", slice_of(r.v.word));
	text_add(t, "held_by", r.held_by);
	text_add(t, "inspected_by", r.inspected);
	if (t->nfields < VIEW_FIELDS)
		t->field[t->nfields++] =
		    (struct view_field){ .name = "items_delivered",
			    .type = VIEW_NUMBER,
			    .n = (int64_t)r.items };
}

enum rc
view_show(struct view *v, uint64_t id, struct arena *mem,
    struct view_thing *out, struct err *err)
{
	struct view_thing t = { 0 };
	struct slice history = { 0 };
	char text[ID_TEXT];
	enum rc rc;

	for (int m = 0; m < MACHINES; m++) {
		sqlite3_stmt *st =
		    journal_ask(&v->j, show_sql[m], "i", (int64_t)id);

		if (st == NULL)
			continue;
		t.machine = (enum machine)m;
		thing_read(st, mem, &t);
		if (t.machine == MACHINE_leg)
			history =
			    column_dup(st, sqlite3_column_count(st) - 2, mem);
		journal_end(st);
		break;
	}
	if (t.machine == MACHINE_filing && t.state == STATE_filing_TAKEN)
		release_add(v, &t, mem);
	rc = view_end(v, err);
	if (rc == RC_OK && t.id == 0)
		return err_set(err, RC_REFUSED, "nothing has the id '%s'",
		    id_print(id, text));
	if (rc == RC_OK)
		rc = view_answers(v, history, mem, &t.answer, &t.nanswers, err);
	if (rc != RC_OK)
		return rc;
	view_why(&t, mem);
	*out = t;
	return RC_OK;
}

static const struct view_field *
field_find(const struct view_thing *t, const char *name)
{
	for (unsigned int i = 0; i < t->nfields; i++)
		if (strcmp(t->field[i].name, name) == 0)
			return &t->field[i];
	return NULL;
}

struct slice
view_field_text(const struct view_thing *t, const char *name)
{
	const struct view_field *f = field_find(t, name);

	return f == NULL ? (struct slice){ 0 } : f->text;
}

int64_t
view_field_number(const struct view_thing *t, const char *name)
{
	const struct view_field *f = field_find(t, name);

	return f == NULL ? 0 : f->n;
}

/* --- lists --- */

static enum rc
rows_read(struct view *v, sqlite3_stmt *st, unsigned int max, struct arena *mem,
    struct view_row *rows, unsigned int *n, struct err *err)
{
	unsigned int have = 0;

	while (st != NULL && have < max) {
		view_row_read(st, mem, &rows[have++]);
		if (!journal_more(&v->j, st))
			st = NULL;
	}
	journal_end(st);
	*n = have;
	return view_end(v, err);
}

enum rc
view_select(struct view *v, const struct filter *f, enum machine m,
    uint64_t after, unsigned int max, int64_t wall_ms, struct arena *mem,
    struct view_row *rows, unsigned int *n, uint64_t *next, struct err *err)
{
	struct select sel = { .filter = f,
		.machine = m,
		.after = after,
		.max = max,
		.now = view_time(v, wall_ms) };
	enum rc rc = select_page(&v->j, &sel, mem, rows, n, err);

	journal_clear(&v->j);
	*next = sel.next;
	return rc;
}

enum rc
view_parts(struct view *v, uint64_t id, uint64_t after, unsigned int max,
    struct arena *mem, struct view_row *rows, unsigned int *n, struct err *err)
{
	struct view_row row;
	enum machine m = view_find(v, id, &row, mem);
	enum sql which = SQL_VIEW_ARRIVAL_PARTS;

	if (m == MACHINE_filing)
		which = SQL_VIEW_FILING_PARTS;
	else if (m == MACHINE_delivery)
		which = SQL_VIEW_DELIVERY_PARTS;
	else if (m != MACHINE_arrival) {
		*n = 0;
		return view_end(v, err);
	}
	return rows_read(v,
	    journal_ask(
		&v->j, which, "iii", (int64_t)id, (int64_t)after, (int64_t)max),
	    max, mem, rows, n, err);
}
