/*
 * tests/unit/test_conf_formats.c - a configuration against the formats that it
 * names: what is not there, of another document, or cannot go so, is told at
 * its word.
 */
#include "src/conf/conf.h"
#include "tests/unit/formats_world.h"

#define HEAD                                                                   \
	"spool /v\n"                                                           \
	"filer f { folder /f; accept x; reply none\n"
#define AGENCY                                                                 \
	"}\n"                                                                  \
	"agency a { folder /a; submit declaration as "

/* Formats of several syntaxes, and this configuration of them. */
static void
checked(const char *text, uint32_t line, uint32_t column, const char *sentence)
{
	struct complaints c;
	struct conf *conf = NULL;
	struct world w;
	enum rc rc;

	world_begin(&w);
	world_text(&w, "formats/x.fmt",
	    "format x syntax xml document declaration\nX!\n  A number\n");
	world_text(&w, "formats/y.fmt",
	    "format y syntax csv header yes document declaration\n"
	    "row+ filing\n  A number\n");
	world_text(&w, "formats/z.fmt",
	    "format z syntax csv header yes document declaration\n"
	    "row+ filing\n  A number\n");
	world_text(&w, "formats/flat.fmt",
	    "format flat syntax flat document declaration one way\n"
	    "00!\n  < 01 number\n");
	world_text(&w, "formats/x12.fmt",
	    "format x12 syntax x12 document declaration one way\n"
	    "B10!\n  < 01 number\n");
	world_run(&w, RC_OK);
	complaints_init(&c);
	assert_int_equal(
	    conf_parse(&conf, "e.conf", slice_of(text), &c, &w.err), RC_OK);
	rc = conf_check_formats(conf, w.all, "/m", &c);
	assert_int_equal(rc, sentence == NULL ? RC_OK : RC_REFUSED);
	if (sentence == NULL)
		assert_int_equal(c.n, 0);
	else
		only_complaint_is(&c, line, column, sentence);
	complaints_clear(&c);
	conf_free(conf);
	world_gone(&w);
}

static void
test_formats_that_are_there_are_taken(void **state)
{
	(void)state;
	checked(HEAD AGENCY "x }\n", 0, 0, NULL);
	checked(HEAD AGENCY "x zip batch 9 }\n", 0, 0, NULL);
	checked(
	    HEAD "default \"importer.name\" \"a\"" AGENCY "y }\n", 0, 0, NULL);
}

static void
test_a_format_that_is_not_there_is_told(void **state)
{
	(void)state;
	checked(HEAD AGENCY "none }\n", 4, 45, "no format 'none' in '/m'");
	checked(HEAD "reply control as x\n" AGENCY "x }\n", 3, 18,
	    "format 'x' is of document 'declaration', want one of 'receipt'");
	checked(HEAD "default \"item.name\" \"a\"" AGENCY "y }\n", 3, 9,
	    "no document of 'f' has a single element 'item.name'");
}

static void
test_a_syntax_that_nothing_reads_or_writes_is_told(void **state)
{
	(void)state;
	checked("spool /v\nfiler f { folder /f; accept x12; reply none }\n", 2,
	    29,
	    "format 'x12' is in syntax x12, which is checked and neither read "
	    "nor written, want another");
	checked(HEAD AGENCY "flat }\n", 4, 45,
	    "format 'flat' is in syntax flat, which is checked and neither "
	    "read nor written, want another");
}

static void
test_what_cannot_go_so_is_told(void **state)
{
	(void)state;
	checked("spool /v\nfiler f { folder /f; accept y, z; reply none }\n", 2,
	    32,
	    "format 'z' looks from outside like 'y', which 'f' may send, too: "
	    "want only one of them");
	checked(HEAD AGENCY "x batch 9 }\n", 4, 45,
	    "9 messages of 'x' share no file, want 'zip' with them");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_formats_that_are_there_are_taken),
		T(test_a_format_that_is_not_there_is_told),
		T(test_a_syntax_that_nothing_reads_or_writes_is_told),
		T(test_what_cannot_go_so_is_told),
	};

	return TESTS_RUN(tests);
}
