/*
 * daemon/query_rows.c - what the spool tells, as flat JSON rows. "row" says
 * what a line is: status, role, count, item, thing, state, answer. Called by
 * query.c; escapes nothing itself, the writer does.
 */
#include "src/daemon/query.h"
#include <string.h>
#include "src/base/json.h"
#include "src/wire/bundles.h"

static void
row_open(struct buf *b, const char *row)
{
	json_open(b);
	json_text(b, "row", slice_of(row));
}

static void
row_close(struct buf *b)
{
	json_close(b);
	buf_byte(b, '\n');
}

/* Left out where there is nothing to tell. */
static void
put_text(struct buf *b, const char *name, struct slice s)
{
	if (s.len > 0)
		json_text(b, name, s);
}

static void
put_id(struct buf *b, const char *name, uint64_t id)
{
	char text[ID_TEXT];

	if (id != 0)
		json_text(b, name, slice_of(id_print(id, text)));
}

static void
put_time(struct buf *b, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	if (ms != 0)
		json_text(b, name, slice_of(clock_print(ms, text)));
}

/* Whole seconds since then. */
static void
put_age(struct buf *b, const char *name, int64_t since, int64_t now)
{
	if (since != 0)
		json_number(
		    b, name, now > since ? (uint64_t)(now - since) / 1000 : 0);
}

static void
put_state(struct buf *b, enum state s)
{
	json_text(b, "what", slice_of(machine_name(state_machine(s))));
	json_text(b, "state", slice_of(state_name(s)));
}

void
row_item(struct buf *b, const struct view_row *r, int64_t now)
{
	static const char *const other[MACHINES] = {
		[MACHINE_arrival] = "other",
		[MACHINE_filing] = "document",
		[MACHINE_leg] = "filer",
		[MACHINE_delivery] = "carries",
		[MACHINE_receipt] = "other",
	};

	row_open(b, "item");
	json_text(b, "what", slice_of(machine_name(r->machine)));
	put_id(b, "id", r->id);
	json_text(b, "state", slice_of(state_name(r->state)));
	put_text(b, "partner", r->partner);
	put_text(b, other[r->machine], r->other);
	put_text(b, "name", r->name);
	put_text(b, "outcome", r->outcome);
	put_text(b, "why", r->why);
	put_time(b, "since", r->at_ms);
	put_age(b, "age", r->at_ms, now);
	json_number(b, "count", r->count);
	if (r->test)
		json_flag(b, "test", true);
	put_id(b, "of", r->up);
	row_close(b);
}

void
row_count(struct buf *b, const struct view_count *c, int64_t now)
{
	static const char *const ages[VIEW_AGES] = { "age_15m", "age_1h",
		"age_4h", "age_1d", "age_3d", "age_more" };

	row_open(b, "count");
	put_state(b, c->state);
	put_text(b, "partner", c->partner);
	json_number(b, "n", c->n);
	for (int i = 0; i < VIEW_AGES; i++)
		json_number(b, ages[i], c->age[i]);
	put_time(b, "oldest", c->oldest_ms);
	put_age(b, "age", c->oldest_ms, now);
	row_close(b);
}

void
row_pause(struct buf *b, const struct view_pause *p)
{
	row_open(b, "pause");
	json_text(b, "partner", p->partner);
	json_text(b, "what", p->what);
	put_time(b, "since", p->since_ms);
	json_text(b, "by", p->by);
	put_text(b, "why", p->why);
	row_close(b);
}

void
row_event(struct buf *b, const struct view_event *e)
{
	char hex[DIGEST_TEXT];
	struct digest d;

	memcpy(d.b, e->hash, sizeof(d.b));
	row_open(b, "event");
	json_number(b, "seq", e->seq);
	json_text(b, "line", e->line);
	json_text(b, "hash", slice_of(digest_print(&d, hex)));
	row_close(b);
}

void
row_fault(struct buf *b, const char *what, uint64_t id, const char *why)
{
	row_open(b, "fault");
	json_text(b, "what", slice_of(what));
	put_id(b, "id", id);
	json_text(b, "why", slice_of(why));
	row_close(b);
}

void
row_checked(struct buf *b, enum verify_phase phase, uint64_t n,
    const struct verify_place *p)
{
	char hex[DIGEST_TEXT];

	row_open(b, "checked");
	json_text(b, "what", slice_of(verify_name(phase)));
	json_number(b, "n", n);
	if (phase == VERIFY_CHAIN)
		json_text(b, "head", slice_of(digest_print(&p->head, hex)));
	row_close(b);
}

void
row_matching(struct buf *b, enum machine m, unsigned int n, unsigned int legs)
{
	row_open(b, "matching");
	json_text(b, "what", slice_of(machine_name(m)));
	json_number(b, "n", n);
	json_number(b, "legs", legs);
	row_close(b);
}

void
row_operated(struct buf *b, struct slice verb, const struct msg_OPERATED *m)
{
	row_open(b, "operated");
	json_text(b, "verb", verb);
	json_number(b, "n", m->done);
	json_number(b, "legs", m->legs);
	json_number(b, "busy", m->busy);
	row_close(b);
}

static void
put_field(struct buf *b, const struct view_field *f)
{
	switch (f->type) {
	case VIEW_TEXT:
		put_text(b, f->name, f->text);
		break;
	case VIEW_NUMBER:
		json_number(b, f->name, f->n < 0 ? 0 : (uint64_t)f->n);
		break;
	case VIEW_ID:
		put_id(b, f->name, (uint64_t)f->n);
		break;
	case VIEW_TIME:
		put_time(b, f->name, f->n);
		break;
	case VIEW_FLAG:
		json_flag(b, f->name, f->n != 0);
		break;
	}
}

/* Told already, under the same name. */
static bool
field_ours(const char *name)
{
	static const char *const ours[] = { "row", "what", "id", "state", "en",
		"zh", "partner", "why_en", "why_zh" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return false;
}

static void
row_state(struct buf *b, const struct view_thing *t, const struct view_time *s)
{
	row_open(b, "state");
	put_state(b, s->state);
	put_id(b, "id", t->id);
	put_time(b, "at", s->at_ms);
	json_text(b, "en", slice_of(state_en(s->state)));
	json_text(b, "zh", slice_of(state_zh(s->state)));
	row_close(b);
}

static void
row_answer(
    struct buf *b, const struct view_thing *t, const struct view_answer *a)
{
	row_open(b, "answer");
	json_text(b, "what", slice_of(machine_name(t->machine)));
	put_id(b, "id", t->id);
	json_text(b, "answer", slice_of(a->kind));
	put_time(b, "at", a->at_ms);
	put_time(b, "event", a->event_ms);
	put_text(b, "status", a->status);
	put_text(b, "level", a->level);
	put_text(b, "outcome", a->outcome);
	put_text(b, "effect", slice_of(a->effect));
	json_flag(b, "final", a->final);
	put_text(b, "en", a->en);
	put_text(b, "zh", a->zh);
	put_text(b, "text", a->text);
	put_id(b, "arrival", a->arrival);
	if (a->arrival != 0)
		json_number(b, "number", a->number);
	row_close(b);
}

void
row_thing(struct buf *b, const struct view_thing *t)
{
	row_open(b, "thing");
	json_text(b, "what", slice_of(machine_name(t->machine)));
	put_id(b, "id", t->id);
	json_text(b, "state", slice_of(state_name(t->state)));
	json_text(b, "en", slice_of(state_en(t->state)));
	json_text(b, "zh", slice_of(state_zh(t->state)));
	put_text(b, "partner", t->partner);
	for (unsigned int i = 0; i < t->nfields; i++)
		if (!field_ours(t->field[i].name))
			put_field(b, &t->field[i]);
	put_text(b, "why_en", t->why_en);
	put_text(b, "why_zh", t->why_zh);
	row_close(b);
	for (unsigned int i = 0; i < t->ntimes; i++)
		row_state(b, t, &t->time[i]);
	for (unsigned int i = 0; i < t->nanswers; i++)
		row_answer(b, t, &t->answer[i]);
}

static void
row_role(struct buf *b, enum role_id id, const struct query_role *r)
{
	row_open(b, "role");
	json_text(b, "role", slice_of(role_name(id)));
	json_text(b, "state", slice_of(r->state));
	json_number(b, "pid", r->pid);
	json_number(b, "generation", r->generation);
	json_number(b, "restarts", r->restarts);
	put_text(b, "sandbox", slice_of(r->sandbox));
	row_close(b);
}

/* Which mappings read what arrives now, and which will next. */
static void
put_mappings(struct buf *b, struct slice list, int64_t now)
{
	struct bundles all;
	unsigned int at;

	if (!bundles_parse(&all, list) ||
	    (at = bundles_at(&all, now)) == BUNDLES_MAX)
		return;
	put_text(b, "mapping", slice_of(all.one[at].version));
	if (at + 1 < all.n) {
		put_text(b, "mapping_next", slice_of(all.one[at + 1].version));
		put_time(b, "mapping_from", all.one[at + 1].from_ms);
	}
}

static void
row_status(struct buf *b, const struct query *q, const struct view_status *s)
{
	int64_t now = clock_wall(q->clock);

	row_open(b, "status");
	json_flag(b, "daemon", q->daemon);
	json_text(b, "version", SLICE_LIT(PACKAGE_VERSION));
	if (q->daemon)
		put_time(b, "started", q->started_ms);
	json_number(b, "generation", s->generation);
	put_mappings(b, s->mapping, now);
	json_number(b, "events", s->events);
	put_time(b, "last_commit", s->wall_ms);
	json_number(b, "free", s->free_bytes);
	json_number(b, "size", s->total_bytes);
	json_number(b, "reserve", q->conf->reserve);
	json_number(b, "inodes", s->free_inodes);
	json_number(b, "journal", s->journal_bytes);
	json_number(b, "bodies", s->body_bytes);
	json_number(b, "backlog", s->backlog);
	put_time(b, "oldest", s->oldest_ms);
	put_age(b, "oldest_age", s->oldest_ms, now);
	json_number(b, "held", s->held);
	row_close(b);
}

enum rc
query_status(struct query_page *p, struct err *err)
{
	struct view_status s;
	enum rc rc = view_status(p->q->view, p->mem, &s, err);

	if (rc != RC_OK)
		return rc;
	row_status(p->out, p->q, &s);
	for (int i = 0; i < ROLES; i++)
		if (p->q->role[i].known)
			row_role(p->out, (enum role_id)i, &p->q->role[i]);
	return RC_OK;
}
