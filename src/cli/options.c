/*
 * cli/options.c - one table of options to getopt's two, to a usage and to an
 * explanation; trusts the tables, nothing that was typed. Called by the verbs.
 */
#include "src/cli/options.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/base/utf8.h"
#include "src/cli/cli.h"

#define COLUMNS   80
#define WORD_ROOM 64
#define TEXT_ROOM 4096
#define HELP      256 /* what getopt returns: behind every letter */

static bool
is_last(const struct opt *o)
{
	return o->letter == 0 && o->word == NULL;
}

static void
option_name(const struct opt *o, struct buf *b)
{
	if (o->letter != 0)
		buf_fmt(b, "-%c", o->letter);
	else
		buf_fmt(b, "--%s", o->word);
}

/* "-f CONF", "--yes[=WORD]" */
static void
option_text(const struct opt *o, struct buf *b)
{
	option_name(o, b);
	if (o->kind == OPT_MAYBE)
		buf_fmt(b, "[=%s]", o->value);
	else if (o->value != NULL)
		buf_fmt(b, " %s", o->value);
}

/* --- the usage --- */

struct lines {
	struct buf text;
	size_t column, indent;
};

/* A piece is never broken. */
static void
piece_put(struct lines *l, struct slice piece)
{
	if (l->column + 1 + piece.len >= COLUMNS && l->column > l->indent) {
		buf_fmt(&l->text, "\n%*s", (int)l->indent, "");
		l->column = l->indent;
	} else {
		buf_byte(&l->text, ' ');
		l->column++;
	}
	buf_slice(&l->text, piece);
	l->column += piece.len;
}

static void
options_put(struct lines *l, const struct opt *o)
{
	struct buf b;

	buf_init(&b, TEXT_ROOM);
	for (; !is_last(o); o++) {
		if (o->hidden)
			continue;
		if (b.len == 0 && !o->must)
			buf_byte(&b, '[');
		option_text(o, &b);
		if (o->with != 0 && o[1].with == o->with) {
			buf_str(&b, " | ");
			continue;
		}
		if (!o->must)
			buf_byte(&b, ']');
		piece_put(l, buf_look(&b));
		buf_reset(&b);
	}
	buf_clear(&b);
}

/* "discard ID ... |": as far as the next choice. */
static struct slice
operand_cut(struct slice *rest)
{
	struct slice all = *rest;
	const char *bar = memmem(all.p, all.len, " | ", 3);
	size_t n = bar == NULL ? all.len : (size_t)(bar + 2 - all.p);

	*rest = slice_sub(all, n + 1, all.len);
	return slice_sub(all, 0, n);
}

static void
usage_print(const struct usage *u, const char *verb, FILE *to)
{
	struct slice rest = slice_of(u->operands);
	struct lines l;

	buf_init(&l.text, TEXT_ROOM);
	buf_fmt(&l.text, "usage: entrepot %s", verb);
	l.column = l.text.len;
	l.indent = l.column + 1;
	options_put(&l, u->opt);
	while (rest.len > 0)
		piece_put(&l, operand_cut(&rest));
	fprintf(to, "%s\n", buf_cstr(&l.text));
	buf_clear(&l.text);
}

/* What was typed is shown escaped. */
static void
typed_put(struct buf *b, const char *s)
{
	buf_byte(b, '\'');
	(void)utf8_show(slice_sub(slice_of(s), 0, TEXT_ROOM / 8), b);
	buf_byte(b, '\'');
}

int
options_wrong(const struct usage *u, const char *verb, const char *want,
    const char *typed)
{
	struct buf b;

	buf_init(&b, TEXT_ROOM);
	buf_str(&b, want);
	if (typed != NULL) {
		buf_str(&b, ", found ");
		typed_put(&b, typed);
	}
	fprintf(stderr, "entrepot %s: %s\n", verb, buf_cstr(&b));
	buf_clear(&b);
	usage_print(u, verb, stderr);
	return EXIT_USAGE;
}

static void
help_print(const struct usage *u, const char *verb, const void *v)
{
	struct buf b;

	usage_print(u, verb, stdout);
	putchar('\n');
	buf_init(&b, WORD_ROOM);
	for (const struct opt *o = u->opt; !is_last(o); o++) {
		if (o->hidden)
			continue;
		buf_reset(&b);
		option_text(o, &b);
		printf("  %-20s %s\n", buf_cstr(&b), o->what);
	}
	printf("  %-20s %s\n", "--help", "this");
	buf_clear(&b);
	if (u->more != NULL) {
		putchar('\n');
		u->more(stdout, v);
	}
}

/* --- the command line --- */

struct reading {
	char letters[2 * OPTIONS_MAX + 2];
	struct option longs[OPTIONS_MAX + 2];
	unsigned int given[OPTIONS_MAX];
};

static void
tables_make(struct reading *r, const struct opt *opt)
{
	size_t at = 0, n = 0;

	memset(r, 0, sizeof(*r));
	r->letters[at++] = ':'; /* getopt says nothing, we do */
	for (int i = 0; !is_last(&opt[i]) && i < OPTIONS_MAX; i++) {
		if (opt[i].letter != 0) {
			r->letters[at++] = opt[i].letter;
			if (opt[i].value != NULL)
				r->letters[at++] = ':';
		}
		if (opt[i].word != NULL)
			r->longs[n++] = (struct option){ opt[i].word,
				opt[i].value == NULL       ? no_argument
				: opt[i].kind == OPT_MAYBE ? optional_argument
							   : required_argument,
				NULL, HELP + 1 + i };
	}
	r->longs[n] = (struct option){ "help", no_argument, NULL, HELP };
}

static int
option_of(const struct opt *opt, int ch)
{
	int i = ch - HELP - 1;

	if (ch > HELP)
		return i;
	for (i = 0; !is_last(&opt[i]); i++)
		if (opt[i].letter == ch)
			return i;
	return -1;
}

static bool
option_set(const struct opt *o, const char *arg, void *v)
{
	char *at = (char *)v + o->at;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)(void *)at = true;
		return true;
	case OPT_TEXT:
		*(const char **)(void *)at = arg;
		return true;
	case OPT_MAYBE:
		*(const char **)(void *)at = arg == NULL ? "" : arg;
		return true;
	case OPT_NUMBER:
		break;
	}
	return slice_u64(slice_of(arg), (uint64_t *)(void *)at);
}

/* One that is missing; or two that exclude each other: they stand side by
 * side. */
static bool
is_whole(const struct opt *opt, const struct reading *r, struct buf *why)
{
	int first = -1;

	for (int i = 0; !is_last(&opt[i]); i++) {
		if (opt[i].must && r->given[i] == 0) {
			option_text(&opt[i], why);
			buf_str(why, " is missing");
			return false;
		}
		if (i == 0 || opt[i].with == 0 ||
		    opt[i].with != opt[i - 1].with)
			first = -1;
		if (r->given[i] == 0)
			continue;
		if (first >= 0) {
			option_name(&opt[first], why);
			buf_str(why, " and ");
			option_name(&opt[i], why);
			buf_str(why, " exclude each other");
			return false;
		}
		first = i;
	}
	return true;
}

/* One option as getopt found it; false: *why says what is wrong. */
static bool
option_read(const struct usage *u, struct reading *r, int ch, char **argv,
    void *v, struct buf *why)
{
	int i = ch == '?' || ch == ':' ? -1 : option_of(u->opt, ch);
	char letter[3] = { '-', (char)optopt, '\0' };

	if (i >= 0 && option_set(&u->opt[i], optarg, v)) {
		r->given[i]++;
		return true;
	}
	if (i >= 0) {
		option_name(&u->opt[i], why);
		buf_str(why, " wants a number, found ");
		typed_put(why, optarg);
		return false;
	}
	if (ch == ':')
		i = option_of(u->opt, optopt);
	if (i >= 0) {
		option_text(&u->opt[i], why);
		buf_str(why, " has no value here");
		return false;
	}
	/* a letter may stand in a group with others, a word does not */
	buf_str(why, "no option ");
	typed_put(why, optopt > 0 && optopt < HELP ? letter : argv[optind - 1]);
	return false;
}

static bool
operands_fit(const struct usage *u, int n, char **operand, struct buf *why)
{
	if (n < u->least) {
		buf_fmt(why, "%s here, want %s",
		    n == 0 ? "nothing stands" : "too little stands",
		    u->operands);
		return false;
	}
	if (u->most < 0 || n <= u->most)
		return true;
	buf_str(why, "too much stands here: ");
	typed_put(why, operand[u->most]);
	return false;
}

bool
options_read(const struct usage *u, int argc, char **argv, void *v, int *status)
{
	const char *verb = u->verb != NULL ? u->verb : argv[0];
	struct reading r;
	bool good = true;
	struct buf why;
	int ch;

	tables_make(&r, u->opt);
	buf_init(&why, TEXT_ROOM);
	optind = 1;
	while (good &&
	       (ch = getopt_long(argc, argv, r.letters, r.longs, NULL)) != -1) {
		if (ch == HELP) {
			help_print(u, verb, v);
			*status = 0;
			return false;
		}
		good = option_read(u, &r, ch, argv, v, &why);
	}
	good = good && is_whole(u->opt, &r, &why) &&
	       operands_fit(u, argc - optind, argv + optind, &why);
	if (!good)
		*status = options_wrong(u, verb, buf_cstr(&why), NULL);
	buf_clear(&why);
	return good;
}
