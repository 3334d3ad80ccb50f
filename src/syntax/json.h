/*
 * syntax/json.h - JSON documents (RFC 8259) as a tree, and written again.
 *
 * The outermost object, or each object of an outermost array, is a node named
 * "object"; its members are nodes by name. An array is a repeated member, an
 * empty one is absent, as null is; an array in an array is refused, since no
 * name tells its places. A name may stand once in an object: two are refused.
 * Numbers and the words true and false are leaves with the text they have.
 * Ceilings: 8 MiB, 64 deep, 500 members an object, 64 KiB a text.
 */
#ifndef SYNTAX_JSON_H
#define SYNTAX_JSON_H

#include "src/syntax/wire.h"

/* Could this be JSON: is its first letter a brace or a bracket? */
bool json_probe(struct slice raw);
/* The children are "object" nodes; NULL: refused (finding), or mem is full. */
struct wnode *json_tree(const struct text *, const struct tags *,
    struct arena *, struct findings *);

/*
 * The names of the first object's members as they stand, up to `most`; returns
 * how many. Refuses nothing: for a first look.
 */
uint32_t json_members(struct slice utf8, struct slice *name, uint32_t most);

struct json_style {
	bool indent;
	bool list;        /* the outermost value is an array */
	const bool *many; /* by tag: its members are arrays */
	const bool *bare; /* by tag: numbers and truth values, no quotes */
	uint32_t ntags;
};

struct wire_out *json_out(
    struct buf *, const struct json_style *, struct arena *);

#endif
