/*
 * The file `bundle` of a mappings folder, and several folders loaded beside
 * each other: dates, and what is told when they cannot be told apart.
 */
#include "tests/unit/formats_world.h"
#include <stdlib.h>
#include <unistd.h>
#include "src/daemon/mappings.h"
#include "src/format/bundle.h"

#define DAY INT64_C(86400000)

static void
test_a_bundle_says_from_when_on_it_is_valid(void **state)
{
	static const struct {
		const char *text;
		int64_t from;
	} cases[] = {
		{ "", 0 },
		{ "# nothing\n\n", 0 },
		{ "valid from 1970-01-02", DAY },
		{ "# a\r\n  valid \t from 2027-01-01\r\n", 20819 * DAY },
		{ "valid from 2024-03-01\n", 19783 * DAY },
		{ "valid from 2027-01-01 +08:00\n", 20819 * DAY - DAY / 3 },
		{ "valid from 2027-01-01 -08:00", 20819 * DAY + DAY / 3 },
		{ "valid from 2027-01-01 06:00\n", 20819 * DAY + DAY / 4 },
		{ "valid from 2027-01-01 08:00:01 +08:00\n",
		    20819 * DAY + 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir = test_dir();
		struct complaints c;
		struct err err = { "" };
		int64_t from = -1;

		complaints_init(&c);
		if (i > 0)
			text_write(dir, "bundle", cases[i].text);
		if (bundle_from(dir, &from, &c, &err) != RC_OK)
			fail_msg("'%s': %s", cases[i].text, err.text);
		assert_int_equal(from, cases[i].from);
		complaints_clear(&c);
		test_dir_gone(dir);
	}
}

static void
test_a_mistake_in_it_has_its_place(void **state)
{
	static const struct {
		const char *text;
		uint32_t line, column;
		const char *sentence;
	} cases[] = {
		{ "from 2027-01-01\n", 1, 1,
		    "found 'from', want 'valid from' and a date" },
		{ "\nvalid until 2027-01-01\n", 2, 7,
		    "found 'until', want 'valid from' and a date" },
		{ "valid from\n", 1, 11,
		    "found '', want a date like 2027-01-01" },
		{ "valid from 2027-02-29\n", 1, 12,
		    "found '2027-02-29', want a date like 2027-01-01" },
		{ "valid from 27-01-01\n", 1, 12,
		    "found '27-01-01', want a date like 2027-01-01" },
		{ "valid from 2027-01-01 24:00\n", 1, 23,
		    "found '24:00', want a time of day like 08:30" },
		{ "valid from 2027-01-01 08:30 Z\n", 1, 29,
		    "found 'Z', want a zone like +08:00" },
		{ "valid from 2027-01-01 08:30 x08:00\n", 1, 29,
		    "found 'x08:00', want a zone like +08:00" },
		{ "valid from 2027-01-01 +14:01\n", 1, 23,
		    "found '+14:01', want a zone like +08:00" },
		{ "valid from 2027-01-01 +08:00 x\n", 1, 30,
		    "found 'x', want the end of the line" },
		{ "valid from 2027-01-01\nvalid from 2028-01-01", 2, 1,
		    "found 'valid from 2028-01-01', want one such line" },
		{ "valid from 1970-01-01\n", 1, 1,
		    "found 'valid from 1970-01-01', want a later day" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir = test_dir();
		struct complaints c;
		struct err err = { "" };
		int64_t from;

		complaints_init(&c);
		text_write(dir, "bundle", cases[i].text);
		assert_int_equal(bundle_from(dir, &from, &c, &err), RC_REFUSED);
		only_complaint_is(
		    &c, cases[i].line, cases[i].column, cases[i].sentence);
		complaints_clear(&c);
		test_dir_gone(dir);
	}
}

/* --- several --- */

static void
bundle_make(struct world *w, const char *element, const char *bundle)
{
	char text[200];

	world_begin(w);
	(void)snprintf(text, sizeof(text),
	    "format x syntax xml document declaration\nN!\n  A %s\n", element);
	world_text(w, "formats/x.fmt", text);
	if (bundle != NULL)
		world_text(w, "bundle", bundle);
}

static enum rc
open_all(struct world *w, unsigned int n, int64_t now, struct mappings **out,
    struct err *err)
{
	struct conf conf = { .nmappings = n };

	for (unsigned int i = 0; i < n; i++)
		conf.mappings[i] = w[i].dir;
	*out = NULL;
	return mappings_open(out, &conf, now, &w[0].c, err);
}

static void
test_bundles_stand_in_the_order_of_their_dates(void **state)
{
	struct world w[3];
	struct mappings *m;
	struct err err = { "" };
	char want[BUNDLES_BYTES];

	(void)state;
	bundle_make(&w[0], "note", "valid from 1970-01-03\n");
	bundle_make(&w[1], "number", NULL);
	bundle_make(&w[2], "name", "valid from 1970-01-02\n");
	if (open_all(w, 3, 0, &m, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_int_equal(m->list.n, 3);
	assert_string_equal(m->folder[0], w[1].dir);
	assert_string_equal(m->folder[1], w[2].dir);
	assert_string_equal(m->folder[2], w[0].dir);
	for (unsigned int i = 0; i < 3; i++)
		assert_string_equal(m->list.one[i].version,
		    formats_version(pipeline_formats(m->pipeline[i])));
	(void)snprintf(want, sizeof(want), "%s %s@86400000 %s@172800000",
	    m->list.one[0].version, m->list.one[1].version,
	    m->list.one[2].version);
	assert_string_equal(m->text, want);
	assert_ptr_equal(mappings_pipeline(m, SLICE_LIT("")), m->pipeline[0]);
	assert_ptr_equal(mappings_pipeline(m, slice_of(m->list.one[2].version)),
	    m->pipeline[2]);
	assert_null(mappings_pipeline(m, SLICE_LIT("0")));
	mappings_free(m);
	for (int i = 0; i < 3; i++)
		world_gone(&w[i]);
}

static void
refuses(struct world *w, int64_t now, const char *sentence)
{
	struct mappings *m;
	struct err err = { "" };

	assert_int_equal(open_all(w, 2, now, &m, &err), RC_REFUSED);
	assert_null(m);
	if (strstr(err.text, sentence) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, sentence);
	world_gone(&w[0]);
	world_gone(&w[1]);
}

static void
test_bundles_that_cannot_be_told_apart_are_refused(void **state)
{
	struct world w[2];

	(void)state;
	bundle_make(&w[0], "note", NULL);
	bundle_make(&w[1], "number", NULL);
	refuses(w, 0, "are valid from the same time on");
	bundle_make(&w[0], "note", NULL);
	bundle_make(&w[1], "note", "valid from 2027-01-01\n");
	refuses(w, 0, "are the same");
	bundle_make(&w[0], "note", "valid from 2027-01-02\n");
	bundle_make(&w[1], "name", "valid from 2027-01-01\n");
	refuses(w, 20818 * DAY,
	    "no mappings are valid before 2027-01-01T00:00:00.000Z");
}

static void
test_a_bundle_that_is_not_valid_yet_is_checked_all_the_same(void **state)
{
	struct world w[2];

	(void)state;
	bundle_make(&w[0], "note", NULL);
	bundle_make(&w[1], "nothing_of_the_kind", "valid from 2099-01-01\n");
	refuses(w, 0, "in the formats in");
	/* both its files and its date in one run */
	bundle_make(&w[0], "note", NULL);
	bundle_make(&w[1], "nothing_of_the_kind", "valid 2099-01-01\n");
	refuses(w, 0, "in the formats in");
	bundle_make(&w[0], "note", NULL);
	bundle_make(&w[1], "number", "valid 2099-01-01\n");
	refuses(w, 0, "/bundle' has 1 mistake");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_bundle_says_from_when_on_it_is_valid),
		T(test_a_mistake_in_it_has_its_place),
		T(test_bundles_stand_in_the_order_of_their_dates),
		T(test_bundles_that_cannot_be_told_apart_are_refused),
		T(test_a_bundle_that_is_not_valid_yet_is_checked_all_the_same),
	};

	return TESTS_RUN(tests);
}
