/*
 * spool/joint.c - which legs stand for a filing, and who waits for whom. Trusts
 * the rows. Called by leg.c, filing.c and the replies.
 */
#include "spool/joint.h"

#define CHAIN_MAX 1001 /* filings under one number that are looked at */

/* Of one filing; those of a name that is there already were sent anew. */
static unsigned int
legs_add(struct spool *s, int64_t arrival, uint64_t filing, unsigned int n,
    struct slice name[JOINT_LEGS], uint64_t out[JOINT_LEGS])
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_LEGS_LIVING, "ii", arrival, (int64_t)filing);

	while (st != NULL) {
		struct slice one = column_slice(st, 1);
		unsigned int i = 0;

		while (i < n && !slice_eq(name[i], one))
			i++;
		if (i == n && n < JOINT_LEGS) {
			name[n] = column_dup(st, 1, s->mem);
			out[n++] = column_id(st, 0);
		}
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	return n;
}

unsigned int
joint_legs(struct spool *s, uint64_t filing, uint64_t out[JOINT_LEGS])
{
	struct slice name[JOINT_LEGS];
	unsigned int n = 0;

	for (unsigned int i = 0; i < CHAIN_MAX && filing != 0; i++) {
		sqlite3_stmt *st =
		    journal_ask(&s->j, SQL_FILING_LIVING, "i", (int64_t)filing);
		uint64_t before;
		int64_t arrival;

		if (st == NULL)
			break;
		arrival = column_int(st, 0);
		before = column_id(st, 1);
		journal_end(st);
		n = legs_add(s, arrival, filing, n, name, out);
		filing = before;
	}
	return n;
}

int64_t
wake_now(const struct spool *s)
{
	return -(s->answer + 1);
}

enum rc
joint_wake(struct batch *b, const struct leg_row *r, struct err *err)
{
	struct spool *s = b->s;
	uint64_t legs[JOINT_LEGS];
	uint64_t filing = (uint64_t)journal_number(&s->j, SQL_FILING_YOUNGEST,
	    (int64_t)r->filing, "i", (int64_t)r->filing);
	unsigned int n = joint_legs(s, filing, legs);

	for (unsigned int i = 0; i < n; i++)
		if (legs[i] != r->id)
			journal_run(&s->j, SQL_LEG_WAKE, "ii", s->answer,
			    (int64_t)legs[i]);
	batch_after(b, AFTER_WAKE, 0, -1);
	return journal_rc(&s->j, err);
}
