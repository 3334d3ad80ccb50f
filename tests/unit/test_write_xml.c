/*
 * tests/unit/test_write_xml.c - where attributes, guards and texts of an XML
 * format's lines come to stand, in whatever order the lines are.
 */
#include <stdlib.h>
#include "src/write/write.h"
#include "tests/unit/formats_world.h"

#define MEMORY    (16u << 20)
#define BODY_ROOM (1u << 20)

static void
says(const char *lines, const char *body)
{
	struct arena *mem = arena_new(MEMORY);
	struct record r = { .mem = mem }, *list = &r;
	struct write_in in = { .record = &list, .nrecords = 1 };
	struct findings found;
	struct write_out out;
	struct buf b;
	struct world w;
	char text[1000];

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
	assert_int_equal(write_message(&in, &out, mem, &found, &w.err), RC_OK);
	assert_int_equal(found.n, 0);
	if (memmem(buf_look(&b).p, b.len, body, strlen(body)) == NULL)
		fail_msg("%.*s", SLICE_ARG(buf_look(&b)));
	buf_clear(&b);
	arena_free(mem);
	world_gone(&w);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_attributes_stand_in_the_start_tag_wherever_their_lines_are),
		T(test_guards_that_are_elements_stand_behind_all_attributes),
	};

	return TESTS_RUN(tests);
}
