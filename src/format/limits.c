/*
 * format/limits.c - tables/NAME.tsv: what an interface page says of fields.
 *
 * Columns block, element, type, length; others are for people. A block is the
 * path below the root ("DecLists/DecList"), "ROOT@" its attributes. Only names
 * and lengths are taken: such pages say nothing of order.
 */
#include <stdio.h>
#include "src/format/build.h"

#define LIMIT_ROWS    20000
#define LIMIT_COLUMNS 16

static struct slice
limit_format(struct arena *mem, struct slice type, struct slice length)
{
	char text[40];
	uint64_t n;
	struct slice whole = slice_cut(&length, ',');
	const char *kind;

	if (slice_is(type, "String"))
		kind = "an";
	else if (slice_is(type, "Integer") || slice_is(type, "Decimal"))
		kind = "n";
	else
		return (struct slice){ NULL, 0 };
	if (!slice_u64(whole, &n) || n == 0 || n > 1000000)
		return (struct slice){ NULL, 0 };
	snprintf(text, sizeof(text), "%s..%u", kind, (unsigned int)n);
	return arena_dup(mem, slice_of(text));
}

static uint32_t
cells_of(struct slice line, struct slice *cell)
{
	uint32_t n = 0;

	while (n < LIMIT_COLUMNS) {
		cell[n++] = slice_trim(slice_cut(&line, '\t'));
		if (line.len == 0)
			break;
	}
	return n;
}

struct xml_limits *
limits_load(
    const char *folder, struct slice name, struct arena *mem, struct err *err)
{
	struct xml_limits *l = arena_get(mem, sizeof(*l));
	struct slice cell[LIMIT_COLUMNS], rest = { NULL, 0 };
	struct sources files;
	bool head = true;
	uint32_t number = 0;

	if (l != NULL)
		l->row = arena_get(mem, LIMIT_ROWS * sizeof(*l->row));
	if (l == NULL || l->row == NULL ||
	    sources_load(&files, folder, ".tsv", mem, err) != RC_OK)
		return NULL;
	for (uint32_t i = 0; i < files.n; i++)
		if (files.file[i].base.len == name.len + 4 &&
		    memcmp(files.file[i].base.p, name.p, name.len) == 0) {
			l->file = files.file[i].name;
			rest = files.file[i].text;
		}
	if (rest.p == NULL) {
		err_set(err, RC_REFUSED, "there is no table '%.*s' in %s",
		    SLICE_ARG(name), folder);
		return NULL;
	}
	while (rest.len > 0 && l->n < LIMIT_ROWS) {
		struct slice line = slice_cut(&rest, '\n');

		number++;
		if (line.len == 0 || line.p[0] == '#' ||
		    cells_of(line, cell) < 4)
			continue;
		if (head) {
			head = false;
			if (slice_is(cell[0], "block"))
				continue;
		}
		l->row[l->n++] = (struct limit){ cell[0], cell[1],
			limit_format(mem, cell[2], cell[3]), number };
	}
	return l;
}

struct slice
limits_find(const struct xml_limits *l, struct slice block,
    struct slice element, bool *has_block, bool *has)
{
	*has_block = *has = false;
	for (uint32_t i = 0; i < l->n; i++) {
		if (!slice_eq(l->row[i].block, block))
			continue;
		*has_block = true;
		if (!slice_eq(l->row[i].element, element))
			continue;
		*has = true;
		return l->row[i].format;
	}
	return (struct slice){ NULL, 0 };
}
