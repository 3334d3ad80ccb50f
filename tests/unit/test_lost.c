/*
 * What one format loses of another is known when both are loaded: gone, gone
 * in some cases, cut, refused beyond a limit.
 */
#include <stdio.h>
#include <stdlib.h>
#include "src/format/cover.h"
#include "src/format/elements.h"
#include "src/format/lost.h"
#include "tests/unit/formats_world.h"

#define HEAD(name) "format " name " syntax xml document declaration\n"

/* All losses as lines, "what element words". */
static void
loss_print(void *arg, const struct loss *l)
{
	static const char *const kinds[] = { "gone", "when", "cut", "refused" };
	char path[300];

	buf_fmt(arg, "%s %s%s%.*s\n", kinds[l->kind],
	    chain_print(&l->at, path, sizeof(path)),
	    l->words.len > 0 ? " " : "", SLICE_ARG(l->words));
}

static void
lost_is(const char *from, const char *to, const char *want)
{
	struct world w;
	struct buf said;

	world_begin(&w);
	world_text(&w, "formats/from.fmt", from);
	world_text(&w, "formats/to.fmt", to);
	world_run(&w, RC_OK);
	buf_init(&said, 65536);
	assert_int_equal(
	    plans_lost(format_find(w.all, SLICE_LIT("from")),
		format_find(w.all, SLICE_LIT("to")), loss_print, &said, &w.err),
	    RC_OK);
	assert_string_equal(buf_cstr(&said) == NULL ? "" : said.p, want);
	buf_clear(&said);
	world_gone(&w);
}

static void
test_what_the_target_has_no_line_for_is_gone(void **state)
{
	(void)state;
	lost_is(HEAD("from") "a!\n  n! number\n  x name\n  i* item\n"
			     "    c commodity\n    s sequence\n",
	    HEAD("to") "b!\n  n! number\n  i* item\n    s sequence\n",
	    "gone name\ngone item.commodity\n");
}

static void
test_what_is_only_read_or_dropped_is_gone(void **state)
{
	(void)state;
	lost_is(HEAD("from") "a!\n  n! number\n  x name\n  y note\n",
	    "format to syntax xml document declaration one way\n"
	    "b!\n  n! number\n  < x name\n  y -\n",
	    "gone name\ngone note\n");
}

static void
test_what_a_condition_keeps_out_is_told_with_the_case(void **state)
{
	(void)state;
	lost_is(HEAD("from") "a!\n  n! number\n  d direction\n  k kind\n"
			     "  x importer.name\n  y exporter.name\n  z note\n",
	    HEAD("to") "b!\n  let who = importer when direction = import "
		       "else exporter\n"
		       "  n! number\n  d direction\n  k kind\n"
		       "  x who.name\n"
		       "  y exporter.name when direction = import\n"
		       "  z note when direction = import and kind = \"K\"\n",
	    "when importer.name when direction != import\n"
	    "when note when kind != K or direction != import\n");
}

static void
test_when_and_else_together_carry_always(void **state)
{
	(void)state;
	lost_is(HEAD("from") "a!\n  n! number\n  d direction\n  x name\n",
	    HEAD("to") "b!\n  n! number\n  d direction\n"
		       "  x name when direction = import\n"
		       "  x \"B-{name}\" else\n",
	    "");
}

static void
test_a_moment_that_keeps_less_is_cut(void **state)
{
	(void)state;
	lost_is(HEAD("from") "a!\n  n! number\n  m made date YYYYMMDDhhmmss\n",
	    HEAD("to") "b!\n  n! number\n  m made date YYYYMMDD\n",
	    "cut made only the day\n");
	lost_is(HEAD("from") "a!\n  n! number\n  m made date YYYYMMDD\n",
	    HEAD("to") "b!\n  n! number\n  m made date YYYYMMDD\n", "");
	lost_is(HEAD("from") "a!\n  n! number\n  m made\n",
	    HEAD("to") "b!\n  n! number\n  m made date YYYYMMDDhhmm\n",
	    "cut made only the minute\n");
}

static void
test_limits_that_refuse_are_told(void **state)
{
	(void)state;
	lost_is(HEAD("from") "a!\n  n! number\n  g gross_mass\n"
			     "  w net_mass decimals ..3\n  i* item\n"
			     "    s sequence\n",
	    HEAD("to") "b!\n  n! number\n  g gross_mass decimals ..2\n"
		       "  w net_mass decimals ..3\n  i*20 item\n"
		       "    s sequence\n",
	    "refused gross_mass more than 2 decimals\n"
	    "refused item more than 20\n");
}

static void
test_codes_without_a_word_in_the_targets_scheme_are_counted(void **state)
{
	struct world w;
	struct buf said;

	(void)state;
	world_begin(&w);
	world_text(&w, "codes/direction.tsv",
	    "# list direction complete\ncode\tcn\tun\n"
	    "import\tI\t1\nexport\tE\t\ntransit\t\t3\n");
	world_text(&w, "formats/from.fmt",
	    HEAD("from") "a!\n  n! number\n  d direction code direction.cn\n");
	world_text(&w, "formats/to.fmt",
	    HEAD("to") "b!\n  n! number\n  d direction code direction.un\n");
	world_run(&w, RC_OK);
	buf_init(&said, 65536);
	assert_int_equal(
	    plans_lost(format_find(w.all, SLICE_LIT("from")),
		format_find(w.all, SLICE_LIT("to")), loss_print, &said, &w.err),
	    RC_OK);
	assert_string_equal(buf_cstr(&said),
	    "refused direction 1 of 2 codes, direction.un has none\n");
	buf_clear(&said);
	world_gone(&w);
}

static void
test_two_documents_cannot_be_compared(void **state)
{
	struct world w;
	struct buf said;

	(void)state;
	world_load(&w, "from", HEAD("from") "a!\n  n! number\n", RC_OK);
	buf_init(&said, 100);
	assert_int_equal(plans_lost(format_find(w.all, SLICE_LIT("from")),
			     format_find(w.all, SLICE_LIT("sw-xml-receipt")),
			     loss_print, &said, &w.err),
	    RC_REFUSED);
	assert_string_equal(w.err.text,
	    "'from' is of document declaration, 'sw-xml-receipt' of receipt");
	buf_clear(&said);
	world_gone(&w);
}

/* ---- coverage ---- */

static void
cover_print(void *arg, const struct cover_row *r)
{
	static const char *const hows[] = { "unbound", "dropped", "bound" };

	buf_fmt(arg, "%s %.*s %.*s %u\n", hows[r->how], SLICE_ARG(r->block),
	    SLICE_ARG(r->name),
	    (unsigned)(r->by == NULL ? r->line : r->by->file_line));
}

static void
test_each_row_of_an_interface_page_is_bound_dropped_or_unbound(void **state)
{
	struct world w;
	struct buf said;

	(void)state;
	world_begin(&w);
	world_text(&w, "tables/page.tsv",
	    "# a page\nblock\telement\ttype\tlength\n"
	    "a@\tVersion\tString\t5\n"
	    "Head\tNo\tString\t35\n"
	    "Head\tOld\tString\t35\n"
	    "Head\tFree\tString\t35\n"
	    "Rows/Row\tSeq\tInteger\t4\n"
	    "Gone/In\tX\tString\t1\n"
	    "GoneNot\tY\tString\t1\n");
	world_text(&w, "formats/x.fmt",
	    "format x syntax xml table page document declaration\n"
	    "a!\n  @Version \"1\"\n  Head!\n    No|Number! number\n    Old -\n"
	    "  Rows/Row* item\n    Seq sequence\n  Gone -\n");
	world_run(&w, RC_OK);
	buf_init(&said, 65536);
	assert_int_equal(plan_cover(w.all, format_find(w.all, SLICE_LIT("x")),
			     cover_print, &said, &w.err),
	    RC_OK);
	assert_string_equal(buf_cstr(&said), "bound a@ Version 3\n"
					     "bound Head No 5\n"
					     "dropped Head Old 6\n"
					     "unbound Head Free 6\n"
					     "bound Rows/Row Seq 8\n"
					     "dropped Gone/In X 9\n"
					     "unbound GoneNot Y 9\n");
	buf_clear(&said);
	world_gone(&w);
}

/* ---- names ---- */

struct named {
	struct slice name;
	struct buf said;
};

static void
element_print(void *arg, const struct group *document, const struct chain *c)
{
	struct named *n = arg;
	char path[300];

	if (element_meant(document, c, n->name))
		buf_fmt(&n->said, "%s:%s ", document->name,
		    chain_print(c, path, sizeof(path)));
}

static void
test_a_name_means_every_path_that_ends_so(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "party", "" },
		{ "country", "declaration:importer.country "
			     "declaration:exporter.country " },
		{ "importer.country", "declaration:importer.country " },
		{ "declaration.number", "declaration:number " },
		{ "box.number", "declaration:box.number " },
		{ "ber", "" },
		{ "$sender", "transmission:$sender " },
		{ "transmission.sender", "transmission:$sender " },
	};
	struct world w;

	(void)state;
	world_load(&w, "from", HEAD("from") "a!\n  n! number\n", RC_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct named n = { .name = slice_of(cases[i].name) };

		buf_init(&n.said, 65536);
		directory_elements(formats_directory(w.all), element_print, &n);
		test_slice_is(buf_look(&n.said), cases[i].want);
		buf_clear(&n.said);
	}
	world_gone(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_the_target_has_no_line_for_is_gone),
		T(test_what_is_only_read_or_dropped_is_gone),
		T(test_what_a_condition_keeps_out_is_told_with_the_case),
		T(test_when_and_else_together_carry_always),
		T(test_a_moment_that_keeps_less_is_cut),
		T(test_limits_that_refuse_are_told),
		T(test_codes_without_a_word_in_the_targets_scheme_are_counted),
		T(test_two_documents_cannot_be_compared),
		T(test_each_row_of_an_interface_page_is_bound_dropped_or_unbound),
		T(test_a_name_means_every_path_that_ends_so),
	};

	return TESTS_RUN(tests);
}
