/*
 * base/civil.h - days of the Gregorian calendar, counted from 1970-01-01;
 * before 1582 as if it had always been in use.
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

struct civil {
	int64_t year;
	unsigned int month, day; /* from 1 */
};

/* Is there such a day? */
bool civil_is(int64_t year, int64_t month, int64_t day);
/* Of a day that there is. */
int64_t civil_days(int64_t year, int64_t month, int64_t day);
struct civil civil_of(int64_t days);

#endif
