/*
 * When a file in a drop folder is whole, by each rule.
 */
#include "tests/unit/test.h"
#include "src/intake/complete.h"

static const struct conf_partner by_rename = { .complete = COMPLETE_RENAME };
static const struct conf_partner by_marker = { .complete = COMPLETE_MARKER,
	.marker = ".ok" };
static const struct conf_partner by_close = { .complete = COMPLETE_CLOSE };
static const struct conf_partner by_quiet = { .complete = COMPLETE_QUIET,
	.quiet_ms = 60000 };

static bool
offers(const struct conf_partner *c, const char *name)
{
	return complete_is_offer(c, slice_of(name));
}

static void
test_hidden_and_temporary_names_are_no_offers(void **state)
{
	(void)state;
	assert_true(offers(&by_rename, "a.edi"));
	assert_true(offers(&by_rename, "tmp"));
	assert_true(offers(&by_rename, "a.ok"));
	assert_false(offers(&by_rename, ""));
	assert_false(offers(&by_rename, ".taken"));
	assert_false(offers(&by_rename, ".a.edi"));
	assert_false(offers(&by_rename, "a.edi.tmp"));
	assert_false(offers(&by_rename, "a.part"));
	assert_false(offers(&by_rename, "a.filepart"));
	assert_false(offers(&by_rename, "a~"));
	assert_false(offers(&by_marker, "a.ok"));
	assert_true(offers(&by_marker, "a"));
}

static void
test_a_name_with_control_bytes_or_too_long_is_never_taken(void **state)
{
	char name[257];

	(void)state;
	memset(name, 'n', sizeof(name));
	assert_null(complete_name_wrong((struct slice){ name, 255 }));
	assert_string_equal(complete_name_wrong((struct slice){ name, 256 }),
	    "name is over 255 bytes");
	assert_null(complete_name_wrong(slice_of("成都 \xb3\xc9'\"$(x)")));
	assert_string_equal(complete_name_wrong(slice_of("a\nb")),
	    "name holds control bytes, want text");
	assert_non_null(complete_name_wrong(slice_of("a\x1b[2J")));
	assert_non_null(complete_name_wrong(slice_of("a\x7f")));
}

static void
test_each_rule_asks_its_own_fact(void **state)
{
	struct complete_facts f = { .now_ms = 100000, .mtime_ms = 100000 };

	(void)state;
	assert_true(complete_is_whole(&by_rename, &f));
	assert_true(complete_is_whole(&by_close, &f));
	assert_false(complete_is_whole(&by_marker, &f));
	assert_false(complete_is_whole(&by_quiet, &f));
	f.marker = f.writer = true;
	assert_true(complete_is_whole(&by_marker, &f));
	assert_false(complete_is_whole(&by_close, &f));
	f.mtime_ms = 40001;
	assert_false(complete_is_whole(&by_quiet, &f));
	f.mtime_ms = 40000;
	assert_true(complete_is_whole(&by_quiet, &f));
}

static void
test_a_time_far_ahead_does_not_hold_a_file_for_ever(void **state)
{
	struct complete_facts f = { .now_ms = 100000, .mtime_ms = 160000 };

	(void)state;
	assert_false(complete_is_whole(&by_quiet, &f));
	f.mtime_ms = 160001;
	assert_true(complete_is_whole(&by_quiet, &f));
}

static bool
ends(const char *text)
{
	return complete_has_end(&by_quiet, slice_of(text));
}

static void
test_an_interchange_ends_with_its_last_segment(void **state)
{
	static const char one[] = "UNB+UNOA:1+A+B+1:1+7'UNZ+0+7'";

	(void)state;
	assert_true(ends(one));
	assert_true(ends("UNA:+.? ~UNB+UNOA~\r\nUNZ+0+7~\r\n"));
	assert_true(ends(" UNA:+.? \nUNB+UNOA\nUNZ+0+7\n \n"));
	assert_true(ends("UNA:+.? \nUNB+UNOA\r\nUNZ+0+7\r\n"));
	assert_false(ends("UNA:+.? \nUNB+UNOA\nUNZ+0+7"));
	assert_false(ends("UNA:+.? \nUNB+UNOA\nUNT+1\n"));
	assert_false(ends("UNB+UNOA'UNZ+0+7'UNB+UNOA'"));
	for (size_t n = 4; n < sizeof(one) - 1; n++)
		assert_false(
		    complete_has_end(&by_quiet, (struct slice){ one, n }));
	assert_false(ends("UNB+UNOA'UNH+1'"));
	assert_true(complete_has_end(&by_rename, slice_of("UNB+UNOA'")));
}

static void
test_a_document_ends_with_its_root_tag(void **state)
{
	static const char one[] =
	    "<?xml version=\"1.0\"?><!-- x --><a:Dec x=\"1\"><b/></a:Dec>";

	(void)state;
	assert_true(ends(one));
	assert_true(ends("\xef\xbb\xbf<Dec>\n</Dec >\r\n"));
	assert_true(ends("<Dec a='1'/>"));
	for (size_t n = 1; n < sizeof(one) - 1; n++)
		assert_false(
		    complete_has_end(&by_quiet, (struct slice){ one, n }));
	assert_false(ends("<Dec><b/>"));
	assert_false(ends("<Dec><b></b>"));
	/* cut off behind a part whose name begins like the root's, or is it */
	assert_false(ends("<Dec><DecHead/>"));
	assert_false(ends("<Dec><Dec/>"));
	assert_true(ends("<!-- of <tool/> --><Dec></Dec>"));
	assert_true(ends("<Dec></Dec><!-- a --> <!-- <b> -->\n"));
	assert_false(ends("<Dec></Dec><!-- a --> <!-- <b> --"));
	assert_false(ends("<Dec><!-- </Dec> -->"));
	assert_false(ends("<!-- <Dec></Dec> -->"));
	assert_false(ends("<!--><Dec></Dec>"));
}

static void
test_an_archive_ends_with_its_closing_record(void **state)
{
	char zip[64] = "PK\3\4 some bytes";
	struct slice s = { zip, 40 };

	(void)state;
	assert_false(complete_has_end(&by_close, s));
	memcpy(zip + 18, "PK\5\6", 4);
	assert_true(complete_has_end(&by_close, s));
	s.len = 39;
	assert_false(complete_has_end(&by_close, s));
	s.len = 45;
	assert_false(complete_has_end(&by_close, s));
	zip[18 + 20] = 5;
	assert_true(complete_has_end(&by_close, s));
}

static void
test_other_text_ends_where_it_ends(void **state)
{
	(void)state;
	assert_true(ends(""));
	assert_true(ends("a;b;c\n"));
	assert_true(ends("{\"a\": 1}\n"));
	assert_false(ends("{\"a\": 1"));
	assert_true(ends("[{}]"));
	assert_false(ends("[{}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_hidden_and_temporary_names_are_no_offers),
		T(test_a_name_with_control_bytes_or_too_long_is_never_taken),
		T(test_each_rule_asks_its_own_fact),
		T(test_a_time_far_ahead_does_not_hold_a_file_for_ever),
		T(test_an_interchange_ends_with_its_last_segment),
		T(test_a_document_ends_with_its_root_tag),
		T(test_an_archive_ends_with_its_closing_record),
		T(test_other_text_ends_where_it_ends),
	};

	return TESTS_RUN(tests);
}
