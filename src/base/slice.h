/*
 * base/slice.h - a slice looks at bytes somebody else owns.
 *
 * It may hold any byte, NUL included. An empty slice may have p == NULL.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *p;
	size_t len;
};

/* For printf: "%.*s", SLICE_ARG(s). */
#define SLICE_ARG(s) (int)(s).len, (s).p == NULL ? "" : (s).p
/* From a string literal, without a call. */
#define SLICE_LIT(s) ((struct slice){ (s), sizeof(s) - 1 })

/*
 * These are called some thousand times for every message, mostly to find that
 * there is nothing to do: the compiler sees them whole.
 */

/* NULL gives an empty slice. */
static inline struct slice
slice_of(const char *cstr)
{
	return (struct slice){ cstr, cstr == NULL ? 0 : strlen(cstr) };
}

/* Clamped. */
static inline struct slice
slice_sub(struct slice s, size_t at, size_t len)
{
	if (at >= s.len)
		return (struct slice){ s.p == NULL ? NULL : s.p + s.len, 0 };
	if (len > s.len - at)
		len = s.len - at;
	return (struct slice){ s.p + at, len };
}

static inline bool
slice_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks, tabs, CR, LF at both ends. */
static inline struct slice
slice_trim(struct slice s)
{
	while (s.len > 0 && slice_blank(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && slice_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Mostly asked along a table, where one byte tells; NULL is empty. */
static inline bool
slice_is(struct slice s, const char *cstr)
{
	if (cstr == NULL || s.len == 0)
		return s.len == 0 && (cstr == NULL || cstr[0] == '\0');
	return s.p[0] == cstr[0] && slice_eq(s, slice_of(cstr));
}

bool slice_starts(struct slice, const char *cstr);
int slice_cmp(struct slice, struct slice); /* byte order, shorter first */
/* Cut off and return what stands before the first c; *rest keeps the others. */
struct slice slice_cut(struct slice *rest, char c);
/* An unsigned decimal without sign or blanks; false if it is not one. */
bool slice_u64(struct slice, uint64_t *out);
uint32_t slice_hash(struct slice);

#endif
