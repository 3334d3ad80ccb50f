/*
 * spool/verify.c - the walk over the spool; trusts nothing it reads. Called by
 * the role query and by tools on a stopped spool.
 *
 * What the writer does meanwhile is no fault: each page is one look at the
 * journal, and a body that the journal names was on disk before it.
 */
#include "spool/verify.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "spool/audit.h"
#include "spool/tally.h"
#include "spool/verify_rows.h"
#include "spool/view_in.h"

#define PAGE_EVENTS 5000
#define PAGE_ROWS   500

static const char *const names[VERIFY_PHASES] = { "counters", "arrivals",
	"legs", "files", "deliveries", "receipts", "events", "locks" };

const char *
verify_name(enum verify_phase p)
{
	return names[p];
}

bool
verify_place_read(struct slice s, struct verify_place *p)
{
	struct slice phase = slice_cut(&s, '.'), after = slice_cut(&s, '.');
	uint64_t n;

	*p = (struct verify_place){ 0 };
	if (phase.len == 0)
		return true;
	if (!slice_u64(phase, &n) || n > VERIFY_PHASES ||
	    !slice_u64(after, &p->after))
		return false;
	p->phase = (int)n;
	return s.len == 0 || digest_parse(s, &p->head);
}

void
verify_place_print(const struct verify_place *p, char out[96])
{
	char hex[DIGEST_TEXT];

	out[0] = '\0';
	if (p->phase < VERIFY_PHASES)
		(void)snprintf(out, 96, "%d.%llu.%s", p->phase,
		    (unsigned long long)p->after, digest_print(&p->head, hex));
}

/* --- counters --- */

static enum rc
counters(struct verifying *v, enum machine m, struct err *err)
{
	sqlite3_stmt *st = verify_counters(v->view, m, err);
	int code;

	if (st == NULL)
		return RC_BROKEN;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		char why[200];

		if (sqlite3_column_int64(st, 3) == sqlite3_column_int64(st, 4))
			continue;
		(void)snprintf(why, sizeof(why),
		    "%.60s is '%.40s', slot %lld: %lld are counted, %lld are "
		    "there",
		    sqlite3_column_text(st, 0), sqlite3_column_text(st, 1),
		    (long long)sqlite3_column_int64(st, 2),
		    (long long)sqlite3_column_int64(st, 3),
		    (long long)sqlite3_column_int64(st, 4));
		v->fault(v->arg, machine_name(m), 0, why);
	}
	sqlite3_finalize(st);
	v->n++;
	return code == SQLITE_DONE
		   ? RC_OK
		   : err_set(err, RC_LATER, "journal: verifying: %s",
			 sqlite3_errmsg(v->view->j.db));
}

/* --- rows and their bodies --- */

static void
fault(struct verifying *v, enum machine m, uint64_t id, const char *why)
{
	v->fault(v->arg, machine_name(m), id, why);
}

/* Read once for all the rows that lie in it, in pieces: some are large. */
static bool
body_fine(struct verifying *v, uint64_t ref, struct err *why)
{
	uint32_t crc;

	if (ref == v->ref)
		return v->ref_fine;
	v->ref = ref;
	v->ref_fine =
	    segments_check(&v->view->seg, ref, &v->head, &crc, why) == RC_OK;
	return v->ref_fine;
}

/* Retention drops segments and files, and the journal knows of it. */
static bool
dropped(struct verifying *v, uint64_t ref)
{
	struct journal *j = &v->view->j;
	int64_t number = segments_of(ref);

	return number != 0
		   ? journal_number(j, SQL_VERIFY_DROPPED, 0, "i", number) != 0
		   : journal_number(j, SQL_VERIFY_KEPT, 0, "i", (int64_t)ref) ==
			 0;
}

static void
row_check(struct verifying *v, const struct verify_row *r)
{
	struct err why = { "" };

	v->n++;
	if (state_find(r->machine, r->state) == STATE_NONE) {
		fault(v, r->machine, r->id, "its state is none of its kind");
		return;
	}
	if (r->ref == 0 || dropped(v, r->ref))
		return;
	if (!body_fine(v, r->ref, &why))
		fault(v, r->machine, r->id,
		    why.text[0] == '\0' ? "its body is damaged" : why.text);
	else if (r->at > v->head.len || r->len > v->head.len - r->at)
		fault(v, r->machine, r->id, "its body ends before its part");
	else if (r->sha.len == DIGEST_LEN &&
		 memcmp(v->head.sha256.b, r->sha.p, DIGEST_LEN) != 0)
		fault(v, r->machine, r->id,
		    "the original is not what was received");
	if (r->orphan)
		fault(v, r->machine, r->id, "what it belongs to is not there");
}

static enum rc
rows(struct verifying *v, struct verify_place *p, enum sql which,
    enum machine m, struct err *err)
{
	unsigned int have = 0;
	sqlite3_stmt *st = journal_ask(
	    &v->view->j, which, "ii", (int64_t)p->after, (int64_t)PAGE_ROWS);

	p->after = 0;
	while (st != NULL) {
		struct verify_row r = { .machine = m,
			.id = column_id(st, 0),
			.state = column_slice(st, 1),
			.ref = column_id(st, 2),
			.at = column_id(st, 3),
			.len = column_id(st, 4),
			.sha = column_slice(st, 5),
			.orphan = column_int(st, 6) != 0 };

		if (++have == PAGE_ROWS)
			p->after = r.id;
		if (which == SQL_VERIFY_FILES)
			r.id = column_id(st, 7); /* whose it is */
		row_check(v, &r);
		if (!journal_more(&v->view->j, st))
			st = NULL;
	}
	return view_end(v->view, err);
}

/* --- the chain, the lock --- */

/*
 * What the bodies know of is asked first: while we look at the chain it only
 * grows, so an end before that is a cut one.
 */
static enum rc
chain(struct verifying *v, struct verify_place *p, struct err *err)
{
	struct err why;
	uint64_t n = 0, known = 0;
	enum rc rc = view_tail_event(v->view, &known, err);

	if (rc != RC_OK)
		return rc;
	rc = audit_page(&v->view->j, p->after, &p->head, PAGE_EVENTS, &n, &why);
	journal_clear(&v->view->j);
	v->n = n;
	if (rc != RC_OK && rc != RC_REFUSED) {
		*err = why;
		return rc;
	}
	p->after += n;
	if (rc == RC_OK && n == PAGE_EVENTS)
		return RC_OK;
	if (rc == RC_OK && known > p->after)
		rc = err_set(&why, RC_REFUSED,
		    "the chain ends at event %llu, event %llu is known of",
		    (unsigned long long)p->after, (unsigned long long)known);
	if (rc == RC_REFUSED)
		v->fault(v->arg, "event", 0, why.text);
	p->phase++;
	p->after = 0;
	return RC_OK;
}

static void
mode_check(struct verifying *v, const char *name, mode_t most)
{
	struct stat st;
	char why[200];

	v->n++;
	if (fstatat(v->view->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		(void)snprintf(why, sizeof(why), "'%s' is not there", name);
		v->fault(v->arg, "lock", 0, why);
	} else if ((st.st_mode & 0777 & ~most) != 0) {
		(void)snprintf(why, sizeof(why),
		    "'%s' may be used by others: mode %04o, want %04o", name,
		    (unsigned int)st.st_mode & 0777, (unsigned int)most);
		v->fault(v->arg, "lock", 0, why);
	}
}

/* Nobody comes past the folder; the lock is its owner's alone. */
static void
locks(struct verifying *v)
{
	mode_check(v, ".", 0770);
	mode_check(v, "lock", 0600);
}

static enum rc
phase_page(struct verifying *v, struct verify_place *p, struct err *err)
{
	static const struct {
		enum sql sql;
		enum machine machine;
	} walk[VERIFY_PHASES] = {
		[VERIFY_ARRIVALS] = { SQL_VERIFY_ARRIVALS, MACHINE_arrival },
		[VERIFY_LEGS] = { SQL_VERIFY_LEGS, MACHINE_leg },
		[VERIFY_FILES] = { SQL_VERIFY_FILES, MACHINE_arrival },
		[VERIFY_DELIVERIES] = { SQL_VERIFY_DELIVERIES,
		    MACHINE_delivery },
		[VERIFY_RECEIPTS] = { SQL_VERIFY_RECEIPTS, MACHINE_receipt },
	};
	enum rc rc;

	switch (p->phase) {
	case VERIFY_COUNTERS:
		rc = counters(v, (enum machine)p->after, err);
		if (++p->after == MACHINES)
			p->after = 0;
		break;
	case VERIFY_CHAIN:
		return chain(v, p, err); /* it goes on by itself */
	case VERIFY_LOCKS:
		locks(v);
		rc = RC_OK;
		break;
	default:
		rc =
		    rows(v, p, walk[p->phase].sql, walk[p->phase].machine, err);
		break;
	}
	p->phase += p->after == 0;
	return rc;
}

enum rc
verify_page(struct view *view, struct verify_place *p, fault_fn *fn, void *arg,
    uint64_t *n, struct err *err)
{
	struct verifying v = { .view = view, .fault = fn, .arg = arg };
	enum rc rc = RC_OK;

	if (p->phase < VERIFY_PHASES)
		rc = phase_page(&v, p, err);
	*n = v.n;
	return rc;
}
