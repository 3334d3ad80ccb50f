/*
 * spool/tally.c - counting where states change; trusts the rows that change,
 * and no caller to remember it. Called by SQLite for each change, by the batch
 * for its marks and its commit.
 */
#include "spool/tally.h"
#include <stdio.h>
#include <string.h>

#define KEYS_ROOM ((size_t)16 << 20)
#define LOG_ROOM  ((size_t)64 << 20)
#define SQL_ROOM  1024

void
tally_init(struct tally *t, struct sweep *sweep)
{
	t->sweep = sweep;
	buf_init(&t->keys, KEYS_ROOM);
	buf_init(&t->log, LOG_ROOM);
	t->last = 0;
}

void
tally_clear(struct tally *t)
{
	buf_clear(&t->keys);
	buf_clear(&t->log);
}

static struct tally_key *
keys_of(const struct tally *t)
{
	return (struct tally_key *)(void *)t->keys.p;
}

static bool
key_is(const struct tally_key *k, enum state st, struct slice partner,
    int64_t slot)
{
	return k->slot == slot && k->state == st &&
	       slice_is(partner, k->partner);
}

/* One partner's things mostly come one behind the other. */
static bool
key_find(struct tally *t, enum state st, struct slice partner, int64_t slot)
{
	struct tally_key *k = keys_of(t), new = { .state = st, .slot = slot };
	unsigned int n = (unsigned int)(t->keys.len / sizeof(*k));

	if (t->last < n && key_is(&k[t->last], st, partner, slot))
		return true;
	for (unsigned int i = 0; i < n; i++)
		if (key_is(&k[i], st, partner, slot)) {
			t->last = i;
			return true;
		}
	snprintf(new.partner, sizeof(new.partner), "%.*s", SLICE_ARG(partner));
	buf_add(&t->keys, &new, sizeof(new));
	t->last = n;
	return !buf_failed(&t->keys);
}

static bool
count(struct tally *t, enum state st, struct slice partner, int64_t at, int by)
{
	struct tally_key *k;
	uint32_t entry;

	if (!state_waits(st))
		return true;
	if (!key_find(t, st, partner, at / TALLY_SLOT_MS))
		return false;
	k = &keys_of(t)[t->last];
	k->n += by;
	if (by > 0 && (k->first_t == 0 || at < k->first_t))
		k->first_t = at;
	entry = t->last << 1 | (by > 0);
	buf_add(&t->log, &entry, sizeof(entry));
	return !buf_failed(&t->log);
}

static struct slice
value_slice(sqlite3_value *v)
{
	const unsigned char *p = sqlite3_value_text(v);

	return (struct slice){ (const char *)p,
		p == NULL ? 0 : (size_t)sqlite3_value_bytes(v) };
}

/*
 * tally(machine, partner, state before or '', now or '', t, body, body): 1 if
 * it was over and is not any more. Of what is not yet, or no longer, over, what
 * it refers to must stay.
 */
static void
tally_called(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct tally *t = sqlite3_user_data(c);
	enum machine m = (enum machine)sqlite3_value_int(v[0]);
	struct slice partner = value_slice(v[1]);
	int64_t at = sqlite3_value_int64(v[4]);
	enum state was = state_find(m, value_slice(v[2]));
	enum state is = state_find(m, value_slice(v[3]));
	bool lives = is != STATE_NONE && !state_final(is);
	bool back = lives && was != STATE_NONE && state_final(was);

	(void)n;
	if (back || (lives && was == STATE_NONE)) {
		sweep_mark(t->sweep, (uint64_t)sqlite3_value_int64(v[5]));
		sweep_mark(t->sweep, (uint64_t)sqlite3_value_int64(v[6]));
	}
	if (!count(t, was, partner, at, -1) || !count(t, is, partner, at, 1))
		sqlite3_result_error_nomem(c);
	else
		sqlite3_result_int(c, back);
}

/* lives(body): of a thing that is not over any more */
static void
lives_called(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct tally *t = sqlite3_user_data(c);

	(void)n;
	sweep_mark(t->sweep, (uint64_t)sqlite3_value_int64(v[0]));
}

static const struct {
	const char *table, *partner;
	const char *body; /* two, that it refers to */
	const char *more; /* and others, if it was over before */
} tables[MACHINES] = {
	[MACHINE_arrival] = { "arrival", "partner", "NEW.body, NEW.claims",
	    "SELECT lives(body) FROM main.file WHERE arrival = NEW.id;" },
	[MACHINE_filing] = { "filing", "partner", "0, 0", "SELECT 1;" },
	[MACHINE_leg] = { "leg", "agency", "NEW.claims, 0",
	    "SELECT lives(body) FROM main.file WHERE arrival = NEW.arrival;"
	    " SELECT lives(body) FROM main.arrival WHERE id = NEW.arrival;" },
	[MACHINE_delivery] = { "delivery", "partner", "NEW.body, 0",
	    "SELECT lives(body) FROM main.part WHERE delivery = NEW.id;" },
	[MACHINE_receipt] = { "receipt", "partner", "NEW.claims, 0",
	    "SELECT 1;" },
};

enum rc
tally_attach(struct tally *t, struct journal *j, struct err *err)
{
	int code = sqlite3_create_function_v2(
	    j->db, "tally", 7, SQLITE_UTF8, t, tally_called, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_create_function_v2(j->db, "lives", 1,
		    SQLITE_UTF8, t, lives_called, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return err_set(err, RC_BROKEN, "journal: the tally: %s",
		    sqlite3_errmsg(j->db));
	for (int m = 0; m < MACHINES; m++) {
		const char *table = tables[m].table, *p = tables[m].partner;
		const char *body = tables[m].body;
		char sql[SQL_ROOM];

		/* Asked by WHEN: a trigger's statement would cost more than the
		 * counting, and every change of a state comes here. */
		snprintf(sql, sizeof(sql),
		    "CREATE TEMP TRIGGER tally_%s_new AFTER INSERT ON main.%s"
		    " WHEN tally(%d, NEW.%s, '', NEW.state, NEW.t, %s)"
		    " BEGIN SELECT 1; END;"
		    " CREATE TEMP TRIGGER tally_%s_move AFTER UPDATE OF"
		    " state ON main.%s WHEN OLD.state IS NOT NEW.state AND"
		    " tally(%d, NEW.%s, OLD.state, NEW.state, NEW.t, %s)"
		    " BEGIN %s END;"
		    " CREATE TEMP TRIGGER tally_%s_gone AFTER DELETE ON"
		    " main.%s WHEN tally(%d, OLD.%s, OLD.state, '', OLD.t, 0,"
		    " 0) BEGIN SELECT 1; END;",
		    table, table, m, p, body, table, table, m, p, body,
		    tables[m].more, table, table, m, p);
		code = sqlite3_exec(j->db, sql, NULL, NULL, NULL);
		if (code != SQLITE_OK)
			return err_set(err, RC_BROKEN, "journal: the tally: %s",
			    sqlite3_errmsg(j->db));
	}
	return RC_OK;
}

size_t
tally_mark(const struct tally *t)
{
	return t->log.len;
}

void
tally_cut(struct tally *t, size_t mark)
{
	while (t->log.len > mark) {
		uint32_t entry;

		memcpy(&entry, t->log.p + t->log.len - sizeof(entry),
		    sizeof(entry));
		keys_of(t)[entry >> 1].n -= (entry & 1) != 0 ? 1 : -1;
		buf_cut(&t->log, t->log.len - sizeof(entry));
	}
}

void
tally_write(struct tally *t, struct journal *j)
{
	const struct tally_key *k = keys_of(t);
	size_t n = t->keys.len / sizeof(*k);

	for (size_t i = 0; i < n; i++) {
		enum machine m = state_machine(k[i].state);
		struct slice machine = slice_of(machine_name(m));
		struct slice state = slice_of(state_name(k[i].state));
		struct slice partner = slice_of(k[i].partner);

		if (k[i].n == 0)
			continue;
		journal_run(j, SQL_TALLY_ADD, "tttiii", machine, partner, state,
		    k[i].slot, k[i].n,
		    k[i].first_t == 0 ? k[i].slot * TALLY_SLOT_MS
				      : k[i].first_t);
		if (k[i].n < 0) /* perhaps the last one */
			journal_run(j, SQL_TALLY_DROP, "ttti", machine, partner,
			    state, k[i].slot);
	}
}

void
tally_forget(struct tally *t)
{
	buf_reset(&t->keys);
	buf_reset(&t->log);
	t->last = 0;
}
