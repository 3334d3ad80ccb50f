/*
 * write/writer.h - what the files of the writer share; nobody else includes it.
 *
 * One struct writer lives for one message, in the caller's arena.
 */
#ifndef WRITE_WRITER_H
#define WRITE_WRITER_H

#include "src/format/cond.h"
#include "src/format/date.h"
#include "src/write/write.h"

/* A wrapped text that is dealt out over the lines that bind it. */
struct deal {
	struct deal *next;
	const struct line *line; /* that took the first piece */
	const struct node *node;
	const struct element *el;
	const struct value *value;
	struct slice rest;
};

/* A leaf of the open container, to see how it would be read. */
struct said {
	wtag tag;
	struct slice text;
};

#define SAID_MAX 256 /* leaves of the containers that are open */
#define KEYS_MAX 64  /* written values of keys, one message */

/* A node that the record does not have, made to write what must stand. */
struct absent {
	const struct node *node;
	const struct element *el; /* of its parent, that it would stand in */
	struct absent *next;
};

struct writer {
	const struct write_in *in;
	const struct plan *plan;
	struct arena *mem;
	struct findings *found;
	struct record *record;
	struct wire_out *out;
	struct trace_entry *entry; /* NULL: no trace wanted */
	uint32_t nentries, room;
	struct deal *deal;
	uint32_t open_deals;
	struct said said[SAID_MAX];
	unsigned int nsaid, said_from;
	uint32_t turn;  /* of the repeating container around us */
	bool repeating; /* there is one */
	bool more;      /* a value is left for its next turn */
	struct write_key *key;
	uint32_t nkeys;
	struct absent *absent;
};

/* What a leaf is written for. */
struct leaf {
	const struct line *line;
	struct node *here; /* the line's paths start here */
};

/* The value that a leaf says: its node NULL for "$now". */
struct origin {
	const struct value *value;
	const struct node *node;
	const struct element *el;
};

/* lines.c */
bool lines_write(struct writer *, const struct line *parent, struct node *);
/* repeat.c: containers that repeat without record nodes of their own */
bool repeat_write(struct writer *, const struct line *, struct node *);
bool by_write(struct writer *, const struct line *, struct node *);
bool container_write(struct writer *, const struct line *, struct node *);
bool line_below(const struct line *, const struct line *top);

/* leaf.c: true: it carried a value */
bool leaf_write(struct writer *, const struct leaf *, bool blank);
/* To the syntax and into the trace; origin NULL: no value of the record. */
void leaf_put(struct writer *, const struct leaf *, struct slice name, wtag,
    struct slice text, const struct origin *);
/* The values of a list in one text; false: a finding was added. */
bool list_join(struct writer *, const struct leaf *, struct node *,
    const struct element *, const struct value *, struct slice *text);
/* A constant that only qualifies an absent part of the same composite. */
bool leaf_idle(struct writer *, const struct leaf *);

/* value.c: canonical text to wire text; false: refused, and said */
bool value_encode(struct writer *, const struct leaf *, const struct codec *,
    const struct node *, const struct element *, const struct value *,
    struct slice *);
bool value_fits(struct writer *, const struct leaf *, const struct node *,
    const struct element *, const struct value *, struct slice);
const struct value *value_get(struct writer *, const struct path *,
    struct node *here, struct node **node);
/* date.c */
bool date_encode(struct writer *, const struct leaf *, const struct codec *,
    const struct node *, const struct element *, const struct value *,
    struct slice *);
const struct codec *codec_of(const struct codec *, enum codec_kind);

/* deal.c */
bool deal_write(struct writer *, const struct leaf *, struct node *,
    const struct element *, const struct value *);
bool deals_open(const struct writer *, const struct line *);
void deals_check(struct writer *);

/* pattern.c: 1 written, 0 absent, -1 refused */
int pattern_fill(struct writer *, const struct leaf *, const struct piece *,
    uint16_t n, struct slice *, struct origin *first);

/* table.c: EDIFACT as it stands in b, held against its table */
void table_check(struct writer *, struct buf *b);

/* complain.c */
/* A node in no list of its parent; its path in findings is el's. NULL: full. */
struct node *absent_node(
    struct writer *, const struct element *el, struct node *parent);
/* The path's last element is missing. */
void missing_out(struct writer *, const struct leaf *, const struct path *);
struct finding *complain_out(struct writer *, enum finding_kind,
    const struct leaf *, const struct node *, const struct element *,
    const struct value *, struct slice found, const char *wanted,
    const char *zh);

#endif
