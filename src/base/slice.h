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

struct slice slice_of(const char *cstr); /* NULL gives an empty slice */
struct slice slice_sub(struct slice, size_t at, size_t len); /* clamped */
struct slice slice_trim(struct slice); /* blanks, tabs, CR, LF at both ends */
bool slice_eq(struct slice, struct slice);
bool slice_is(struct slice, const char *cstr);
bool slice_starts(struct slice, const char *cstr);
int slice_cmp(struct slice, struct slice); /* byte order, shorter first */
/* Cut off and return what stands before the first c; *rest keeps the others. */
struct slice slice_cut(struct slice *rest, char c);
/* An unsigned decimal without sign or blanks; false if it is not one. */
bool slice_u64(struct slice, uint64_t *out);
uint32_t slice_hash(struct slice);

#endif
