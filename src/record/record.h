/*
 * record/record.h - one filing as a tree of directory elements.
 *
 * All formats meet here; there is no place for what the directory does not
 * name. Values hold canonical text (codes: our code; decimals: "-12.50";
 * dates: "2024-06-15", moments "2024-06-15T10:30:00+08:00" as precise as
 * given; flags: yes, no) and the byte range of the arrival they came from.
 * Everything lives in the record's arena and goes with it.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/slice.h"
#include "src/record/directory.h"

enum value_flag {
	VALUE_RAW = 1,     /* not understood: the wire's own text ... */
	VALUE_DEFAULT = 2, /* nothing on the wire: the format's default */
	VALUE_SET = 4,     /* derived by a rule */
};

struct value {
	struct slice text;
	const struct code_row *row; /* codes that were found */
	const char *scheme;         /* ... of this scheme, "unit.un20" */
	struct value *next;         /* repeated elements */
	struct value *last;         /* valid in the first of a list */
	uint32_t at, span; /* range in the decoded text; span 0: none */
	uint32_t flags;
};

struct node {
	const struct group *group;
	struct node *parent; /* NULL: root */
	struct node *next;
	struct node *last; /* valid in the first of a list */
	uint32_t place;    /* 1 for the first among its like */
	uint32_t at, span;
	union slot {
		struct value *value;
		struct node *node;
	} slot[];
};

struct record {
	struct arena *mem;
	const struct directory *dir;
	struct node *root;         /* the document */
	struct node *transmission; /* "$", may be NULL */
};

/* NULL: the arena is full. */
struct node *node_new(
    struct arena *, const struct group *, struct node *parent);
/* Append a node to a group slot (or return the only one if not repeated). */
struct node *node_add(struct arena *, struct node *, const struct element *);
/* The node of a group slot, made if missing. */
struct node *node_need(struct arena *, struct node *, const struct element *);
/* Append to a repeated element, set a single one. */
struct value *value_add(
    struct arena *, struct node *, const struct element *, struct slice text);
uint32_t node_count(const struct node *list);
uint32_t value_count(const struct value *list);
/*
 * By a path of names, "item[2].goods.0"-like: "transport.mode", "item[2].name"
 * (places from 1; repeated elements take [n] too). NULL: nothing there.
 */
const struct value *record_get(const struct node *, const char *path);
/* YYYYMMDD of the document's date, by which rows of code lists are chosen; 0:
 * it has none. */
uint32_t record_day(const struct record *);
/* The same path for setting, making nodes on the way; NULL: no such element. */
struct value *record_set(
    struct record *, struct node *, const char *path, struct slice text);
/* "item[2].transport.mode" of an element in a node, into out. */
const char *record_path(
    const struct node *, const struct element *, char *out, size_t size);
/* Members of lists that hold nothing, at any depth, are taken out. */
void node_prune(struct node *);
/*
 * Where in the decoded text a node is: its own beginning, else its first value,
 * else what it stands in. False: nowhere.
 */
bool node_where(const struct node *, uint32_t *at, uint32_t *span);
/*
 * Every value as "path<TAB>text<LF>" (backslash, tab, line ends escaped),
 * in directory order: equal records print equal. record_parse reads it back.
 */
struct buf;
void record_print(const struct node *, struct buf *);
enum rc record_parse(
    struct record *, struct node *, struct slice, struct err *) MUST_USE;

#endif
