/*
 * tests/unit/test_identify.c - what each arrival is taken for, by the formats
 * that are installed, and what is said when it is nothing of ours.
 */
#include "src/identify/identify.h"
#include <stdio.h>
#include "src/envelope/zip.h"
#include "src/format/plan.h"
#include "src/record/complaints.h"
#include "tests/unit/syntax.h"

#define PLANS_MAX 100
#define DOCS_MAX  16

static struct {
	struct formats *formats;
	const struct plan *plan[PLANS_MAX];
	unsigned int n;
} all;

struct seen {
	struct bench *b;
	unsigned int n;
	struct document d[DOCS_MAX];
};

static enum rc
document_keep(void *arg, const struct document *d, struct err *err)
{
	struct seen *s = arg;

	(void)err;
	assert_true(s->n < DOCS_MAX);
	s->d[s->n++] = *d;
	return RC_OK;
}

/* accept: names, NULL at the end; none: all. */
static void
look_raw(struct seen *s, struct slice raw, const char *const *accept)
{
	const struct plan *take[8];
	struct identify_in in = { .raw = raw,
		.file_name = SLICE_LIT("in.dat"),
		.all = all.plan,
		.nall = all.n,
		.accept = take };
	enum rc rc;

	*s = (struct seen){ .b = bench_new() };
	for (; accept != NULL && *accept != NULL; accept++) {
		take[in.naccept] = format_find(all.formats, slice_of(*accept));
		assert_non_null(take[in.naccept]);
		in.naccept++;
	}
	rc = identify_arrival(
	    &in, s->b->mem, s->b->mem, document_keep, s, &s->b->err);
	if (rc != RC_OK)
		fail_msg("%s", s->b->err.text);
}

static void
look(struct seen *s, const char *raw, const char *const *accept)
{
	look_raw(s, slice_of(raw), accept);
}

static void
look_file(struct seen *s, const char *path, const char *const *accept)
{
	struct slice raw = test_file(path);

	look_raw(s, raw, accept);
	/* documents point into it: it goes with the arena's bench */
	for (unsigned int i = 0; i < s->n; i++)
		s->d[i].raw = (struct slice){ NULL, 0 };
	free((void *)(uintptr_t)raw.p);
}

static void
done(struct seen *s)
{
	bench_free(s->b);
}

static void
is_plan(const struct document *d, const char *name)
{
	if (d->plan == NULL)
		fail_msg("no format, want %s: %.*s", name,
		    SLICE_ARG(d->findings->first->en));
	assert_string_equal(d->plan->name, name);
}

/* One document, without format, with this one sentence. */
static void
says(struct seen *s, enum finding_kind kind, const char *start)
{
	const struct finding *f;

	assert_int_equal(s->n, 1);
	f = s->d[0].findings->first;
	assert_non_null(f);
	assert_int_equal(f->kind, kind);
	if (!slice_starts(f->en, start))
		fail_msg("'%.*s', want '%s'", SLICE_ARG(f->en), start);
}

#define UNB  "UNB+UNOC:3+A:ZZ+B:ZZ+240615:1030+I1'"
#define MSG  "UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'CST+1'UNS+S'UNT+6+M1'"
#define MSG2 "UNH+M2+CUSDEC:D:96B:UN'BGM+929+Y+9'UNS+D'CST+1'UNS+S'UNT+6+M2'"

static void
test_each_sample_is_taken_for_what_it_is(void **state)
{
	static const struct {
		const char *file, *plan;
		uint32_t layer;
	} cases[] = {
		{ "cusdec-d96b-import.edi", "un-cusdec-d96b", 0 },
		{ "edifact/CUSDEC-import.edi", "un-cusdec-d21a", 0 },
		{ "dec/c01-1-out-I_510120240615000001.xml", "cn-dec", 0 },
		{ "dec/c01-2-in-Successed.xml", "cn-dec-response", 0 },
		{ "dec-edge/e01-utf8-declared-gbk-bytes.xml", "cn-dec", 0 },
		{ "dec-edge/e07-no-namespace.xml", "cn-dec", 0 },
		{ "dec/I_510120240615000001_t-1.zip", "cn-dec", 1 },
		{ "erp-drop/decl-gbk.csv", "erp-decl", 0 },
		{ "erp-drop/decl-utf8bom.csv", "erp-decl", 0 },
		{ "erp-drop/decl-semicolon-noheader.csv", "erp-decl-plain", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[128];
		struct seen s;

		(void)snprintf(
		    path, sizeof(path), "tests/data/%s", cases[i].file);
		look_file(&s, path, NULL);
		if (s.n != 1)
			fail_msg("%s: %u documents", cases[i].file, s.n);
		is_plan(&s.d[0], cases[i].plan);
		assert_non_null(s.d[0].tree);
		assert_int_equal(s.d[0].layer, cases[i].layer);
		done(&s);
	}
}

static void
test_an_entry_of_an_archive_has_its_own_name(void **state)
{
	struct seen s;

	(void)state;
	look_file(&s, "tests/data/dec/I_510120240615000001_t-1.zip", NULL);
	assert_true(slice_starts(s.d[0].file_name, "I_510120240615000001"));
	assert_string_equal(s.d[0].envelope->name, "client-zip");
	done(&s);
}

static void
test_messages_come_with_their_envelope(void **state)
{
	struct seen s;

	(void)state;
	look(&s, UNB MSG MSG2 "UNZ+2+I1'", NULL);
	assert_int_equal(s.n, 2);
	for (unsigned int i = 0; i < 2; i++) {
		is_plan(&s.d[i], "un-cusdec-d96b");
		assert_string_equal(s.d[i].envelope->name, "un-interchange");
		assert_non_null(child_of(s.d[i].envelope_tree, "UNB"));
		assert_int_equal(s.d[i].findings->n, 0);
	}
	assert_int_equal(s.d[1].at, strlen(UNB MSG));
	assert_int_equal(s.d[1].span, strlen(MSG2));
	done(&s);
	look(&s, MSG, NULL);
	is_plan(&s.d[0], "un-cusdec-d96b");
	assert_null(s.d[0].envelope);
	done(&s);
}

static void
test_a_bad_envelope_gives_out_no_message(void **state)
{
	struct seen s;

	(void)state;
	look(&s, UNB MSG MSG2 "UNZ+3+I1'", NULL);
	says(&s, FIND_TRAILER, "UNZ/0036 says 3, counted 2");
	assert_null(s.d[0].plan);
	assert_null(s.d[0].tree);
	done(&s);
	look(&s, UNB MSG, NULL);
	says(&s, FIND_MISSING, "UNZ is missing");
	assert_null(s.d[0].plan);
	done(&s);
	look(&s, "UNB+UNOC:3+A+B+240615:1030'" MSG "UNZ+1'", NULL);
	says(&s, FIND_MISSING, "UNB/0020 is missing");
	assert_null(s.d[0].plan);
	done(&s);
}

static void
test_a_bad_message_is_told_alone(void **state)
{
	struct seen s;

	(void)state;
	look(&s,
	    UNB "UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'CST+1'UNS+S'UNT+9+"
		"M1'" MSG2 "UNZ+2+I1'",
	    NULL);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.d[0].findings->errors, 1);
	test_slice_is(s.d[0].findings->first->en, "UNT/0074 says 9, counted 6");
	assert_int_equal(s.d[1].findings->n, 0);
	done(&s);
}

static void
test_bytes_behind_an_interchange_are_a_document_of_their_own(void **state)
{
	struct seen s;

	(void)state;
	look(&s, UNB MSG "UNZ+1+I1'rubbish", NULL);
	assert_int_equal(s.n, 2);
	is_plan(&s.d[0], "un-cusdec-d96b");
	assert_null(s.d[1].plan);
	assert_int_equal(s.d[1].findings->first->kind, FIND_SYNTAX);
	done(&s);
}

static void
test_what_is_not_accepted_is_named(void **state)
{
	static const char *const dec[] = { "cn-dec", NULL };
	static const char *const csv[] = { "erp-decl", NULL };
	struct seen s;

	(void)state;
	look(&s, MSG, dec);
	says(&s, FIND_NOT_ACCEPTED, "this is un-cusdec-d96b (");
	done(&s);
	look_file(&s, "tests/data/dec/c01-2-in-Successed.xml", dec);
	says(&s, FIND_NOT_ACCEPTED, "this is cn-dec-response (");
	done(&s);
	look_file(&s, "tests/data/erp-drop/decl-gbk.csv", dec);
	says(&s, FIND_NOT_ACCEPTED, "this is erp-decl (");
	done(&s);
	look_file(&s, "tests/data/erp-drop/decl-gbk.csv", csv);
	is_plan(&s.d[0], "erp-decl");
	done(&s);
}

static void
test_what_is_no_format_of_ours_says_what_it_looks_like(void **state)
{
	static const char *const dec[] = { "cn-dec", NULL };
	struct seen s;

	(void)state;
	look(&s, UNB "UNH+M1+INVOIC:D:97B:UN'BGM+1'UNT+3+M1'UNZ+1+I1'", dec);
	says(&s, FIND_NO_FORMAT,
	    "no format fits: message INVOIC:D:97B:UN, want cn-dec");
	done(&s);
	look(&s, "<?xml version='1.0'?><Order/>", dec);
	says(&s, FIND_NO_FORMAT,
	    "no format fits: XML with root 'Order', want cn-dec");
	done(&s);
	look(&s, "Dear customs, please", dec);
	says(&s, FIND_NO_FORMAT,
	    "no format fits: it starts 'Dear customs, please', want cn-dec");
	done(&s);
	look_raw(&s,
	    (struct slice){ "\x7f"
			    "ELF\0\0\0\x80\xff",
		9 },
	    dec);
	says(&s, FIND_NO_FORMAT,
	    "no format fits: 9 bytes of no known syntax, want cn-dec");
	done(&s);
}

static void
test_nothing_is_told_as_empty(void **state)
{
	struct seen s;

	(void)state;
	look(&s, "", NULL);
	says(&s, FIND_EMPTY, "the file is empty, want a message");
	done(&s);
	look(&s, " \r\n\r\n", NULL);
	says(&s, FIND_EMPTY, "the file is empty, want a message");
	done(&s);
}

static void
test_broken_xml_is_told_under_its_format(void **state)
{
	struct seen s;

	(void)state;
	look_file(&s, "tests/data/dec-edge/e04-truncated.xml", NULL);
	assert_int_equal(s.n, 1);
	is_plan(&s.d[0], "cn-dec");
	assert_null(s.d[0].tree);
	assert_int_equal(s.d[0].findings->first->kind, FIND_SYNTAX);
	done(&s);
	look_file(&s, "tests/data/dec-edge/e08-entity-expansion.xml", NULL);
	assert_null(s.d[0].tree);
	assert_int_equal(s.d[0].findings->first->kind, FIND_FORBIDDEN);
	done(&s);
}

static void
test_gbk_under_another_label_is_a_hint_with_the_first_document(void **state)
{
	struct seen s;

	(void)state;
	look(&s,
	    UNB "UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'FTX+AAI+++\xd6\xd0\xce"
		"\xc4'UNS+D'CST+1'UNS+S'UNT+7+M1'" MSG2 "UNZ+2+I1'",
	    NULL);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.d[0].findings->n, 1);
	test_slice_is(s.d[0].findings->first->en,
	    "the text is labelled UNOC and is GB18030");
	assert_int_equal(s.d[1].findings->n, 0);
	done(&s);
}

/* Entries of an archive, each with its own text. */
static void
look_zip(struct seen *s, const char *const *bodies, unsigned int n)
{
	static const struct slice name[] = { { "../x/0.xml", 10 },
		{ "1.xml", 5 }, { "/2.xml", 6 } };
	struct zip_entry e[3] = { 0 };
	struct err err;
	struct buf z;
	struct slice raw;

	buf_init(&z, 1 << 20);
	for (unsigned int i = 0; i < n; i++)
		e[i] = (struct zip_entry){ name[i], slice_of(bodies[i]),
			i + 1 < n ? &e[i + 1] : NULL, false };
	assert_int_equal(
	    zip_write(n == 0 ? NULL : e, 0x21, 0, &z, &err), RC_OK);
	raw = buf_look(&z);
	look_raw(s, raw, NULL);
	buf_clear(&z);
}

static void
test_each_entry_of_an_archive_is_looked_at(void **state)
{
	static const char *const bodies[] = { "<Order/>", "", "PK\003\004 x" };
	static const enum finding_kind want[] = { FIND_NO_FORMAT, FIND_EMPTY,
		FIND_FORBIDDEN };
	char name[16];
	struct seen s;

	(void)state;
	look_zip(&s, bodies, 3);
	assert_int_equal(s.n, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(s.d[i].findings->first->kind, want[i]);
		(void)snprintf(name, sizeof(name), "%u.xml", i);
		test_slice_is(s.d[i].file_name, name);
		assert_int_equal(s.d[i].layer, 1);
	}
	done(&s);
}

static void
test_a_format_travels_only_where_it_may(void **state)
{
	static const char *const bodies[] = { MSG };
	struct seen s;

	(void)state;
	look_zip(&s, bodies, 1);
	assert_int_equal(s.n, 1);
	/* a bare message inside an archive, which its format does not name */
	is_plan(&s.d[0], "un-cusdec-d96b");
	assert_int_equal(s.d[0].findings->first->kind, FIND_ENVELOPE);
	done(&s);
}

static void
test_a_damaged_archive_is_one_document(void **state)
{
	struct seen s;

	(void)state;
	look(&s, "PK\003\004 and no more", NULL);
	says(&s, FIND_SYNTAX, "the archive is damaged");
	done(&s);
}

static enum rc
document_refuse(void *arg, const struct document *d, struct err *err)
{
	unsigned int *n = arg;

	(void)d;
	(*n)++;
	return err_set(err, RC_LATER, "not now");
}

static void
test_what_the_caller_answers_ends_the_arrival(void **state)
{
	struct bench *b = bench_new();
	unsigned int n = 0;
	struct identify_in in = {
		.raw = SLICE_LIT(UNB MSG MSG2 "UNZ+2+I1'"),
		.all = all.plan,
		.nall = all.n,
	};

	(void)state;
	assert_int_equal(
	    identify_arrival(&in, b->mem, b->mem, document_refuse, &n, &b->err),
	    RC_LATER);
	assert_string_equal(b->err.text, "not now");
	assert_int_equal(n, 1);
	bench_free(b);
}

static void
test_memory_that_runs_out_is_told_as_later(void **state)
{
	struct slice raw = test_file("tests/data/edifact/CUSDEC-import.edi");

	(void)state;
	for (size_t room = 0; room < 40000; room += 997) {
		struct bench *b = bench_new();
		struct seen s = { .b = b };
		struct arena *small = arena_new(room);
		struct identify_in in = {
			.raw = raw, .all = all.plan, .nall = all.n
		};
		enum rc rc = identify_arrival(
		    &in, small, small, document_keep, &s, &b->err);

		assert_true(rc == RC_OK || rc == RC_LATER);
		assert_true(rc == RC_LATER || s.n == 1);
		arena_free(small);
		bench_free(b);
	}
	free((void *)(uintptr_t)raw.p);
}

static int
formats_open(void **state)
{
	char *dir = test_path("mappings");
	struct complaints c;
	struct err err = { "" };
	const struct plan *p;

	(void)state;
	complaints_init(&c);
	if (formats_load(&all.formats, dir, &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		return -1;
	}
	while (
	    (p = format_nth(all.formats, all.n)) != NULL && all.n < PLANS_MAX)
		all.plan[all.n++] = p;
	complaints_clear(&c);
	free(dir);
	return 0;
}

static int
formats_close(void **state)
{
	(void)state;
	formats_free(all.formats);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_each_sample_is_taken_for_what_it_is),
		T(test_an_entry_of_an_archive_has_its_own_name),
		T(test_messages_come_with_their_envelope),
		T(test_a_bad_envelope_gives_out_no_message),
		T(test_a_bad_message_is_told_alone),
		T(test_bytes_behind_an_interchange_are_a_document_of_their_own),
		T(test_what_is_not_accepted_is_named),
		T(test_what_is_no_format_of_ours_says_what_it_looks_like),
		T(test_nothing_is_told_as_empty),
		T(test_broken_xml_is_told_under_its_format),
		T(test_gbk_under_another_label_is_a_hint_with_the_first_document),
		T(test_each_entry_of_an_archive_is_looked_at),
		T(test_a_format_travels_only_where_it_may),
		T(test_a_damaged_archive_is_one_document),
		T(test_what_the_caller_answers_ends_the_arrival),
		T(test_memory_that_runs_out_is_told_as_later),
	};

	return cmocka_run_group_tests(tests, formats_open, formats_close);
}
