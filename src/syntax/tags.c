/*
 * syntax/tags.c - interned wire names; trusts the formats, which make them all
 * before the first message is read. Called by the format loader (make) and by
 * every syntax (find).
 *
 * Finding is what a message pays for: one hash of the name, one slot in the
 * usual case, and the bytes compared once.
 */
#include "src/syntax/wire.h"
#include <stdlib.h>

#define TAGS_MAX   (TAG_LEAF - 1) /* numbered leaves start above */
#define FIRST_SIZE 256u
#define NAMES_MAX  ((size_t)8 << 20)

struct tag {
	struct slice name;
	uint32_t hash;
};

struct tags {
	struct tag *tag; /* [id - 1] */
	uint32_t n, cap;
	uint32_t *slot; /* ids, 0: free; size is a power of two */
	uint32_t size;
	struct arena *names;
};

struct tags *
tags_new(void)
{
	struct tags *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->size = FIRST_SIZE;
	t->slot = calloc(t->size, sizeof(*t->slot));
	t->names = arena_new(NAMES_MAX);
	if (t->slot == NULL || t->names == NULL) {
		tags_free(t);
		return NULL;
	}
	return t;
}

void
tags_free(struct tags *t)
{
	if (t == NULL)
		return;
	arena_free(t->names);
	free(t->slot);
	free(t->tag);
	free(t);
}

/* The slot that holds this name, or the free one where it would go. */
static uint32_t
slot_of(const struct tags *t, struct slice name, uint32_t hash)
{
	uint32_t i = hash & (t->size - 1);

	while (t->slot[i] != 0) {
		const struct tag *tag = &t->tag[t->slot[i] - 1];

		if (tag->hash == hash && slice_eq(tag->name, name))
			break;
		i = (i + 1) & (t->size - 1);
	}
	return i;
}

static bool
slots_double(struct tags *t)
{
	uint32_t *old = t->slot;
	uint32_t *slot = calloc((size_t)t->size * 2, sizeof(*slot));

	if (slot == NULL)
		return false;
	t->slot = slot;
	t->size *= 2;
	for (uint32_t i = 0; i < t->n; i++)
		t->slot[slot_of(t, t->tag[i].name, t->tag[i].hash)] = i + 1;
	free(old);
	return true;
}

static bool
tags_room(struct tags *t)
{
	uint32_t cap = t->cap == 0 ? FIRST_SIZE / 2 : t->cap * 2;
	struct tag *tag;

	if (t->n >= TAGS_MAX)
		return false;
	if (t->n < t->cap)
		return true;
	if (cap * 2 > t->size && !slots_double(t))
		return false;
	tag = reallocarray(t->tag, cap, sizeof(*tag));
	if (tag == NULL)
		return false;
	t->tag = tag;
	t->cap = cap;
	return true;
}

wtag
tag_make(struct tags *t, struct slice name)
{
	uint32_t hash = slice_hash(name);
	uint32_t at = slot_of(t, name, hash);
	struct slice kept;

	if (t->slot[at] != 0)
		return t->slot[at];
	if (!tags_room(t))
		return TAG_UNKNOWN;
	kept = arena_dup(t->names, name);
	if (arena_failed(t->names))
		return TAG_UNKNOWN;
	t->tag[t->n] = (struct tag){ .name = kept, .hash = hash };
	t->n++;
	t->slot[slot_of(t, name, hash)] = t->n;
	return t->n;
}

wtag
tag_find(const struct tags *t, struct slice name)
{
	return t->slot[slot_of(t, name, slice_hash(name))];
}

struct slice
tag_name(const struct tags *t, wtag tag)
{
	if (tag == TAG_UNKNOWN || tag > t->n)
		return (struct slice){ NULL, 0 };
	return t->tag[tag - 1].name;
}

uint32_t
tags_count(const struct tags *t)
{
	return t->n;
}
