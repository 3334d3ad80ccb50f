/*
 * format/swxml.c - sw-xml: the standard form of every document kind.
 *
 * Derived from the directory as the text of a format and compiled like any
 * other, so it can do nothing that a format file cannot. Names are those of
 * the directory, codes are ours, dates and moments are ISO 8601.
 */
#include "src/base/buf.h"
#include "src/format/formats.h"

#define SWXML_BYTES (4u << 20)
#define SWXML_DEPTH 24

static void
group_text(struct buf *out, const struct group *g, int depth)
{
	for (uint16_t i = 0; i < g->nslots && depth < SWXML_DEPTH; i++) {
		const struct element *e = &g->element[i];

		buf_fmt(out, "%*s%s", 2 * depth, "", e->name);
		if (e->repeats) {
			buf_byte(out, '*');
			if (e->most > 0)
				buf_fmt(out, "%u", e->most);
		}
		buf_fmt(out, " %s\n", e->name);
		if (element_group(e) != NULL)
			group_text(out, element_group(e), depth + 1);
	}
}

static void
label_text(struct buf *out, const char *name, const char *label)
{
	buf_byte(out, '"');
	for (const char *p = label[0] != '\0' ? label : name; *p != '\0'; p++) {
		if (strchr("\"\\{[", *p) != NULL)
			buf_byte(out, '\\');
		buf_byte(out, *p);
	}
	buf_str(out, "\" ");
}

static struct form_file *
document_form(struct formats *all, const struct group *d,
    const struct group *about, struct complaints *to)
{
	struct source *src = arena_get(all->mem, sizeof(*src));
	struct form_file *f = NULL;
	struct buf b;
	bool main = strcmp(d->name, "declaration") == 0;

	buf_init(&b, SWXML_BYTES);
	buf_fmt(&b, "format sw-xml%s%s ", main ? "" : "-", main ? "" : d->name);
	label_text(&b, d->name, d->en);
	label_text(&b, d->name, d->zh);
	buf_fmt(&b, "syntax xml document %s", d->name);
	if (about != NULL)
		buf_fmt(&b, " about %s", about->name);
	buf_str(&b, "\nnamespace \"urn:entrepot:sw-xml:1\"\nencoding UTF-8\n");
	if (about != NULL) /* by whoever was sent the standard form */
		buf_fmt(&b, "answers sw-xml%s%s\n",
		    strcmp(about->name, "declaration") == 0 ? "" : "-",
		    strcmp(about->name, "declaration") == 0 ? "" : about->name);
	buf_fmt(&b, "\"%s\"!\n", d->name);
	group_text(
	    &b, about == NULL ? d : directory_receipt(all->dir, about), 1);
	if (src != NULL && !buf_failed(&b)) {
		src->text = arena_dup(all->mem, buf_look(&b));
		src->name = "sw-xml (derived from the directory)";
		if (src->text.p != NULL)
			f = form_parse(src, all->mem, to);
	}
	buf_clear(&b);
	return f;
}

/* Receipts speak of declarations, else of the first kind there is. */
static const struct group *
receipts_about(const struct directory *dir)
{
	const struct group *g =
	    directory_document(dir, SLICE_LIT("declaration"));

	for (unsigned int i = 0; g == NULL && directory_nth(dir, i) != NULL;
	     i++)
		if (strcmp(directory_nth(dir, i)->name, "receipt") != 0 &&
		    strcmp(directory_nth(dir, i)->name, "transmission") != 0)
			g = directory_nth(dir, i);
	return g;
}

enum rc
swxml_derive(struct formats *all, struct form_file **end, struct complaints *to,
    struct err *err)
{
	const struct group *about = receipts_about(all->dir), *d;

	for (unsigned int i = 0; (d = directory_nth(all->dir, i)) != NULL;
	     i++) {
		bool receipt = strcmp(d->name, "receipt") == 0;

		if (strcmp(d->name, "transmission") == 0 ||
		    (receipt && about == NULL))
			continue;
		*end = document_form(all, d, receipt ? about : NULL, to);
		if (*end == NULL)
			return err_set(err, RC_LATER, "out of memory");
		(*end)->derived = true;
		end = &(*end)->next;
	}
	return RC_OK;
}
