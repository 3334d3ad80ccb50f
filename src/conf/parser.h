/*
 * conf/parser.h - what lexer, grammar and checks of entrepot.conf(5) share.
 *
 * One parser reads one text. A mistake becomes a complaint with its place and
 * reading goes on; nothing is ever thrown away in silence.
 */
#ifndef CONF_PARSER_H
#define CONF_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/slice.h"
#include "src/conf/conf.h"
#include "src/record/complaints.h"

#define CONF_TEXT_MAX (1u << 20)  /* bytes of a configuration */
#define CONF_MEM_MAX  (16u << 20) /* what it may become in memory */
#define CONF_PARTNERS 4096
#define CONF_HOURS    64 /* calendars */

/* Where a token stands in the text. */
struct conf_place {
	size_t at, end;
};

enum conf_word { /* one for each DIRECTIVE, to see what was given twice */
#define DIRECTIVE(word, token, where, meaning) DIR_##token,
#include "src/conf/directives.def"
	DIRS
};

enum conf_option { /* one for each OPTION, for the same in a line */
#define OPTION(word, token, where, meaning) OPT_##token,
#include "src/conf/directives.def"
	OPTS
};

/* A word and where it stood. */
struct conf_text {
	const char *p; /* in the arena, NULL: missing */
	size_t at;
};

/* Places of a partner's words, for complaints made after the last line. */
struct conf_note {
	size_t at, folder_at, forward_at, reply_as_at, control_as_at,
	    decision_as_at;
	struct conf_text hours; /* the calendar's name */
	size_t by_hours_at;     /* of the first 'by hours' + 1 */
	bool in_given, out_given;
	uint64_t lost; /* bits of directives: what stood in no line that was
			  understood, and perhaps in one that was not */
	size_t accept_at[CONF_NAMES];
	size_t preset_at[CONF_DEFAULTS];
	size_t submit_at[CONF_NAMES];
	size_t submit_format_at[CONF_NAMES];
	size_t given[DIRS]; /* offset + 1 of the directive, 0: not given */
};

/* The configuration and what it needs to be complained about later. */
struct conf_whole {
	struct conf conf; /* first: struct conf * is struct conf_whole * */
	struct arena *mem;
	struct slice text;
	struct slice files; /* calendars, pack.c */
	struct conf_partner *partner;
	struct conf_note *note;
	unsigned int room;
	struct hours *hours;
	bool fresh; /* the partner being read was not known before */
};

struct conf_parser {
	struct conf_whole *w;
	struct complaints *complaints;
	size_t at;         /* the lexer's place */
	bool line_ended;   /* the last token was an end of line */
	bool begins;       /* the next token is a line's first */
	struct slice word; /* that one */
	bool failed;       /* out of memory */
	size_t given[DIRS];
	uint64_t options;     /* given in this line */
	unsigned int current; /* the partner being read */
	bool within;          /* its block */
	uint64_t lost;        /* the same of lines outside of all blocks */
	unsigned int rights;  /* of the line of allow being read */
	/* the calendar's line being read */
	uint8_t weekdays;
	int32_t first, last; /* of dates; weekdays is 0 */
	bool days_good;
	/* the calendar file being read; name NULL: none */
	const char *other_name;
	struct slice other;
};

/* lexer.c */
union CONF_YYSTYPE;
int conf_lex(union CONF_YYSTYPE *, struct conf_place *, struct conf_parser *);
/* After an unknown block's "{": go on behind its "}". */
void conf_skip_block(struct conf_parser *);

/* build.c: the actions of the grammar */
void conf_wrong(struct conf_parser *, size_t at, const char *, ...)
    PRINTF(3, 4);
/* False and a complaint if the directive stood in this block before. */
bool conf_once(struct conf_parser *, enum conf_word, size_t at);
/* A complaint if the option stood in this line before. */
void conf_option(struct conf_parser *, enum conf_option, size_t at);
/* The line being read could not be understood. */
void conf_line_lost(struct conf_parser *);
/* A partner's block is over that was not ended. */
void conf_block_lost(struct conf_parser *);
/* Perhaps this directive was meant to stand in such a line. */
bool conf_is_lost(uint64_t lost, enum conf_word);
void conf_partner_begin(
    struct conf_parser *, unsigned int kinds, struct conf_text name, size_t at);
struct conf_partner *conf_now(struct conf_parser *);
struct conf_note *conf_note_now(struct conf_parser *);
const char *conf_path(struct conf_parser *, struct conf_text);
void conf_mappings(struct conf_parser *, struct conf_text);
const char *conf_id(struct conf_parser *, struct conf_text, const char *what);
const char *conf_part(struct conf_parser *, struct conf_text);
const char *conf_box(struct conf_parser *, struct conf_text);
uint64_t conf_number(
    struct conf_parser *, struct conf_text, uint64_t min, uint64_t max);
uint64_t conf_size(struct conf_parser *, struct conf_text, uint64_t max);
uint64_t conf_time(struct conf_parser *, struct conf_text, uint64_t max_ms);
void conf_accept(struct conf_parser *, struct conf_text);
void conf_default(
    struct conf_parser *, struct conf_text path, struct conf_text text);
void conf_ending(struct conf_parser *, struct conf_text);
struct conf_submit *conf_submit_new(struct conf_parser *,
    struct conf_text document, struct conf_text format, size_t at);
void conf_layout(struct conf_parser *, enum layout);

/* build_address.c */
void conf_address(struct conf_parser *, struct conf_address *,
    struct conf_text id, struct conf_text qualifier);

/* build_allow.c */
void conf_allow_begin(struct conf_parser *);
void conf_allow_right(struct conf_parser *, struct conf_text);
void conf_allow_end(struct conf_parser *, struct conf_text who, bool group);

/* build_hours.c */
void conf_hours_begin(struct conf_parser *, struct conf_text name);
void conf_hours_zone(struct conf_parser *, struct conf_text);
void conf_hours_days(struct conf_parser *, struct conf_text);
void conf_hours_open(struct conf_parser *, struct conf_text);
void conf_hours_closed(struct conf_parser *, struct conf_text);
/* "18:30" as minutes; complains, and is 0 then. */
uint16_t conf_minute(struct conf_parser *, struct conf_text);

/* build_dates.c */
void conf_hours_file(struct conf_parser *, struct conf_text path);

/* pack.c */
#define CONF_PACKED "\001entrepot.conf "
/* The configuration's own text; *files: those that came with it. */
struct slice conf_unpack(struct slice all, struct slice *files);
/* False: it did not come. why: it could not be read. */
bool conf_packed(struct slice files, const char *path, struct slice *text,
    struct slice *why);

int conf_encoding(struct conf_parser *, struct conf_text);

/* check.c */
void conf_check(struct conf_parser *);

/* parse.y; 0: read to the end (perhaps with complaints) */
int conf_yyparse(struct conf_parser *);

#endif
