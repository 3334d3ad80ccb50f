/*
 * base/slice.c - looking at bytes somebody else owns; trusts nothing in them.
 * Called from everywhere.
 */
#include "src/base/slice.h"

bool
slice_starts(struct slice s, const char *cstr)
{
	size_t n = strlen(cstr);

	return s.len >= n && (n == 0 || memcmp(s.p, cstr, n) == 0);
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (d != 0)
		return d;
	return a.len < b.len ? -1 : a.len > b.len;
}

struct slice
slice_cut(struct slice *rest, char c)
{
	struct slice head = *rest;
	const char *at = rest->len == 0 ? NULL : memchr(rest->p, c, rest->len);

	if (at == NULL) {
		*rest =
		    (struct slice){ head.p == NULL ? NULL : head.p + head.len,
			    0 };
		return head;
	}
	head.len = (size_t)(at - head.p);
	rest->p = at + 1;
	rest->len -= head.len + 1;
	return head;
}

bool
slice_u64(struct slice s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned int d = (unsigned char)s.p[i] - (unsigned int)'0';

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

/* FNV-1a: short keys, tables of our own making, never of an attacker's size. */
uint32_t
slice_hash(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}
