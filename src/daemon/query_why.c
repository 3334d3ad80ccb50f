/*
 * daemon/query_why.c - why a thing does not go on now: what the journal and the
 * configuration say of it, its partner and what it waits for at this moment.
 * Times in a sentence are stamps of Greenwich; the tool shows them as the
 * reader's own. Called for `show` and `why`.
 */
#include "src/daemon/query.h"
#include <stdio.h>
#include "src/status/status.h"

#define WHY_ROOM   1024
#define LEGS_SHOWN 32

/* One sentence in both languages, as it grows. */
struct said {
	char en[WHY_ROOM], zh[WHY_ROOM];
};

static void
why_put(struct query_page *p, struct view_thing *t, const struct said *s)
{
	t->why_en = arena_dup(p->mem, slice_of(s->en));
	t->why_zh = arena_dup(p->mem, slice_of(s->zh));
}

static const char *
stamp(int64_t wall_ms, char out[CLOCK_TEXT])
{
	return clock_print(wall_ms, out);
}

/* Spool time on the wall, as it is likely to be. */
static int64_t
wall_of(struct query_page *p, int64_t t)
{
	int64_t now = clock_wall(p->q->clock);

	return now + t - view_time(p->q->view, now);
}

/* "30m", "1h 30m", "2s" */
static const char *
span(uint64_t ms, char out[32])
{
	uint64_t s = ms / 1000;

	if (s >= 3600 && s % 3600 >= 60)
		(void)snprintf(out, 32, "%lluh %llum",
		    (unsigned long long)(s / 3600),
		    (unsigned long long)(s % 3600 / 60));
	else if (s >= 60)
		(void)snprintf(out, 32, "%llu%s",
		    (unsigned long long)(s >= 3600 ? s / 3600 : s / 60),
		    s >= 3600 ? "h" : "m");
	else
		(void)snprintf(out, 32, "%llus", (unsigned long long)s);
	return out;
}

/* --- a delivery that is ready --- */

static void
paused_say(
    const struct view_thing *t, const struct view_pause *pause, struct said *s)
{
	char at[CLOCK_TEXT];
	bool words = pause->why.len > 0;

	(void)stamp(pause->since_ms, at);
	(void)snprintf(s->en, sizeof(s->en),
	    "%.*s is paused since %s by %.*s%s%.*s", SLICE_ARG(t->partner), at,
	    SLICE_ARG(pause->by), words ? ": " : "", SLICE_ARG(pause->why));
	(void)snprintf(s->zh, sizeof(s->zh),
	    "%.*s 自 %s 起暂停投递（%.*s）%s%.*s", SLICE_ARG(t->partner), at,
	    SLICE_ARG(pause->by), words ? "：" : "", SLICE_ARG(pause->why));
}

/* Outside its hours; false: it is open. */
static bool
closed_say(
    struct query_page *p, const struct conf_partner *partner, struct said *s)
{
	int64_t now = clock_wall(p->q->clock), opens;
	char at[CLOCK_TEXT];

	if (partner->hours == NULL)
		return false;
	opens = hours_open_at(partner->hours, now);
	if (opens == now)
		return false;
	if (opens == HOURS_NEVER) {
		(void)snprintf(s->en, sizeof(s->en),
		    "%s is closed by the calendar '%s', which does not open "
		    "for two years",
		    partner->name, partner->hours->name);
		(void)snprintf(s->zh, sizeof(s->zh),
		    "按日历 %s，%s 两年内不开放", partner->hours->name,
		    partner->name);
		return true;
	}
	(void)snprintf(s->en, sizeof(s->en),
	    "%s is closed by the calendar '%s' and opens %s", partner->name,
	    partner->hours->name, stamp(opens, at));
	(void)snprintf(s->zh, sizeof(s->zh), "按日历 %s，%s 现在关闭，%s 开放",
	    partner->hours->name, partner->name, at);
	return true;
}

static void
gate_say(struct query_page *p, const struct view_thing *t,
    const struct view_hinder *h, struct said *s)
{
	char at[CLOCK_TEXT];

	(void)stamp(wall_of(p, h->gate_t), at);
	(void)snprintf(s->en, sizeof(s->en),
	    "%.*s is left alone after a failure until %s: %.*s",
	    SLICE_ARG(t->partner), at, SLICE_ARG(h->gate_why));
	(void)snprintf(s->zh, sizeof(s->zh), "%.*s 投递失败，%s 后重试：%.*s",
	    SLICE_ARG(t->partner), at, SLICE_ARG(h->gate_why));
}

static void
window_say(uint32_t standing, uint32_t window, struct said *s)
{
	(void)snprintf(s->en, sizeof(s->en),
	    "%u files stand in its folder, the window is %u", standing, window);
	(void)snprintf(s->zh, sizeof(s->zh),
	    "收件目录中已有 %u 个文件，上限为 %u", standing, window);
}

static enum rc
ready_why(struct query_page *p, struct view_thing *t, struct err *err)
{
	const struct conf_partner *partner =
	    conf_partner(p->q->conf, t->partner);
	struct said s = { "", "" };
	struct view_hinder h;
	uint32_t window = partner == NULL ? 0 : conf_window(partner);
	enum rc rc = view_hinder(p->q->view, t, p->mem, &h, err);

	if (rc != RC_OK)
		return rc;
	if (h.pause.since_ms != 0) {
		paused_say(t, &h.pause, &s);
	} else if (partner == NULL) {
		(void)snprintf(s.en, sizeof(s.en),
		    "the configuration has no partner '%.*s' any more",
		    SLICE_ARG(t->partner));
		(void)snprintf(s.zh, sizeof(s.zh), "配置中已无参与方 %.*s",
		    SLICE_ARG(t->partner));
	} else if (closed_say(p, partner, &s)) {
		; /* whatever else there is */
	} else if (h.same_name) {
		(void)snprintf(s.en, sizeof(s.en),
		    "another file of its name is not gone yet");
		(void)snprintf(s.zh, sizeof(s.zh), "同名的另一份文件尚未取走");
	} else if (window > 0 && h.standing >= window) {
		window_say(h.standing, window, &s);
	} else if (view_field_text(t, "why").len > 0) {
		return RC_OK; /* its own try says more */
	} else if (h.gate_t != 0) {
		gate_say(p, t, &h, &s);
	} else
		return RC_OK;
	why_put(p, t, &s);
	return RC_OK;
}

static void
open_why(struct query_page *p, struct view_thing *t)
{
	struct said s;

	if (slice_is(view_field_text(t, "kind"), "status")) {
		(void)snprintf(s.en, sizeof(s.en),
		    "what else is answered to its file goes into it, for the "
		    "time that 'together' allows");
		(void)snprintf(
		    s.zh, sizeof(s.zh), "等待同一文件的其他回执一并回复");
	} else {
		(void)snprintf(s.en, sizeof(s.en),
		    "further documents go into it, until it is full or old "
		    "enough");
		(void)snprintf(s.zh, sizeof(s.zh), "等待更多报文凑批");
	}
	why_put(p, t, &s);
}

/* --- a leg --- */

struct due {
	int64_t t, late_t; /* spool time; the second is the decision's */
	bool technical;    /* the first is another */
};

static struct due
due_of(const struct view_thing *t)
{
	struct due d = { view_field_number(t, "due_t"),
		view_field_number(t, "late_t"), false };

	d.technical = d.t != 0 && d.t != d.late_t;
	return d;
}

/* Behind what is told of it already. */
static void
due_say(
    struct query_page *p, struct view_thing *t, int64_t due_t, bool technical)
{
	int64_t at = wall_of(p, due_t), now = clock_wall(p->q->clock);
	char text[CLOCK_TEXT];
	struct said s;

	(void)stamp(at, text);
	(void)snprintf(s.en, sizeof(s.en), "%.*s; its %s %s %s",
	    SLICE_ARG(t->why_en), technical ? "technical answer" : "decision",
	    at >= now ? "is due" : "is overdue since", text);
	(void)snprintf(s.zh, sizeof(s.zh), "%.*s；%s应于 %s 前到达%s",
	    SLICE_ARG(t->why_zh), technical ? "技术回执" : "审批结果", text,
	    at >= now ? "" : "，已超时");
	why_put(p, t, &s);
}

static void
answer_due(struct query_page *p, struct view_thing *t)
{
	struct due d = due_of(t);
	bool sent =
	    view_field_text(t, "delivery_state").len > 0 &&
	    (slice_is(view_field_text(t, "delivery_state"), "published") ||
		slice_is(view_field_text(t, "delivery_state"), "picked"));

	if (!sent)
		return;
	if (t->state == STATE_leg_BOUND && d.t != 0)
		due_say(p, t, d.t, d.technical);
	else if (t->state == STATE_leg_ANSWERED && d.late_t != 0 &&
		 view_field_number(t, "level") < LEVEL_DECISION)
		due_say(p, t, d.late_t, false);
}

static void
expired_why(struct query_page *p, struct view_thing *t)
{
	const struct conf_partner *partner =
	    conf_partner(p->q->conf, t->partner);
	bool technical = partner != NULL && partner->technical_within_ms != 0;
	uint64_t within = partner == NULL ? 0
			  : technical     ? partner->technical_within_ms
					  : partner->decision_within_ms;
	char text[32];
	struct said s;

	if (within == 0)
		return;
	(void)span(within, text);
	(void)snprintf(s.en, sizeof(s.en),
	    "no %s came within %s of its delivery; its filer was told, and a "
	    "late one counts",
	    technical ? "technical answer" : "decision", text);
	(void)snprintf(s.zh, sizeof(s.zh),
	    "送达后 %s 内未收到%s；已告知申报方，迟到的回执仍然有效", text,
	    technical ? "技术回执" : "审批结果");
	why_put(p, t, &s);
}

/* Is it one of these names, ", " between them? */
static bool
name_among(struct slice names, struct slice name)
{
	while (names.len > 0)
		if (slice_eq(slice_trim(slice_cut(&names, ',')), name))
			return true;
	return false;
}

/* One of the legs that it waits for: what it says by now. */
static enum rc
waited_say(struct query_page *p, struct slice names, const struct view_row *row,
    struct buf *en, struct buf *zh, struct err *err)
{
	struct view_thing *t = arena_get(p->mem, sizeof(*t));
	struct slice says, says_zh;
	char id[ID_TEXT];
	enum rc rc;

	if (t == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	rc = view_show(p->q->view, row->id, p->mem, t, err);
	if (rc != RC_OK || !name_among(names, view_field_text(t, "name")))
		return rc;
	says = row->outcome.len > 0 ? row->outcome
				    : slice_of(state_name(row->state));
	says_zh = row->outcome.len > 0 ? status_word_zh(row->outcome)
				       : slice_of(state_zh(row->state));
	buf_fmt(en, "%s leg %s of %.*s, which is %.*s",
	    en->len == 0 ? ":" : ",", id_print(row->id, id),
	    SLICE_ARG(row->partner), SLICE_ARG(says));
	buf_fmt(zh, "%s%.*s 的 %s（%.*s）", zh->len == 0 ? "：" : "，",
	    SLICE_ARG(row->partner), id, SLICE_ARG(says_zh));
	return RC_OK;
}

/* How long it may. */
static void
until_say(struct query_page *p, const struct view_thing *t, struct buf *en,
    struct buf *zh)
{
	int64_t upto = view_field_number(t, "wait_t");
	bool ends = view_field_number(t, "wait_ends") != 0;
	char at[CLOCK_TEXT];

	if (upto == 0)
		return;
	if (upto <= view_time(p->q->view, clock_wall(p->q->clock))) {
		/* not before a minute after a start */
		buf_fmt(en, "; it waited long enough, %s",
		    ends ? "and is given up" : "which its filer is told");
		buf_fmt(zh, "；等待已超时，将%s", ends ? "放弃" : "告知申报方");
		return;
	}
	(void)stamp(wall_of(p, upto), at);
	buf_fmt(
	    en, "; %s %s", ends ? "it is given up" : "its filer is told", at);
	buf_fmt(zh, "；%s %s", at, ends ? "放弃" : "告知申报方");
}

/* Which legs it waits for, and what they say; or a number that one of them
 * has to bring. */
static enum rc
waiting_why(struct query_page *p, struct view_thing *t, struct err *err)
{
	struct slice names = view_field_text(t, "waits_for");
	struct view_row row[LEGS_SHOWN];
	unsigned int n = 0;
	struct buf en, zh;
	enum rc rc =
	    view_parts(p->q->view, (uint64_t)view_field_number(t, "filing"), 0,
		LEGS_SHOWN, p->mem, row, &n, err);

	buf_init(&en, WHY_ROOM);
	buf_init(&zh, WHY_ROOM);
	for (unsigned int i = 0; rc == RC_OK && i < n; i++)
		if (row[i].machine == MACHINE_leg && row[i].id != t->id &&
		    row[i].state != STATE_leg_CANCELLED)
			rc = waited_say(p, names, &row[i], &en, &zh, err);
	until_say(p, t, &en, &zh);
	if (rc == RC_OK && en.len > 0 && !buf_failed(&en) && !buf_failed(&zh)) {
		struct said s;

		(void)snprintf(s.en, sizeof(s.en), "%s%s", state_en(t->state),
		    buf_cstr(&en));
		(void)snprintf(s.zh, sizeof(s.zh), "%s%s", state_zh(t->state),
		    buf_cstr(&zh));
		why_put(p, t, &s);
	}
	buf_clear(&en);
	buf_clear(&zh);
	return rc;
}

/* What it was written for is no row of the routes any more; else it is its
 * turn that it waits for. */
static enum rc
written_why(struct query_page *p, struct view_thing *t, struct err *err)
{
	struct view_thing *filing = arena_get(p->mem, sizeof(*filing));
	bool test = view_field_number(t, "test") != 0;
	struct slice format = view_field_text(t, "format"), document;
	struct said s;
	enum rc rc;

	if (filing == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	rc = view_show(p->q->view, (uint64_t)view_field_number(t, "filing"),
	    p->mem, filing, err);
	if (rc != RC_OK)
		return rc == RC_REFUSED ? RC_OK : rc; /* retention dropped it */
	document = view_field_text(filing, "document");
	if (conf_route(p->q->conf, t->partner, document, format, test) != NULL)
		return RC_OK;
	(void)snprintf(s.en, sizeof(s.en),
	    "the configuration has no route for it any more: '%.*s' is "
	    "submitted no %s%.*s as %.*s; it goes when it is again, after "
	    "a reload, or it is cancelled",
	    SLICE_ARG(t->partner), test ? "test " : "", SLICE_ARG(document),
	    SLICE_ARG(format));
	(void)snprintf(s.zh, sizeof(s.zh),
	    "配置中已无其投递路由：%.*s 不再接收 %.*s%s（%.*s）；"
	    "恢复该路由并重新加载配置后即发送，或将其取消",
	    SLICE_ARG(t->partner), SLICE_ARG(document), test ? " 测试报文" : "",
	    SLICE_ARG(format));
	why_put(p, t, &s);
	return RC_OK;
}

/* --- a filing --- */

static void
release_why(struct query_page *p, struct view_thing *t)
{
	struct slice by = view_field_text(t, "held_by");
	struct slice word = view_field_text(t, "status");
	struct said s;

	/* what stays as it is, of a change, is said already */
	if (word.len == 0 || (by.len == 0 && view_field_text(t, "why").len > 0))
		return;
	(void)snprintf(s.en, sizeof(s.en), "taken; its status is %.*s%s%.*s",
	    SLICE_ARG(word), by.len > 0 ? ", held by " : "", SLICE_ARG(by));
	(void)snprintf(s.zh, sizeof(s.zh), "已接受；状态：%.*s%s%.*s%s",
	    SLICE_ARG(status_word_zh(word)), by.len > 0 ? "，待 " : "",
	    SLICE_ARG(by), by.len > 0 ? " 放行" : "");
	why_put(p, t, &s);
}

/* Files that it names: which, and for how long yet. */
static void
files_why(struct query_page *p, struct view_thing *t)
{
	int64_t now = view_time(p->q->view, clock_wall(p->q->clock));
	int64_t upto = view_field_number(t, "wait_t");
	struct slice names = slice_sub(view_field_text(t, "waits_for"), 0, 600);
	long long left = upto > now ? (long long)(upto - now + 999) / 1000 : 0;
	struct said s;

	(void)snprintf(s.en, sizeof(s.en),
	    names.len > 0 ? "waits %lld s more for files that it names: %.*s"
			  : "waits %lld s more with the other messages of its "
			    "file%.*s",
	    left, SLICE_ARG(names));
	(void)snprintf(s.zh, sizeof(s.zh),
	    names.len > 0 ? "还将等待所列文件 %lld 秒：%.*s"
			  : "与同一文件的其他报文一同等待 %lld 秒%.*s",
	    left, SLICE_ARG(names));
	why_put(p, t, &s);
}

enum rc
query_hindered(struct query_page *p, struct view_thing *t, struct err *err)
{
	switch (t->state) {
	case STATE_delivery_OPEN:
		open_why(p, t);
		return RC_OK;
	case STATE_delivery_READY:
		return ready_why(p, t, err);
	case STATE_leg_WAITING:
		return waiting_why(p, t, err);
	case STATE_leg_WRITTEN:
		return written_why(p, t, err);
	case STATE_filing_WAITING:
		files_why(p, t);
		return RC_OK;
	case STATE_leg_EXPIRED:
		expired_why(p, t);
		return RC_OK;
	case STATE_leg_BOUND:
	case STATE_leg_ANSWERED:
		answer_due(p, t);
		return RC_OK;
	case STATE_filing_TAKEN:
		release_why(p, t);
		return RC_OK;
	default:
		return RC_OK;
	}
}
