/*
 * wire/bundles.c - a list of bundles as text and back; trusts nothing in it.
 * Called by convert, the spool and the tools.
 */
#include "src/wire/bundles.h"
#include <stdio.h>
#include <string.h>

bool
bundles_add(struct bundles *b, struct slice version, int64_t from_ms)
{
	unsigned int at = b->n;

	if (b->n == BUNDLES_MAX || version.len >= BUNDLE_TEXT)
		return false;
	for (unsigned int i = 0; i < b->n; i++)
		if (b->one[i].from_ms == from_ms)
			return false;
	for (; at > 0 && b->one[at - 1].from_ms > from_ms; at--)
		b->one[at] = b->one[at - 1];
	memset(&b->one[at], 0, sizeof(b->one[at]));
	if (version.len > 0)
		memcpy(b->one[at].version, version.p, version.len);
	b->one[at].from_ms = from_ms;
	b->n++;
	return true;
}

bool
bundles_parse(struct bundles *b, struct slice text)
{
	b->n = 0;
	while (text.len > 0) {
		struct slice rest = slice_cut(&text, ' ');
		struct slice version = slice_cut(&rest, '@');
		uint64_t from = 0;

		if (version.len == 0 ||
		    (rest.len > 0 && !slice_u64(rest, &from)) ||
		    from > INT64_MAX ||
		    (b->n > 0 && b->one[b->n - 1].from_ms >= (int64_t)from) ||
		    !bundles_add(b, version, (int64_t)from))
			return false;
	}
	return true;
}

void
bundles_print(const struct bundles *b, char out[BUNDLES_BYTES])
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < b->n; i++) {
		char from[24] = "";
		int n;

		if (b->one[i].from_ms != 0)
			(void)snprintf(from, sizeof(from), "@%lld",
			    (long long)b->one[i].from_ms);
		n = snprintf(out + at, BUNDLES_BYTES - at, "%s%s%s",
		    i == 0 ? "" : " ", b->one[i].version, from);
		at += n > 0 ? (size_t)n : 0;
	}
}

unsigned int
bundles_at(const struct bundles *b, int64_t wall_ms)
{
	unsigned int at = 0;

	if (b->n == 0)
		return BUNDLES_MAX;
	while (at + 1 < b->n && b->one[at + 1].from_ms <= wall_ms)
		at++;
	return at;
}

unsigned int
bundles_find(const struct bundles *b, struct slice version)
{
	for (unsigned int i = 0; i < b->n; i++)
		if (slice_is(version, b->one[i].version))
			return i;
	return BUNDLES_MAX;
}
