/*
 * tests/unit/test_check.c - rules that hold the members of a list against one
 * another, and those of them that are refused when loaded.
 */
#include "src/check/check.h"
#include "tests/unit/formats_world.h"

struct bench {
	struct world w;
	struct rules *rules;
	struct record r;
	struct findings found;
};

static enum rc
rules_try(struct bench *b, const char *text)
{
	char path[1000], whole[2000];

	world_begin(&b->w);
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
	b->r = (struct record){ .mem = arena_new(8 << 20),
		.dir = formats_directory(b->w.all) };
	b->r.root = node_new(b->r.mem,
	    directory_document(b->r.dir, SLICE_LIT("declaration")), NULL);
	findings_init(&b->found, b->r.mem);
}

static void
bench_gone(struct bench *b)
{
	rules_free(b->rules);
	arena_free(b->r.mem);
	world_gone(&b->w);
}

/* At a place of its own, as a value that was read has. */
static void
said(struct bench *b, const char *path, const char *text, uint32_t at)
{
	struct value *v = record_set(
	    &b->r, b->r.root, path, arena_dup(b->r.mem, slice_of(text)));

	assert_non_null(v);
	v->at = at;
	v->span = (uint32_t)strlen(text);
}

/* What was found, in its order: "path@place path@place". */
static void
found_is(struct bench *b, const char *want)
{
	char text[1000] = "";
	size_t n = 0;

	check_record(b->rules, &b->r, NULL, 0, &b->found);
	for (const struct finding *f = b->found.first;
	     f != NULL && n < sizeof(text); f = f->next)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s@%u",
		    n == 0 ? "" : " ", SLICE_ARG(f->element),
		    (unsigned)f->text_at);
	assert_string_equal(text, want);
}

static void
test_each_value_that_was_said_before_is_found_at_its_own_place(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "check X1 error unique item.sequence \"twice\"\n");
	said(&b, "item[1].sequence", "1", 10);
	said(&b, "item[2].sequence", "1", 20);
	said(&b, "item[3].sequence", "4", 30);
	said(&b, "item[4].sequence", "04", 40);
	said(&b, "item[5].sequence", "1", 50);
	said(&b, "item[6].sequence", "2", 60);
	found_is(
	    &b, "item[2].sequence@20 item[4].sequence@40 item[5].sequence@50");
	assert_int_equal(b.found.errors, 3);
	test_slice_is(b.found.first->code, "X1");
	test_slice_is(b.found.first->found, "1");
	bench_gone(&b);
}

static void
test_what_is_absent_or_not_understood_is_said_by_nobody(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "check X1 warning unique item.commodity\n"
			"  when item.name present \"twice\" \"重复\"\n");
	for (unsigned int i = 1; i <= 6; i++) {
		char path[40];

		(void)snprintf(path, sizeof(path), "item[%u].commodity", i);
		said(&b, path, i < 3 ? "" : "8703", i);
		(void)snprintf(path, sizeof(path), "item[%u].name", i);
		if (i != 4)
			said(&b, path, "car", 0);
	}
	record_set(&b.r, b.r.root, "item[6].commodity", SLICE_LIT("8703"))
	    ->flags = VALUE_RAW;
	found_is(&b, "item[5].commodity@5");
	assert_int_equal(b.found.warnings, 1);
	bench_gone(&b);
}

static void
test_a_long_list_is_held_against_itself(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "check X1 error unique item.sequence \"twice\"\n");
	for (unsigned int i = 1; i <= 99; i++) {
		char path[40], text[16];

		(void)snprintf(path, sizeof(path), "item[%u].sequence", i);
		(void)snprintf(text, sizeof(text), "%u", i == 98 ? 97 : i);
		said(&b, path, text, i);
	}
	found_is(&b, "item[98].sequence@98");
	bench_gone(&b);
}

static void
test_lists_do_not_know_of_one_another(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, "check X1 error unique item.sequence \"twice\"\n"
			"check X2 error unique box.number \"twice\"\n");
	said(&b, "item[1].sequence", "1", 1);
	said(&b, "item[2].sequence", "2", 2);
	said(&b, "box[1].number", "1", 3);
	said(&b, "box[2].number", "01", 4);
	said(&b, "box[3].number", "1", 5);
	found_is(&b, "box[3].number@5");
	bench_gone(&b);
}

static void
test_only_one_value_of_the_document_is_set(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "set importer = \"x\"\n",
		    "'importer' is a group, want an element" },
		{ "set item = 1\n", "'item' is a group, want an element" },
		{ "set item.spec = \"x\"\n",
		    "'spec' can have many values, want an element of one" },
		{ "set $sender = \"x\"\n",
		    "'$sender' is not of the document, want an element that "
		    "is" },
		{ "set direction = inwards\n",
		    "'inwards' is no code of list 'direction' and no element "
		    "of 'declaration'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b = { .rules = NULL };

		assert_int_equal(rules_try(&b, cases[i].text), RC_REFUSED);
		assert_int_equal(b.w.c.n, 1);
		assert_string_equal(b.w.c.item[0].text, cases[i].sentence);
		world_gone(&b.w);
	}
}

static void
test_what_cannot_stand_twice_is_refused(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "check X1 error unique number \"x\"\n",
		    "'number' stands once, want an element of one value in" },
		{ "check X1 error unique item \"x\"\n",
		    "'item' is a group, want an element of one value in" },
		{ "check X1 error unique item.spec \"x\"\n",
		    "'item.spec' can have many values, want an element of" },
		{ "check X1 error unique item.nothing \"x\"\n", "nothing" },
		{ "check X1 error unique box.number when "
		  "note = \"\" \"x\" \"y\" \"z\"\n",
		    "the end of the rule" },
		{ "check X1 error item.sequence \"x\"\n", "'at' or 'unique'" },
		{ "check X1 error unique item.sequence when\n", "want" },
		{ "check X1 error unique item.sequence\n", "want a sentence" },
		{ "check X1 error at note when note present\n",
		    "want a sentence" },
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
		T(test_each_value_that_was_said_before_is_found_at_its_own_place),
		T(test_what_is_absent_or_not_understood_is_said_by_nobody),
		T(test_a_long_list_is_held_against_itself),
		T(test_lists_do_not_know_of_one_another),
		T(test_only_one_value_of_the_document_is_set),
		T(test_what_cannot_stand_twice_is_refused),
	};

	return TESTS_RUN(tests);
}
