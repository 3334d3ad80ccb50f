/*
 * format/schema.c - the directory as an XML Schema. Trusts the directory.
 * Called by entrepot map schema.
 *
 * It says what the writer of the standard form writes and no more; the reader
 * takes more: other orders, values that are findings.
 */
#include <stdio.h>
#include "src/format/schema.h"
#include "src/format/lex.h"

#define SCHEMA_DEPTH 24 /* as deep as swxml.c goes */
#define LISTS_MAX    400

struct schema {
	struct buf *out;
	const struct codelist *list[LISTS_MAX]; /* whose types are wanted */
	uint32_t nlists;
};

static void
xml_text(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		default:
			buf_byte(out, *s);
		}
}

static void
label(struct buf *out, int depth, const char *lang, const char *text)
{
	if (text[0] == '\0')
		return;
	buf_fmt(
	    out, "%*s<xs:documentation xml:lang=\"%s\">", 2 * depth, "", lang);
	xml_text(out, text);
	buf_str(out, "</xs:documentation>\n");
}

static void
labels(struct buf *out, int depth, const char *en, const char *zh)
{
	if (en[0] == '\0' && zh[0] == '\0')
		return;
	buf_fmt(out, "%*s<xs:annotation>\n", 2 * depth, "");
	label(out, depth + 1, "en", en);
	label(out, depth + 1, "zh", zh);
	buf_fmt(out, "%*s</xs:annotation>\n", 2 * depth, "");
}

static void
list_want(struct schema *s, const struct codelist *l)
{
	for (uint32_t i = 0; i < s->nlists; i++)
		if (s->list[i] == l)
			return;
	if (s->nlists < LISTS_MAX)
		s->list[s->nlists++] = l;
}

/* A facet, unless the directory sets no limit. */
static void
facet(struct buf *out, int depth, const char *name, uint32_t n)
{
	if (n > 0)
		buf_fmt(out, "%*s<xs:%s value=\"%u\"/>\n", 2 * depth, "", name,
		    (unsigned)n);
}

static void
pattern(struct buf *out, int depth, const char *text)
{
	buf_fmt(out, "%*s<xs:pattern value=\"%s\"/>\n", 2 * depth, "", text);
}

static void
lengths(struct buf *out, int depth, const struct element *e)
{
	/* where places count a member may be empty */
	facet(out, depth, "minLength", e->placed ? 0 : e->min > 0 ? e->min : 1);
	facet(out, depth, "maxLength", e->max);
}

static const char *
base_of(const struct element *e)
{
	switch (e->type) {
	case EL_INT:
	case EL_REF:
		return "xs:integer";
	case EL_DEC:
		return "xs:decimal";
	case EL_DATE:
		return "xs:date";
	default:
		return "xs:string";
	}
}

/* What narrows the base to the element's type. */
static void
facets(struct buf *out, int depth, const struct element *e)
{
	switch (e->type) {
	case EL_N:
		lengths(out, depth, e);
		pattern(out, depth, "[0-9]*");
		break;
	case EL_INT:
		facet(out, depth, "totalDigits", e->max);
		break;
	case EL_DEC:
		facet(out, depth, "totalDigits", e->max);
		buf_fmt(out, "%*s<xs:fractionDigits value=\"%u\"/>\n",
		    2 * depth, "", (unsigned)e->decimals);
		break;
	case EL_DATE: /* a day has no zone with us */
		pattern(out, depth, "[0-9]{4}-[0-9]{2}-[0-9]{2}");
		break;
	case EL_MOMENT:
		pattern(out, depth,
		    "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}"
		    "(\\.[0-9]{2,3})?)?(Z|[+\\-][0-9]{2}:[0-9]{2})?)?");
		break;
	case EL_FLAG:
		pattern(out, depth, "yes|no");
		break;
	case EL_REF:
		break;
	default:
		lengths(out, depth, e);
	}
}

static bool
listed(const struct element *e)
{
	return e->type == EL_CODE && e->list->complete && !e->open;
}

static void group_schema(struct schema *, const struct group *, int depth);

static void
element_head(struct buf *out, int depth, const struct element *e)
{
	buf_fmt(out, "%*s<xs:element name=\"%s\" minOccurs=\"0\"", 2 * depth,
	    "", e->name);
	if (e->repeats && e->most == 0)
		buf_str(out, " maxOccurs=\"unbounded\"");
	else if (e->repeats)
		buf_fmt(out, " maxOccurs=\"%u\"", (unsigned)e->most);
}

static void
element_schema(struct schema *s, const struct element *e, int depth)
{
	struct buf *out = s->out;

	element_head(out, depth, e);
	if (listed(e)) {
		buf_fmt(out, " type=\"codes.%s\"", e->list->name);
		list_want(s, e->list);
	}
	buf_str(out, ">\n");
	labels(out, depth + 1, e->en, e->zh);
	if (e->type == EL_GROUP || e->type == EL_ABOUT) {
		group_schema(s, e->group, depth + 1);
	} else if (!listed(e)) {
		buf_fmt(out, "%*s<xs:simpleType>\n", 2 * depth + 2, "");
		buf_fmt(out, "%*s<xs:restriction base=\"%s\">\n", 2 * depth + 4,
		    "", base_of(e));
		facets(out, depth + 3, e);
		buf_fmt(out, "%*s</xs:restriction>\n", 2 * depth + 4, "");
		buf_fmt(out, "%*s</xs:simpleType>\n", 2 * depth + 2, "");
	}
	buf_fmt(out, "%*s</xs:element>\n", 2 * depth, "");
}

static void
group_schema(struct schema *s, const struct group *g, int depth)
{
	buf_fmt(s->out, "%*s<xs:complexType>\n", 2 * depth, "");
	buf_fmt(s->out, "%*s<xs:sequence>\n", 2 * depth + 2, "");
	for (uint16_t i = 0; i < g->nslots && depth < 2 * SCHEMA_DEPTH; i++)
		element_schema(s, &g->element[i], depth + 2);
	buf_fmt(s->out, "%*s</xs:sequence>\n", 2 * depth + 2, "");
	buf_fmt(s->out, "%*s</xs:complexType>\n", 2 * depth, "");
}

static void
list_schema(struct buf *out, const struct codelist *l)
{
	int en = codelist_column(l, SLICE_LIT("en"));

	buf_fmt(out, "  <xs:simpleType name=\"codes.%s\">\n", l->name);
	buf_str(out, "    <xs:restriction base=\"xs:string\">\n");
	for (uint32_t i = 0; i < l->nrows; i++) {
		char code[256], name[512];

		(void)snprintf(
		    code, sizeof(code), "%.*s", SLICE_ARG(l->row[i].code));
		(void)snprintf(name, sizeof(name), "%.*s",
		    en < 0 ? 0 : (int)l->row[i].cell[en].len,
		    en < 0 ? "" : l->row[i].cell[en].p);
		buf_str(out, "      <xs:enumeration value=\"");
		xml_text(out, code);
		buf_str(out, "\"/>");
		if (name[0] != '\0') {
			buf_str(out, " <!-- ");
			/* "--" may not stand in a comment */
			for (const char *p = name; *p != '\0'; p++)
				buf_byte(out, *p == '-' ? '_' : *p);
			buf_str(out, " -->");
		}
		buf_byte(out, '\n');
	}
	buf_str(out, "    </xs:restriction>\n  </xs:simpleType>\n");
}

void
plan_schema(const struct plan *p, struct buf *out)
{
	struct schema s = { .out = out };

	buf_fmt(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"\n"
	    "    xmlns=\"%.*s\"\n    targetNamespace=\"%.*s\"\n"
	    "    elementFormDefault=\"qualified\">\n",
	    SLICE_ARG(p->space), SLICE_ARG(p->space));
	buf_fmt(out, "  <xs:element name=\"%s\">\n", p->document->name);
	labels(out, 2, p->en, p->zh);
	group_schema(&s, p->document, 2);
	buf_str(out, "  </xs:element>\n");
	for (uint32_t i = 0; i < s.nlists; i++)
		list_schema(out, s.list[i]);
	buf_str(out, "</xs:schema>\n");
}
