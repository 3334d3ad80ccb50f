/*
 * spool/bind.c - legs into deliveries: up to the agency's batch size, never
 * test and real ones together; the number and the name are drawn in the
 * transaction that makes the delivery, and never again. One that may wait for
 * more has them drawn when it is closed. Called while claims are applied, when
 * a lane becomes free, and by due.c.
 */
#include "spool/leg.h"
#include "spool/delivery.h"
#include "spool/scheduler.h"
#include <stdio.h>
#include <string.h>

#define ENDING_MAX     8 /* of a file's name, its dot included */
#define NAME_MAX_BYTES 255
#define BYTES_FULL     (32u << 20) /* what is wrapped has a ceiling, too */

/* ".edi"; "" where there is none. */
static struct slice
ending_of(struct slice name)
{
	for (size_t n = 1; n < ENDING_MAX && n < name.len; n++)
		if (name.p[name.len - n - 1] == '.')
			return slice_sub(name, name.len - n - 1, n + 1);
	return SLICE_LIT("");
}

/*
 * A single leg goes under the name its format gave it; several share a name
 * made of the control number.
 */
static struct slice
name_make(struct spool *s, const struct bind_leg *l, uint64_t delivery,
    uint32_t legs, uint64_t number, bool zip)
{
	char text[NAME_MAX_BYTES + 1], id[ID_TEXT];
	struct slice stem = l->file_name, kind = ending_of(stem);

	stem.len -= kind.len;
	if (zip)
		kind = SLICE_LIT(".zip");
	else if (slice_is(kind, ".zip"))
		kind = SLICE_LIT(".xml");
	if (stem.len > NAME_MAX_BYTES - ENDING_MAX)
		stem.len = NAME_MAX_BYTES - ENDING_MAX;
	if (legs > 1)
		snprintf(text, sizeof(text), "%.*s-%llu%.*s",
		    SLICE_ARG(l->format), (unsigned long long)number,
		    SLICE_ARG(kind));
	else if (stem.len == 0)
		snprintf(text, sizeof(text), "%.*s-%s%.*s",
		    SLICE_ARG(l->format), id_print(delivery, id),
		    SLICE_ARG(kind));
	else
		snprintf(text, sizeof(text), "%.*s%.*s", SLICE_ARG(stem),
		    SLICE_ARG(kind));
	return arena_dup(s->mem, slice_of(text));
}

static uint64_t
number_of(
    struct spool *s, struct slice agency, struct slice format, bool gapless)
{
	char what[80];

	if (!gapless)
		return number_draw(s, agency, "number");
	snprintf(what, sizeof(what), "gapless %.*s",
	    SLICE_ARG(slice_sub(format, 0, 64)));
	return number_draw(s, agency, what);
}

/* Does it wait for more than one arrival brings? */
static bool
group_waits(const struct conf_submit *sub)
{
	return sub->batch > 1 && sub->batch_within_ms > 0;
}

enum rc
bind_end(struct batch *b, uint64_t delivery, struct err *err)
{
	struct spool *s = b->s;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_DELIVERY_OPEN_GET, "i", (int64_t)delivery);
	struct bind_leg l;
	enum state from;
	struct slice name;
	uint64_t number;
	uint32_t legs;
	bool zip, gapless;
	enum rc rc;

	if (st == NULL)
		return err_set(err, RC_BROKEN, "an open delivery has no row");
	l = (struct bind_leg){ .agency = column_dup(st, 0, s->mem),
		.format = column_dup(st, 1, s->mem),
		.file_name = column_dup(st, 6, s->mem) };
	from = state_find(MACHINE_delivery, column_slice(st, 2));
	legs = (uint32_t)column_int(st, 3);
	zip = column_int(st, 4) == WRAP_ZIP;
	gapless = column_int(st, 5) != 0;
	journal_end(st);
	rc = edge_check(from, STATE_delivery_PLANNED, err);
	if (rc != RC_OK)
		return rc;
	number = number_of(s, l.agency, l.format, gapless);
	name = name_make(s, &l, delivery, legs, number, zip);
	journal_run(&s->j, SQL_DELIVERY_CLOSE, "itii", (int64_t)number, name,
	    spool_wall(s), (int64_t)delivery);
	batch_after(b, AFTER_WAKE, delivery, partner_index(s, l.agency));
	return RC_OK;
}

/* Without a row of its own yet: open, or planned at once. */
static enum rc
group_add(struct batch *b, const struct bind *bd, unsigned int i, bool full,
    struct err *err)
{
	struct spool *s = b->s;
	const struct bind_leg *l = &bd->group[i].first;
	const struct conf_submit *sub = bd->group[i].submit;
	bool zip =
	    sub->zip || bd->group[i].agency->layout == LAYOUT_IMPORT_CLIENT;
	bool open = group_waits(sub) && !full;
	bool wrap = zip || sub->batch > 1 || l->message || l->files;
	struct delivery_new d = { .id = bd->group[i].delivery,
		.partner = l->agency,
		.kind = "legs",
		.format = l->format,
		.state = open   ? STATE_delivery_OPEN
			 : wrap ? STATE_delivery_PLANNED
				: STATE_delivery_READY,
		.test = l->test,
		.wrap = zip    ? WRAP_ZIP
			: wrap ? WRAP_SHARED
			       : WRAP_NONE,
		.gapless = sub->gapless,
		.legs = bd->group[i].legs };

	if (open) {
		d.open_t = spool_time(s) + sub->batch_within_ms;
		d.body_len = bd->group[i].bytes; /* so far */
		if (s->sched->due == 0 || d.open_t < s->sched->due)
			s->sched->due = d.open_t;
		return delivery_add(b, &d, err);
	}
	d.number = number_of(s, l->agency, l->format, sub->gapless);
	d.name = name_make(s, l, d.id, d.legs, d.number, zip);
	if (!wrap) {
		d.body = l->claims;
		d.body_at = l->body_at;
		d.body_len = l->body_len;
	}
	return delivery_add(b, &d, err);
}

static enum rc
group_close(struct batch *b, struct bind *bd, unsigned int i, bool full,
    struct err *err)
{
	uint64_t id = bd->group[i].delivery;
	enum rc rc = RC_OK;

	if (bd->group[i].row) {
		journal_run(&b->s->j, SQL_DELIVERY_GROW, "iii",
		    (int64_t)bd->group[i].legs, (int64_t)bd->group[i].bytes,
		    (int64_t)id);
		if (full)
			rc = bind_end(b, id, err);
	} else {
		rc = group_add(b, bd, i, full, err);
	}
	bd->group[i] = bd->group[--bd->n];
	return rc;
}

enum rc
bind_close(struct batch *b, struct bind *bd, struct err *err)
{
	while (bd->n > 0) {
		enum rc rc = group_close(b, bd, bd->n - 1, false, err);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
bind_settle(
    struct batch *b, struct bind *bd, const struct leg_row *r, struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned int i = bd->n; i > 0 && rc == RC_OK; i--)
		if (bd->group[i - 1].delivery == r->delivery ||
		    (group_waits(bd->group[i - 1].submit) &&
			slice_is(r->agency, bd->group[i - 1].agency->name)))
			rc = group_close(b, bd, i - 1, false, err);
	return rc;
}

/* What is open is of a format, as its row is: whatever the kinds in it. */
static unsigned int
group_find(const struct bind *bd, const struct conf_submit *sub,
    const struct bind_leg *l)
{
	for (unsigned int i = 0; i < bd->n; i++) {
		const struct conf_submit *has = bd->group[i].submit;
		bool shared = group_waits(has) && group_waits(sub) &&
			      slice_is(l->agency, bd->group[i].agency->name) &&
			      slice_is(l->format, has->format);

		if (bd->group[i].test == l->test && (has == sub || shared))
			return i;
	}
	return bd->n;
}

/* One that is open already goes on. */
static void
group_new(struct batch *b, struct bind *bd, const struct conf_submit *sub,
    const struct bind_leg *l)
{
	struct spool *s = b->s;
	unsigned int i = bd->n++;
	sqlite3_stmt *st = NULL;

	bd->group[i].agency = conf_partner(s->conf, l->agency);
	bd->group[i].submit = sub;
	bd->group[i].test = l->test;
	bd->group[i].legs = 0;
	bd->group[i].bytes = 0;
	bd->group[i].first = *l;
	if (group_waits(sub))
		st = journal_ask(&s->j, SQL_DELIVERY_OPEN, "tti", l->agency,
		    l->format, (int64_t)l->test);
	bd->group[i].row = st != NULL;
	if (st == NULL) {
		bd->group[i].delivery = id_new(&s->ids);
		return;
	}
	bd->group[i].delivery = column_id(st, 0);
	bd->group[i].legs = (uint32_t)column_int(st, 1);
	bd->group[i].bytes = column_id(st, 2);
	journal_end(st);
}

/* Whose files are whose can only be told when it goes by itself. */
static enum rc
bind_alone(struct batch *b, const struct conf_submit *sub,
    const struct bind_leg *l, uint64_t *delivery, struct err *err)
{
	struct bind *one = arena_get(b->s->mem, sizeof(*one));

	if (one == NULL)
		return err_set(err, RC_LATER, "no memory");
	*delivery = id_new(&b->s->ids);
	one->n = 1;
	one->group[0].agency = conf_partner(b->s->conf, l->agency);
	one->group[0].submit = sub;
	one->group[0].test = l->test;
	one->group[0].delivery = *delivery;
	one->group[0].legs = 1;
	one->group[0].first = *l;
	return group_close(b, one, 0, true, err);
}

enum rc
bind_leg(struct batch *b, struct bind *bd, const struct bind_leg *l,
    uint64_t *delivery, struct err *err)
{
	const struct conf_submit *sub =
	    conf_route(b->s->conf, l->agency, l->kind, l->format, l->test);
	unsigned int i;
	enum rc rc = RC_OK;

	if (sub == NULL)
		return err_set(err, RC_REFUSED,
		    "'%.*s' does not take '%.*s' as '%.*s'",
		    SLICE_ARG(l->agency), SLICE_ARG(l->kind),
		    SLICE_ARG(l->format));
	if (l->files)
		return bind_alone(b, sub, l, delivery, err);
	i = group_find(bd, sub, l);
	if (i == BIND_GROUPS) {
		rc = group_close(b, bd, 0, false, err);
		if (rc != RC_OK)
			return rc;
		i = bd->n;
	}
	if (i == bd->n)
		group_new(b, bd, sub, l);
	*delivery = bd->group[i].delivery;
	bd->group[i].bytes += l->body_len;
	if (++bd->group[i].legs >= (sub->batch == 0 ? 1 : sub->batch) ||
	    bd->group[i].bytes >= BYTES_FULL)
		rc = group_close(b, bd, i, true, err);
	return rc;
}
