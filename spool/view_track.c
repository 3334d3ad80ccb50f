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

#define TRACK_MAX 256
#define NAMES_MAX 64 /* key names of one agency */
#define AGENCIES  256

struct finds {
	struct view *v;
	uint64_t id[TRACK_MAX];
	unsigned int n, max;
};

static void
find_add(struct finds *f, uint64_t id)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->id[i] == id)
			return;
	if (f->n < f->max)
		f->id[f->n++] = id;
}

static void
finds_read(struct finds *f, sqlite3_stmt *st)
{
	while (st != NULL) {
		find_add(f, column_id(st, 0));
		if (!journal_more(&f->v->j, st))
			st = NULL;
	}
}

/* The legs of an agency that have exactly this key. */
static void
legs_read(struct finds *f, struct slice agency, struct slice key)
{
	finds_read(f, journal_ask(&f->v->j, SQL_LEG_BY_KEY, "tt", agency, key));
}

/*
 * Keys are kept as name and value; people know the value. The names in use
 * are few: step from one to the next through the index.
 */
static void
names_walk(struct finds *f, enum sql next, struct slice agency,
    struct slice text, struct arena *mem)
{
	struct slice after = { "", 0 };

	for (int i = 0; i < NAMES_MAX; i++) {
		struct slice key, name;
		char *p;
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, next, "tt", agency, after);

		if (st == NULL)
			return;
		key = column_dup(st, 0, mem);
		journal_end(st);
		if (key.len == 0)
			return;
		name = slice_cut(&key, KEY_IS);
		p = arena_raw(mem, name.len + 1 + text.len);
		if (p == NULL)
			return;
		memcpy(p, name.p, name.len);
		p[name.len] = KEY_IS;
		memcpy(p + name.len + 1, text.p, text.len);
		legs_read(
		    f, agency, (struct slice){ p, name.len + 1 + text.len });
		/* behind every value of this name */
		p = arena_raw(mem, name.len + 1);
		if (p == NULL)
			return;
		memcpy(p, name.p, name.len);
		p[name.len] = KEY_IS + 1;
		after = (struct slice){ p, name.len + 1 };
	}
}

static void
agencies_walk(struct finds *f, struct slice text, struct arena *mem)
{
	struct slice agency = { "", 0 };

	for (int i = 0; i < AGENCIES; i++) {
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, SQL_TRACK_AGENCY, "t", agency);

		if (st == NULL)
			return;
		agency = column_dup(st, 0, mem);
		journal_end(st);
		if (agency.len == 0)
			return;
		names_walk(f, SQL_TRACK_KEY1, agency, text, mem);
		names_walk(f, SQL_TRACK_KEY2, agency, text, mem);
	}
}

static void
deliveries_walk(struct finds *f, struct slice text, struct arena *mem)
{
	struct slice partner = { "", 0 };

	for (int i = 0; i < AGENCIES; i++) {
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, SQL_TRACK_PARTNER, "t", partner);

		if (st == NULL)
			return;
		partner = column_dup(st, 0, mem);
		journal_end(st);
		if (partner.len == 0)
			return;
		finds_read(f, journal_ask(&f->v->j, SQL_TRACK_DELIVERY, "tti",
				  partner, text, (int64_t)f->max));
	}
}

/* Is that value, or name=value, among the keys of this filing? */
static bool
key_is(struct slice keys, struct slice name, struct slice value)
{
	while (keys.len > 0) {
		struct slice text = slice_cut(&keys, KEY_SEP);
		struct slice is = slice_cut(&text, KEY_IS);

		if (seek_same(text, value) &&
		    (name.len == 0 || slice_eq(is, name)))
			return true;
	}
	return false;
}

/* A hash may be another value's: the filing itself decides. */
static void
marked_read(struct finds *f, struct slice text)
{
	struct slice value = text, name = slice_cut(&value, '=');
	uint64_t id[TRACK_MAX];
	unsigned int n;

	if (value.len == 0) { /* no name before it */
		value = text;
		name = (struct slice){ "", 0 };
	}
	n = seek_find(&f->v->j, value, id, TRACK_MAX);
	for (unsigned int i = 0; i < n; i++) {
		sqlite3_stmt *st =
		    journal_ask(&f->v->j, SQL_TRACK_KEYS, "i", (int64_t)id[i]);

		if (st == NULL)
			continue;
		if (key_is(column_slice(st, 0), name, value))
			find_add(f, id[i]);
		journal_end(st);
	}
}

static void
places_look(struct finds *f, struct slice text, struct arena *mem)
{
	struct journal *j = &f->v->j;
	struct view_row row;
	uint64_t id;

	if (id_parse(text, &id) && view_find(f->v, id, &row, mem) != MACHINES)
		find_add(f, id);
	finds_read(
	    f, journal_ask(j, SQL_TRACK_LABEL, "ti", text, (int64_t)f->max));
	agencies_walk(f, text, mem);
	deliveries_walk(f, text, mem);
	finds_read(
	    f, journal_ask(j, SQL_TRACK_NAME, "ti", text, (int64_t)f->max));
	marked_read(f, text);
}

/* His own, or of a leg what he filed. */
static bool
of_partner(const struct view_row *r, struct slice partner)
{
	return partner.len == 0 || slice_eq(r->partner, partner) ||
	       (r->machine == MACHINE_leg && slice_eq(r->other, partner));
}

enum rc
view_track(struct view *v, struct slice text, struct slice partner,
    unsigned int max, struct arena *mem, struct view_row *rows, unsigned int *n,
    bool *more, struct err *err)
{
	struct finds f = { .v = v, .max = TRACK_MAX };
	unsigned int have = 0;

	text = slice_trim(text);
	if (text.len == 0)
		return err_set(err, RC_REFUSED, "nothing to look for");
	places_look(&f, text, mem);
	/* Newest first: ids grow with time. */
	for (unsigned int i = 1; i < f.n; i++)
		for (unsigned int k = i; k > 0 && f.id[k - 1] < f.id[k]; k--) {
			uint64_t id = f.id[k];

			f.id[k] = f.id[k - 1];
			f.id[k - 1] = id;
		}
	for (unsigned int i = 0; i < f.n && have < max; i++)
		if (view_find(v, f.id[i], &rows[have], mem) != MACHINES &&
		    of_partner(&rows[have], partner))
			have++;
	*n = have;
	*more = have == max && f.n > have;
	return view_end(v, err);
}
