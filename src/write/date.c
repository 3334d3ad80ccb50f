/*
 * write/date.c - a moment in the first pattern that loses nothing, else in the
 * finest, which is said. Called by value.c.
 */
#include "src/write/writer.h"
#include "src/base/civil.h"
#include <stdio.h>

#define DATE_TEXT 64
#define DAY_MS    86400000LL

/* The same moment on the clocks of another zone. */
static void
zone_shift(struct moment *m, int zone)
{
	int64_t ms = moment_ms(m, zone) + (int64_t)zone * 60000;
	int64_t days = ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);
	int64_t rest = ms - days * DAY_MS;
	struct civil date;

	date = civil_of(days);
	m->year = (int16_t)date.year;
	m->month = (int8_t)date.month;
	m->day = (int8_t)date.day;
	m->hour = (int8_t)(rest / 3600000);
	m->minute = (int8_t)(rest / 60000 % 60);
	m->second = (int8_t)(rest / 1000 % 60);
	m->zone = (int16_t)zone;
}

struct
try {
	char text[DATE_TEXT];
	size_t len;
	int rank; /* 0: not at all, 100: nothing lost, else the precision */
};

static void
pattern_try(struct writer *w, const struct date_pattern *p,
    const struct moment *m, struct try *best)
{
	struct moment x = *m;
	struct try t;

	if (x.hour >= 0 && x.has_zone && !p->has_zone && w->plan->has_zone &&
	    x.zone != w->plan->zone_minutes && x.year != 0)
		zone_shift(&x, w->plan->zone_minutes);
	if (!date_write(p, &x, t.text, sizeof(t.text), &t.len))
		return;
	t.rank = p->precision + (p->has_date ? 10 : 0);
	if (p->precision >= x.precision && p->has_date == (x.year != 0) &&
	    p->has_time == (x.hour >= 0))
		t.rank = 100;
	if (t.rank > best->rank)
		*best = t;
}

/* Do other lines carry what this one loses? Date here, time there. */
static bool
said_elsewhere(const struct plan *p, const struct line *mine,
    const struct line *parent, const struct element *el)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		if (l != mine && l->write && l->kind == LINE_ELEMENT &&
		    l->choice.narms > 0) {
			const struct path *x = &l->choice.arm[0].path;

			if (x->nsteps > 0 && x->step[x->nsteps - 1] == el)
				return true;
		}
		if (said_elsewhere(p, mine, l, el))
			return true;
	}
	return false;
}

static const struct code_row *
with_best(struct writer *w, const struct codec *c, const struct moment *m,
    struct try *best)
{
	const struct codelist *list = c->u.with.list;
	const struct code_row *row = NULL;

	for (uint32_t i = 0; i < list->nrows && best->rank < 100; i++) {
		struct slice text = list->row[i].cell[c->u.with.pattern_column];
		struct date_pattern p;
		int rank = best->rank;

		if (text.len == 0 || !date_pattern_make(&p, text) ||
		    code_write(&list->row[i], c->u.with.column).len == 0)
			continue;
		pattern_try(w, &p, m, best);
		if (best->rank > rank)
			row = &list->row[i];
	}
	return row;
}

static void
wanted_text(const struct codec *c, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	if (c->kind == CODEC_DATE_WITH)
		(void)snprintf(out, size, "%s", c->u.with.list->name);
	else
		for (uint8_t i = 0; i < c->u.date.n && n < size - 1; i++)
			n += (size_t)snprintf(out + n, size - n, "%s%.*s",
			    i > 0 ? "|" : "",
			    SLICE_ARG(c->u.date.pattern[i]->text));
}

bool
date_encode(struct writer *w, const struct leaf *leaf, const struct codec *c,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice *out)
{
	const struct code_row *row = NULL;
	struct try best = { .rank = 0 };
	struct moment m;
	char wanted[160];

	wanted_text(c, wanted, sizeof(wanted));
	if ((v->flags & VALUE_RAW) == 0 && moment_parse(v->text, &m)) {
		if (c->kind == CODEC_DATE_WITH)
			row = with_best(w, c, &m, &best);
		for (uint8_t i = 0; c->kind == CODEC_DATE && i < c->u.date.n &&
				    best.rank < 100;
		     i++)
			pattern_try(w, c->u.date.pattern[i], &m, &best);
	}
	if (best.rank == 0) {
		(void)complain_out(w, FIND_NOT_WRITABLE, leaf, node, el, v,
		    v->text, wanted, "");
		return false;
	}
	if (best.rank < 100 && node != NULL &&
	    !said_elsewhere(w->plan, leaf->line, w->plan->root, el))
		(void)complain_out(
		    w, FIND_LOST, leaf, node, el, v, v->text, wanted, "");
	*out = arena_dup(w->mem, (struct slice){ best.text, best.len });
	if (row != NULL)
		leaf_put(w, leaf, c->u.with.name, c->u.with.leaf,
		    code_write(row, c->u.with.column), NULL);
	return true;
}
