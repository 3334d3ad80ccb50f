/*
 * spool/view_read.c - what the views read from the segments: bodies, traces,
 * findings, the words of answers; and sentences about why a thing stands
 * where it does. Called by view.c and the role query.
 */
#include "spool/view_in.h"
#include <stdio.h>
#include <string.h>
#include "src/base/id.h"
#include "src/wire/claim.h"
#include "src/wire/trace_pack.h"
#include "spool/file.h"
#include "spool/history.h"

#define TRACE_TEXT (64u << 20) /* written out for people */

static enum rc
claim_read(struct view *v, uint64_t ref, uint64_t at, uint64_t len,
    struct arena *mem, struct claim *c, struct err *err)
{
	struct slice raw;
	enum rc rc = segments_part(&v->seg, ref, at, len, mem, &raw, err);

	return rc == RC_OK ? claim_next(&raw, c, err) : rc;
}

static const char *
effect_word(enum answer_effect e)
{
	static const char *const words[] = { [ANSWER_NEW] = "new",
		[ANSWER_LATE] = "late",
		[ANSWER_AGAIN] = "again",
		[ANSWER_UNKNOWN] = "unknown",
		[ANSWER_CONTRADICTS] = "contradicts" };

	return (unsigned int)e < sizeof(words) / sizeof(words[0]) ? words[e]
								  : "";
}

static const char *
kind_word(enum entry_kind k)
{
	switch (k) {
	case ENTRY_RECEIPT:
		return "receipt";
	case ENTRY_EXPIRED:
		return "expired";
	case ENTRY_OVERDUE:
		return "overdue";
	case ENTRY_UNDELIVERABLE:
		return "undeliverable";
	case ENTRY_WAITS:
		return "overdue";
	case ENTRY_GIVEN_UP:
		return "given_up";
	case ENTRY_REJECTED:
		return "rejected";
	case ENTRY_CANCELLED:
		return "cancelled";
	}
	return "";
}

static void
answer_fill(struct view *v, const struct entry *e, struct arena *mem,
    struct view_answer *a)
{
	struct err ignored;
	struct claim c;

	*a = (struct view_answer){ .kind = kind_word(e->kind),
		.at_ms = e->wall_ms,
		.event_ms = e->answer.event_ms,
		.level = slice_of(level_name(e->answer.level)),
		.effect = effect_word(e->effect),
		.rank = e->answer.rank,
		.final = e->answer.final,
		.arrival = e->arrival,
		.number = e->number };
	if (e->answer.outcome != OUTCOME_NONE)
		a->outcome = slice_of(outcome_word(e->answer.outcome));
	/* Dropped by retention: what decides is in the row all the same. */
	if (e->claim_len == 0 || claim_read(v, e->claims, e->claim_at,
				     e->claim_len, mem, &c, &ignored) != RC_OK)
		return;
	if (c.kind != CLAIM_RECEIPT)
		return;
	a->status = c.u.receipt.status;
	a->en = c.u.receipt.en;
	a->zh = c.u.receipt.zh;
	a->text = c.u.receipt.text;
}

enum rc
view_answers(struct view *v, struct slice history, struct arena *mem,
    struct view_answer **out, unsigned int *n, struct err *err)
{
	struct slice rest = history;
	struct entry e;
	unsigned int have = 0;

	*out =
	    arena_get(mem, (history.len / HISTORY_ENTRY + 1) * sizeof(**out));
	if (*out == NULL)
		return err_set(err, RC_LATER, "no memory for answers");
	while (history_next(&rest, &e))
		if (!e.copied)
			answer_fill(v, &e, mem, &(*out)[have++]);
	*n = have;
	return RC_OK;
}

/* --- why --- */

static struct slice
why_text(
    struct arena *mem, const char *what, const char *colon, struct slice more)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s%.*s", what,
	    more.len > 0 ? colon : "", SLICE_ARG(slice_sub(more, 0, 400)));
	return arena_dup(mem, slice_of(text));
}

static void
why_set(struct view_thing *t, struct arena *mem, const char *en, const char *zh,
    struct slice more)
{
	t->why_en = why_text(mem, en, ": ", more);
	t->why_zh = why_text(mem, zh, "：", more);
}

/* One of our words behind it, which is another in Chinese. */
static void
why_word(struct view_thing *t, struct arena *mem, const char *en,
    const char *zh, struct slice word, struct slice word_zh)
{
	t->why_en = why_text(mem, en, ": ", word);
	t->why_zh = why_text(mem, zh, "：", word_zh);
}

/* What its outcome comes from: the last that changed it, and not the agency's
 * word alone. */
static void
outcome_why(struct view_thing *t, struct arena *mem)
{
	struct slice outcome = view_field_text(t, "outcome");
	struct slice zh = status_word_zh(outcome);
	const char *kind = "receipt";

	for (unsigned int i = 0; i < t->nanswers; i++)
		if (strcmp(t->answer[i].effect, "new") == 0)
			kind = t->answer[i].kind;
	if (strcmp(kind, "undeliverable") == 0)
		why_word(t, mem, "undeliverable, its delivery was given up",
		    "无法送达，已放弃投递", outcome, zh);
	else if (strcmp(kind, "rejected") == 0)
		why_word(t, mem, "the partner put its file among the refused",
		    "对方退回该文件", outcome, zh);
	else
		why_word(
		    t, mem, "the agency answered", "机构已答复", outcome, zh);
}

static void
leg_why(struct view_thing *t, struct arena *mem)
{
	struct slice outcome = view_field_text(t, "outcome");
	struct slice delivery = view_field_text(t, "delivery_state");

	if (t->state == STATE_leg_CANCELLED)
		why_set(t, mem, "cancelled before it was sent", "发送前已取消",
		    view_field_text(t, "why"));
	else if (t->state == STATE_leg_WRITTEN)
		why_set(t, mem,
		    "an earlier filing under the same number is not out yet",
		    "同一编号的前一份报文尚未发出", (struct slice){ 0 });
	else if (t->state == STATE_leg_BOUND &&
		 !slice_is(delivery, "published") &&
		 !slice_is(delivery, "picked"))
		why_word(t, mem, "its delivery is on its way", "正在发送",
		    delivery,
		    slice_of(state_zh(state_find(MACHINE_delivery, delivery))));
	else if (t->state == STATE_leg_BOUND)
		why_set(t, mem, "sent, no answer yet", "已发送，尚无回执",
		    (struct slice){ 0 });
	else if (t->state == STATE_leg_WAITING &&
		 view_field_text(t, "waits_for").len > 0)
		why_set(t, mem, "waits for another leg's answer",
		    "等待其他机构回执", view_field_text(t, "waits_for"));
	else if (t->state == STATE_leg_EXPIRED && delivery.len == 0)
		why_set(t, mem, "given up: no answer in time from",
		    "等待超时已放弃，未获回执",
		    view_field_text(t, "waits_for"));
	else if (outcome.len > 0)
		outcome_why(t, mem);
	else
		why_set(t, mem, state_en(t->state), state_zh(t->state),
		    (struct slice){ 0 });
}

/* a, b of a line each */
static struct slice
names_listed(struct slice lines, struct arena *mem)
{
	struct slice out;
	struct buf b;

	buf_init(&b, lines.len * 2 + 1);
	while (lines.len > 0) {
		buf_slice(&b, slice_cut(&lines, '\n'));
		if (lines.len > 0)
			buf_str(&b, ", ");
	}
	out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

static void
filing_why(struct view_thing *t, struct arena *mem)
{
	struct slice legs = view_field_text(t, "why");
	struct slice why = slice_cut(&legs, ' ');

	if (slice_is(why, "key-used"))
		why_set(t, mem,
		    "its number was filed before with other content",
		    "该编号已用于另一份内容不同的申报", (struct slice){ 0 });
	else if (slice_is(why, "repeat"))
		why_set(t, mem, "filed before with the same content",
		    "相同内容已申报过", (struct slice){ 0 });
	else if (slice_is(why, "nothing-to-amend"))
		why_set(t, mem,
		    "it changes or cancels what was not filed, or is no more",
		    "所修改或撤销的申报不存在或已撤销", (struct slice){ 0 });
	else if (slice_is(why, "cannot-amend"))
		why_set(t, mem,
		    "an agency that has it takes a format which cannot say "
		    "that it is changed or cancelled",
		    "所送机构的报文无法表示修改或撤销", legs);
	else if (slice_is(why, "legs-kept"))
		why_set(t, mem,
		    "taken; legs stay as they are whose formats cannot say "
		    "that they are changed or cancelled",
		    "已接受；部分机构的报文无法表示修改或撤销，维持原状", legs);
	else if (slice_is(why, "never-came"))
		why_set(t, mem, "files that it names did not come in time",
		    "所列文件未按时送达", names_listed(legs, mem));
	else if (slice_is(why, "neighbour"))
		why_set(t, mem, "another message of its file has errors",
		    "同一文件中另有报文出错", (struct slice){ 0 });
	else if (slice_is(why, "poison"))
		why_set(t, mem, "reading it failed three times",
		    "三次读取均失败", view_field_text(t, "death"));
	else if (t->state == STATE_filing_REFUSED)
		why_set(
		    t, mem, "it has errors", "报文有误", (struct slice){ 0 });
	else
		why_set(t, mem, state_en(t->state), state_zh(t->state),
		    (struct slice){ 0 });
}

void
view_why(struct view_thing *t, struct arena *mem)
{
	struct slice why = view_field_text(t, "why");

	if (t->machine == MACHINE_leg)
		leg_why(t, mem);
	else if (t->machine == MACHINE_filing)
		filing_why(t, mem);
	else if (t->state == STATE_arrival_DONE &&
		 view_field_number(t, "refused") != 0)
		why_set(t, mem, "refused whole, its envelope has errors",
		    "信封有误，整份文件不予受理", (struct slice){ 0 });
	else if (t->state == STATE_delivery_READY && why.len > 0)
		why_set(
		    t, mem, "tried, goes on later", "已尝试，稍后继续", why);
	else if (t->state == STATE_receipt_PARKED)
		why_set(t, mem, state_en(t->state), state_zh(t->state),
		    view_field_text(t, "keys"));
	else if (t->state == STATE_delivery_STAGED ||
		 t->state == STATE_delivery_PUBLISHED ||
		 t->state == STATE_delivery_PICKED)
		/* what went wrong before is over */
		why_set(t, mem, state_en(t->state), state_zh(t->state),
		    (struct slice){ 0 });
	else
		why_set(t, mem, state_en(t->state), state_zh(t->state), why);
}

/* --- cat --- */

static const enum sql cat_sql[MACHINES] = {
	[MACHINE_arrival] = SQL_CAT_ARRIVAL,
	[MACHINE_filing] = SQL_CAT_FILING,
	[MACHINE_leg] = SQL_CAT_LEG,
	[MACHINE_delivery] = SQL_CAT_DELIVERY,
	[MACHINE_receipt] = SQL_CAT_RECEIPT,
};

struct cat {
	uint64_t body, at, len, claims, claim_at, claim_len;
	uint64_t id;
	bool parts; /* a delivery that is put together */
};

static enum rc
cat_body(struct view *v, enum machine m, struct cat *c, struct arena *mem,
    struct slice *out, struct err *err)
{
	struct claim claim;
	enum rc rc = RC_OK;

	if (m == MACHINE_receipt) {
		rc = claim_read(
		    v, c->claims, c->claim_at, c->claim_len, mem, &claim, err);
		if (rc != RC_OK)
			return rc;
		c->at = claim.u.receipt.at;
		c->len = claim.u.receipt.len;
	}
	if (c->body == 0)
		return err_set(err, RC_REFUSED, "it has no body yet");
	if (c->parts)
		return pieces_whole(&v->j, &v->seg, c->id,
		    &(struct delivery_piece){
			.body = c->body, .at = c->at, .len = c->len },
		    mem, out, err);
	if (m == MACHINE_arrival)
		return segments_body(&v->seg, c->body, mem, out, err);
	return segments_part(&v->seg, c->body, c->at, c->len, mem, out, err);
}

/* The arrival's claim, the first of its body: the head says how long it is. */
static enum rc
arrival_claim(struct view *v, uint64_t claims, struct arena *mem,
    struct claim *out, struct err *err)
{
	uint64_t len = CLAIM_HEAD;
	struct slice head;
	enum rc rc =
	    segments_part(&v->seg, claims, 0, CLAIM_HEAD, mem, &head, err);

	for (unsigned int i = 0; rc == RC_OK && i < 4; i++)
		len += (uint64_t)(unsigned char)head.p[1 + i] << (8 * i);
	if (rc == RC_OK)
		rc = claim_read(v, claims, 0, len, mem, out, err);
	if (rc == RC_OK && out->kind != CLAIM_ARRIVAL)
		rc = err_set(
		    err, RC_REFUSED, "its claims begin with no arrival");
	return rc;
}

/* The names that a leg's trace goes by stand in the arrival's claim. */
static enum rc
trace_read(struct view *v, uint64_t claims, const struct claim_leg *l,
    struct arena *mem, struct slice *out, struct err *err)
{
	struct claim first;
	struct buf b;
	enum rc rc = arrival_claim(v, claims, mem, &first, err);

	if (rc != RC_OK)
		return rc;
	buf_init(&b, TRACE_TEXT);
	rc = trace_print(first.u.arrival.names, l->trace, mem, &b, err);
	if (rc == RC_OK)
		*out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return rc == RC_OK && out->p == NULL
		   ? err_set(err, RC_LATER, "no memory for a trace")
		   : rc;
}

enum rc
view_cat(struct view *v, uint64_t id, enum view_body what, struct arena *mem,
    struct slice *out, struct err *err)
{
	struct cat c = { 0 };
	struct view_row row;
	struct claim claim;
	enum machine m = view_find(v, id, &row, mem);
	char text[ID_TEXT];
	sqlite3_stmt *st;
	enum rc rc;

	if (m == MACHINES)
		return err_set(err, RC_REFUSED, "nothing has the id '%s'",
		    id_print(id, text));
	st = journal_ask(&v->j, cat_sql[m], "i", (int64_t)id);
	if (st != NULL) {
		c = (struct cat){ column_id(st, 0), column_id(st, 1),
			column_id(st, 2), 0, 0, 0, id, false };
		if (sqlite3_column_count(st) > 3) {
			c.claims = column_id(st, 3);
			c.claim_at = column_id(st, 4);
			c.claim_len = column_id(st, 5);
		}
		c.parts = sqlite3_column_count(st) > 6 && column_int(st, 6) > 0;
		journal_end(st);
	}
	rc = view_end(v, err);
	if (rc != RC_OK || what == VIEW_BODY)
		return rc != RC_OK ? rc : cat_body(v, m, &c, mem, out, err);
	if (m == MACHINE_arrival && what == VIEW_FINDINGS && c.claims != 0) {
		rc = arrival_claim(v, c.claims, mem, &claim, err);
		if (rc == RC_OK)
			*out = claim.u.arrival.findings;
		return rc;
	}
	if (c.claim_len == 0)
		return err_set(err, RC_REFUSED, "%s '%s' has none",
		    machine_name(m), id_print(id, text));
	rc = claim_read(v, c.claims, c.claim_at, c.claim_len, mem, &claim, err);
	if (rc != RC_OK)
		return rc;
	if (what == VIEW_TRACE && claim.kind == CLAIM_LEG)
		return trace_read(v, c.claims, &claim.u.leg, mem, out, err);
	if (what == VIEW_FINDINGS && claim.kind == CLAIM_FILING)
		*out = claim.u.filing.findings;
	else if (what == VIEW_FINDINGS && claim.kind == CLAIM_RECEIPT)
		*out = claim.u.receipt.findings;
	else
		return err_set(err, RC_REFUSED, "%s '%s' has none",
		    machine_name(m), id_print(id, text));
	return RC_OK;
}
