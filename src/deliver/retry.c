/*
 * deliver/retry.c - the retry plan as arithmetic; trusts the configuration's
 * ceilings. Called by the spool when a delivery has failed.
 */
#include "src/deliver/retry.h"

#define EVERY_MS  60000
#define UPTO_MS   3600000
#define FOR_MS    (INT64_C(3) * 24 * 3600 * 1000)
#define JITTER    10 /* at most one part in ten, always later */
#define DOUBLINGS 20

/* A mixer of 64 bits: neighbours in id are far apart in result. */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

int64_t
retry_after(const struct retry_plan *p, uint64_t id, uint32_t tries)
{
	int64_t wait = p->every_ms == 0 ? EVERY_MS : p->every_ms;
	int64_t upto = p->upto_ms == 0 ? UPTO_MS : p->upto_ms;

	if (upto < wait)
		upto = wait;
	for (uint32_t i = 1; p->doubling && i < tries && i < DOUBLINGS; i++)
		if (wait < upto)
			wait *= 2;
	if (wait > upto)
		wait = upto;
	return wait +
	       (int64_t)(mix(id + tries) % (uint64_t)(wait / JITTER + 1));
}

int64_t
retry_length(const struct retry_plan *p)
{
	return p->for_ms == 0 ? FOR_MS : (int64_t)p->for_ms;
}

bool
retry_over(const struct retry_plan *p, int64_t first_ms, int64_t now_ms)
{
	return now_ms - first_ms >= retry_length(p);
}
