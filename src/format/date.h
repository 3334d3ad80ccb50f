/*
 * format/date.h - date patterns ("YYYYMMDDhhmm", "YYYY-MM-DDThh:mm:ss").
 *
 * Letters: YYYY YY MM DD hh mm ss, cc hundredths, SSS milliseconds, Z a zone
 * (+08:00, +0800, Z); anything else stands for itself. The record's canonical
 * text is ISO 8601 as precise as what was given.
 */
#ifndef FORMAT_DATE_H
#define FORMAT_DATE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/slice.h"

struct date_pattern {
	struct slice text;
	bool has_date, has_time, has_zone;
	uint8_t precision; /* 1 day, 2 minute, 3 second, 4 hundredth, 5 milli */
};

struct moment {
	int16_t year;                            /* 0: no date part */
	int8_t month, day, hour, minute, second; /* hour -1: no time part */
	int16_t milli;                           /* -1: not given */
	int8_t precision;                        /* as above */
	bool has_zone;
	int16_t zone; /* minutes east */
};

bool date_pattern_make(struct date_pattern *, struct slice text);
/* Strict: fields, ranges, days of the month; base_year for YY (+-50). */
bool date_read(
    const struct date_pattern *, struct slice, int base_year, struct moment *);
/* False: the pattern needs what the moment does not have. */
bool date_write(const struct date_pattern *, const struct moment *, char *out,
    size_t size, size_t *len);
bool moment_parse(struct slice canonical, struct moment *);
size_t moment_print(const struct moment *, char *out, size_t size);
/* Milliseconds since 1970 UTC; zone_minutes when it has no zone. */
int64_t moment_ms(const struct moment *, int zone_minutes);

#endif
