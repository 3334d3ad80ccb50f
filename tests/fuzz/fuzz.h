/*
 * tests/fuzz/fuzz.h - what the harnesses of the syntaxes share.
 *
 * Each has LLVMFuzzerTestOneInput() for libFuzzer (clang -fsanitize=fuzzer
 * -DFUZZING) and is linked with fuzz_main.c otherwise, which replays files and
 * changes them at random: fuzz_NAME [-n TRIES [-s SEED]] FILE ..., where
 * "-p PACK" stands for all inputs of a corpus (tests/fuzz/pack), "-m" for those
 * that the harness makes itself and "-t SEEDS" for those written by hand
 * (seeds.h), of which each must come to what stands with it. Behind "-w FOLDER"
 * inputs are written there, too.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "src/base/arena.h"
#include "src/record/complaints.h"
#include "src/syntax/text.h"
#include "src/syntax/wire.h"

/* What must hold whatever the bytes are: unlike assert, never compiled out. */
#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x)) {                                                    \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__,    \
			    __LINE__, #x);                                     \
			abort();                                               \
		}                                                              \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/*
 * What an input came to behind the first door: a kind of message, a text that
 * was taken. How many of a corpus came to something, and to how many kinds, is
 * recorded with it and asked by the suite: one that has gone stale with its
 * format is noticed.
 */
extern const unsigned int fuzz_kinds;
/* A mistake that was told of it, "LINE:COLUMN: sentence". */
#ifdef FUZZING
static inline void
fuzz_reached(unsigned int kind)
{
	(void)kind;
}
static inline void
fuzz_wrong(const char *fmt, ...)
{
	(void)fmt;
}
#else
void fuzz_reached(unsigned int kind);
void fuzz_wrong(const char *, ...) PRINTF(1, 2);
#endif

/* Each has its place, in text, and its sentence. */
static inline void
fuzz_complaints(const struct complaints *all, size_t len)
{
	for (uint32_t i = 0; i < all->n; i++) {
		const struct complaint *c = &all->item[i];

		MUST(c->line >= 1 && c->column >= 1 && c->at <= len);
		MUST(c->text[0] != '\0' && c->file[0] != '\0');
		if (!c->warning)
			fuzz_wrong("%u:%u: %s", c->line, c->column, c->text);
	}
}

/*
 * Of binary formats inputs are made by what writes them, so that they are
 * always of today: the Nth, its length; 0: there are no more.
 */
size_t fuzz_seed(unsigned int n, uint8_t *, size_t max) __attribute__((weak));

/*
 * A fault that a fuzzer must find within a minute (tests/fuzz/battery), in a
 * build of its own: reached only by inputs that nobody put into the corpus.
 */
#ifdef FUZZ_PLANTED
#define PLANTED(x)                                                             \
	do {                                                                   \
		if (x) {                                                       \
			fprintf(stderr, "planted: %s\n", #x);                  \
			abort();                                               \
		}                                                              \
	} while (0)
#else
#define PLANTED(x) ((void)(x))
#endif

/* Numbers of which the first one says all. */
struct dice {
	uint64_t s;
};

static inline uint64_t
dice_next(struct dice *d)
{
	uint64_t z = d->s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Mostly short, sometimes as long as may be, some bytes odd. */
static inline struct slice
dice_text(struct dice *d, size_t most)
{
	static const char text[] = "customs\t7900,\n\x1e\x1d\x1f"
				   "5101202411 \xe6\xb5\xb7\xff";
	static char all[4096];
	uint64_t v = dice_next(d);
	size_t n = v % 64 == 0 ? most : v % 64 == 1 ? most - 1 : v / 64 % 13;

	if (all[0] == '\0')
		for (size_t i = 0; i < sizeof(all); i++)
			all[i] = text[i % (sizeof(text) - 1)];
	MUST(most < sizeof(all) / 2);
	return (struct slice){ all + dice_next(d) % 37, n };
}

struct fuzz {
	struct arena *mem;
	struct tags *tags;
	struct findings findings;
	struct err err;
	struct text text;
};

/* The memory, emptied; the same each time. */
static inline struct fuzz *
fuzz_start(void)
{
	static struct fuzz f;

	if (f.mem == NULL)
		f.mem = arena_new((size_t)256 << 20);
	/* Names of inputs before this one would fill them. */
	tags_free(f.tags);
	f.tags = tags_new();
	MUST(f.mem != NULL && f.tags != NULL);
	(void)tag_make(f.tags, SLICE_LIT("row"));
	(void)tag_make(f.tags, SLICE_LIT("UNH"));
	arena_rewind(f.mem);
	findings_init(&f.findings, f.mem);
	return &f;
}

static inline void
fuzz_errors(const struct findings *all)
{
	for (const struct finding *x = all->first; x; x = x->next)
		if (x->severity == SEV_ERROR)
			fuzz_wrong("%u:%u: %.*s %.*s", x->place.line,
			    x->place.column, SLICE_ARG(x->code),
			    SLICE_ARG(x->en));
}

/* Decoded as a filer's text would be; false: refused, with a finding. */
static inline bool
fuzz_decode(struct fuzz *f, const uint8_t *p, size_t n)
{
	static const enum encoding e[] = { ENC_UTF8, ENC_GB18030 };
	struct slice none = { NULL, 0 };
	enum rc rc = text_decode(&f->text, (struct slice){ (const char *)p, n },
	    e, 2, none, f->mem, &f->findings, &f->err);

	MUST(rc == RC_OK || f->findings.errors > 0);
	if (rc != RC_OK)
		fuzz_errors(&f->findings);
	return rc == RC_OK;
}

/* Every range of a tree lies in the text, leaves in their parents. */
static inline void
fuzz_tree(const struct fuzz *f, const struct wnode *n)
{
	for (const struct wnode *c = n->child; c != NULL; c = c->next) {
		MUST((size_t)c->at + c->span <= f->text.utf8.len);
		MUST((size_t)c->tat + c->tspan <= f->text.utf8.len);
		MUST(c->parent == n);
		MUST(c->next != NULL || n->last_child == c);
		if (c->leaf)
			MUST(c->tat >= c->at && c->child == NULL);
		fuzz_tree(f, c);
	}
}

/* A place for every finding, inside the bytes as received. */
static inline void
fuzz_places(struct fuzz *f)
{
	text_place_all(&f->text, &f->findings);
	for (const struct finding *x = f->findings.first; x; x = x->next) {
		MUST(x->place.at + x->place.span <= f->text.raw.len);
		MUST(x->en.len > 0 && x->zh.len > 0);
	}
	fuzz_errors(&f->findings);
}

#endif
