/*
 * spool/verify_rows.c - the counters beside what is counted. Called by
 * verify.c.
 */
#include "spool/verify_rows.h"
#include "spool/tally.h"
#include "src/base/buf.h"

#define SQL_ROOM 4096

static void
states_put(struct buf *b, enum machine m)
{
	const char *before = "";

	for (int i = STATE_NONE + 1; i < STATES; i++)
		if (state_machine((enum state)i) == m &&
		    state_waits((enum state)i)) {
			buf_fmt(b, "%s'%s'", before, state_name((enum state)i));
			before = ", ";
		}
}

sqlite3_stmt *
verify_counters(struct view *v, enum machine m, struct err *err)
{
	sqlite3_stmt *st = NULL;
	struct buf b;
	int code;

	buf_init(&b, SQL_ROOM);
	buf_fmt(&b,
	    "SELECT partner, state, slot, sum(counted), sum(there) FROM"
	    " (SELECT partner, state, slot, n AS counted, 0 AS there FROM tally"
	    " WHERE what = '%s' UNION ALL SELECT %s, state, t / %d, 0, 1"
	    " FROM %s WHERE state IN (",
	    machine_name(m), m == MACHINE_leg ? "agency" : "partner",
	    TALLY_SLOT_MS, machine_name(m));
	states_put(&b, m);
	buf_str(&b, ")) GROUP BY 1, 2, 3");
	code = sqlite3_prepare_v2(v->j.db, buf_cstr(&b), -1, &st, NULL);
	buf_clear(&b);
	if (code == SQLITE_OK)
		return st;
	(void)err_set(
	    err, RC_BROKEN, "journal: verifying: %s", sqlite3_errmsg(v->j.db));
	return NULL;
}
