/*
 * conf/hours.c - a calendar as arithmetic, day by day; trusts what the parser
 * has checked: no two windows of a day overlap. Called by the spool.
 */
#include "src/conf/hours.h"
#include <stddef.h>

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    INT64_C(86400000)
#define AHEAD     731 /* days looked at for the next opening */
#define DAY_SPANS (HOURS_WINDOWS + HOURS_DATES)

struct span {
	uint16_t from, to;
};

const struct hours *
hours_find(const struct hours *h, unsigned int n, struct slice name)
{
	for (unsigned int i = 0; i < n; i++)
		if (slice_is(name, h[i].name))
			return &h[i];
	return NULL;
}

static int64_t
zone_ms(const struct hours *h)
{
	return h == NULL ? 0 : h->zone * MINUTE_MS;
}

int32_t
hours_day(const struct hours *h, int64_t wall_ms)
{
	int64_t local = wall_ms + zone_ms(h);

	return (int32_t)((local - (local % DAY_MS + DAY_MS) % DAY_MS) / DAY_MS);
}

int64_t
hours_minute(const struct hours *h, int32_t day, uint32_t minute)
{
	return day * DAY_MS + minute * MINUTE_MS - zone_ms(h);
}

static unsigned int
span_add(struct span *s, unsigned int n, uint16_t from, uint16_t to)
{
	unsigned int i = n;

	if (from >= to)
		return n;
	for (; i > 0 && s[i - 1].from > from; i--)
		s[i] = s[i - 1];
	s[i] = (struct span){ from, to };
	return n + 1;
}

/* The spans of a day in their order. A date's own take the weekday's place. */
static unsigned int
day_spans(const struct hours *h, int32_t day, struct span s[DAY_SPANS])
{
	/* 1970 began on a Thursday, which is bit 3 */
	unsigned int weekday = (unsigned int)(((day + 3) % 7 + 7) % 7);
	unsigned int n = 0;
	bool dated = false;

	for (unsigned int i = 0; i < h->ndates; i++) {
		const struct hours_dates *d = &h->dates[i];

		if (day < d->first || day > d->last)
			continue;
		dated = true;
		n = span_add(s, n, d->from, d->to);
	}
	for (unsigned int i = 0; i < h->nwindows && !dated; i++)
		if ((h->window[i].weekdays >> weekday & 1u) != 0)
			n = span_add(s, n, h->window[i].from, h->window[i].to);
	return n;
}

/*
 * Walk open time from wall_ms on until `left` of it has gone by; left 0 is
 * the first moment that is open.
 */
static int64_t
walk(const struct hours *h, int64_t wall_ms, int64_t left)
{
	int32_t first = hours_day(h, wall_ms);
	int32_t shut = 0;

	for (int32_t day = first; shut < AHEAD; day++) {
		struct span s[DAY_SPANS];
		unsigned int n = day_spans(h, day, s);

		shut = n == 0 ? shut + 1 : 0;
		for (unsigned int i = 0; i < n; i++) {
			int64_t from = hours_minute(h, day, s[i].from);
			int64_t to = hours_minute(h, day, s[i].to);

			if (to <= wall_ms)
				continue;
			if (from < wall_ms)
				from = wall_ms;
			if (left == 0 || left <= to - from)
				return from + left;
			left -= to - from;
		}
	}
	return HOURS_NEVER;
}

int64_t
hours_open_at(const struct hours *h, int64_t wall_ms)
{
	return walk(h, wall_ms, 0);
}

int64_t
hours_after(const struct hours *h, int64_t wall_ms, int64_t open_ms)
{
	int64_t at = walk(h, wall_ms, open_ms);

	return at == HOURS_NEVER ? wall_ms + open_ms : at;
}
