/*
 * daemon/query.c - one question, one answer; trusts the spool's rows, nothing
 * in the question. Called by role_query.c, and by the tools when no daemon
 * runs.
 */
#include "src/daemon/query.h"
#include <stdio.h>
#include "src/base/json.h"
#include "spool/operate.h"
#include "spool/verify.h"

#define QUERY_MEMORY (256u << 20) /* of one question; given back behind it */
#define PAGE_ROWS    200
#define TRACK_ROWS   50
#define COUNTS_MAX   50000 /* a dozen states of each partner there may be */

static const struct {
	const char *word;
	enum right right;
	query_fn *fn;
} questions[] = {
#define QUESTION(word, right, fn, what) { word, right, fn },
#include "src/daemon/query.def"
#undef QUESTION
};

#define NQUESTIONS (sizeof(questions) / sizeof(questions[0]))

static const char *
right_name(enum right r)
{
	return r == RIGHT_VIEW        ? "view"
	       : r == RIGHT_OPERATE   ? "operate"
	       : r == RIGHT_CONFIGURE ? "configure"
				      : "audit";
}

void
query_init(
    struct query *q, const struct conf *conf, struct clock *clock, bool daemon)
{
	*q = (struct query){ .conf = conf,
		.clock = clock,
		.daemon = daemon,
		.started_ms = clock_wall(clock) };
}

void
query_clear(struct query *q)
{
	view_close(q->view);
	arena_free(q->asked);
	q->view = NULL;
	q->asked = NULL;
}

/* --- the questions --- */

static enum rc
id_asked(
    const struct query_page *p, const char *name, uint64_t *id, struct err *err)
{
	struct slice s = question_value(p->asked, name);

	if (id_parse(s, id))
		return RC_OK;
	return err_set(err, RC_REFUSED, "'%.*s' is no id", SLICE_ARG(s));
}

static enum rc
after_asked(const struct query_page *p, uint64_t *after, struct err *err)
{
	*after = 0;
	if (question_value(p->asked, "after").len == 0)
		return RC_OK;
	return id_asked(p, "after", after, err);
}

static void
rows_put(struct query_page *p, const struct view_row *row, unsigned int n,
    unsigned int page)
{
	for (unsigned int i = 0; i < n; i++)
		row_item(p->out, &row[i], clock_wall(p->q->clock));
	if (n == page)
		(void)id_print(row[n - 1].id, p->after);
}

static enum rc
place_asked(
    const struct query_page *p, int *machine, uint64_t *after, struct err *err)
{
	struct slice s = question_value(p->asked, "after");

	if (place_read(s, machine, after))
		return RC_OK;
	return err_set(
	    err, RC_REFUSED, "'%.*s' is no place in a list", SLICE_ARG(s));
}

static enum rc
filter_asked(const struct query_page *p, struct filter *f, struct err *err)
{
	size_t at;

	return filter_parse(
	    f, question_value(p->asked, "filter"), p->mem, &at, err);
}

/* One page of rows that were looked at, however few were found. */
static enum rc
page_select(struct query_page *p, struct filter *f, struct view_row *row,
    unsigned int *n, struct err *err)
{
	uint64_t after;
	int m;
	enum rc rc = place_asked(p, &m, &after, err);

	*n = 0;
	if (rc == RC_OK)
		rc = filter_asked(p, f, err);
	for (bool looked = false; rc == RC_OK && m < MACHINES && !looked;) {
		rc = view_select(p->q->view, f, (enum machine)m, after,
		    PAGE_ROWS, clock_wall(p->q->clock), p->mem, row, n, &after,
		    err);
		looked = *n > 0 || after != 0;
		m += after == 0;
	}
	if (rc == RC_OK)
		place_print(m, after, p->after);
	return rc;
}

enum rc
query_queue(struct query_page *p, struct err *err)
{
	struct view_row row[PAGE_ROWS];
	struct filter f;
	unsigned int n;
	enum rc rc = page_select(p, &f, row, &n, err);

	for (unsigned int i = 0; rc == RC_OK && i < n; i++)
		row_item(p->out, &row[i], clock_wall(p->q->clock));
	return rc;
}

/* Whose leg it is, before somebody is asked whether he is sure. */
static enum rc
attach_asked(struct query_page *p, const struct view_row *row, struct err *err)
{
	struct slice to = question_value(p->asked, "to");
	struct view_thing *t = arena_get(p->mem, sizeof(*t));
	uint64_t leg;
	enum rc rc;

	if (t == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	if (!id_parse(to, &leg))
		return err_set(err, RC_REFUSED,
		    "attach wants the id of a receipt and of a leg");
	rc = view_show(p->q->view, leg, p->mem, t, err);
	if (rc != RC_OK)
		return rc;
	if (t->machine != MACHINE_leg)
		return err_set(err, RC_REFUSED, "'%.*s' is a %s, want a leg",
		    SLICE_ARG(to), machine_name(t->machine));
	return attach_may(row->id, row->partner,
	    slice_is(row->why, RECEIPT_UNREADABLE), leg, t->partner, err);
}

/* The same test as when it is done. */
enum rc
query_matching(struct query_page *p, struct err *err)
{
	struct slice word = question_value(p->asked, "verb");
	enum operate_verb verb = operate_find(word);
	struct view_row row[PAGE_ROWS];
	struct filter f;
	unsigned int n, legs = 0, met = 0;
	enum machine m = MACHINES;
	enum rc rc;

	if (verb == OPERATE_VERBS)
		return err_set(
		    err, RC_REFUSED, "'%.*s' is no act", SLICE_ARG(word));
	rc = page_select(p, &f, row, &n, err);
	for (unsigned int i = 0; rc == RC_OK && i < n; i++) {
		if (!operate_may(verb, &f, &row[i]))
			continue;
		met++;
		m = row[i].machine;
		if (m == MACHINE_delivery && slice_is(row[i].kind, "legs"))
			legs += row[i].count;
		if (verb == OPERATE_attach)
			rc = attach_asked(p, &row[i], err);
	}
	if (rc == RC_OK && met > 0)
		row_matching(p->out, m, met, legs);
	return rc;
}

enum rc
query_operate(struct query_page *p, struct err *err)
{
	const struct question *a = p->asked;

	(void)err;
	p->q->operate = (struct msg_OPERATE){ .verb = question_value(a, "verb"),
		.filter = question_value(a, "filter"),
		.words = question_value(a, "words"),
		.place = question_value(a, "after"),
		.to = question_value(a, "to") };
	return RC_OK;
}

void
query_operated(const struct msg_OPERATED *m, struct slice verb, struct buf *out)
{
	enum rc rc = m->rc > RC_BROKEN ? RC_BROKEN : (enum rc)m->rc;
	struct err why;

	(void)err_set(&why, rc, "%.*s", SLICE_ARG(m->why));
	if (rc == RC_OK)
		row_operated(out, verb, m);
	answer_end(out, rc, m->place, &why);
}

static struct view_field *
field_of(struct view_thing *t, const char *name)
{
	for (unsigned int i = 0; i < t->nfields; i++)
		if (strcmp(t->field[i].name, name) == 0)
			return &t->field[i];
	return NULL;
}

/*
 * Due times are spool time, which means nothing to a person: such a field
 * becomes the wall time that it is likely to be, under its own name. A past
 * one, and one that nobody waits for, is told no more.
 */
static void
time_field(struct query_page *p, struct view_thing *t, const char *from,
    const char *to, bool waits)
{
	struct view_field *f = field_of(t, from);
	int64_t wall = clock_wall(p->q->clock), now;

	if (f == NULL)
		return;
	now = view_time(p->q->view, wall);
	f->name = to;
	f->type = VIEW_TIME;
	f->n = waits && f->n > now ? wall + f->n - now : 0;
}

static void
times_tell(struct query_page *p, struct view_thing *t)
{
	time_field(
	    p, t, "next_t", "next_try", t->state == STATE_delivery_READY);
	time_field(p, t, "due_t", "answer_due",
	    t->state == STATE_leg_BOUND || t->state == STATE_leg_ANSWERED);
	time_field(p, t, "late_t", "late", false);
	time_field(p, t, "wait_t", "waits_until",
	    t->state == STATE_filing_WAITING || t->state == STATE_leg_WAITING);
}

enum rc
query_show(struct query_page *p, struct err *err)
{
	struct view_thing *t = arena_get(p->mem, sizeof(*t));
	uint64_t id;
	enum rc rc = id_asked(p, "id", &id, err);

	if (t == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	if (rc == RC_OK)
		rc = view_show(p->q->view, id, p->mem, t, err);
	if (rc == RC_OK)
		rc = query_hindered(p, t, err);
	if (rc == RC_OK)
		times_tell(p, t);
	if (rc == RC_OK)
		row_thing(p->out, t);
	return rc;
}

enum rc
query_parts(struct query_page *p, struct err *err)
{
	struct view_row row[PAGE_ROWS];
	unsigned int n = 0;
	uint64_t id, after = 0;
	enum rc rc = id_asked(p, "id", &id, err);

	if (rc == RC_OK)
		rc = after_asked(p, &after, err);
	if (rc == RC_OK)
		rc = view_parts(
		    p->q->view, id, after, PAGE_ROWS, p->mem, row, &n, err);
	if (rc == RC_OK)
		rows_put(p, row, n, PAGE_ROWS);
	return rc;
}

enum rc
query_track(struct query_page *p, struct err *err)
{
	struct slice key = question_value(p->asked, "key");
	struct view_row row[TRACK_ROWS];
	unsigned int n = 0;
	bool more = false;
	enum rc rc;

	if (key.len == 0)
		return err_set(err, RC_REFUSED, "no key to look for");
	rc = view_track(p->q->view, key, question_value(p->asked, "partner"),
	    TRACK_ROWS, p->mem, row, &n, &more, err);
	if (rc != RC_OK)
		return rc;
	rows_put(p, row, n, TRACK_ROWS + 1);
	if (more) {
		json_open(p->out);
		json_text(p->out, "row", SLICE_LIT("more"));
		json_number(p->out, "shown", n);
		json_close(p->out);
		buf_byte(p->out, '\n');
	}
	return RC_OK;
}

enum rc
query_cat(struct query_page *p, struct err *err)
{
	static const char *const bodies[] = { [VIEW_BODY] = "body",
		[VIEW_TRACE] = "trace",
		[VIEW_FINDINGS] = "findings" };
	struct slice what = question_value(p->asked, "body"), body;
	struct slice at_text = question_value(p->asked, "after");
	uint64_t id, at = 0;
	int which = 0;
	enum rc rc = id_asked(p, "id", &id, err);

	if (rc != RC_OK)
		return rc;
	while (which < 3 && !slice_is(what, bodies[which]))
		which++;
	if (which == 3 || (at_text.len > 0 && !slice_u64(at_text, &at)))
		return err_set(
		    err, RC_REFUSED, "'%.*s' is no body", SLICE_ARG(what));
	rc =
	    view_cat(p->q->view, id, (enum view_body)which, p->mem, &body, err);
	if (rc != RC_OK)
		return rc;
	if (at > body.len)
		at = body.len;
	body = slice_sub(body, (size_t)at, ANSWER_ROW);
	answer_bytes(p->out, body);
	if (body.len == ANSWER_ROW)
		(void)snprintf(p->after, sizeof(p->after), "%llu",
		    (unsigned long long)(at + ANSWER_ROW));
	return RC_OK;
}

static enum rc
pauses_put(struct query_page *p, struct err *err)
{
	struct view_pause *one =
	    arena_get(p->mem, COUNTS_MAX * sizeof(struct view_pause));
	unsigned int n = 0;
	enum rc rc;

	if (one == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	rc = view_pauses(p->q->view, p->mem, one, COUNTS_MAX, &n, err);
	for (unsigned int i = 0; rc == RC_OK && i < n; i++)
		row_pause(p->out, &one[i]);
	return rc;
}

enum rc
query_counts(struct query_page *p, struct err *err)
{
	struct view_count *c =
	    arena_get(p->mem, COUNTS_MAX * sizeof(struct view_count));
	unsigned int n = 0;
	enum rc rc;

	if (c == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	rc = view_counts(p->q->view, clock_wall(p->q->clock), p->mem, c,
	    COUNTS_MAX, &n, err);
	if (rc == RC_OK && n == COUNTS_MAX)
		return err_set(err, RC_REFUSED,
		    "what waits has more than %d partners and states: ask for "
		    "some of it",
		    COUNTS_MAX);
	for (unsigned int i = 0; rc == RC_OK && i < n; i++)
		row_count(p->out, &c[i], clock_wall(p->q->clock));
	return rc == RC_OK ? pauses_put(p, err) : rc;
}

#define EVENT_ROWS 500

enum rc
query_events(struct query_page *p, struct err *err)
{
	struct slice after_text = question_value(p->asked, "after");
	struct slice limit_text = question_value(p->asked, "limit");
	struct view_event *e =
	    arena_get(p->mem, EVENT_ROWS * sizeof(struct view_event));
	uint64_t after = 0, limit = EVENT_ROWS;
	unsigned int n = 0;
	enum rc rc;

	if (e == NULL)
		return err_set(err, RC_LATER, "no memory for the answer");
	if (after_text.len == 0)
		after_text = question_value(p->asked, "since");
	if ((after_text.len > 0 && !slice_u64(after_text, &after)) ||
	    (limit_text.len > 0 && !slice_u64(limit_text, &limit)))
		return err_set(err, RC_REFUSED, "events are asked by number");
	if (limit > EVENT_ROWS)
		limit = EVENT_ROWS;
	rc = view_events(
	    p->q->view, after, (unsigned int)limit, p->mem, e, &n, err);
	for (unsigned int i = 0; rc == RC_OK && i < n; i++)
		row_event(p->out, &e[i]);
	if (rc == RC_OK && n == EVENT_ROWS && limit_text.len == 0)
		(void)snprintf(p->after, sizeof(p->after), "%llu",
		    (unsigned long long)e[n - 1].seq);
	return rc;
}

static void
fault_put(void *arg, const char *what, uint64_t id, const char *why)
{
	struct query_page *p = arg;

	row_fault(p->out, what, id, why);
}

enum rc
query_verify(struct query_page *p, struct err *err)
{
	struct slice after = question_value(p->asked, "after");
	struct verify_place place;
	enum verify_phase phase;
	uint64_t n = 0;
	enum rc rc;

	if (!verify_place_read(after, &place))
		return err_set(err, RC_REFUSED, "'%.*s' is no place of a walk",
		    SLICE_ARG(after));
	if (after.len == 0 &&
	    slice_is(question_value(p->asked, "from"), "chain"))
		place.phase = VERIFY_CHAIN;
	phase = (enum verify_phase)place.phase;
	rc = verify_page(p->q->view, &place, fault_put, p, &n, err);
	if (rc != RC_OK)
		return rc;
	if (phase < VERIFY_PHASES)
		row_checked(p->out, phase, n, &place);
	verify_place_print(&place, p->after);
	return rc;
}

/* Only a running daemon can: query_answer() lets it pass before this. */
enum rc
query_reload(struct query_page *p, struct err *err)
{
	(void)p;
	return err_set(err, RC_REFUSED,
	    "no daemon runs: it reads the configuration when it starts");
}

/* --- one answer --- */

static enum rc
view_ready(struct query *q, struct err *err)
{
	if (q->view != NULL)
		return RC_OK;
	return view_open(&q->view, q->conf->spool, err);
}

static enum rc
question_run(struct query *q, unsigned int rights, size_t which,
    struct query_page *p, struct err *err)
{
	enum rc rc;

	if ((rights & questions[which].right) == 0)
		return err_set(err, RC_REFUSED,
		    "'%s' needs the right to %s, which this user does not have",
		    questions[which].word, right_name(questions[which].right));
	if (questions[which].fn == query_reload)
		return query_reload(p, err);
	rc = view_ready(q, err);
	if (rc == RC_OK)
		rc = questions[which].fn(p, err);
	/* What is wrong with it may be gone with the next one. */
	if (rc == RC_BROKEN)
		query_clear(q);
	return rc;
}

/* The question's words outlive this call when another role must act on it. */
static enum query_next
question_hand(struct query *q, const struct query_page *p, struct buf *out)
{
	struct err ignored;

	if (p->fn == query_reload)
		return q->daemon ? QUERY_RELOAD : QUERY_ANSWERED;
	if (p->fn != query_operate)
		return QUERY_ANSWERED;
	(void)out;
	if (query_operate((struct query_page *)(uintptr_t)p, &ignored) != RC_OK)
		return QUERY_ANSWERED;
	arena_free(q->asked);
	q->asked = p->mem;
	return QUERY_OPERATE;
}

enum query_next
query_answer(
    struct query *q, unsigned int rights, struct slice line, struct buf *out)
{
	struct question asked;
	struct query_page p = { .q = q, .asked = &asked, .out = out };
	enum query_next next = QUERY_ANSWERED;
	struct err err = { "" };
	size_t which = 0, begin = out->len;
	enum rc rc;

	p.mem = arena_new(QUERY_MEMORY);
	if (p.mem == NULL)
		rc = err_set(&err, RC_LATER, "no memory for the answer");
	else
		rc = question_read(&asked, line, p.mem, &err);
	while (rc == RC_OK && which < NQUESTIONS &&
	       !slice_is(asked.word, questions[which].word))
		which++;
	if (rc == RC_OK && which == NQUESTIONS)
		rc = err_set(&err, RC_REFUSED, "no question '%.*s'",
		    SLICE_ARG(asked.word));
	if (rc == RC_OK && (rights & questions[which].right) != 0) {
		p.fn = questions[which].fn;
		next = question_hand(q, &p, out);
	}
	if (next != QUERY_ANSWERED) {
		if (q->asked != p.mem)
			arena_free(p.mem);
		return next;
	}
	if (rc == RC_OK)
		rc = question_run(q, rights, which, &p, &err);
	if (rc == RC_OK && (buf_failed(out) || arena_failed(p.mem)))
		rc = err_set(&err, RC_LATER, "no memory for the answer");
	if (rc != RC_OK)
		buf_cut(out, begin);
	answer_end(out, rc, slice_of(p.after), &err);
	arena_free(p.mem);
	return next;
}
