/*
 * tests/unit/test_edition.c - two editions of a format live side by side:
 * writing goes by the date, reading by what stands in the message.
 */
#include "src/daemon/pipeline.h"
#include "tests/unit/formats_world.h"

static const char base[] =
    "format x syntax xml document declaration\nN!\n  A number\n";
static const char later[] = "format x-2 syntax xml document declaration\n"
			    "edition of x from 2027-01-01\n"
			    "N![@v \"2\"]\n  A number\n  B note\n";

static const struct plan *read_by;

static enum rc
filing(void *arg, const struct filing *f, struct err *err)
{
	(void)arg;
	(void)err;
	read_by = f->plan;
	return RC_OK;
}

static const char *
reads(const struct pipeline *p, const char *text, const char *const *accept,
    unsigned int n)
{
	struct arena *mem = arena_new(4 << 20);
	struct arrival a = { .raw = slice_of(text),
		.accept = accept,
		.naccept = n,
		.base_year = 2027 };
	struct err err;

	read_by = NULL;
	if (pipeline_arrival(p, &a, mem, NULL, filing, NULL, &err) != RC_OK)
		fail_msg("%s", err.text);
	arena_free(mem);
	return read_by == NULL ? "" : read_by->name;
}

static struct pipeline *
opened(struct world *w)
{
	struct pipeline *p;

	world_begin(w);
	world_text(w, "formats/x.fmt", base);
	world_text(w, "formats/x-2.fmt", later);
	if (pipeline_open(&p, w->dir, &w->c, &w->err) != RC_OK)
		fail_msg(
		    "%s: %s", w->err.text, w->c.n > 0 ? w->c.item[0].text : "");
	return p;
}

static void
test_the_date_says_which_edition_is_written(void **state)
{
	struct world w;
	struct pipeline *p = opened(&w);
	const struct plan *x = pipeline_format(p, "x");

	(void)state;
	assert_string_equal(pipeline_edition(p, x, 20261231)->name, "x");
	assert_string_equal(pipeline_edition(p, x, 20270101)->name, "x-2");
	assert_string_equal(pipeline_edition(p, x, 0)->name, "x");
	/* who names the edition means it */
	assert_string_equal(
	    pipeline_edition(p, pipeline_format(p, "x-2"), 0)->name, "x-2");
	pipeline_free(p);
	world_gone(&w);
}

static void
test_the_message_says_which_edition_reads_it(void **state)
{
	static const char *const accept[] = { "x" };
	struct world w;
	struct pipeline *p = opened(&w);

	(void)state;
	assert_string_equal(reads(p, "<N><A>1</A></N>", accept, 1), "x");
	assert_string_equal(
	    reads(p, "<N v='2'><A>1</A><B>b</B></N>", accept, 1), "x-2");
	assert_string_equal(reads(p, "<N v='2'><A>1</A></N>", NULL, 0), "x-2");
	pipeline_free(p);
	world_gone(&w);
}

static void
test_editions_that_cannot_be_told_are_refused(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "edition of y from 2027-01-01\nN![@v \"2\"]\n",
		    "there is no format 'y'" },
		{ "edition of x from 2027-13-01\nN![@v \"2\"]\n",
		    "'2027-13-01' is no day" },
		{ "edition of x\nN![@v \"2\"]\n", "'from'" },
		{ "edition of x from 2027-01-01\nN!\n", "begins like format" },
		{ "N![@v \"2\"]\n", "begins like format" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[400];
		struct world w;
		bool said = false;

		world_begin(&w);
		(void)snprintf(text, sizeof(text),
		    "format x-2 syntax xml document declaration\n%s"
		    "  A number\n",
		    cases[i].text);
		world_text(&w, "formats/x.fmt", base);
		world_text(&w, "formats/x-2.fmt", text);
		world_run(&w, RC_REFUSED);
		for (uint32_t k = 0; k < w.c.n; k++)
			said |=
			    strstr(w.c.item[k].text, cases[i].sentence) != NULL;
		if (!said)
			fail_msg("%s: %s", cases[i].text, w.c.item[0].text);
		world_gone(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_date_says_which_edition_is_written),
		T(test_the_message_says_which_edition_reads_it),
		T(test_editions_that_cannot_be_told_are_refused),
	};

	return TESTS_RUN(tests);
}
