/*
 * spool/audit.c - linking events and walking the links; trusts nothing that
 * it reads back. Called by the batch and by `entrepot audit verify`.
 */
#include "spool/audit.h"
#include <stdio.h>
#include <string.h>

static enum rc
event_hash(const struct digest *before, struct slice line, struct digest *out,
    struct err *err)
{
	char both[DIGEST_LEN + AUDIT_LINE_MAX];

	if (line.len > AUDIT_LINE_MAX)
		return err_set(err, RC_REFUSED,
		    "event is %zu bytes, limit is %d", line.len,
		    AUDIT_LINE_MAX);
	memcpy(both, before->b, DIGEST_LEN);
	memcpy(both + DIGEST_LEN, line.p, line.len);
	return hash_of((struct slice){ both, DIGEST_LEN + line.len }, out, err);
}

enum rc
audit_open(struct audit *a, struct journal *j, struct err *err)
{
	sqlite3_stmt *st = journal_ask(j, SQL_EVENT_LAST, "");
	struct slice hash;

	*a = (struct audit){ 0 };
	if (st == NULL)
		return journal_rc(j, err);
	a->seq = column_id(st, 0);
	hash = column_slice(st, 1);
	if (hash.len == DIGEST_LEN)
		memcpy(a->head.b, hash.p, DIGEST_LEN);
	journal_end(st);
	if (hash.len != DIGEST_LEN)
		return err_set(err, RC_BROKEN, "event %llu has no hash",
		    (unsigned long long)a->seq);
	return RC_OK;
}

void
audit_add(
    struct audit *a, struct journal *j, int64_t wall_ms, struct slice line)
{
	char text[AUDIT_LINE_MAX], when[CLOCK_TEXT];
	struct digest next;
	int n;

	n = snprintf(text, sizeof(text), "%llu %s %.*s",
	    (unsigned long long)a->seq + 1, clock_print(wall_ms, when),
	    SLICE_ARG(line));
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(text))
		n = (int)sizeof(text) - 1;
	if (j->rc == RC_OK)
		j->rc = event_hash(&a->head, (struct slice){ text, (size_t)n },
		    &next, &j->why);
	journal_run(j, SQL_EVENT_ADD, "itb", (int64_t)(a->seq + 1),
	    (struct slice){ text, (size_t)n },
	    (struct slice){ (const char *)next.b, DIGEST_LEN });
	if (j->rc != RC_OK)
		return;
	a->seq++;
	a->head = next;
}

/* One event against the one before it. */
static enum rc
event_check(
    sqlite3_stmt *st, uint64_t want, struct digest *head, struct err *err)
{
	struct slice line = column_slice(st, 1);
	struct slice hash = column_slice(st, 2);
	uint64_t seq = column_id(st, 0);
	char number[24];
	struct digest next;
	enum rc rc;

	if (seq != want)
		return err_set(err, RC_REFUSED,
		    "event %llu is missing, event %llu follows",
		    (unsigned long long)want, (unsigned long long)seq);
	snprintf(number, sizeof(number), "%llu ", (unsigned long long)seq);
	if (!slice_starts(line, number))
		return err_set(err, RC_REFUSED,
		    "event %llu is out of place: '%.*s'",
		    (unsigned long long)seq,
		    (int)(line.len < 60 ? line.len : 60), line.p);
	rc = event_hash(head, line, &next, err);
	if (rc != RC_OK)
		return rc;
	if (hash.len != DIGEST_LEN || memcmp(hash.p, next.b, DIGEST_LEN) != 0)
		return err_set(err, RC_REFUSED,
		    "event %llu is changed: its hash is not that of its line",
		    (unsigned long long)seq);
	*head = next;
	return RC_OK;
}

enum rc
audit_page(struct journal *j, uint64_t after, struct digest *head,
    unsigned int max, uint64_t *n, struct err *err)
{
	sqlite3_stmt *st =
	    journal_ask(j, SQL_EVENT_PAGE, "ii", (int64_t)after, (int64_t)max);
	enum rc rc = RC_OK;

	*n = 0;
	while (st != NULL) {
		rc = event_check(st, after + *n + 1, head, err);
		if (rc != RC_OK) {
			journal_end(st);
			return rc;
		}
		++*n;
		if (!journal_more(j, st))
			st = NULL;
	}
	return journal_rc(j, err);
}

enum rc
audit_verify(struct journal *j, uint64_t upto, uint64_t *events,
    struct digest *head, struct err *err)
{
	struct digest at = { { 0 } };
	uint64_t n = 0;
	enum rc rc = audit_page(j, 0, &at, UINT32_MAX, &n, err);

	if (rc == RC_OK && n < upto)
		return err_set(err, RC_REFUSED,
		    "the chain ends at event %llu, event %llu is known of",
		    (unsigned long long)n, (unsigned long long)upto);
	*events = n;
	*head = at;
	return rc;
}
