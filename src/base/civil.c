/*
 * base/civil.c - a date as a number of days and back, by eras of 400 years that
 * begin on 1 March, so that the leap day is the last of its year. Called by
 * whoever reads or prints a date.
 */
#include "src/base/civil.h"

#define ERA_YEARS 400
#define ERA_DAYS  146097
#define TO_1970   719468 /* days from 0000-03-01 */

bool
civil_is(int64_t year, int64_t month, int64_t day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

int64_t
civil_days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - (ERA_YEARS - 1)) / ERA_YEARS;
	int64_t yoe = y - era * ERA_YEARS;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy - TO_1970;
}

struct civil
civil_of(int64_t days)
{
	int64_t z = days + TO_1970;
	int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	unsigned int doe = (unsigned int)(z - era * ERA_DAYS);
	unsigned int yoe =
	    (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned int mp = (5 * doy + 2) / 153;
	unsigned int month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil){
		.year = (int64_t)yoe + era * ERA_YEARS + (month <= 2),
		.month = month,
		.day = doy - (153 * mp + 2) / 5 + 1,
	};
}
