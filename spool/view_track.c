/*
 * spool/view_track.c - finding things by whatever text people have, each place
 * through its index: ids, numbers, file names, the agencies' keys, and what the
 * directory marks to be searched (seek.h). Called by the role query.
 */
#include "spool/view_in.h"
#include <string.h>
#include "src/base/id.h"
#include "spool/leg.h"
#include "spool/seek.h"

#define TRACK_MAX  256  /* of one place */
#define TRACK_ALL  1024 /* of all places */
#define LOOK_MAX   4096 /* at one place, for those of one partner */
#define HINTS_MAX  4096
#define ROW_MEMORY (1u << 20)
#define NAMES_MAX  64     /* key names of one agency */
#define PARTNERS   8192   /* more than a configuration may name */
#define PAST_TEXTS '\xff' /* in no text */

struct finds {
	struct view *v;
	struct slice name;     /* "bill" of "bill=999-1", or empty */
	struct seek_for value; /* what is meant */
	struct slice partner;  /* only what is his; empty: anybody's */
	struct arena *row;     /* for one row that is looked at */
	uint64_t id[TRACK_ALL];
	unsigned int n;
	bool more; /* not all were looked at */
};

/* His own, or of a leg what he filed. */
static bool
of_partner(struct finds *f, uint64_t id)
{
	struct view_row r;

	if (f->partner.len == 0)
		return true;
	arena_rewind(f->row);
	if (view_find(f->v, id, &r, f->row) == MACHINES)
		return false;
	return slice_eq(r.partner, f->partner) ||
	       (r.machine == MACHINE_leg && slice_eq(r.other, f->partner));
}

/* false: somebody else's, which counts for nothing. */
static bool
find_add(struct finds *f, uint64_t id)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->id[i] == id)
			return true;
	if (!of_partner(f, id))
		return false;
	if (f->n < TRACK_ALL)
		f->id[f->n++] = id;
	else
		f->more = true;
	return true;
}

/* How many rows of one place are asked for: others' may stand before his. */
static int64_t
look_most(const struct finds *f)
{
	return f->partner.len > 0 ? LOOK_MAX : TRACK_MAX;
}

static void
finds_read(struct finds *f, sqlite3_stmt *st)
{
	unsigned int n = 0, found = 0;

	while (st != NULL && found < TRACK_MAX) {
		found += find_add(f, column_id(st, 0));
		n++;
		if (!journal_more(&f->v->j, st))
			st = NULL;
	}
	journal_end(st);
	f->more |= found == TRACK_MAX || n == look_most(f);
}

/* head, text and tail as one; empty: no memory. */
static struct slice
text_join(struct arena *mem, struct slice head, struct slice text, char tail)
{
	size_t n = head.len + text.len;
	char *p = arena_raw(mem, n + 1);

	if (p == NULL)
		return (struct slice){ NULL, 0 };
	memcpy(p, head.p, head.len);
	memcpy(p + head.len, text.p, text.len);
	p[n] = tail;
	return (struct slice){ p, n + (tail != '\0') };
}

/* All texts of a place from `from` to before `upto`. */
struct span {
	struct slice from, upto;
};

static struct span
span_of(const struct seek_for *v, struct slice head, struct arena *mem)
{
	struct slice last = v->how == SEEK_BETWEEN ? v->upto : v->text;

	return (struct span){ text_join(mem, head, v->text, '\0'),
		text_join(
		    mem, head, last, v->how == SEEK_IS ? '\x01' : PAST_TEXTS) };
}

/* The legs of an agency that have a key of this name, meant or between. */
static void
legs_read(struct finds *f, const struct seek_for *value, struct slice agency,
    struct slice name, struct arena *mem)
{
	struct slice head =
	    text_join(mem, name, (struct slice){ "", 0 }, KEY_IS);
	struct span s = span_of(value, head, mem);

	if (value->how == SEEK_IS)
		finds_read(f, journal_ask(&f->v->j, SQL_LEG_BY_KEY, "tti",
				  agency, s.from, look_most(f)));
	else
		finds_read(f, journal_ask(&f->v->j, SQL_TRACK_LEGS, "ttti",
				  agency, s.from, s.upto, look_most(f)));
}

/*
 * Keys are kept as name and value; people know the value. The names in use
 * are few: step from one to the next through the index.
 */
static void
names_walk(struct finds *f, const struct seek_for *value, enum sql next,
    struct slice agency, struct arena *mem)
{
	struct slice after = { "", 0 };

	for (int i = 0; i < NAMES_MAX; i++) {
		struct slice key, name;
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, next, "tt", agency, after);

		if (st == NULL)
			return;
		key = column_dup(st, 0, mem);
		journal_end(st);
		if (key.len == 0)
			return;
		name = slice_cut(&key, KEY_IS);
		if (f->name.len == 0 || slice_eq(f->name, name))
			legs_read(f, value, agency, name, mem);
		/* behind every value of this name */
		after =
		    text_join(mem, name, (struct slice){ "", 0 }, KEY_IS + 1);
	}
	f->more = true;
}

static void
agencies_walk(struct finds *f, const struct seek_for *value, struct arena *mem)
{
	struct slice agency = { "", 0 };

	for (int i = 0; i < PARTNERS; i++) {
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, SQL_TRACK_AGENCY, "t", agency);

		if (st == NULL)
			return;
		agency = column_dup(st, 0, mem);
		journal_end(st);
		if (agency.len == 0)
			return;
		names_walk(f, value, SQL_TRACK_KEY1, agency, mem);
		names_walk(f, value, SQL_TRACK_KEY2, agency, mem);
	}
	f->more = true;
}

static void
deliveries_walk(struct finds *f, const struct span *s, struct arena *mem)
{
	struct slice partner = { "", 0 };

	for (int i = 0; i < PARTNERS; i++) {
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, SQL_TRACK_PARTNER, "t", partner);

		if (st == NULL)
			return;
		partner = column_dup(st, 0, mem);
		journal_end(st);
		if (partner.len == 0)
			return;
		finds_read(f, journal_ask(&f->v->j, SQL_TRACK_DELIVERY, "ttti",
				  partner, s->from, s->upto, look_most(f)));
	}
	f->more = true;
}

/* Is a value that is meant among those of this filing, and is he its filer? */
static bool
filing_meant(const struct finds *f, struct slice keys, struct slice filer)
{
	if (f->partner.len > 0 && !slice_eq(f->partner, filer))
		return false;
	while (keys.len > 0) {
		struct slice text = slice_cut(&keys, KEY_SEP);
		struct slice is = slice_cut(&text, KEY_IS);

		if ((f->name.len == 0 || slice_eq(is, f->name)) &&
		    seek_meant(&f->value, text))
			return true;
	}
	return false;
}

/* The newest hints first; the filing itself decides. */
static void
marked_read(struct finds *f, struct arena *mem)
{
	uint64_t *id = arena_get(mem, HINTS_MAX * sizeof(id[0]));
	unsigned int n = 0, found = 0;

	if (id == NULL)
		return;
	f->more |= !seek_find(&f->v->j, &f->value, id, &n, HINTS_MAX);
	for (unsigned int i = 0; i < n && found < TRACK_MAX; i++) {
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, SQL_TRACK_KEYS, "i", (int64_t)id[i]);

		if (st == NULL)
			continue;
		if (filing_meant(f, column_slice(st, 0), column_slice(st, 1))) {
			found += find_add(f, id[i]);
		}
		journal_end(st);
	}
	f->more |= found == TRACK_MAX;
}

/* "5101 2024 1120 0001" of a number that the agency wrote without blanks. */
static bool
plainer(const struct seek_for *v, struct seek_for *out, struct arena *mem)
{
	*out = *v;
	out->text = seek_plain(v->text, mem);
	out->upto = seek_plain(v->upto, mem);
	return !slice_eq(out->text, v->text) || !slice_eq(out->upto, v->upto);
}

static void
places_look(struct finds *f, struct slice text, struct arena *mem)
{
	struct seek_for whole = seek_parse(text), plain;
	struct span s = span_of(&whole, (struct slice){ "", 0 }, mem);
	struct journal *j = &f->v->j;
	struct view_row row;
	uint64_t id;

	if (id_parse(text, &id) && view_find(f->v, id, &row, mem) != MACHINES)
		(void)find_add(f, id);
	marked_read(f, mem);
	agencies_walk(f, &f->value, mem);
	if (plainer(&f->value, &plain, mem))
		agencies_walk(f, &plain, mem);
	finds_read(f, journal_ask(j, SQL_TRACK_LABEL, "tti", s.from, s.upto,
			  look_most(f)));
	finds_read(f, journal_ask(j, SQL_TRACK_WAITING, "tti", s.from, s.upto,
			  look_most(f)));
	deliveries_walk(f, &s, mem);
	finds_read(f, journal_ask(j, SQL_TRACK_NAME, "tti", s.from, s.upto,
			  look_most(f)));
}

/* "bill=999-1": a name of letters before it. */
static void
value_parse(struct finds *f, struct slice text)
{
	struct slice value = text, name = slice_cut(&value, '=');

	if (value.len == 0 || name.len == 0) {
		value = text;
		name = (struct slice){ "", 0 };
	}
	f->name = slice_trim(name);
	f->value = seek_parse(value);
}

/* Ids grow with time. */
static void
newest_first(struct finds *f)
{
	for (unsigned int i = 1; i < f->n; i++)
		for (unsigned int k = i; k > 0 && f->id[k - 1] < f->id[k];
		     k--) {
			uint64_t id = f->id[k];

			f->id[k] = f->id[k - 1];
			f->id[k - 1] = id;
		}
}

enum rc
view_track(struct view *v, struct slice text, struct slice partner,
    unsigned int max, struct arena *mem, struct view_row *rows, unsigned int *n,
    bool *more, struct err *err)
{
	struct finds *f = arena_get(mem, sizeof(*f));
	unsigned int have = 0;

	text = slice_trim(text);
	if (text.len == 0)
		return err_set(err, RC_REFUSED, "nothing to look for");
	if (f == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	f->v = v;
	f->partner = partner;
	f->row = arena_new(ROW_MEMORY);
	if (f->row == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	value_parse(f, text);
	places_look(f, text, mem);
	newest_first(f);
	arena_free(f->row);
	for (unsigned int i = 0; i < f->n && have <= max; i++) {
		struct view_row row;

		if (view_find(v, f->id[i], &row, mem) == MACHINES)
			continue;
		if (have < max)
			rows[have] = row;
		have++;
	}
	*n = have < max ? have : max;
	*more = f->more || have > max;
	return view_end(v, err);
}
