/*
 * tests/unit/syntax.h - what the syntax tests share: an arena with findings,
 * texts from strings, and questions to findings and trees.
 */
#ifndef TESTS_UNIT_SYNTAX_H
#define TESTS_UNIT_SYNTAX_H

#include <stdlib.h>
#include <string.h>
#include "src/syntax/text.h"
#include "src/syntax/wire.h"
#include "tests/unit/test.h"

struct bench {
	struct arena *mem;
	struct tags *tags;
	struct findings findings;
	struct err err;
};

static inline struct bench *
bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->mem = arena_new((size_t)256 << 20);
	b->tags = tags_new();
	assert_non_null(b->mem);
	assert_non_null(b->tags);
	findings_init(&b->findings, b->mem);
	return b;
}

static inline void
bench_free(struct bench *b)
{
	tags_free(b->tags);
	arena_free(b->mem);
	free(b);
}

/* Plain UTF-8, as text_decode() would give it. */
static inline struct text
bench_text(const char *s)
{
	return (struct text){ .raw = slice_of(s), .utf8 = slice_of(s) };
}

/* The nth finding of a kind (from 0), or NULL. */
static inline const struct finding *
finding_nth(const struct bench *b, enum finding_kind kind, unsigned int n)
{
	for (const struct finding *f = b->findings.first; f != NULL;
	     f = f->next)
		if (f->kind == kind && n-- == 0)
			return f;
	return NULL;
}

/* There is exactly one finding, of this kind, with this sentence. */
static inline void
only_finding(const struct bench *b, enum finding_kind kind, const char *en)
{
	const struct finding *f = b->findings.first;

	if (f == NULL)
		fail_msg("no finding, want '%s'", en);
	if (f->next != NULL)
		fail_msg("more findings: '%.*s', '%.*s'", SLICE_ARG(f->en),
		    SLICE_ARG(f->next->en));
	assert_int_equal(f->kind, kind);
	test_slice_is(f->en, en);
}

static inline void
no_finding(const struct bench *b)
{
	if (b->findings.first != NULL)
		fail_msg("unexpected finding '%.*s'",
		    SLICE_ARG(b->findings.first->en));
}

/* The nth child (from 0) with this name; NULL. */
static inline const struct wnode *
child_nth(const struct wnode *n, const char *name, unsigned int nth)
{
	if (n == NULL)
		return NULL;
	for (const struct wnode *c = n->child; c != NULL; c = c->next)
		if (slice_is(c->name, name) && nth-- == 0)
			return c;
	return NULL;
}

static inline const struct wnode *
child_of(const struct wnode *n, const char *name)
{
	return child_nth(n, name, 0);
}

/* What the decoded text holds in a range. */
static inline struct slice
range_of(const struct text *t, uint32_t at, uint32_t span)
{
	return slice_sub(t->utf8, at, span);
}

#endif
