/*
 * tests/unit/test_plan.c - which legs a filing has, which wait, which gate,
 * what each may see; and what rules about legs are refused.
 */
#include "src/plan/legs.h"
#include "tests/unit/formats_world.h"
#include "src/record/record.h"
#include <stdio.h>

static const char directory_text[] =
    "document declaration \"Goods declaration\" \"货物申报\"\n"
    "  key filer = number\n"
    "  key platform = platform_number carried\n"
    "  number an..35; platform_number an..18; note text..512\n"
    "  direction code direction; secret an..20 private\n"
    "  buyer : party\n"
    "  item*99\n"
    "    name an..255; wanted flag; certificate an..30\n"
    "group party\n"
    "  name an..150; person an..20 private\n"
    "document receipt\n"
    "  about; number an..64; status an..12; outcome code outcome; time moment\n"
    "document transmission\n"
    "  sender an..64; sent moment\n";

static const struct route routes[] = {
	{ "customs", "x" },
	{ "ciq", "x" },
	{ "port", "x" },
};

struct bench {
	struct world w;
	struct rules *rules;
	struct record r;
	struct leg_plan leg[LEGS_ROOM];
	unsigned int n;
};

static enum rc
rules_try(struct bench *b, const char *text)
{
	char path[1000], whole[4000];

	world_begin(&b->w);
	world_text(&b->w, "codes/outcome.tsv",
	    "# list outcome complete\ncode\nnone\naccepted\nreleased\n");
	world_text(&b->w, "directory/all.dir", directory_text);
	world_text(&b->w, "formats/x.fmt",
	    "format x syntax xml document declaration\nN!\n  A number\n");
	(void)snprintf(whole, sizeof(whole), "rules declaration\n%s", text);
	world_text(&b->w, "rules/a.rules", whole);
	world_run(&b->w, RC_OK);
	(void)snprintf(path, sizeof(path), "%s/rules", b->w.dir);
	return rules_load(&b->rules, path, b->w.all, &b->w.c, &b->w.err);
}

static void
bench_begin(struct bench *b, const char *text)
{
	*b = (struct bench){ .rules = NULL };
	if (rules_try(b, text) != RC_OK)
		fail_msg("%s: %s", b->w.err.text, b->w.c.item[0].text);
	b->r = (struct record){ .mem = arena_new(4 << 20),
		.dir = formats_directory(b->w.all) };
	b->r.root = node_new(b->r.mem,
	    directory_document(b->r.dir, SLICE_LIT("declaration")), NULL);
}

static void
bench_gone(struct bench *b)
{
	rules_free(b->rules);
	arena_free(b->r.mem);
	world_gone(&b->w);
}

static void
set(struct bench *b, const char *path, const char *text)
{
	struct value *v = record_set(&b->r, b->r.root, path, slice_of(text));

	assert_non_null(v);
}

/* "name>partner" of each leg; "?" it waits, "!" it does not gate. */
static void
legs_are(struct bench *b, const char *want)
{
	char text[400] = "";

	b->n = legs_plan(b->rules, &b->r, routes, 3, b->leg);
	for (unsigned int i = 0; i < b->n; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%.*s>%s%s%s", i > 0 ? " " : "",
		    SLICE_ARG(b->leg[i].name), b->leg[i].partner,
		    b->leg[i].waits ? "?" : "", b->leg[i].gates ? "" : "!");
	assert_string_equal(text, want);
}

static void
test_without_rules_every_route_is_a_leg_and_gates(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "");
	legs_are(&b, "customs>customs ciq>ciq port>port");
	bench_gone(&b);
}

static void
test_a_leg_of_a_rule_is_there_when_its_condition_holds(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "leg inspection to ciq as x when any item.wanted\n"
			"leg far to nobody as x\n");
	legs_are(&b, "customs>customs port>port");
	set(&b, "item[1].name", "paper");
	set(&b, "item[2].wanted", "yes");
	/* "far" has no route: rules allow nothing by themselves */
	legs_are(&b, "customs>customs inspection>ciq port>port");
	bench_gone(&b);
}

static void
test_a_rule_goes_on_in_the_lines_indented_below_it(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "leg inspection # the first line\n"
			"    to ciq as x\n"
			"    # and a remark between\n"
			"    when any item.wanted # or samples\n"
			"    or note present\n"
			"leg far to nobody as x\n");
	legs_are(&b, "customs>customs port>port");
	set(&b, "note", "n");
	legs_are(&b, "customs>customs inspection>ciq port>port");
	bench_gone(&b);
}

static void
test_the_first_rule_that_holds_names_the_leg(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "leg goods to ciq as x when direction = import\n"
			"leg samples to ciq as x when note present\n"
			"leg customs to port as x\n");
	set(&b, "note", "n");
	/* two legs are never called the same */
	legs_are(&b, "customs>customs samples>ciq port.x>port");
	set(&b, "direction", "import");
	b.r.root
	    ->slot[group_element(b.r.root->group, SLICE_LIT("direction"))->slot]
	    .value->row = code_find(
	    group_element(b.r.root->group, SLICE_LIT("direction"))->list,
	    SLICE_LIT("import"), 0);
	legs_are(&b, "customs>customs goods>ciq port.x>port");
	bench_gone(&b);
}

static bool
waits_on(struct bench *b, const struct leg_said *said)
{
	struct leg_plan leg = { .name = SLICE_LIT("customs") };

	leg_wait(b->rules, &b->r, &leg, said, 1);
	return leg.waits;
}

static void
test_a_hold_has_an_end_of_which_the_shortest_counts(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b,
	    "hold customs until @ciq.outcome = accepted within 2d then end\n"
	    "  when note present\n"
	    "hold customs until @port.outcome = accepted | released and\n"
	    "  @ciq.outcome present within 36h\n"
	    "hold port until @ciq.outcome = accepted within 90s then wait\n");
	legs_are(&b, "customs>customs? ciq>ciq port>port?");
	test_slice_is(b.leg[0].waits_for, "port, ciq");
	assert_int_equal(b.leg[0].wait_ms, INT64_C(36) * 3600000);
	assert_false(b.leg[0].wait_ends);
	assert_int_equal(b.leg[2].wait_ms, 90000);
	bench_gone(&b);
	bench_begin(&b,
	    "hold customs until @ciq.outcome = accepted within 2d then end\n");
	legs_are(&b, "customs>customs? ciq>ciq port>port");
	assert_true(b.leg[0].wait_ends);
	assert_int_equal(b.leg[0].wait_ms, INT64_C(2) * 86400000);
	bench_gone(&b);
}

static void
test_a_held_leg_waits_for_the_answer_and_takes_its_number(void **state)
{
	static const struct leg_key key = { SLICE_LIT("platform"),
		SLICE_LIT("P-9") };
	struct leg_said said = { .name = SLICE_LIT("ciq") };
	struct bench b;

	(void)state;
	bench_begin(&b,
	    "hold customs until @ciq.outcome = accepted\n  when note present\n"
	    "hold port until @elsewhere.outcome = accepted\n"
	    "set item.certificate = @ciq.number when wanted\n"
	    "set platform_number = @ciq.platform_number when absent\n");
	set(&b, "item[1].wanted", "yes");
	set(&b, "item[2].wanted", "no");
	/* nothing holds where the leg that is waited for is not there */
	legs_are(&b, "customs>customs ciq>ciq port>port");
	set(&b, "note", "n");
	legs_are(&b, "customs>customs? ciq>ciq port>port");
	assert_true(waits_on(&b, &said));
	said.outcome = SLICE_LIT("none");
	said.number = SLICE_LIT("C-77");
	said.key = &key;
	said.nkeys = 1;
	assert_true(waits_on(&b, &said));
	said.outcome = SLICE_LIT("accepted");
	assert_false(waits_on(&b, &said));
	legs_derive(b.rules, &b.r, &said, 1);
	test_slice_is(
	    record_get(b.r.root, "item[1].certificate")->text, "C-77");
	assert_null(record_get(b.r.root, "item[2].certificate"));
	test_slice_is(record_get(b.r.root, "platform_number")->text, "P-9");
	bench_gone(&b);
}

static void
test_rules_that_read_legs_wait_for_them(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "set note = \"x\" when @ciq.outcome absent\n");
	rules_set(b.rules, &b.r, NULL);
	assert_null(record_get(b.r.root, "note"));
	legs_derive(b.rules, &b.r, NULL, 0);
	test_slice_is(record_get(b.r.root, "note")->text, "x");
	bench_gone(&b);
}

static void
test_a_release_names_the_legs_that_gate(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b,
	    "release when @customs.outcome = released and (no leg ciq or "
	    "@ciq.outcome = released)\n"
	    "leg ciq to ciq as x when note present\n");
	legs_are(&b, "customs>customs port>port!");
	set(&b, "note", "n");
	legs_are(&b, "customs>customs ciq>ciq port>port!");
	bench_gone(&b);
	/* a release of legs that are not there asks for nothing: all gate */
	bench_begin(&b, "release when @other.outcome = released\n");
	legs_are(&b, "customs>customs ciq>ciq port>port");
	bench_gone(&b);
}

static void
test_private_elements_are_for_legs_that_name_them(void **state)
{
	struct record *view;
	struct bench b;

	(void)state;
	bench_begin(&b, "see ciq secret, buyer, item.name\n");
	set(&b, "number", "N-1");
	set(&b, "note", "for customs");
	view = leg_view(b.rules, &b.r, SLICE_LIT("customs"), b.r.mem);
	assert_ptr_equal(view, &b.r); /* nothing to hide: no copy */
	set(&b, "secret", "s");
	set(&b, "buyer.name", "B");
	set(&b, "buyer.person", "X1");
	set(&b, "item[1].name", "paper");
	set(&b, "item[2].name", "ink");
	set(&b, "item[2].certificate", "C");
	view = leg_view(b.rules, &b.r, SLICE_LIT("customs"), b.r.mem);
	assert_null(record_get(view->root, "secret"));
	assert_null(record_get(view->root, "buyer.person"));
	test_slice_is(record_get(view->root, "buyer.name")->text, "B");
	test_slice_is(record_get(view->root, "item[2].certificate")->text, "C");
	view = leg_view(b.rules, &b.r, SLICE_LIT("ciq"), b.r.mem);
	test_slice_is(record_get(view->root, "secret")->text, "s");
	test_slice_is(record_get(view->root, "buyer.name")->text, "B");
	assert_null(record_get(view->root, "buyer.person"));
	assert_null(record_get(view->root, "note"));
	assert_null(record_get(view->root, "item[2].certificate"));
	test_slice_is(record_get(view->root, "item[2].name")->text, "ink");
	assert_int_equal(record_get(view->root, "item[2].name") ==
			     record_get(b.r.root, "item[2].name"),
	    true); /* the value itself: its place is known */
	/* answers find it by its number */
	test_slice_is(record_get(view->root, "number")->text, "N-1");
	/* the record keeps all */
	test_slice_is(record_get(b.r.root, "buyer.person")->text, "X1");
	bench_gone(&b);
}

static void
test_rules_about_legs_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "hold a until @b.note present\n",
		    "no answer gives '@b.note'" },
		{ "set note = @b.time\n", "no answer gives '@b.time'" },
		{ "hold a until @a.outcome = accepted\n",
		    "leg 'a' would wait for itself" },
		{ "hold a until @b.outcome = accepted\n"
		  "hold b until @c.outcome = accepted\n"
		  "hold c until @a.outcome = accepted\n",
		    "leg 'c' would wait for itself" },
		{ "release when @a.outcome = released or @b.outcome = "
		  "released\n",
		    "speaks of one leg" },
		{ "release when note present\n", "speaks of one leg" },
		{ "release\n", "'when'" },
		{ "see a nothing\n", "nothing" },
		{ "leg a to b as x in there\n", "does not travel in 'there'" },
		{ "leg a to b as y\n", "no format 'y'" },
		{ "hold a until @b.outcome = accepted within 2 days\n",
		    "want a time from 1s to 3650d" },
		{ "hold a until @b.outcome = accepted within 0h\n",
		    "want a time" },
		{ "hold a until @b.outcome = accepted within 2d then x\n",
		    "'end' or 'wait'" },
		{ "hold a until @b.outcome = accepted then end\n",
		    "end of the rule" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b = { .rules = NULL };

		if (rules_try(&b, cases[i].text) != RC_REFUSED)
			fail_msg("not refused: %s", cases[i].text);
		if (strstr(b.w.c.item[0].text, cases[i].sentence) == NULL)
			fail_msg("%s: %s", cases[i].text, b.w.c.item[0].text);
		world_gone(&b.w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_without_rules_every_route_is_a_leg_and_gates),
		T(test_a_leg_of_a_rule_is_there_when_its_condition_holds),
		T(test_a_rule_goes_on_in_the_lines_indented_below_it),
		T(test_the_first_rule_that_holds_names_the_leg),
		T(test_a_hold_has_an_end_of_which_the_shortest_counts),
		T(test_a_held_leg_waits_for_the_answer_and_takes_its_number),
		T(test_rules_that_read_legs_wait_for_them),
		T(test_a_release_names_the_legs_that_gate),
		T(test_private_elements_are_for_legs_that_name_them),
		T(test_rules_about_legs_that_cannot_be_are_refused),
	};

	return TESTS_RUN(tests);
}
