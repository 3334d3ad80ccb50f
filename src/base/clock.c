/*
 * base/clock.c - the time, real or told; trusts the kernel. Called wherever
 * time is needed, and from nowhere else in the house is the kernel asked.
 */
#include "src/base/clock.h"
#include "src/base/civil.h"
#include <assert.h>
#include <time.h>

#define MS_A_DAY ((int64_t)86400000)

void
clock_init(struct clock *c)
{
	*c = (struct clock){ .fake = false };
}

void
clock_fake(struct clock *c, int64_t wall_ms)
{
	*c = (struct clock){ .fake = true, .fake_wall = wall_ms };
}

void
clock_move(struct clock *c, int64_t ms)
{
	assert(c->fake && ms >= 0);
	c->fake_wall += ms;
	c->fake_mono += ms;
}

void
clock_jump(struct clock *c, int64_t wall_ms)
{
	assert(c->fake);
	c->fake_wall = wall_ms;
}

static int64_t
kernel_ms(clockid_t which)
{
	struct timespec ts;

	/* Fails only for a clock that does not exist; both do. */
	if (clock_gettime(which, &ts) != 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_wall(const struct clock *c)
{
	return c->fake ? c->fake_wall : kernel_ms(CLOCK_REALTIME);
}

int64_t
clock_mono(const struct clock *c)
{
	return c->fake ? c->fake_mono : kernel_ms(CLOCK_MONOTONIC);
}

static char *
digits(char *p, uint64_t v, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		p[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return p + width;
}

/* Years outside 0000 to 9999 have no such text: the nearest one that has. */
const char *
clock_print(int64_t wall_ms, char out[CLOCK_TEXT])
{
	const int64_t first = -719528 * MS_A_DAY;    /* year 0000 */
	const int64_t last = 2932897 * MS_A_DAY - 1; /* end of 9999 */
	int64_t days;
	uint64_t ms;
	struct civil d;
	char *p = out;

	if (wall_ms < first)
		wall_ms = first;
	if (wall_ms > last)
		wall_ms = last;
	days = wall_ms / MS_A_DAY - (wall_ms % MS_A_DAY < 0);
	ms = (uint64_t)(wall_ms - days * MS_A_DAY);
	d = civil_of(days);
	p = digits(p, (uint64_t)d.year, 4);
	*p++ = '-';
	p = digits(p, d.month, 2);
	*p++ = '-';
	p = digits(p, d.day, 2);
	*p++ = 'T';
	p = digits(p, ms / 3600000, 2);
	*p++ = ':';
	p = digits(p, ms / 60000 % 60, 2);
	*p++ = ':';
	p = digits(p, ms / 1000 % 60, 2);
	*p++ = '.';
	p = digits(p, ms % 1000, 3);
	*p++ = 'Z';
	*p = '\0';
	return out;
}
