/*
 * tests/unit/test_cond.c - conditions and expressions: parsed, refused, true.
 */
#include "src/format/lex.h"
#include "tests/unit/formats_world.h"

/* A record, and conditions as rules have them. */
struct bench {
	struct world w;
	struct record r;
	struct path_scope here;
	struct path_env env;
	struct complaints c;
};

static void
bench_begin(struct bench *b)
{
	world_load(&b->w, "x",
	    "format x syntax xml document declaration\nN!\n  A number\n",
	    RC_OK);
	b->r = (struct record){ .mem = arena_new(4 << 20) };
	b->here = (struct path_scope){ .group = directory_document(
					   formats_directory(b->w.all),
					   SLICE_LIT("declaration")) };
	b->r.root = node_new(b->r.mem, b->here.group, NULL);
	b->env = (struct path_env){ .dir = formats_directory(b->w.all),
		.here = &b->here,
		.document = b->here.group,
		.transmission = directory_document(
		    formats_directory(b->w.all), SLICE_LIT("transmission")),
		.mem = b->r.mem,
		.rules = true,
		.through = true };
	complaints_init(&b->c);
}

static void
bench_gone(struct bench *b)
{
	complaints_clear(&b->c);
	arena_free(b->r.mem);
	world_gone(&b->w);
}

static void
set(struct bench *b, const char *path, const char *text)
{
	assert_non_null(record_set(&b->r, b->r.root, path, slice_of(text)));
}

static struct lex
lex_over(struct bench *b, const char *text)
{
	struct source *src = arena_get(b->r.mem, sizeof(*src));
	struct source_line *root;
	struct lex lx;

	src->name = "cond";
	src->text = slice_of(text);
	root = source_tree(src, b->r.mem, &b->c);
	assert_non_null(root->child);
	lex_init(&lx, root->child, b->r.mem, &b->c);
	return lx;
}

static const struct cond *
parse(struct bench *b, const char *text)
{
	const struct cond *c = NULL;
	struct lex lx = lex_over(b, text);

	if (!cond_parse(&lx, &b->env, &c) || !lex_end(&lx))
		return NULL;
	return c;
}

static bool
holds(struct bench *b, const char *text)
{
	const struct cond *c = parse(b, text);
	struct scope s = { .record = &b->r, .here = b->r.root };

	if (c == NULL) {
		complaints_print(&b->c, stderr);
		fail_msg("'%s' is refused", text);
	}
	return cond_holds(c, &s);
}

static void
refused(struct bench *b, const char *text, uint32_t column, const char *why)
{
	complaints_clear(&b->c);
	assert_null(parse(b, text));
	only_complaint_is(&b->c, 1, column, why);
}

static void
test_comparisons_go_by_the_type_of_the_element(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "direction = import", true },
		{ "direction = export | import", true },
		{ "direction != export", true },
		{ "direction != export|import", false },
		{ "gross_mass = 10.5", true },
		{ "gross_mass > 9.75", true },
		{ "gross_mass < net_mass", false },
		{ "gross_mass >= 10.50 and net_mass <= 9", true },
		{ "number = \"007\"", true },
		{ "number = \"7\"", false },
		{ "bill_number < 13", true },
		{ "declared = \"2024-06-15\"", true },
		{ "declared < made", false },
		{ "made > \"2024-06-15T02:29:59Z\"", true },
		{ "made > \"2024-06-15T10:30:01+08:00\"", false },
		{ "test_it = yes", true },
		{ "test_it", true },
		{ "kind = \"1\"", false },
		{ "kind != \"1\"", false },
		{ "kind absent or kind = \"1\"", true },
		{ "not kind present", true },
		{ "importer present", true },
		{ "exporter absent", true },
		{ "importer.country = CN", true },
		{ "(gross_mass + 1) * 2 = 23", true },
		{ "gross_mass - net_mass > 2 and (direction = export or "
		  "number present)",
		    true },
		{ "direction = export and number present or test_it", true },
		{ "direction = export and (number present or test_it)", false },
		{ "abs(net_mass - gross_mass) = 2.1", true },
		{ "gross_mass / 0 = 1", false },
	};
	struct bench b;

	(void)state;
	bench_begin(&b);
	set(&b, "direction", "import");
	set(&b, "gross_mass", "10.50");
	set(&b, "net_mass", "8.40");
	set(&b, "number", "007");
	set(&b, "bill_number", "012");
	set(&b, "declared", "2024-06-15");
	set(&b, "made", "2024-06-15T10:30:00+08:00");
	set(&b, "test_it", "yes");
	set(&b, "importer.country", "CN");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (holds(&b, cases[i].text) != cases[i].want)
			fail_msg("'%s'", cases[i].text);
	bench_gone(&b);
}

static void
test_quantors_look_at_every_node(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b);
	assert_false(holds(&b, "any item.origin = CN"));
	assert_true(holds(&b, "no item.origin = CN"));
	assert_true(holds(&b, "all item.origin = CN"));
	assert_false(holds(&b, "any item"));
	set(&b, "item[1].origin", "CN");
	set(&b, "item[2].origin", "DE");
	set(&b, "item[1].spec[1]", "a");
	set(&b, "item[2].spec[1]", "b");
	set(&b, "item[2].spec[2]", "c");
	assert_true(holds(&b, "any item.origin = CN"));
	assert_false(holds(&b, "no item.origin = CN"));
	assert_false(holds(&b, "all item.origin = CN"));
	assert_true(holds(&b, "all item.origin = CN | DE"));
	assert_true(holds(&b, "any item.spec = \"c\""));
	assert_true(holds(&b, "count item = 2 and count item.spec = 3"));
	assert_true(holds(&b, "any item"));
	assert_true(holds(&b, "any item.origin"));
	bench_gone(&b);
}

static void
test_folds_are_exact(void **state)
{
	const struct expr *e;
	struct slice text;
	struct bench b;
	struct scope s;
	struct lex lx;

	(void)state;
	bench_begin(&b);
	s = (struct scope){ .record = &b.r, .here = b.r.root };
	set(&b, "item[1].total", "0.10");
	set(&b, "item[2].total", "0.20");
	set(&b, "item[3].total", "100000000000000.1");
	lx = lex_over(&b, "sum item.total");
	assert_true(expr_parse(&lx, &b.env, NULL, &e));
	assert_true(expr_value(e, &s, b.r.mem, &text));
	test_slice_is(text, "100000000000000.40");
	lx = lex_over(&b, "max item.total * 2");
	assert_true(expr_parse(&lx, &b.env, NULL, &e));
	assert_true(expr_value(e, &s, b.r.mem, &text));
	test_slice_is(text, "200000000000000.2");
	lx = lex_over(&b, "min item.total");
	assert_true(expr_parse(&lx, &b.env, NULL, &e));
	assert_true(expr_value(e, &s, b.r.mem, &text));
	test_slice_is(text, "0.10");
	lx = lex_over(&b, "sum item.price");
	assert_true(expr_parse(&lx, &b.env, NULL, &e));
	assert_false(expr_value(e, &s, b.r.mem, &text));
	lx = lex_over(&b, "count item.price");
	assert_true(expr_parse(&lx, &b.env, NULL, &e));
	assert_true(expr_value(e, &s, b.r.mem, &text));
	test_slice_is(text, "0");
	bench_gone(&b);
}

static void
test_a_rule_runs_for_the_node_it_is_at(void **state)
{
	const struct cond *c;
	const struct node *item;
	struct bench b;
	struct scope s;

	(void)state;
	bench_begin(&b);
	set(&b, "item[1].price", "2");
	set(&b, "item[1].quantity", "3");
	set(&b, "item[1].total", "6");
	set(&b, "item[2].price", "2");
	set(&b, "item[2].quantity", "4");
	set(&b, "item[2].total", "6");
	c = parse(&b, "item.total != item.price * item.quantity");
	assert_non_null(c);
	item =
	    b.r.root
		->slot[group_element(b.r.root->group, SLICE_LIT("item"))->slot]
		.node;
	s = (struct scope){ .record = &b.r, .here = b.r.root, .each = item };
	assert_false(cond_holds(c, &s));
	s.each = item->next;
	assert_true(cond_holds(c, &s));
	bench_gone(&b);
}

static const struct value *
leg_value(void *arg, const struct path *p)
{
	static struct value v;

	(void)arg;
	if (!slice_is(p->leg, "customs"))
		return NULL;
	v.text = slice_of(path_last(p)->name);
	return &v;
}

static bool
leg_planned(void *arg, struct slice leg)
{
	return slice_is(leg, arg);
}

static void
test_legs_answer_only_when_they_are_asked_for(void **state)
{
	const struct cond *c;
	struct bench b;
	struct scope s;
	char name[] = "customs";

	(void)state;
	bench_begin(&b);
	s = (struct scope){ .record = &b.r,
		.here = b.r.root,
		.leg_value = leg_value,
		.leg_planned = leg_planned,
		.arg = name };
	c = parse(&b, "@customs.status = \"status\" and leg customs and no leg "
		      "origin");
	assert_true(cond_holds(c, &s));
	c = parse(&b, "@origin.number present or leg origin");
	assert_false(cond_holds(c, &s));
	c = parse(&b, "@customs.importer.name = \"name\"");
	assert_true(cond_holds(c, &s));
	b.env.rules = false;
	assert_null(parse(&b, "@customs.status present"));
	bench_gone(&b);
}

static void
test_absent_alone_means_what_the_rule_sets(void **state)
{
	const struct cond *c;
	struct path target;
	struct bench b;
	struct scope s;
	struct lex lx;

	(void)state;
	bench_begin(&b);
	lx = lex_over(&b, "importer.name");
	assert_true(path_parse(&lx, &b.env, &target));
	s = (struct scope){
		.record = &b.r, .here = b.r.root, .target = &target
	};
	c = parse(&b, "absent");
	assert_true(cond_holds(c, &s));
	set(&b, "importer.name", "A");
	assert_false(cond_holds(c, &s));
	bench_gone(&b);
}

static void
test_a_wrong_condition_is_told_with_its_place(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b);
	refused(&b, "direction = sideways", 13,
	    "'sideways' is no code of list 'direction'");
	refused(&b, "test_it = maybe", 11,
	    "'maybe' cannot be 'test_it', want yes or no");
	refused(&b, "gross_mass =", 13,
	    "the line ends here, want an element, a number or a text");
	refused(&b, "gross_mass > 1 | 2", 12,
	    "several values after '<' or '>', want them after = or !=");
	refused(&b, "5", 2, "the line ends here, want =, !=, <, <=, > or >=");
	refused(&b, "sum item.name = 1", 5, "'name' is no number");
	refused(&b, "item = 1", 1, "'item' is a group, want an element");
	refused(&b, "kind", 1,
	    "'kind' is no flag, want a comparison, present or absent");
	refused(&b, "number ! 1", 10,
	    "'1' is not understood, want =, !=, <, <=, > or >=");
	refused(&b, "(number present", 16, "the line ends here, want ')'");
	bench_gone(&b);
}

static void
test_two_conditions_exclude_each_other_or_not(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{ "direction = import", "direction = export", true },
		{ "direction = import", "direction = import", false },
		{ "direction = import", "direction != import", true },
		{ "direction = import | export", "direction != import", false },
		{ "direction = import and number present", "direction = export",
		    true },
		{ "direction = import or number present", "direction = export",
		    false },
		{ "kind present", "kind absent", true },
		{ "kind present", "number absent", false },
		{ "gross_mass < 1", "gross_mass > 2", false },
	};
	struct bench b;

	(void)state;
	bench_begin(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cond *x = parse(&b, cases[i].a);
		const struct cond *y = parse(&b, cases[i].b);

		if (cond_excludes(x, y) != cases[i].want ||
		    cond_excludes(y, x) != cases[i].want)
			fail_msg("'%s' and '%s'", cases[i].a, cases[i].b);
		assert_true(cond_excludes(cond_negate(b.r.mem, x), x));
	}
	bench_gone(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_comparisons_go_by_the_type_of_the_element),
		T(test_quantors_look_at_every_node),
		T(test_folds_are_exact),
		T(test_a_rule_runs_for_the_node_it_is_at),
		T(test_legs_answer_only_when_they_are_asked_for),
		T(test_absent_alone_means_what_the_rule_sets),
		T(test_a_wrong_condition_is_told_with_its_place),
		T(test_two_conditions_exclude_each_other_or_not),
	};

	return TESTS_RUN(tests);
}
