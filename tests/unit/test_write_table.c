/*
 * tests/unit/test_write_table.c - what would break its EDIFACT table is not
 * written: by a small format over the installed tables.
 */
#include "tests/unit/formats_world.h"
#include <stdlib.h>
#include "src/write/write.h"

#define MEMORY    (16u << 20)
#define BODY_ROOM (1u << 20)

#define HEAD                                                                   \
	"format x syntax edifact table CUSDEC:D:96B document declaration\n"    \
	"UNH![S009.0065 \"CUSDEC\", S009.0052 \"D\", S009.0054 \"96B\", "      \
	"S009.0051 \"UN\"]\n"                                                  \
	"  0062! \"1\"\n"                                                      \
	"BGM!\n"                                                               \
	"  C106.1004 number\n"

struct written {
	enum rc rc;
	struct buf body;
	struct findings found;
	struct arena *mem;
};

static void
written_by(struct world *w, const char *record, struct written *to)
{
	const struct plan *plan = format_find(w->all, SLICE_LIT("x"));
	struct record r = { .dir = formats_directory(w->all) }, *list = &r;
	struct write_in in = {
		.plan = plan, .record = &list, .nrecords = 1, .indent = true
	};
	struct write_out out = { .body = &to->body };
	struct err err;

	assert_non_null(plan);
	to->mem = r.mem = arena_new(MEMORY);
	assert_non_null(to->mem);
	buf_init(&to->body, BODY_ROOM);
	findings_init(&to->found, to->mem);
	to->found.document = plan->document;
	r.root = node_new(to->mem, plan->document, NULL);
	assert_int_equal(
	    record_parse(&r, r.root, slice_of(record), &err), RC_OK);
	to->rc = write_message(&in, &out, to->mem, &to->found, &err);
}

static void
written_gone(struct written *w)
{
	buf_clear(&w->body);
	arena_free(w->mem);
}

/* This format says this record so, or refuses with this one finding. */
static void
says(const char *lines, const char *record, const char *body, const char *en)
{
	char text[4096];
	struct world w;
	struct written to;

	(void)snprintf(text, sizeof(text), HEAD "%s", lines);
	world_begin(&w);
	world_tables(&w);
	world_text(&w, "formats/x.fmt", text);
	world_run(&w, RC_OK);
	written_by(&w, record, &to);
	if (en == NULL) {
		assert_int_equal(to.rc, RC_OK);
		assert_true(slice_is(buf_look(&to.body), body));
	} else {
		assert_int_equal(to.rc, RC_REFUSED);
		assert_int_equal(to.body.len, 0);
		assert_int_equal(to.found.n, 1);
		test_slice_is(to.found.first->en, en);
	}
	written_gone(&to);
	world_gone(&w);
}

#define PARTY                                                                  \
	"NAD[3035 \"CN\", C082.3055 \"ZZ\"] importer\n"                        \
	"  C082.3039 name; 3207 country code country.iso3\n"
#define END                                                                    \
	"UNS![0081 \"D\"]\n"                                                   \
	"UNS![0081 \"S\"]\n"

static void
test_a_message_that_holds_is_written(void **state)
{
	(void)state;
	says(PARTY END, "number\tA1\nimporter.name\tACME\n",
	    "UNH+1+CUSDEC:D:96B:UN'\nBGM++A1'\nNAD+CN+ACME::ZZ'\nUNS+D'\n"
	    "UNS+S'\n",
	    NULL);
}

static void
test_a_composite_without_its_first_part_is_not_written(void **state)
{
	(void)state;
	says(PARTY END, "number\tA1\nimporter.country\tDE\n", NULL,
	    "importer.name is missing, NAD/C082.3039 must have it");
}

static void
test_a_segment_that_must_be_there_is_missed(void **state)
{
	(void)state;
	says(PARTY "UNS![0081 \"D\"]\n", "number\tA1\n", NULL,
	    "message as it would be written breaks the table CUSDEC:D:96B: "
	    "segment 'UNS' is missing, want it before 'UNT'");
}

static void
test_a_segment_too_often_is_not_written(void **state)
{
	(void)state;
	says("DTM* item\n  C507.2005 \"137\"; C507.2380 name\n" END,
	    "number\tA1\n"
	    "item[1].name\t1\nitem[2].name\t1\nitem[3].name\t1\n"
	    "item[4].name\t1\nitem[5].name\t1\nitem[6].name\t1\n"
	    "item[7].name\t1\nitem[8].name\t1\nitem[9].name\t1\n"
	    "item[10].name\t1\nitem[11].name\t1\nitem[12].name\t1\n"
	    "item[13].name\t1\nitem[14].name\t1\nitem[15].name\t1\n"
	    "item[16].name\t1\n",
	    NULL,
	    "message as it would be written breaks the table CUSDEC:D:96B: "
	    "segment 'DTM' stands here 16 times, want at most 15");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_message_that_holds_is_written),
		T(test_a_composite_without_its_first_part_is_not_written),
		T(test_a_segment_that_must_be_there_is_missed),
		T(test_a_segment_too_often_is_not_written),
	};

	return TESTS_RUN(tests);
}
