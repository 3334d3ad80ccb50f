/*
 * spool/filter.h - the one small language in which every tool says which
 * things are meant: `partner=customs state=held age>2h text~"no such file"`.
 * Words joined by blanks all hold; values joined by commas: one of them; "*"
 * and "?" stand for letters. entrepot-filter(7) tells it to people.
 *
 * The tools parse it to point at mistakes, query and the spool parse it again:
 * what comes over a socket is only text. Pure.
 */
#ifndef SPOOL_FILTER_H
#define SPOOL_FILTER_H

#include "src/base/arena.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "spool/states.h"

#define FILTER_TERMS  12
#define FILTER_VALUES 16
#define FILTER_MAX    1000 /* bytes of the text */

enum filter_word {
#define FILTER(word, ops, what) FILTER_##word,
#include "spool/filter.def"
#undef FILTER
	FILTER_WORDS
};

struct filter_term {
	enum filter_word word;
	char op; /* = ! < > ~ */
	struct slice value[FILTER_VALUES];
	unsigned int n;
	int64_t ms;  /* age */
	uint64_t id; /* id */
};

struct filter {
	struct filter_term term[FILTER_TERMS];
	unsigned int n;
};

/* What a thing is measured by. */
struct filter_facts {
	enum machine machine;
	uint64_t id;
	enum state state;
	struct slice partner, kind, number;
	struct slice text[5]; /* all there is */
	int64_t age_ms;
};

/*
 * RC_REFUSED: *err is one sentence, *at the byte it speaks of. Values live in
 * the arena. An empty text is a filter that everything passes.
 */
enum rc filter_parse(struct filter *, struct slice text, struct arena *,
    size_t *at, struct err *) MUST_USE;
bool filter_passes(const struct filter *, const struct filter_facts *);

/* Can a thing of this kind, in this state pass at all? */
bool filter_wants(const struct filter *, enum machine);
bool filter_wants_state(const struct filter *, enum state);
/* Is a state named? If not, what waits is meant. */
bool filter_names(const struct filter *, enum filter_word);
/* The one partner that is meant, or empty; the one id, or 0. */
struct slice filter_partner(const struct filter *);
/* The term that names whole numbers, of which one must hold; NULL: none does.
 */
const struct filter_term *filter_numbers(const struct filter *);
/* What the one number that is meant begins with, before its first wildcard;
 * empty: there is no such. */
struct slice filter_number_begin(const struct filter *);
uint64_t filter_id(const struct filter *);

const char *filter_word_name(enum filter_word);
const char *filter_word_ops(enum filter_word);

#endif
