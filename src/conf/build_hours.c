/*
 * conf/build_hours.c - the actions of a calendar's lines; trusts no value.
 * Called while parsing; every mistake is a complaint.
 */
#include "src/conf/parser.h"
#include "src/base/civil.h"
#include <stdio.h>
#include <string.h>

#define DAY_MINUTES 1440
#define ZONE_MAX    (14 * 60)
#define ALL_DAYS    0x7fu

static struct hours *
hours_now(struct conf_parser *p)
{
	return &p->w->hours[p->w->conf.nhours - 1];
}

void
conf_hours_begin(struct conf_parser *p, struct conf_text name)
{
	struct conf_whole *w = p->w;
	const char *id = conf_id(p, name, "calendar");

	/* the last place is never a calendar's: to write to when too many */
	if (w->hours == NULL)
		w->hours =
		    arena_get(w->mem, (CONF_HOURS + 1) * sizeof(*w->hours));
	if (w->hours == NULL) {
		p->failed = true;
		return;
	}
	w->conf.hours = w->hours;
	if (hours_find(w->hours, w->conf.nhours, slice_of(id)) != NULL)
		conf_wrong(p, name.at, "calendar '%s' is given twice", id);
	if (w->conf.nhours == CONF_HOURS)
		conf_wrong(p, name.at, "more than %d calendars", CONF_HOURS);
	if (w->conf.nhours <= CONF_HOURS)
		w->conf.nhours++;
	memset(hours_now(p), 0, sizeof(struct hours));
	hours_now(p)->name = id;
}

/* So many digits of *s as a number; -1: others stand there. */
static int
digits_cut(struct slice *s, size_t n)
{
	uint64_t v;

	if (s->len < n || !slice_u64(slice_sub(*s, 0, n), &v))
		return -1;
	*s = slice_sub(*s, n, s->len - n);
	return (int)v;
}

static bool
byte_cut(struct slice *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	*s = slice_sub(*s, 1, s->len - 1);
	return true;
}

/* "HH:MM", 24:00 included; -1: no time. */
static int
minute_cut(struct slice *s)
{
	int h = digits_cut(s, 2);
	int m = byte_cut(s, ':') ? digits_cut(s, 2) : -1;

	if (h < 0 || m < 0 || m > 59 || h * 60 + m > DAY_MINUTES)
		return -1;
	return h * 60 + m;
}

uint16_t
conf_minute(struct conf_parser *p, struct conf_text t)
{
	struct slice s = slice_of(t.p == NULL ? "" : t.p);
	int m = minute_cut(&s);

	if (m >= 0 && m < DAY_MINUTES && s.len == 0)
		return (uint16_t)m;
	conf_wrong(p, t.at, "found '%s', want a time of day like 18:30",
	    t.p == NULL ? "" : t.p);
	return 0;
}

void
conf_hours_zone(struct conf_parser *p, struct conf_text t)
{
	struct slice s = slice_of(t.p == NULL ? "" : t.p);
	bool west = byte_cut(&s, '-');
	int m = west || byte_cut(&s, '+') ? minute_cut(&s) : -1;

	if (p->failed)
		return;
	if (m < 0 || m > ZONE_MAX || s.len > 0)
		conf_wrong(p, t.at, "found '%s', want a zone like +08:00",
		    t.p == NULL ? "" : t.p);
	else
		hours_now(p)->zone = west ? -m : m;
}

static int
weekday_cut(struct slice *s)
{
	static const char *const name[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };

	for (int i = 0; i < 7; i++)
		if (slice_starts(*s, name[i])) {
			*s = slice_sub(*s, 3, s->len - 3);
			return i;
		}
	return -1;
}

/* "mon", "mon-fri", "sat-mon", "daily" as bits; 0: no such days. */
static unsigned int
weekdays_of(struct slice s)
{
	unsigned int bits = 0;
	int first, last;

	if (slice_is(s, "daily"))
		return ALL_DAYS;
	first = last = weekday_cut(&s);
	if (first >= 0 && byte_cut(&s, '-'))
		last = weekday_cut(&s);
	if (first < 0 || last < 0 || s.len > 0)
		return 0;
	for (int d = first;; d = (d + 1) % 7) {
		bits |= 1u << d;
		if (d == last)
			return bits;
	}
}

/* "2026-10-01" as days since 1970; false: no date. */
static bool
date_cut(struct slice *s, int32_t *day)
{
	int y = digits_cut(s, 4);
	int m = byte_cut(s, '-') ? digits_cut(s, 2) : -1;
	int d = byte_cut(s, '-') ? digits_cut(s, 2) : -1;

	if (y < 1970 || !civil_is(y, m, d))
		return false;
	*day = (int32_t)civil_days(y, m, d);
	return true;
}

/* "2026-10-01" or "2026-10-01..2026-10-07" */
static bool
dates_of(struct slice s, int32_t *first, int32_t *last)
{
	if (!date_cut(&s, first))
		return false;
	*last = *first;
	if (s.len == 0)
		return true;
	return byte_cut(&s, '.') && byte_cut(&s, '.') && date_cut(&s, last) &&
	       s.len == 0 && *last >= *first;
}

void
conf_hours_days(struct conf_parser *p, struct conf_text t)
{
	struct slice s = slice_of(t.p == NULL ? "" : t.p);

	p->weekdays = (uint8_t)weekdays_of(s);
	p->days_good = p->weekdays != 0 || dates_of(s, &p->first, &p->last);
	if (!p->days_good)
		conf_wrong(p, t.at,
		    "found '%s', want days like mon-fri or daily, or a date "
		    "like 2026-10-01",
		    t.p == NULL ? "" : t.p);
}

static bool
meet(uint16_t a, uint16_t b, uint16_t from, uint16_t to)
{
	return from < b && a < to;
}

static void
window_add(
    struct conf_parser *p, struct conf_text t, uint16_t from, uint16_t to)
{
	struct hours *h = hours_now(p);

	for (unsigned int i = 0; i < h->nwindows; i++)
		if ((h->window[i].weekdays & p->weekdays) != 0 &&
		    meet(h->window[i].from, h->window[i].to, from, to)) {
			conf_wrong(
			    p, t.at, "'%s' overlaps a time given before", t.p);
			return;
		}
	if (h->nwindows == HOURS_WINDOWS) {
		conf_wrong(p, t.at, "more than %d times", HOURS_WINDOWS);
		return;
	}
	h->window[h->nwindows++] =
	    (struct hours_window){ p->weekdays, from, to };
}

static void
dates_add(struct conf_parser *p, struct conf_text t, uint16_t from, uint16_t to)
{
	struct hours *h = hours_now(p);

	for (unsigned int i = 0; i < h->ndates; i++) {
		const struct hours_dates *d = &h->dates[i];

		if (p->first > d->last || p->last < d->first)
			continue;
		/* two windows of a day may stand beside each other */
		if (from == to || d->from == d->to ||
		    meet(d->from, d->to, from, to)) {
			conf_wrong(
			    p, t.at, "'%s' overlaps a date given before", t.p);
			return;
		}
	}
	if (h->ndates == HOURS_DATES) {
		conf_wrong(p, t.at, "more than %d dates", HOURS_DATES);
		return;
	}
	h->dates[h->ndates++] =
	    (struct hours_dates){ p->first, p->last, from, to };
}

void
conf_hours_open(struct conf_parser *p, struct conf_text t)
{
	struct slice s = slice_of(t.p == NULL ? "" : t.p);
	int from = minute_cut(&s);
	int to = byte_cut(&s, '-') ? minute_cut(&s) : -1;

	if (from < 0 || to <= from || s.len > 0) {
		conf_wrong(p, t.at,
		    "found '%s', want times like 08:30-12:00, the first before "
		    "the last",
		    t.p == NULL ? "" : t.p);
		return;
	}
	if (p->failed || !p->days_good)
		return;
	if (p->weekdays != 0)
		window_add(p, t, (uint16_t)from, (uint16_t)to);
	else
		dates_add(p, t, (uint16_t)from, (uint16_t)to);
}

void
conf_hours_closed(struct conf_parser *p, struct conf_text t)
{
	if (!dates_of(slice_of(t.p == NULL ? "" : t.p), &p->first, &p->last))
		conf_wrong(p, t.at,
		    "found '%s', want a date like 2026-10-01, or two with '..' "
		    "between",
		    t.p == NULL ? "" : t.p);
	else if (!p->failed)
		dates_add(p, t, 0, 0);
}
