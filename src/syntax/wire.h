/*
 * syntax/wire.h - what every syntax looks like to the reader and the writer.
 *
 * Reading: one document as a tree of nodes in wire order, in an arena; every
 * node knows its range in the decoded text. Writing: begin, leaf, end, with
 * marks to fall back to. No syntax knows any element of the directory.
 *
 *   EDIFACT  the root's children are segments; the message table (wire_table)
 *            nests the segments of a group below its trigger segment. A
 *            segment's leaf children (empty ones are left out) come before
 *            its nested segments; a leaf's tag is tag_leaf(element,
 *            component), both from 1, component 0 for a simple element.
 *            UNH is the first segment; UNT, UNZ are checked, not delivered.
 *   XML      elements by local name; attributes are leaves named "@name" in
 *            front of the child elements; an element's own text is in text.
 *   CSV      the root's children are rows named "row"; cells are leaves by
 *            heading (or by number of the column without headings). A row
 *            that has more or fewer cells than the heading says so in cells.
 *   JSON     the root's children are objects named "object"; members by name,
 *            an array's values as repeated members (syntax/json.h).
 *
 * Tags are interned in the format's tag table (struct tags), so the reader
 * never compares strings: a name that the format does not know is tag 0.
 */
#ifndef SYNTAX_WIRE_H
#define SYNTAX_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/record/finding.h"
#include "src/syntax/text.h"

typedef uint32_t wtag;

#define TAG_UNKNOWN    0u
#define TAG_LEAF       0x10000u /* numbered leaves start here */
#define TAG_COMPONENTS 128u     /* components an element can have, 0..127 */

/* The tag of a numbered leaf: element and component from 1 (0: simple). */
static inline wtag
tag_leaf(uint32_t element, uint32_t component)
{
	return TAG_LEAF + element * TAG_COMPONENTS + component;
}

struct tags; /* interned names, ids from 1, below TAG_LEAF */
struct tags *tags_new(void);
void tags_free(struct tags *);
wtag tag_make(struct tags *, struct slice name); /* 0: out of memory */
wtag tag_find(const struct tags *, struct slice name);
struct slice tag_name(const struct tags *, wtag);
uint32_t tags_count(const struct tags *);

struct wnode {
	wtag tag;
	uint32_t at, span;   /* the whole node in the decoded text */
	uint32_t tat, tspan; /* its text's range, as on the wire */
	struct slice name;   /* as on the wire, for messages */
	struct slice text;   /* unescaped, not trimmed; empty: not given */
	struct wnode *parent, *child, *next, *last_child;
	uint32_t number; /* EDIFACT: position of the segment, UNH is 1 */
	uint32_t cells;  /* CSV: of a row; of the root: as many as there must
			    be; else 0 */
	bool leaf;       /* attribute, element or component, cell */
	bool used;       /* the reader's: bound or known */
};

/* --- EDIFACT message tables (mappings/tables/edifact-DIR-*.tsv) --- */

struct wire_tables; /* all of a folder, loaded when first named */
struct wire_table;  /* one message: groups, segments, their leaves */
struct complaints;

struct wire_tables *wire_tables_new(const char *folder);
void wire_tables_free(struct wire_tables *);
/* "CUSDEC:D:96B" or "service:3"; NULL with a sentence: no such table. */
const struct wire_table *wire_table_find(
    struct wire_tables *, struct slice name, struct err *);
/* Is this a segment of the table? */
bool wire_table_segment(const struct wire_table *, struct slice tag);
/*
 * The leaf tag of "C507.2380", "1004", "C246#2.7361" in a segment; *count is
 * how many leaves follow each other under that name ("C080.3036" 5). 0: the
 * segment has no such leaf.
 */
wtag wire_table_leaf(const struct wire_table *, struct slice segment,
    struct slice leaf, uint32_t *count);
/* "an..35", "n..18", "a3" of a leaf; empty: not known. */
struct slice wire_table_format(
    const struct wire_table *, struct slice segment, wtag leaf);
/* Is `inner` a segment of the group that `outer` triggers (at any depth 1)? */
bool wire_table_nests(
    const struct wire_table *, struct slice outer, struct slice inner);

/* --- writing --- */

struct wire_mark {
	size_t len;
	uint32_t depth;
	uint32_t pending;
	uint32_t count;
	uint32_t leaves;
	bool open;
};

/* A writer; one for each syntax, made by xml_out(), edifact_out(), csv_out().
 */
struct wire_out {
	struct buf *buf;
	/*
	 * A container (segment, element, row) starts. name is what is written
	 * (XML: with its prefix).
	 */
	void (*begin)(struct wire_out *, struct slice name, wtag);
	/*
	 * A leaf below the open container; XML: name "@a" attribute, "." text.
	 * EDIFACT: in any order, but before the segments nested below; one that
	 * comes later, or twice, fails the buffer (the format is wrong).
	 */
	void (*leaf)(
	    struct wire_out *, struct slice name, wtag, struct slice text);
	void (*end)(struct wire_out *);
	/* To fall back to the state at mark: nothing below it carried. */
	void (*mark)(const struct wire_out *, struct wire_mark *);
	void (*back)(struct wire_out *, const struct wire_mark *);
	/*
	 * Where the text of a leaf begins in buf and how long it is, for the
	 * trace; may be NULL. leaf_number counts calls of leaf() from 0 and
	 * falls back with marks. XML tells it at once; EDIFACT and CSV when the
	 * segment or row is complete, in wire order.
	 */
	void (*placed)(void *arg, uint32_t leaf_number, size_t at, size_t len);
	void *placed_arg;
	void *state;
	struct slice (*finish)(struct wire_out *); /* the whole text */
};

#endif
