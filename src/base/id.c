/*
 * base/id.c - ids that are unique without asking; trusts that no two running
 * makers on one node share a clock and a node number. Called by whoever makes
 * a thing that has an id, and by what prints and reads them.
 */
#include "src/base/id.h"
#include <assert.h>
#include <stddef.h>

#define EPOCH_MS   INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */
#define MS_BITS    42
#define NODE_BITS  10
#define COUNT_BITS 12
#define COUNT_MAX  ((UINT64_C(1) << COUNT_BITS) - 1)
#define MS_MAX     ((UINT64_C(1) << MS_BITS) - 1)
#define SYMBOLS    13
#define DASH_AT    7

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
idgen_init(struct idgen *g, struct clock *clock, uint32_t node)
{
	assert(node < (1u << NODE_BITS));
	*g = (struct idgen){ .clock = clock, .node = node };
}

/* At least 1, so that no id is 0, whatever the clock says. */
static uint64_t
ms_now(const struct idgen *g)
{
	int64_t ms = clock_wall(g->clock) - EPOCH_MS;

	if (ms < 1)
		return 1;
	return (uint64_t)ms > MS_MAX ? MS_MAX : (uint64_t)ms;
}

/*
 * A clock that stands still or was set back costs nothing but a stamp that
 * runs ahead of it: the counter goes on, then the milliseconds do.
 */
uint64_t
id_block(struct idgen *g, uint32_t n)
{
	uint64_t ms = ms_now(g);
	uint64_t last_ms = g->last >> (NODE_BITS + COUNT_BITS);
	uint64_t count = 0;
	uint64_t first;

	assert(n >= 1 && n <= ID_BLOCK_MAX);
	if (ms <= last_ms) {
		ms = last_ms;
		count = (g->last & COUNT_MAX) + 1;
		if (count + n - 1 > COUNT_MAX) {
			ms++;
			count = 0;
		}
	}
	first = ms << (NODE_BITS + COUNT_BITS) |
		(uint64_t)g->node << COUNT_BITS | count;
	g->last = first + n - 1;
	return first;
}

uint64_t
id_new(struct idgen *g)
{
	return id_block(g, 1);
}

/*
 * The check letter makes the sum of symbol times power of x zero in the field
 * of 32 elements (x^5 + x^2 + 1). One letter misread and any two swapped are
 * always found, which no sum modulo 31 or 32 does.
 */
static unsigned int
check_step(unsigned int sum, unsigned int symbol)
{
	sum ^= symbol;
	return (sum << 1 ^ ((sum & 16) != 0 ? 0x25u : 0)) & 31;
}

const char *
id_print(uint64_t id, char out[ID_TEXT])
{
	unsigned int sum = 0;
	char *p = out;

	for (int i = 0; i < SYMBOLS; i++) {
		unsigned int d =
		    (unsigned int)(id >> (5 * (SYMBOLS - 1 - i))) & 31;

		if (i == DASH_AT)
			*p++ = '-';
		*p++ = alphabet[d];
		sum = check_step(sum, d);
	}
	*p++ = alphabet[sum];
	*p = '\0';
	return out;
}

static int
symbol_value(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	for (int i = 0; i < 32; i++)
		if (alphabet[i] == c)
			return i;
	return -1;
}

bool
id_parse(struct slice s, uint64_t *out)
{
	uint64_t id = 0;
	unsigned int sum = 0;
	size_t at = 0;
	bool dash = s.len == SYMBOLS + 2;

	if (!dash && s.len != SYMBOLS + 1)
		return false;
	for (int i = 0; i <= SYMBOLS; i++) {
		int d;

		if (dash && i == DASH_AT && s.p[at++] != '-')
			return false;
		d = symbol_value(s.p[at++]);
		if (d < 0 || (i == 0 && d > 15))
			return false;
		if (i == SYMBOLS) {
			if ((unsigned int)d != sum || id == 0)
				return false;
			break;
		}
		id = id << 5 | (unsigned int)d;
		sum = check_step(sum, (unsigned int)d);
	}
	*out = id;
	return true;
}
