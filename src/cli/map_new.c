/*
 * cli/map_new.c - entrepot map new: the skeleton of a format from a sample. It
 * loads as it is: every line is "-", known and carried nowhere, until somebody
 * says what it means. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/skeleton.h"
#include "src/cli/cases.h"
#include "src/format/elements.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define MEMORY_MAX  (512u << 20)
#define SHOWN       24 /* characters of an example */
#define LIKE_MAX    2  /* suggestions of other formats for one line */
#define NAME_ROOM   200
#define FORMAT_NAME 60

/* ---- suggestions ---- */

struct like {
	const struct skeleton *k;
	const struct skel *s;
	struct buf *out;
	struct slice said[LIKE_MAX];
	unsigned int n;
};

/* The same wire name, below a segment of the same tag and qualifier. */
static bool
line_like(const struct skeleton *k, const struct skel *s, const struct line *l)
{
	const struct line *up = l->parent;
	const struct skel *p = s->parent;

	if (l->kind != LINE_ELEMENT && l->kind != LINE_PATTERN)
		return false;
	if (!slice_eq(l->name[0], s->name))
		return false;
	if (k->syntax != SYN_EDIFACT)
		return true;
	if (!slice_eq(up->name[0], p->name))
		return false;
	for (uint8_t i = 0; i < up->nguards; i++) {
		const struct guard *g = &up->guard[i];
		bool is = false;

		if (g->kind != GUARD_IS || !slice_eq(g->name[0], p->by))
			continue;
		for (uint8_t c = 0; c < g->nconstants; c++)
			is |= slice_eq(g->constant[c], p->is);
		if (!is)
			return false;
	}
	return true;
}

static void
lines_like(struct like *x, const struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		struct slice says = line_value(l);
		bool known = x->n == LIKE_MAX;

		for (unsigned int i = 0; i < x->n; i++)
			known |= slice_eq(x->said[i], says);
		if (!known && line_like(x->k, x->s, l)) {
			x->said[x->n++] = says;
			buf_fmt(x->out, "  %s: %.*s", l->plan->name,
			    SLICE_ARG(says));
		}
		lines_like(x, l);
	}
}

/* "GrossMass", "gross-mass" and "grossMass" are gross_mass. */
static struct slice
snake(struct slice name, char out[NAME_ROOM])
{
	size_t n = 0;

	for (size_t i = 0; i < name.len && n + 2 < NAME_ROOM; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (isupper(c) && n > 0 && out[n - 1] != '_' &&
		    !isupper((unsigned char)name.p[i - 1]))
			out[n++] = '_';
		if (c == '-' || c == ' ' || c == '.')
			c = '_';
		out[n++] = (char)tolower(c);
	}
	return (struct slice){ out, n };
}

static void
element_like(void *arg, const struct group *document, const struct chain *c)
{
	struct like *x = arg;
	const struct element *e = c->step[c->n - 1];
	char room[NAME_ROOM], path[600];
	struct slice name = x->s->name;

	if (name.len > 0 && name.p[0] == '@')
		name = slice_sub(name, 1, name.len);
	if (document != x->k->document || x->n == LIKE_MAX ||
	    e->type == EL_GROUP || e->type == EL_ABOUT)
		return;
	if (!slice_is(snake(name, room), e->name) && !slice_is(name, e->en) &&
	    !slice_is(name, e->zh))
		return;
	x->n++;
	buf_fmt(x->out, "  %s%s", x->n == 1 ? "directory: " : "",
	    chain_print(c, path, sizeof(path)));
}

static void
like_say(const struct skeleton *k, const struct skel *s, struct buf *out)
{
	struct like x = { .k = k, .s = s, .out = out };
	const struct plan *p;

	for (unsigned int i = 0; (p = format_nth(k->m->formats, i)) != NULL;
	     i++)
		if (p->document == k->document && !p->derived &&
		    (k->syntax != SYN_EDIFACT || p->syntax == SYN_EDIFACT))
			lines_like(&x, p->root);
	x.n = 0;
	if (k->syntax != SYN_EDIFACT)
		directory_elements(
		    formats_directory(k->m->formats), element_like, &x);
}

/* ---- lines ---- */

/* What stands in quotes: nothing in it may end it, or open a hole. */
static void
quoted(struct buf *out, struct slice s)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("\"\\{}[]", s.p[i]) != NULL && s.p[i] != '\0')
			buf_byte(out, '\\');
		buf_byte(out, s.p[i]);
	}
	buf_byte(out, '"');
}

static bool
plain_name(struct slice s)
{
	static const char *const words[] = { "format", "extends", "encoding",
		"namespace", "zone", "in", "file", "answers", "shape", "let" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(s, words[i]))
			return false;
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '_' &&
		    !(i == 0 && s.p[i] == '@'))
			return false;
	return s.len > 0;
}

static void
name_print(const struct skeleton *k, const struct skel *s, struct buf *out)
{
	if (k->syntax == SYN_EDIFACT || slice_is(s->name, ".") ||
	    plain_name(s->name))
		buf_slice(out, s->name);
	else if (s->name.p[0] == '@') {
		buf_byte(out, '@');
		buf_slice(out, slice_sub(s->name, 1, s->name.len));
	} else
		quoted(out, s->name);
}

/* The example, on one line, without what a terminal would obey. */
static void
comment_print(const struct skeleton *k, const struct skel *s, struct buf *out)
{
	struct slice text = utf8_head(s->example, SHOWN);

	buf_str(out, "  #");
	if (text.len > 0)
		buf_byte(out, ' ');
	for (size_t i = 0; i < text.len; i++)
		buf_byte(
		    out, (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f
			     ? ' '
			     : text.p[i]);
	if (text.len < s->example.len)
		buf_str(out, "...");
	like_say(k, s, out);
	buf_byte(out, '\n');
}

static bool
in_guard(const struct skeleton *k, const struct skel *s)
{
	static const char *const unh[] = { "S009.0065", "S009.0052",
		"S009.0054", "S009.0051" };

	if (slice_eq(s->parent->by, s->name) && s->parent->by.len > 0)
		return true;
	for (size_t i = 0; i < 4; i++)
		if (k->syntax == SYN_EDIFACT &&
		    slice_is(s->parent->name, "UNH") &&
		    slice_is(s->name, unh[i]))
			return true;
	return false;
}

static void
guard_print(const struct skeleton *k, const struct skel *s, struct buf *out)
{
	if (k->syntax == SYN_EDIFACT && slice_is(s->name, "UNH")) {
		buf_str(out, "[S009.0065 ");
		quoted(out, k->type);
		buf_str(out, ", S009.0052 ");
		quoted(out, k->version);
		buf_str(out, ", S009.0054 ");
		quoted(out, k->release);
		buf_str(out, ", S009.0051 ");
		quoted(out, k->agency);
		buf_byte(out, ']');
	} else if (s->by.len > 0) {
		buf_fmt(out, "[%.*s ", SLICE_ARG(s->by));
		quoted(out, s->is);
		buf_byte(out, ']');
	} else if (k->syntax == SYN_JSON && s->parent == k->root) {
		/* an object is known by its members */
		const struct skel *c = s->child;

		while (c != NULL && !c->leaf)
			c = c->next;
		if (c == NULL)
			return;
		buf_byte(out, '[');
		name_print(k, c, out);
		buf_str(out, " present]");
	}
}

static void
line_print(const struct skeleton *k, struct skel *s, int depth, struct buf *out)
{
	bool top = s->parent == k->root;
	bool many = (k->syntax == SYN_CSV || k->syntax == SYN_JSON) && top;

	if (in_guard(k, s))
		return;
	buf_fmt(out, "%*s", 2 * depth, "");
	name_print(k, s, out);
	if (many)
		buf_byte(out, '+');
	else if (s->most > 1)
		buf_byte(out, '*');
	else if (top && (k->syntax == SYN_XML || slice_is(s->name, "UNH")))
		buf_byte(out, '!');
	guard_print(k, s, out);
	if (many)
		buf_str(out, " filing");
	if (s->leaf) {
		buf_str(out, " -");
		comment_print(k, s, out);
		return;
	}
	buf_byte(out, '\n');
	for (struct skel *c = s->child; c != NULL; c = c->next)
		line_print(k, c, depth + 1, out);
}

void
skeleton_print(const struct skeleton *k, struct buf *out)
{
	static const char *const words[] = { "xml", "edifact", "csv", "json" };

	buf_fmt(out,
	    "# %s: the skeleton of a format, from a sample. \"-\" is known and "
	    "carried nowhere;\n# put an element's path for it. Behind \"#\" "
	    "stands what the sample had, and what\n# other formats or the "
	    "directory call so.\n",
	    k->name);
	buf_fmt(out, "format %s ", k->name);
	quoted(out, slice_of(k->name));
	buf_byte(out, ' ');
	quoted(out, slice_of(k->name));
	buf_fmt(out, " syntax %s", words[k->syntax]);
	if (k->syntax == SYN_CSV)
		buf_str(out, " header yes");
	if (k->table_name.len > 0)
		buf_fmt(out, " table %.*s", SLICE_ARG(k->table_name));
	buf_fmt(out, " document %s\n", k->document->name);
	if (k->space.len > 0) {
		buf_str(out, "namespace ");
		quoted(out, k->space);
		buf_byte(out, '\n');
	}
	if (k->syntax == SYN_EDIFACT)
		buf_str(out, "in un-interchange, -\n");
	buf_fmt(out, "encoding %s%s\nzone +08:00\n", k->encoding,
	    strcmp(k->encoding, "UTF-8") == 0 ? ", GB18030" : ", UTF-8");
	for (struct skel *s = k->root->child; s != NULL; s = s->next)
		line_print(k, s, 0, out);
}

/* ---- the verb ---- */

static bool
name_sound(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= FORMAT_NAME && islower((unsigned char)name[0]) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static int
new_print(struct map *m, struct skeleton *k)
{
	struct buf raw, out;
	struct err err = { "" };
	int status = 0;

	buf_init(&raw, CASE_FILE);
	buf_init(&out, CASE_FILE);
	if (!case_file(m->from, &raw))
		status = map_wrong(EXIT_USAGE,
		    "%s: cannot be read, or is over %u bytes", m->from,
		    CASE_FILE);
	else if (skeleton_read(k, buf_look(&raw), &err) != RC_OK)
		status = map_wrong(1, "%s: %s", m->from, err.text);
	if (status == 0) {
		skeleton_print(k, &out);
		(void)fwrite(out.p, 1, out.len, stdout);
	}
	buf_clear(&raw);
	buf_clear(&out);
	return status;
}

int
map_new(struct map *m)
{
	struct skeleton k = { .m = m,
		.mem = arena_new(MEMORY_MAX),
		.name = m->argc > 0 ? m->argv[0] : "new" };
	const char *document =
	    m->document == NULL ? "declaration" : m->document;
	int status = EXIT_USAGE;

	k.document = directory_document(
	    formats_directory(m->formats), slice_of(document));
	if (m->from == NULL)
		(void)map_wrong(0, "new: no sample, want --from FILE");
	else if (!name_sound(k.name))
		(void)map_wrong(0,
		    "'%s' is no name of a format, want small letters, digits "
		    "and '-', at most %d",
		    k.name, FORMAT_NAME);
	else if (k.document == NULL || strcmp(document, "receipt") == 0)
		(void)map_wrong(
		    0, "no document '%s' that a sample can be of", document);
	else if (k.mem != NULL)
		status = new_print(m, &k);
	arena_free(k.mem);
	return status;
}
