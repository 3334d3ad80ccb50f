/*
 * format/plan.h - one message format, compiled: what reader and writer walk.
 *
 * A format file (entrepot-format(5)) is a tree of lines; the plan is that
 * tree with every name resolved: wire names to tags, paths to slots, codes to
 * columns, dates to programs, conditions to trees. It is made once by
 * format_load(), checked, shared read-only by all converters and never
 * changed. `A/B` lines are nested lines here; lines that share the same `A`
 * (same tags, same guards) share one parent; shapes are copied in place;
 * `extends` has been carried out.
 */
#ifndef FORMAT_PLAN_H
#define FORMAT_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/record/decimal.h"
#include "src/record/directory.h"
#include "src/record/record.h"
#include "src/syntax/text.h"
#include "src/syntax/wire.h"

struct cond; /* format/cond.h */
struct expr;

enum syntax_kind {
	SYN_XML,
	SYN_EDIFACT,
	SYN_CSV,
	SYN_JSON,
	SYN_X12,
	SYN_FLAT,
	SYN_FIXED,
	SYN_ZIP
};

/* ---- paths into the record ---- */

#define PATH_STEPS 8

enum path_base {
	PATH_HERE,         /* the record node of the nearest binding line */
	PATH_UP,           /* "^": up nodes up */
	PATH_DOCUMENT,     /* "/" */
	PATH_TRANSMISSION, /* "$" */
	PATH_LEG, /* "@leg.", rules only: what that leg's receipts gave */
};

struct path {
	enum path_base base;
	uint8_t up;
	uint8_t nsteps;                         /* 0: the base node itself */
	const struct element *step[PATH_STEPS]; /* the last is what is meant */
	struct slice text;                      /* as written, for messages */
	struct slice leg;                       /* PATH_LEG: its name */
};

/* A path, or several with conditions ("let"): the first that holds. */
struct choice {
	struct {
		const struct cond *when; /* NULL: always (the last) */
		struct path path;
	} * arm;
	uint8_t narms;
};

/* ---- codecs ---- */

enum codec_kind {
	CODEC_CODE,
	CODEC_DATE,
	CODEC_DATE_WITH,
	CODEC_DECIMALS,
	CODEC_UNIT,
	CODEC_LIST,
	CODEC_WRAP,
	CODEC_PAD,
	CODEC_UPPER,
	CODEC_NARROW,
	CODEC_RAW,
	CODEC_ALIAS,
	CODEC_MAX
};

#define GIVES_MAX     6
#define DATE_PATTERNS 4

struct date_pattern; /* format/date.h */

struct codec {
	enum codec_kind kind;
	const struct codec *next; /* in the order written */
	union {
		struct {
			const struct codelist *list;
			int column;
			const char *scheme; /* "unit.un20" */
			uint8_t ngives;
			int gives_column[GIVES_MAX];
			struct path gives[GIVES_MAX];
		} code;
		struct {
			const struct date_pattern *pattern[DATE_PATTERNS];
			uint8_t n;
		} date;
		struct { /* date LIST with LEAF */
			const struct codelist *list;
			int column, pattern_column;
			wtag leaf;         /* sibling leaf that tells */
			struct slice name; /* its name, for writing */
		} with;
		struct {
			uint8_t digits;
			bool most;    /* ..n */
			bool implied; /* no mark on the wire */
		} decimals;
		struct { /* what one of each is in base units */
			struct decimal wire, own;
			const char *name, *own_name;
		} unit;
		struct slice separator; /* list */
		uint32_t width;         /* wrap, alias, max */
		struct {
			uint32_t width;
			char fill;
			bool left;
		} pad;
	} u;
};

/* ---- values ---- */

enum piece_kind { PIECE_TEXT, PIECE_HOLE, PIECE_OPEN, PIECE_CLOSE };

struct piece { /* of a pattern; [ ] are OPEN and CLOSE */
	enum piece_kind kind;
	struct slice text;    /* TEXT */
	struct choice choice; /* HOLE */
	uint32_t width;       /* HOLE: 0 free */
	const struct codec *codec;
	struct slice fallback; /* HOLE: its default; p NULL: none */
	uint16_t match;        /* OPEN: index of its CLOSE */
};

enum value_kind {
	LINE_STRUCTURE, /* no value: children only */
	LINE_GROUP,     /* a path to a group: binds a record node */
	LINE_ELEMENT,   /* a path to an element */
	LINE_CONSTANT,  /* "text" or "a"|"b": the first is written */
	LINE_PATTERN,
	LINE_COMPUTED, /* = expr */
	LINE_SIGN,     /* a hole the vault fills */
	LINE_DROP,     /* "-" */
};

/* ---- guards: the wire decides ---- */

enum guard_kind { GUARD_IS, GUARD_PRESENT, GUARD_ABSENT };

#define GUARD_STEPS 4
#define TAG_NAMES   4

struct guard {
	enum guard_kind kind;
	uint8_t nsteps;
	wtag step[GUARD_STEPS];         /* the last is the leaf */
	struct slice name[GUARD_STEPS]; /* for writing */
	uint8_t nconstants;
	const struct slice *constant; /* IS: any of them; the first written */
	const struct line *line;      /* the line with the same leaf, or NULL:
					 then it is written first */
};

/* ---- lines ---- */

struct line {
	uint32_t number; /* dense: an array of nlines can go beside the plan */
	const struct plan *plan;
	const struct line *parent, *child, *next; /* file order */

	wtag tag[TAG_NAMES];          /* the first is written */
	struct slice name[TAG_NAMES]; /* as written in the file: "C507.2380" */
	uint8_t ntags;
	uint32_t span; /* numbered leaves: tag .. tag+span-1 are meant */
	bool virtual_; /* by: the tag does not exist on the wire */
	bool attribute, own_text; /* "@name", "." */

	uint32_t least, most; /* occurrences; most 0: no limit */
	bool bang;            /* "!" */
	bool read, write;     /* "<" only, ">" only: the other is false */

	const struct guard *guard;
	uint8_t nguards;

	enum value_kind kind;
	struct choice choice;         /* GROUP, ELEMENT */
	const struct slice *constant; /* CONSTANT */
	uint8_t nconstants;
	const struct piece *piece; /* PATTERN */
	uint16_t npieces;
	const struct expr *expr; /* COMPUTED */
	const char *sign;        /* SIGN */
	const struct codec *codec;

	struct slice fallback; /* default "x"; p NULL: none */
	bool lenient, blank, filing;
	bool carries, carries_base64, carries_zip;
	const struct path *by;
	uint8_t nby;
	const struct cond *when; /* "else" is already the negation */

	struct slice format; /* the table's "an..35", or empty */
	struct line_limit {  /* the same, taken apart */
		bool digits, upto;
		uint32_t max; /* 0: none */
	} limit;
	uint32_t file_line;

	uint32_t run; /* number of the first of its tag's lines side by side */
	const struct line *gatherer;   /* of its children: the last `by` line */
	const struct line *first_must; /* ... the first that must be there */
	const struct line *next_must;  /* beside it */
};

/* "an..35" characters, "n..18" digits, "a3" exactly. */
struct line_limit line_limit(struct slice format);

/* The first line below parent whose tags hold t; then line_again(). */
const struct line *line_first(const struct line *parent, wtag t);
/* The next alternative for the same tag, in file order; NULL. */
const struct line *line_again(const struct line *, wtag t);

#define PLAN_ENCODINGS 4
#define PLAN_NAMES     8

struct plan {
	const char *name, *en, *zh;
	uint32_t number; /* in its folder, from 0 */
	enum syntax_kind syntax;
	const struct group *document; /* receipts: with about typed */
	const struct group *about;    /* NULL: none */
	struct path each;             /* nsteps 0: none */
	bool one_way;
	bool derived; /* from the directory: no file says it */
	const struct line
	    *root; /* a nameless line; its children are the file's */
	uint32_t nlines;
	const struct tags *tags;
	const struct wire_table *table; /* EDIFACT, X12: NULL none */
	const char *table_name;

	enum encoding encoding[PLAN_ENCODINGS];
	uint8_t nencodings;         /* 0: UTF-8 */
	struct slice space, prefix; /* XML */
	int zone_minutes;           /* for moments without one */
	bool has_zone;
	const char *in[PLAN_NAMES]; /* envelopes; "-": bare */
	uint8_t nin;
	struct {
		const struct piece *piece;
		uint16_t npieces;
	} file[PLAN_NAMES]; /* file name patterns; the first is written */
	uint8_t nfiles;
	const char
	    *edition_of; /* written in its place from that day on; or NULL */
	uint32_t from;   /* YYYYMMDD */
	const char *answers[PLAN_NAMES];
	uint8_t nanswers;
	char delimiter; /* CSV; 0 not given */
	bool header;
	const struct slice *heading; /* CSV columns in the order of the lines */
	uint32_t nheadings;
};

/* ---- loading ---- */

struct formats; /* all formats of a mappings folder, and what they rest on */

/*
 * Load mappings/{codes,directory,tables,formats}. sw-xml formats, one for
 * each document kind ("sw-xml" the declaration's, "sw-xml-receipt" ...), are
 * derived from the directory. All mistakes go to *complaints; RC_REFUSED if
 * there is one.
 */
enum rc formats_load(struct formats **, const char *folder, struct complaints *,
    struct err *) MUST_USE;
void formats_free(struct formats *);
const struct plan *format_find(const struct formats *, struct slice name);
const struct plan *format_nth(const struct formats *, unsigned int n);
const struct directory *formats_directory(const struct formats *);
const struct codelists *formats_codes(const struct formats *);
struct wire_tables *formats_tables(const struct formats *);
/* SHA-256 over all files, in hex: the mapping version that legs record. */
const char *formats_version(const struct formats *);

#endif
