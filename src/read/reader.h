/*
 * read/reader.h - what the files of the reader share; nobody else includes it.
 *
 * One struct reader lives for one filing. Everything it needs comes from the
 * filing's arena; it never frees.
 */
#ifndef READ_READER_H
#define READ_READER_H

#include "src/format/cond.h"
#include "src/format/date.h"
#include "src/read/read.h"

/* Where we are: for values, and for what is said about them. */
struct spot {
	const struct line *line;
	struct wnode *w;
	struct node *here; /* the record node that the line's paths start at */
	struct node *home; /* that holds the element spoken of; NULL: here */
};

/* What a wire text became. */
struct got {
	struct slice text;
	const struct code_row *row;
	const char *scheme;
	uint32_t at, span, flags;
	bool dated; /* moment is valid */
	struct moment moment;
};

/* Read at the filing's end, when the record can answer conditions. */
struct waiting {
	struct waiting *next;
	struct spot spot;
	bool missing; /* nothing stood on the wire: must it have? */
};

/* Looked at when all values are there. */
struct ending {
	struct ending *next;
	struct spot spot;
	const struct element *el; /* a reference; NULL: a computed line */
	struct value *value;
};

/* Pieces of one wrapped text. */
struct run {
	struct run *next;
	struct spot spot; /* of the first piece */
	const struct element *el;
	struct node *node;
	struct piece_got {
		struct piece_got *next;
		struct slice text;
		uint32_t width;
	} * piece, *last;
	uint32_t at, end;
	bool bound;
};

/* A moment whose parts come one by one. */
struct partial {
	struct partial *next;
	const struct value *value;
	struct moment moment;
};

/*
 * Occurrences of a line in the container that is open: counted for this frame
 * of its parent, so that opening one resets nothing.
 */
struct tally {
	uint32_t open;  /* the frame of the line's own content */
	uint32_t frame; /* n counts for this frame of the parent */
	uint32_t n;
};

struct reader {
	const struct read_in *in;
	const struct plan *plan;
	struct arena *mem;
	struct record *record;
	struct findings *found;
	uint32_t day;        /* YYYYMMDD of the document, once it is known */
	bool undated;        /* a code was read that would have wanted it */
	struct tally *tally; /* one a line of the plan */
	uint32_t frame;      /* of the container opened last */
	bool forward; /* the wire's order is the table's: EDIFACT, X12, fixed */
	struct waiting *waiting, **waiting_end;
	struct ending *ending, **ending_end;
	struct run *run, **run_end;
	struct partial *partial;
	const struct node *target; /* of the last reference */
};

/* lines.c: from wire nodes to lines */
void lines_read(struct reader *, const struct line *parent, struct wnode *,
    struct node *here);
void lines_finish(struct reader *); /* what waited, and what is checked last */
bool wnode_says(const struct wnode *); /* any text at or below it? */

/* group.c: lines that say `by` */
struct wnode *group_end(const struct line *virt, struct wnode *first);
bool group_same(
    const struct line *virt, const struct wnode *, const struct wnode *);
bool group_hash(const struct line *virt, const struct wnode *, uint64_t *);
/* Does this node say what its line's rows are brought together by? */
bool group_key(const struct line *row, const struct wnode *);
/* gather.c: nodes of one key that do not stand together are brought together */
void gather(const struct line *virt, struct wnode *parent, struct arena *);
struct node *group_node(struct reader *, const struct spot *);

/* leaf.c: one leaf and its line */
bool leaf_waits(const struct line *);
void leaf_read(struct reader *, const struct spot *);
void leaf_computed(struct reader *, const struct spot *);

/* value.c: from wire text to canonical text; false: absent or refused */
bool value_decode(struct reader *, const struct spot *, const struct codec *,
    const struct element *, struct slice wire, struct got *);
void value_gives(struct reader *, const struct spot *, const struct codec *,
    const struct code_row *);
/* type.c: numbers and letters as the directory wants them */
bool type_number(struct reader *, const struct spot *, const struct element *,
    struct slice, struct got *);
bool type_implied(struct reader *, struct slice *, uint32_t digits);
/* The number in the element's unit; false: it does not come out even. */
bool type_unit(struct reader *, struct slice *, const struct codec *);
void type_text(
    struct reader *, const struct spot *, const struct element *, struct slice);
void type_format(
    struct reader *, const struct spot *, const struct element *, struct slice);

/* bind.c: into the record */
/* False: there is no room for more of this element. */
bool bind_value(struct reader *, const struct spot *, struct node *,
    const struct element *, struct got *);
struct node *bind_where(struct reader *, const struct path *, struct node *);
void bind_reference(struct reader *, const struct ending *);
/* The node of this group's list that a reference names, from node upwards. */
struct node *bind_list(struct node *, const struct group *, struct node **owner,
    const struct element **list);

/* wrap.c: texts in pieces */
const struct codec *codec_look(const struct codec *, enum codec_kind);
/* Text of a leaf, or of several brought together, as a list's values. */
void list_read(struct reader *, const struct spot *, struct node *,
    const struct element *, struct slice text);
void wrap_add(struct reader *, const struct spot *, struct node *,
    const struct element *, uint32_t width);
void wrap_finish(struct reader *);

/* pattern.c: texts with holes */
#define PATTERN_HOLES 24
struct hole {
	const struct piece *piece;
	struct slice text;
};
bool pattern_match(const struct piece *, uint16_t n, struct slice,
    struct hole *, unsigned int *nholes);
void pattern_read(struct reader *, const struct spot *);
void pattern_file(struct reader *, struct node *root, struct slice name);
/* As people know it: "{Ship}[/{Voyage}]". */
#define PATTERN_SHOWN 400
void pattern_text(
    const struct piece *, uint16_t n, bool chinese, char *out, size_t size);

/* complain.c: findings with their place */
struct finding *complain(struct reader *, enum finding_kind,
    const struct spot *, const struct element *, struct slice found,
    const char *wanted);
void complain_missing(
    struct reader *, const struct line *, struct wnode *, struct node *here);
/* Put Chinese words where the English ones of `wanted` stand. */
void complain_zh(
    struct reader *, struct finding *, const char *wanted, const char *zh);

#endif
