/*
 * The mappings that are installed: they load, they agree with the source, and
 * everything a filer may be shown has a name in both languages.
 */
#include "tests/unit/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/record/codes.h"
#include "src/record/complaints.h"
#include "src/record/directory.h"
#include "src/status/status.h"

struct world {
	struct complaints wrong;
	struct codelists *codes;
	struct directory *directory;
};

static void
world_open(struct world *w)
{
	char *codes = test_path("mappings/codes");
	char *directory = test_path("mappings/directory");
	struct err err = { 0 };

	complaints_init(&w->wrong);
	if (codelists_load(&w->codes, codes, &w->wrong, &err) != RC_OK ||
	    directory_load(
		&w->directory, directory, w->codes, &w->wrong, &err) != RC_OK) {
		complaints_print(&w->wrong, stderr);
		fail_msg("%s", err.text);
	}
	assert_int_equal(w->wrong.n, 0);
	free(codes);
	free(directory);
}

static void
world_close(struct world *w)
{
	directory_free(w->directory);
	codelists_free(w->codes);
	complaints_clear(&w->wrong);
}

static struct slice
cell(const struct codelist *list, const struct code_row *row, const char *head)
{
	int column = codelist_column(list, slice_of(head));

	assert_true(column >= 0);
	return row->cell[column];
}

/* Lists whose rows say what an agency's answer amounts to. */
static const char *const answers[] = { "dec-channel", "dec-response",
	"client-failure", "action" };

static void
test_every_answer_code_has_an_outcome_and_a_level_that_status_knows(
    void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct codelist *l =
		    codelist_find(w.codes, slice_of(answers[i]));

		assert_non_null(l);
		for (uint32_t r = 0; r < l->nrows; r++) {
			uint64_t rank;

			assert_int_not_equal(
			    outcome_find(cell(l, &l->row[r], "outcome")),
			    OUTCOME_NONE);
			assert_int_not_equal(
			    level_find(cell(l, &l->row[r], "level")),
			    LEVEL_NONE);
			assert_true(
			    slice_u64(cell(l, &l->row[r], "rank"), &rank));
		}
	}
	world_close(&w);
}

static void
test_the_outcome_list_is_the_published_table_of_status(void **state)
{
	struct world w;
	const struct codelist *l;

	(void)state;
	world_open(&w);
	l = codelist_find(w.codes, SLICE_LIT("outcome"));
	assert_non_null(l);
	assert_int_equal(l->nrows, OUTCOMES);
	for (uint32_t r = 0; r < l->nrows; r++) {
		test_slice_is(l->row[r].code, outcome_word((enum outcome)r));
		test_slice_is(
		    cell(l, &l->row[r], "en"), outcome_en((enum outcome)r));
		test_slice_is(
		    cell(l, &l->row[r], "zh"), outcome_zh((enum outcome)r));
	}
	world_close(&w);
}

static void
test_channel_codes_that_differ_in_case_alone_are_different(void **state)
{
	struct world w;
	const struct codelist *l;
	int cn;

	(void)state;
	world_open(&w);
	l = codelist_find(w.codes, SLICE_LIT("dec-channel"));
	assert_non_null(l);
	cn = codelist_column(l, SLICE_LIT("cn"));
	test_slice_is(code_read(l, cn, SLICE_LIT("D"), 0)->code, "deleted");
	test_slice_is(
	    code_read(l, cn, SLICE_LIT("d"), 0)->code, "inspection-accepted");
	assert_null(code_read(l, cn, SLICE_LIT("q9"), 0));
	world_close(&w);
}

static void
group_has_labels(const struct group *g, int depth)
{
	assert_true(depth < 8);
	for (uint16_t i = 0; i < g->nslots; i++) {
		const struct element *e = &g->element[i];

		if (e->type == EL_ABOUT)
			continue;
		if (e->en[0] == '\0' || e->zh[0] == '\0')
			fail_msg("%s.%s: a label is missing", g->name, e->name);
		if (e->type == EL_GROUP)
			group_has_labels(e->group, depth + 1);
	}
}

static void
test_every_element_has_a_name_in_english_and_chinese(void **state)
{
	struct world w;
	const struct group *g;

	(void)state;
	world_open(&w);
	assert_non_null(
	    directory_document(w.directory, SLICE_LIT("declaration")));
	for (unsigned int n = 0; (g = directory_nth(w.directory, n)) != NULL;
	     n++)
		group_has_labels(g, 0);
	world_close(&w);
}

static void
test_every_code_has_a_name_in_english_and_chinese(void **state)
{
	static const char *const lists[] = { "country", "currency",
		"customs-office", "trade-mode", "transport-mode", "unit",
		"levy-nature", "package-kind", "licence-kind", "port" };
	struct world w;

	(void)state;
	world_open(&w);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct codelist *l =
		    codelist_find(w.codes, slice_of(lists[i]));

		assert_non_null(l);
		for (uint32_t r = 0; r < l->nrows; r++)
			if (cell(l, &l->row[r], "en").len == 0 ||
			    cell(l, &l->row[r], "zh").len == 0)
				fail_msg("%s: %.*s has no name", lists[i],
				    SLICE_ARG(l->row[r].code));
	}
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_every_answer_code_has_an_outcome_and_a_level_that_status_knows),
		T(test_the_outcome_list_is_the_published_table_of_status),
		T(test_channel_codes_that_differ_in_case_alone_are_different),
		T(test_every_element_has_a_name_in_english_and_chinese),
		T(test_every_code_has_a_name_in_english_and_chinese),
	};

	return TESTS_RUN(tests);
}
