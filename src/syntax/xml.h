/*
 * syntax/xml.h - XML 1.0 by libxml2's SAX, which is always fed UTF-8.
 *
 * DOCTYPE is refused, nothing external is ever loaded. Ceilings: depth 128,
 * 1,000 attributes, one document 8 MiB. CDATA and entities are resolved.
 */
#ifndef SYNTAX_XML_H
#define SYNTAX_XML_H

#include "src/syntax/wire.h"

bool xml_probe(struct slice head);
/* The encoding that the XML declaration names; empty: none. Raw bytes in. */
struct slice xml_label(struct slice raw);
/* Root element's local name and namespace, without parsing the rest. */
bool xml_root(struct slice utf8, struct slice *name, struct slice *space);
/*
 * The tree below a nameless root. An element's text is its own, without what
 * stands in its child elements; blanks that only lay out child elements are no
 * text. Prefixes that nobody declared are no mistake: local names count. Not
 * well-formed, a DOCTYPE, too deep, too many: finding SYNTAX, FORBIDDEN or
 * LIMIT with its place, and NULL.
 */
struct wnode *xml_tree(const struct text *, const struct tags *, struct arena *,
    struct findings *);

struct xml_style {
	struct slice space;  /* default namespace URI, or empty */
	struct slice prefix; /* "ceb": all elements carry it, or empty */
	bool indent;         /* two blanks a level, LF line ends */
	/* What the declaration says; the text itself is encoded afterwards. */
	enum encoding encoding;
};
/* Writes the declaration first; the outermost element gets xmlns. */
struct wire_out *xml_out(
    struct buf *, const struct xml_style *, struct arena *);
void xml_escape(struct buf *, struct slice, bool attribute);

#endif
