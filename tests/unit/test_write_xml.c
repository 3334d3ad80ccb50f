/*
 * tests/unit/test_write_xml.c - where attributes, guards and texts of an XML
 * format's lines come to stand, in whatever order the lines are.
 */
#include <stdlib.h>
#include "src/write/write.h"
#include "tests/unit/formats_world.h"

#define MEMORY    (16u << 20)
#define BODY_ROOM (1u << 20)

/* body: NULL, it is refused with this finding. */
static void
written(const char *lines, const char *body, const char *missing)
{
	struct arena *mem = arena_new(MEMORY);
	struct record r = { .mem = mem }, *list = &r;
	struct write_in in = { .record = &list, .nrecords = 1 };
	struct findings found;
	struct write_out out;
	struct buf b;
	struct world w;
	char text[1000];
	enum rc rc;

	(void)snprintf(text, sizeof(text),
	    "format x syntax xml document declaration\n%s", lines);
	world_load(&w, "x", text, RC_OK);
	assert_non_null(mem);
	findings_init(&found, mem);
	buf_init(&b, BODY_ROOM);
	r.dir = formats_directory(w.all);
	in.plan = format_find(w.all, SLICE_LIT("x"));
	r.root = node_new(mem, in.plan->document, NULL);
	assert_int_equal(
	    record_parse(&r, r.root, SLICE_LIT("number\t1\nname\t2\n"), &w.err),
	    RC_OK);
	out = (struct write_out){ .body = &b };
	rc = write_message(&in, &out, mem, &found, &w.err);
	assert_int_equal(rc, body == NULL ? RC_REFUSED : RC_OK);
	assert_int_equal(found.n, body == NULL);
	if (body == NULL)
		test_slice_is(found.first->en, missing);
	else if (memmem(buf_look(&b).p, b.len, body, strlen(body)) == NULL)
		fail_msg("%.*s", SLICE_ARG(buf_look(&b)));
	buf_clear(&b);
	arena_free(mem);
	world_gone(&w);
}

static void
says(const char *lines, const char *body)
{
	written(lines, body, NULL);
}

static void
misses(const char *lines, const char *missing)
{
	written(lines, NULL, missing);
}

static void
test_attributes_stand_in_the_start_tag_wherever_their_lines_are(void **state)
{
	(void)state;
	says("D!\n  A number\n  @b name\n", "<D b=\"2\"><A>1</A></D>");
	says("D!\n  A\n    @b name\n    . number\n", "<D><A b=\"2\">1</A></D>");
}

static void
test_guards_that_are_elements_stand_behind_all_attributes(void **state)
{
	(void)state;
	says("D[K \"k\", @a \"a\"]!\n  A number\n",
	    "<D a=\"a\"><K>k</K><A>1</A></D>");
	says("D[K \"k\"]!\n  A number\n  @b name\n",
	    "<D b=\"2\"><K>k</K><A>1</A></D>");
	says("D[K/@a \"a\", @b \"b\"]!\n  A number\n",
	    "<D b=\"b\"><K a=\"a\"/><A>1</A></D>");
}

static void
test_a_leaf_that_must_be_there_is_missed(void **state)
{
	(void)state;
	misses(
	    "D!\n  A number\n  B! note\n", "note is missing, D/B must have it");
	misses("D!\n  A number\n  B+9 note wrap 5\n",
	    "note is missing, D/B must have it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_attributes_stand_in_the_start_tag_wherever_their_lines_are),
		T(test_guards_that_are_elements_stand_behind_all_attributes),
		T(test_a_leaf_that_must_be_there_is_missed),
	};

	return TESTS_RUN(tests);
}
