/*
 * spool/list.c - the daily list of what a partner was given: a CSV file made
 * from rows, delivered like any other, or several where one would be too long
 * to be made in one go. Trusts the rows alone. Called by due.c when the
 * calendar says that it is time.
 */
#include "spool/list.h"
#include <stdio.h>
#include "spool/body.h"
#include "spool/delivery.h"
#include "spool/file.h"
#include "spool/scheduler.h"

#define LIST_ROOM (64u << 20)
#define LIST_FULL (32u << 20) /* a row more may have a thousand lines */
#define LIST_ROWS 50000
#define NAME_ROOM 40

/* Where the next file of a day's list goes on. */
struct place {
	int64_t part; /* files that were made; 0: none */
	int64_t day;
	int64_t given; /* behind this time; 0: among what stands from before */
	int64_t id;
};

struct listing {
	struct spool *s;
	struct arena *mem; /* one row's */
	struct buf out;
	uint32_t rows;
	struct place at;
	bool cut; /* there are more */
};

/* Quoted where it must be; nothing that a spreadsheet would run. */
static void
cell_put(struct buf *b, struct slice text)
{
	bool runs = text.len > 0 && (text.p[0] == '=' || text.p[0] == '+' ||
					text.p[0] == '-' || text.p[0] == '@');

	buf_byte(b, '"');
	if (runs)
		buf_byte(b, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"')
			buf_byte(b, '"');
		buf_byte(b, text.p[i]);
	}
	buf_byte(b, '"');
}

/* Of the bytes as they went; empty: they are no longer kept. */
static const char *
sum_of(struct listing *l, uint64_t ref, uint64_t at, uint64_t len,
    char text[DIGEST_TEXT])
{
	struct spool *s = l->s;
	struct body_head h;
	struct slice body;
	struct err ignored;

	if (segments_head(&s->seg, ref, &h, &ignored) != RC_OK)
		return "";
	if (at == 0 && h.len == len)
		return digest_print(&h.sha256, text);
	if (body_part(s, ref, at, len, l->mem, &body, &ignored) != RC_OK ||
	    hash_of(body, &h.sha256, &ignored) != RC_OK)
		return "";
	return digest_print(&h.sha256, text);
}

static void
line_put(struct listing *l, struct slice name, uint64_t len, const char *sum,
    int64_t given_ms, bool stands)
{
	char when[CLOCK_TEXT];

	cell_put(&l->out, name);
	buf_fmt(&l->out, ",%llu,%s,%s,%s\r\n", (unsigned long long)len, sum,
	    clock_print(given_ms, when), stands ? "yes" : "no");
}

/* A delivery that is put together of pieces, and what stands beside it. */
static void
pieces_put(struct listing *l, sqlite3_stmt *st, bool stands)
{
	struct delivery_out d = { .id = column_id(st, 6) };
	struct delivery_piece body = { .body = column_id(st, 1),
		.at = column_id(st, 2),
		.len = column_id(st, 3) };
	struct digest sum;
	struct err ignored;
	char text[DIGEST_TEXT];
	uint64_t len = 0;

	if (pieces_load(l->s, &body, &d, l->mem, &ignored) != RC_OK)
		return;
	for (uint32_t i = 0; i < d.npieces; i++) {
		const struct delivery_piece *p = &d.piece[i];

		if (i > 0 && p->file == d.piece[i - 1].file)
			continue;
		if (pieces_sum(&l->s->seg, &d, p->file, &len, &sum) == RC_OK)
			line_put(l,
			    p->file == 0 ? column_slice(st, 0) : p->name, len,
			    digest_print(&sum, text), column_int(st, 4),
			    stands);
	}
}

static void
row_put(struct listing *l, sqlite3_stmt *st)
{
	bool stands = slice_is(column_slice(st, 5), "published");
	char sum[DIGEST_TEXT];

	arena_rewind(l->mem);
	if (column_int(st, 7) > 0)
		pieces_put(l, st, stands);
	else
		line_put(l, column_slice(st, 0), column_id(st, 3),
		    sum_of(l, column_id(st, 1), column_id(st, 2),
			column_id(st, 3), sum),
		    column_int(st, 4), stands);
}

static void
rows_put(struct listing *l, enum sql which, struct slice partner, int64_t since)
{
	struct spool *s = l->s;
	sqlite3_stmt *st =
	    journal_ask(&s->j, which, "tii", partner, since, l->at.id);

	while (st != NULL && l->rows < LIST_ROWS && l->out.len < LIST_FULL) {
		l->rows++;
		l->at.id = column_int(st, 6);
		if (which == SQL_LIST_GIVEN)
			l->at.given = column_int(st, 8);
		row_put(l, st);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	l->cut = st != NULL;
	journal_end(st);
}

/*
 * First what stands from before, in the order of ids, then what was given
 * since, in the order of time. What was given at that very moment may be named
 * twice, by the list of that moment, too: it may have come just behind it.
 */
static void
all_put(struct listing *l, struct slice partner, int64_t since)
{
	if (l->at.given == 0)
		rows_put(l, SQL_LIST_STANDING, partner, since);
	if (l->cut)
		return;
	if (l->at.given == 0) {
		l->at.given = since;
		l->at.id = 0;
	}
	rows_put(l, SQL_LIST_GIVEN, partner, l->at.given);
}

/* *at is where the next one goes on, or has part 0: that was all. */
static enum rc
list_body(struct batch *b, const struct conf_partner *p, int64_t since,
    struct place *at, struct delivery_new *d, struct err *err)
{
	struct spool *s = b->s;
	struct listing l = { .s = s, .mem = arena_new(BODY_MAX), .at = *at };
	struct slice body;
	struct body_head h = { .kind = BODY_WRAPPED,
		.subject = d->id,
		.event = s->audit_committed,
		.wall_ms = spool_wall(s) };
	enum rc rc;

	if (l.mem == NULL)
		return err_set(err, RC_LATER, "no memory for a list");
	buf_init(&l.out, LIST_ROOM);
	buf_str(&l.out, "name,bytes,sha256,given,stands\r\n");
	all_put(&l, slice_of(p->name), since);
	body = buf_look(&l.out);
	h.len = body.len;
	rc = buf_failed(&l.out) ? err_set(err, RC_LATER, "no memory for a list")
				: hash_of(body, &h.sha256, err);
	if (rc == RC_OK)
		rc = body_add(s, &h, body, &d->body, err);
	d->body_len = body.len;
	b->bytes += body.len;
	*at = l.at;
	at->part = l.cut ? l.at.part + 1 : 0;
	buf_clear(&l.out);
	arena_free(l.mem);
	return rc;
}

static enum rc
list_make(struct batch *b, const struct conf_partner *p, int32_t last,
    struct place *at, struct err *err)
{
	struct spool *s = b->s;
	char name[NAME_ROOM], date[CLOCK_TEXT], part[NAME_ROOM] = "";
	struct delivery_new d = { .id = id_new(&s->ids),
		.partner = slice_of(p->name),
		.kind = "list",
		.format = SLICE_LIT("csv"),
		.state = STATE_delivery_READY };
	enum rc rc;

	if (at->part > 0)
		(void)snprintf(part, sizeof(part), "-%d", (int)at->part + 1);
	/* the date where the partner is, from a stamp of Greenwich */
	(void)clock_print(hours_minute(NULL, (int32_t)at->day, 0), date);
	rc = list_body(
	    b, p, hours_minute(p->hours, last, p->list_at - 1), at, &d, err);
	if (rc != RC_OK)
		return rc;
	(void)snprintf(name, sizeof(name), "LIST-%.4s%.2s%.2s%.11s.csv", date,
	    date + 5, date + 8, part);
	d.name = arena_dup(s->mem, slice_of(name));
	return delivery_add(b, &d, err);
}

/* The day whose list is the last that should be there. */
static int32_t
list_day(struct spool *s, const struct conf_partner *p)
{
	int64_t wall = spool_wall(s);
	int32_t day = hours_day(p->hours, wall);

	return wall >= hours_minute(p->hours, day, p->list_at - 1) ? day
								   : day - 1;
}

bool
list_is_due(struct spool *s, unsigned int i, int64_t *wall_next)
{
	const struct conf_partner *p = &s->conf->partner[i];
	int32_t day;

	if (p->list_at == 0)
		return false;
	day = list_day(s, p);
	*wall_next = hours_minute(p->hours, day + 1, p->list_at - 1);
	/* a day far ahead is a clock that was wrong */
	return s->sched->partner[i].listed < day ||
	       s->sched->partner[i].listed > day + 1;
}

int64_t
list_stamp(struct spool *s, unsigned int i)
{
	const struct conf_partner *p = &s->conf->partner[i];
	int32_t listed = s->sched->partner[i].listed;
	int64_t wall = spool_wall(s);

	/* one far ahead is of a wrong clock, and is given anew */
	return listed == 0 || listed > list_day(s, p) + 1 ||
		       hours_minute(p->hours, listed, p->list_at - 1) < wall
		   ? wall
		   : hours_minute(p->hours, listed, p->list_at - 1);
}

static const char *const place_words[] = { "list part", "list day",
	"list given", "list id" };

static void
place_numbers(struct place *at, int64_t *n[4])
{
	n[0] = &at->part;
	n[1] = &at->day;
	n[2] = &at->given;
	n[3] = &at->id;
}

static void
place_load(struct spool *s, struct slice partner, struct place *at)
{
	int64_t *n[4];

	place_numbers(at, n);
	for (unsigned int i = 0; i < 4; i++)
		*n[i] = journal_number(&s->j, SQL_DRAWN, 0, "tt", partner,
		    slice_of(place_words[i]));
}

static void
place_keep(struct spool *s, struct slice partner, struct place *at)
{
	int64_t *n[4];

	place_numbers(at, n);
	for (unsigned int i = 0; i < 4; i++)
		journal_run(&s->j, SQL_LIST_SET, "tti", partner,
		    slice_of(place_words[i]), *n[i]);
}

enum rc
list_give(struct batch *b, unsigned int i, struct err *err)
{
	struct spool *s = b->s;
	const struct conf_partner *p = &s->conf->partner[i];
	struct slice partner = slice_of(p->name);
	int32_t last = s->sched->partner[i].listed, day;
	struct place at;
	enum rc rc = RC_OK;

	place_load(s, partner, &at);
	if (at.part == 0)
		at.day = list_day(s, p);
	day = (int32_t)at.day;
	/* the first one is of the time since it was asked for */
	if (last != 0)
		rc = list_make(b, p, last < day ? last : day - 1, &at, err);
	if (rc == RC_OK && at.part > 0) {
		place_keep(s, partner, &at);
		return journal_rc(&s->j, err);
	}
	journal_run(&s->j, SQL_LIST_WHOLE, "t", partner);
	journal_run(&s->j, SQL_LIST_SET, "tti", partner, SLICE_LIT("list"),
	    (int64_t)day);
	if (rc == RC_OK)
		s->sched->partner[i].listed = day;
	return rc;
}
