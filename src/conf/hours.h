/*
 * conf/hours.h - when somebody is open: a calendar as arithmetic.
 *
 * Windows of weekdays, and dates on which other windows or none hold. Times
 * are wall clock, ms; the zone is fixed, without summer time. Pure: the same
 * calendar and time give the same answer everywhere.
 */
#ifndef CONF_HOURS_H
#define CONF_HOURS_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/slice.h"

#define HOURS_WINDOWS 32
#define HOURS_DATES   512
#define HOURS_NEVER   INT64_MAX

struct hours_window {     /* minutes of the day; it ends before `to` */
	uint8_t weekdays; /* bit 0: Monday */
	uint16_t from, to;
};

struct hours_dates { /* first to last, days since 1970 */
	int32_t first, last;
	uint16_t from, to; /* equal: closed */
};

struct hours {
	const char *name;
	int32_t zone; /* minutes east of Greenwich */
	struct hours_window window[HOURS_WINDOWS];
	struct hours_dates dates[HOURS_DATES];
	unsigned int nwindows, ndates;
};

const struct hours *hours_find(
    const struct hours *, unsigned int n, struct slice name);
/*
 * This time itself if it is open then, else when it opens next; HOURS_NEVER:
 * not within two years.
 */
int64_t hours_open_at(const struct hours *, int64_t wall_ms);
/*
 * When so much open time will have passed. A calendar that does not open for
 * two years has stopped: then its clock runs like any other.
 */
int64_t hours_after(const struct hours *, int64_t wall_ms, int64_t open_ms);
/* Days since 1970 in the calendar's zone; NULL: in Greenwich. */
int32_t hours_day(const struct hours *, int64_t wall_ms);
/* When this minute of that day begins there. */
int64_t hours_minute(const struct hours *, int32_t day, uint32_t minute);

#endif
