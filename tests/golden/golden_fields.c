/*
 * tests/golden/golden_fields.c - every field of an interface page, in a message
 * that has all of them: as long as the page allows and one character longer,
 * of another type, and empty. What is said of it stands where it stands, once;
 * what need not be said is not.
 */
#include "tests/golden/golden.h"
#include <stdio.h>

#define FIELD_MAX 4096 /* the longest value that is tried */
#define DEPTH_MAX 16

struct field {
	struct slice block, element, type, length;
	bool to_store;
};

struct page_trial {
	struct golden *g;
	const char *format, *stem;
	struct slice text; /* the whole message */
	struct field field;
	struct slice value; /* of the field, in text */
	uint32_t line;
};

static struct slice
cut(struct slice *rest, char end)
{
	const char *p = memchr(rest->p, end, rest->len);
	size_t n = p == NULL ? rest->len : (size_t)(p - rest->p);
	struct slice s = slice_sub(*rest, 0, n);

	*rest = slice_sub(*rest, n + (p != NULL), rest->len);
	return s;
}

static bool
field_next(struct slice *page, struct field *f)
{
	struct slice row;

	do
		row = cut(page, '\n');
	while (row.len > 0 && (row.p[0] == '#' || row.p[row.len - 1] == '@'));
	f->block = cut(&row, '\t');
	f->element = cut(&row, '\t');
	f->type = cut(&row, '\t');
	f->length = cut(&row, '\t');
	f->to_store = slice_is(cut(&row, '\t'), "Y");
	return f->block.len > 0;
}

/* Is "A/B/C" the way down to here, the root left out? */
static bool
way_is(struct slice block, const struct slice *open, int depth)
{
	struct slice rest = block;

	for (int i = 1; i < depth; i++)
		if (!slice_eq(cut(&rest, '/'), open[i]) &&
		    !slice_is(open[i], "TrnContaGoods")) /* rows of a block */
			return false;
	return rest.len == 0;
}

/* The field's text: the message has each element on a line of its own. */
static bool
field_find(struct page_trial *t)
{
	struct slice rest = t->text, open[DEPTH_MAX];
	int depth = 0;

	for (t->line = 1; rest.len > 0; t->line++) {
		struct slice row = slice_trim(cut(&rest, '\n')), name;
		bool leaf;

		if (row.len < 2 || row.p[0] != '<' || row.p[1] == '?')
			continue;
		leaf = memmem(row.p, row.len, "</", 2) != NULL ||
		       row.p[row.len - 2] == '/';
		if (row.p[1] == '/') {
			depth--;
			continue;
		}
		for (size_t n = 1; n < row.len; n++)
			if (strchr(" />", row.p[n]) != NULL) {
				name = slice_sub(row, 1, n - 1);
				break;
			}
		if (!leaf && depth < DEPTH_MAX)
			open[depth++] = name;
		else if (leaf && row.p[row.len - 2] != '/' &&
			 slice_eq(name, t->field.element) &&
			 way_is(t->field.block, open, depth)) {
			t->value = slice_sub(
			    row, name.len + 2, row.len - 2 * name.len - 5);
			return true;
		}
	}
	return false;
}

/* How many findings of a severity or a worse one stand on the field's line. */
static unsigned int
told(const struct page_trial *t, const struct one_case *c, enum severity least,
    const char *code)
{
	unsigned int n = 0;

	for (const struct finding *f = c->filing[0].findings->first; f != NULL;
	     f = f->next)
		n += f->place.line == t->line && f->severity >= least &&
		     (code == NULL || slice_is(f->code, code));
	return n;
}

static struct one_case
field_try(struct page_trial *t, const char *what, struct slice value)
{
	struct one_case c = { .format = t->format };
	struct slice none = { NULL, 0 };
	struct buf raw;

	(void)snprintf(c.name, sizeof(c.name), "%s/%s %.*s/%.*s %s '%.*s'",
	    t->format, t->stem, SLICE_ARG(t->field.block),
	    SLICE_ARG(t->field.element), what,
	    (int)(value.len > 24 ? 24 : value.len), value.p);
	buf_init(&raw, CASE_FILE);
	arena_rewind(t->g->on.mem);
	buf_slice(
	    &raw, slice_sub(t->text, 0, (size_t)(t->value.p - t->text.p)));
	buf_slice(&raw, value);
	buf_slice(&raw,
	    slice_sub(t->text, (size_t)(t->value.p - t->text.p) + t->value.len,
		t->text.len));
	(void)golden_read(t->g, &c, t->format, buf_look(&raw), none);
	buf_clear(&raw);
	return c;
}

/* Told once, as an error. */
static void
field_refused(struct page_trial *t, const char *what, struct slice value)
{
	struct one_case c = field_try(t, what, value);

	golden_count(t->g, &c, "it is told once, at its place",
	    c.nfilings == 1 && told(t, &c, SEV_WARNING, NULL) == 1 &&
		told(t, &c, SEV_ERROR, NULL) == 1);
}

/* Of a list each member is shorter than the whole may be. */
static bool
is_list(const struct page_trial *t)
{
	return slice_is(t->field.element, "ProduceDate");
}

/*
 * A CUSDEC has no place for the goods of a container: customs' page is not held
 * to them.
 */
static bool
is_let_off(const struct page_trial *t)
{
	return slice_is(t->field.block, "DecContainers/Container") &&
	       slice_is(t->field.element, "GoodsNo");
}

static void
field_lengths(struct page_trial *t, unsigned int most)
{
	char text[FIELD_MAX + 1];
	struct one_case c;

	if (most == 0 || most > FIELD_MAX - 1 || is_list(t))
		return;
	memset(text, '7', sizeof(text));
	c = field_try(t, "longest", (struct slice){ text, most });
	golden_count(t->g, &c, "it is not too long",
	    c.nfilings == 1 && told(t, &c, SEV_WARNING, "E0114") == 0);
	field_refused(t, "too long", (struct slice){ text, most + 1 });
}

static void
field_run(struct page_trial *t)
{
	unsigned int most = 0, decimals = 0;
	char room[32];
	struct one_case c;

	(void)snprintf(room, sizeof(room), "%.*s", SLICE_ARG(t->field.length));
	(void)sscanf(room, "%u,%u", &most, &decimals);
	if (slice_is(t->field.type, "String")) {
		field_lengths(t, most);
	} else if (slice_is(t->field.type, "Integer")) {
		field_refused(t, "no number", SLICE_LIT("1x"));
		field_refused(t, "part of one", SLICE_LIT("1.5"));
	} else if (slice_is(t->field.type, "Decimal")) {
		memset(room, '8', sizeof(room));
		memcpy(room, "1.", 2);
		field_refused(
		    t, "too fine", (struct slice){ room, decimals + 3 });
		field_refused(t, "no number", SLICE_LIT("1,5"));
	} else if (!slice_is(t->field.type, "BLOB")) {
		field_refused(t, "no day", SLICE_LIT("20240230"));
	}
	if (is_let_off(t))
		return;
	c = field_try(t, "empty", (struct slice){ "", 0 });
	golden_count(t->g, &c,
	    t->field.to_store ? "its absence is told"
			      : "nothing is said of its absence",
	    c.nfilings == 1 &&
		(told(t, &c, SEV_ERROR, "E0103") > 0) == t->field.to_store);
}

void
golden_fields(struct golden *g, const char *mappings, const char *table,
    const char *format, const char *stem)
{
	struct page_trial t = { .g = g, .format = format, .stem = stem };
	struct buf page, text;
	struct slice rows;
	char path[2048];
	unsigned int n = 0;

	buf_init(&page, CASE_FILE);
	buf_init(&text, CASE_FILE);
	(void)snprintf(path, sizeof(path), "%s/tables/%s.tsv", mappings, table);
	(void)case_file(path, &page);
	(void)snprintf(
	    path, sizeof(path), "%s/cases/%s/%s.in", mappings, format, stem);
	(void)case_file(path, &text);
	rows = buf_look(&page);
	t.text = buf_look(&text);
	while (field_next(&rows, &t.field))
		if (field_find(&t)) {
			field_run(&t);
			n++;
		}
	if (n < 390)
		printf("only %u fields of %s stand in %s\n", n, table, stem);
	g->failed += n < 390;
	buf_clear(&page);
	buf_clear(&text);
}
