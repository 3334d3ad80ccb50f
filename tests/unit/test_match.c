/*
 * A receipt's record says which leg it is about and what it means; the real
 * directory and the real channel list are used, a reader is not needed.
 */
#include "tests/unit/test.h"
#include <stdlib.h>
#include <string.h>
#include "src/match/match.h"
#include "src/record/complaints.h"

#define MEM (4u << 20)

struct world {
	struct codelists *codes;
	struct directory *dir;
	const struct group *receipt;
	struct arena *mem;
	struct plan plan;
	struct record record;
	struct findings found;
	struct claim_receipt got[8];
	unsigned int ngot;
};

static int
world_new(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct complaints c;
	struct err err;
	char *codes = test_path("mappings/codes");
	char *dir = test_path("mappings/directory");

	assert_non_null(w);
	complaints_init(&c);
	assert_int_equal(codelists_load(&w->codes, codes, &c, &err), RC_OK);
	assert_int_equal(
	    directory_load(&w->dir, dir, w->codes, &c, &err), RC_OK);
	complaints_clear(&c);
	free(codes);
	free(dir);
	w->receipt = directory_receipt(
	    w->dir, directory_document(w->dir, SLICE_LIT("declaration")));
	assert_non_null(w->receipt);
	w->mem = arena_new(MEM);
	assert_non_null(w->mem);
	w->plan.name = "cn-dec-result";
	w->plan.has_zone = true;
	w->plan.zone_minutes = 480;
	*state = w;
	return 0;
}

static int
world_free(void **state)
{
	struct world *w = *state;

	arena_free(w->mem);
	directory_free(w->dir);
	codelists_free(w->codes);
	free(w);
	return 0;
}

static void
take(void *arg, const struct claim_receipt *r)
{
	struct world *w = arg;

	assert_true(w->ngot < 8);
	w->got[w->ngot++] = *r;
}

/* As the reader does with "code dec-channel.cn gives level, outcome ...". */
static void
channel_read(struct world *w, const char *path)
{
	static const char *const gives[] = { "level", "outcome", "rank",
		"final" };
	const struct codelist *l =
	    codelist_find(w->codes, SLICE_LIT("dec-channel"));
	struct value *v = (struct value *)record_get(w->record.root, path);
	const struct code_row *row;

	/* status is plain text in the directory: the reader keeps no row */
	v->scheme = "dec-channel.cn";
	row = code_read(
	    l, codelist_column(l, SLICE_LIT("cn")), v->text, 20240615);
	if (row == NULL) {
		v->flags = VALUE_RAW;
		return;
	}
	for (size_t i = 0; i < 4; i++) {
		char leaf[64];
		int c = codelist_column(l, slice_of(gives[i]));

		(void)snprintf(leaf, sizeof(leaf), "%.*s%s",
		    (int)(strlen(path) - strlen("status")), path, gives[i]);
		assert_non_null(
		    record_set(&w->record, w->record.root, leaf, row->cell[c]));
	}
	v->text = row->code;
}

static void
match(struct world *w, const char *lines, const char *decoded)
{
	struct receipt_in in = { .plan = &w->plan,
		.record = &w->record,
		.text = slice_of(decoded),
		.codes = w->codes };
	struct err err;

	arena_rewind(w->mem);
	w->ngot = 0;
	w->record = (struct record){ .mem = w->mem, .dir = w->dir };
	w->record.root = node_new(w->mem, w->receipt, NULL);
	findings_init(&w->found, w->mem);
	assert_int_equal(
	    record_parse(&w->record, w->record.root, slice_of(lines), &err),
	    RC_OK);
	if (record_get(w->record.root, "status") != NULL)
		channel_read(w, "status");
	if (record_get(w->record.root, "part[1].status") != NULL)
		channel_read(w, "part[1].status");
	assert_int_equal(
	    receipt_match(&in, w->mem, &w->found, take, w, &err), RC_OK);
}

static struct slice
key_of(const struct claim_receipt *r, const char *name)
{
	return key_text(r->key_of, r->nkeys, name);
}

/* samples c01-4: channel L brings the customs number */
static void
test_a_receipt_names_its_leg_by_the_keys_inside_about(void **state)
{
	struct world *w = *state;

	match(w,
	    "about.platform_number\tI20241310000000001\n"
	    "about.entry_number\t790120241000000001\n"
	    "status\tL\n"
	    "time\t2024-06-15T10:42:11\n"
	    "text\t海关入库成功\n",
	    "");
	assert_int_equal(w->ngot, 1);
	assert_int_equal(w->got[0].nkeys, 2);
	test_slice_is(key_of(&w->got[0], "platform"), "I20241310000000001");
	test_slice_is(key_of(&w->got[0], "customs"), "790120241000000001");
	test_slice_is(key_of(&w->got[0], "filer"), "");
	test_slice_is(w->got[0].format, "cn-dec-result");
	test_slice_is(w->got[0].status, "L");
	test_slice_is(w->got[0].code, "accepted");
	test_slice_is(w->got[0].level, "decision");
	test_slice_is(w->got[0].outcome, "accepted");
	assert_int_equal(w->got[0].rank, 30);
	assert_false(w->got[0].final);
	test_slice_is(w->got[0].text, "海关入库成功");
	test_slice_is(w->got[0].en, "accepted into the customs database");
	test_slice_is(w->got[0].zh, "海关入库成功");
	assert_int_equal(w->found.n, 0);
}

/* sw-xml: an agency says what came of it, not how we rank that */
static void
test_an_outcome_alone_has_the_level_and_rank_of_the_list(void **state)
{
	struct world *w = *state;

	match(w,
	    "about.number\tA-1\n"
	    "outcome\tclosed\n",
	    "");
	test_slice_is(w->got[0].level, "decision");
	assert_int_equal(w->got[0].rank, 90);
	assert_true(w->got[0].final);
	match(w,
	    "about.number\tA-1\n"
	    "level\tformat\n"
	    "outcome\tfailed\n"
	    "rank\t7\n",
	    "");
	test_slice_is(w->got[0].level, "format");
	assert_int_equal(w->got[0].rank, 7);
	assert_false(w->got[0].final);
}

static void
test_a_time_without_zone_is_the_formats_own(void **state)
{
	struct world *w = *state;

	match(w, "status\tR\ntime\t2024-06-15T10:30:05\n", "");
	/* 10:30:05 in China is 02:30:05 UTC */
	assert_true(w->got[0].event_ms == INT64_C(1718418605000));
	assert_true(w->got[0].final);
	match(w, "status\tR\ntime\t2024-06-15T10:30:05+00:00\n", "");
	assert_true(w->got[0].event_ms == INT64_C(1718447405000));
	match(w, "status\tR\n", "");
	assert_true(w->got[0].event_ms == 0);
}

static void
test_the_status_is_told_as_the_agency_wrote_it(void **state)
{
	struct world *w = *state;
	struct receipt_in in = { .plan = &w->plan,
		.record = &w->record,
		.text = SLICE_LIT("<CHANNEL> P </CHANNEL>"),
		.codes = w->codes };
	struct value *v;
	struct err err;

	match(w, "status\tP\n", "");
	v = (struct value *)record_get(w->record.root, "status");
	v->at = 9;
	v->span = 3;
	w->ngot = 0;
	assert_int_equal(
	    receipt_match(&in, w->mem, &w->found, take, w, &err), RC_OK);
	test_slice_is(w->got[0].status, "P");
	test_slice_is(w->got[0].code, "released");
}

/* samples dec-edge e11: channel q9 */
static void
test_an_unknown_status_is_a_finding_and_claims_no_outcome(void **state)
{
	struct world *w = *state;

	match(w, "about.platform_number\tI20241310000000001\nstatus\tq9\n", "");
	assert_int_equal(w->ngot, 1);
	test_slice_is(w->got[0].status, "q9");
	test_slice_is(w->got[0].code, "");
	test_slice_is(w->got[0].outcome, "");
	assert_int_equal(w->found.n, 1);
	assert_int_equal(w->found.first->kind, FIND_STATUS_UNKNOWN);
	test_slice_is(w->found.first->en, "the status 'q9' is unknown");
}

/* samples c04: only the file name holds a key, and the reader took it */
static void
test_a_receipt_without_any_key_claims_none(void **state)
{
	struct world *w = *state;

	match(w, "text\t加签失败\n", "");
	assert_int_equal(w->ngot, 1);
	assert_int_equal(w->got[0].nkeys, 0);
	match(w, "about.number\t\n", "");
	assert_int_equal(w->got[0].nkeys, 0);
}

static void
test_parts_speak_for_themselves_and_take_the_rest_from_the_whole(void **state)
{
	struct world *w = *state;

	match(w,
	    "about.platform_number\tI2\n"
	    "status\tJ\n"
	    "time\t2024-06-15T10:30:05\n"
	    "part[1].about.number\tA-1\n"
	    "part[1].status\tZ\n"
	    "part[1].text\tname is missing\n"
	    "part[2].text\tthe rest\n",
	    "");
	assert_int_equal(w->ngot, 2);
	test_slice_is(key_of(&w->got[0], "filer"), "A-1");
	test_slice_is(key_of(&w->got[0], "platform"), "");
	test_slice_is(w->got[0].outcome, "returned");
	test_slice_is(w->got[0].text, "name is missing");
	assert_true(w->got[0].event_ms == w->got[1].event_ms);
	test_slice_is(key_of(&w->got[1], "platform"), "I2");
	test_slice_is(w->got[1].outcome, "reviewed");
	test_slice_is(w->got[1].text, "the rest");
}

static void
test_at_the_technical_levels_below_the_whole_speaks_beside_its_parts(
    void **state)
{
	struct world *w = *state;

	match(w,
	    "about.number\tA\nlevel\tformat\noutcome\trefused\n"
	    "part[1].about.number\tB\n",
	    "");
	assert_int_equal(w->ngot, 2);
	test_slice_is(key_of(&w->got[0], "filer"), "B");
	test_slice_is(key_of(&w->got[1], "filer"), "A");
	test_slice_is(w->got[0].outcome, "refused");
}

static void
test_what_the_agency_found_is_told_line_by_line(void **state)
{
	struct world *w = *state;

	match(w,
	    "about.number\tA\n"
	    "finding[1].fault\t12\n"
	    "finding[1].segment\t7\n"
	    "finding[1].detail[1].element\t2\n"
	    "finding[1].text\tInvalid \"value\"\n"
	    "finding[2].fault\t13\n",
	    "");
	test_slice_is(w->got[0].complaints,
	    "{\"severity\":\"error\",\"code\":\"12\",\"segment\":7,\"part\":2,"
	    "\"en\":\"Invalid \\\"value\\\"\",\"zh\":\"Invalid "
	    "\\\"value\\\"\"}\n"
	    "{\"severity\":\"error\",\"code\":\"13\",\"en\":\"13\","
	    "\"zh\":\"13\"}\n");
}

static void
left_out_is(const struct world *w, const char *bytes)
{
	assert_int_equal(w->found.n, 1);
	assert_int_equal(w->found.first->kind, FIND_KEY_LEFT);
	test_slice_is(w->found.first->found, bytes);
	test_slice_is(w->found.first->wanted, "446");
}

static void
test_a_key_too_long_to_be_one_is_left_out_and_told(void **state)
{
	struct world *w = *state;
	char lines[1200] = "about.platform_number\tI2\nabout.number\t";
	size_t at = strlen(lines);

	memset(lines + at, 'x', CLAIM_KEY + 1);
	match(w, lines, "");
	assert_int_equal(w->got[0].nkeys, 1);
	test_slice_is(key_of(&w->got[0], "filer"), "");
	left_out_is(w, "447");
	/* the only one: its name may say whose it is */
	match(w, lines + strlen("about.platform_number\tI2\n"), "");
	assert_int_equal(w->got[0].nkeys, 0);
	assert_false(w->got[0].unreadable);
	left_out_is(w, "447");
	lines[at + CLAIM_KEY] = '\0';
	match(w, lines, "");
	assert_int_equal(w->got[0].nkeys, 2);
	assert_int_equal(w->found.n, 0);
}

/* Without its own key it would speak of the whole's filing. */
static void
test_a_part_whose_key_is_too_long_is_nobodys_and_the_others_stand(void **state)
{
	struct world *w = *state;
	char lines[1400] = "about.platform_number\tI2\nstatus\tJ\n"
			   "part[1].about.number\tA-1\n"
			   "part[2].text\tthe rest\n"
			   "part[3].about.number\t";
	size_t at = strlen(lines);

	memset(lines + at, 'x', CLAIM_KEY + 1);
	match(w, lines, "");
	assert_int_equal(w->ngot, 3);
	test_slice_is(key_of(&w->got[0], "filer"), "A-1");
	test_slice_is(key_of(&w->got[1], "platform"), "I2");
	assert_false(w->got[0].unreadable || w->got[1].unreadable);
	assert_true(w->got[2].unreadable);
	assert_int_equal(w->got[2].nkeys, 0);
	assert_int_equal(w->found.n, 1);
	assert_int_equal(w->found.first->kind, FIND_KEY_LONG);
	test_slice_is(w->found.first->found, "447");
	/* another key of its own says whose it is all the same */
	memcpy(lines + at + CLAIM_KEY + 1,
	    "\npart[3].about.platform_number\tI3\n",
	    sizeof("\npart[3].about.platform_number\tI3\n"));
	match(w, lines, "");
	assert_false(w->got[2].unreadable);
	test_slice_is(key_of(&w->got[2], "platform"), "I3");
	left_out_is(w, "447");
}

static void
test_an_item_is_told_by_its_whole_number(void **state)
{
	struct world *w = *state;
	const char *text;

	match(w,
	    "about.number\tA\n"
	    "finding[1].item\t100001\nfinding[1].fault\t12\n"
	    "finding[2].item\t999999999\nfinding[2].fault\t12\n",
	    "");
	text = arena_str(w->mem, w->got[0].complaints);
	assert_non_null(strstr(text, "\"element\":\"item[100001]\""));
	assert_non_null(strstr(text, "\"element\":\"item[999999999]\""));
}

#define FLOOD 200

static void
test_of_a_flood_of_complaints_the_first_are_told_and_how_many_more(void **state)
{
	struct world *w = *state;
	static char lines[FLOOD * 2000];
	size_t at = 0, kept = 0;
	char last[64];
	struct slice rest, line = SLICE_LIT("");

	for (unsigned int i = 1; i <= FLOOD; i++)
		at += (size_t)snprintf(lines + at, sizeof(lines) - at,
		    "finding[%u].text\t%01900u\n", i, i);
	match(w, lines, "");
	rest = w->got[0].complaints;
	assert_true(rest.len > (200u << 10) && rest.len <= (256u << 10));
	while (rest.len > 0) {
		line = slice_cut(&rest, '\n');
		kept++;
	}
	kept--; /* the last one tells of the rest */
	assert_true(kept > 0 && kept < FLOOD);
	(void)snprintf(last, sizeof(last), "\"found\":\"%zu\"", FLOOD - kept);
	assert_non_null(strstr(arena_str(w->mem, line), "\"code\":\"E0123\""));
	assert_non_null(strstr(arena_str(w->mem, line), last));
}

static void
test_parts_of_a_compound_key_are_joined_and_none_may_be_missing(void **state)
{
	struct world *w = *state;
	const struct group *g =
	    directory_document(w->dir, SLICE_LIT("transmission"));
	struct record r = { .mem = w->mem, .dir = w->dir };
	struct claim_key key[CLAIM_KEYS];
	struct err err;

	arena_rewind(w->mem);
	r.root = node_new(w->mem, g, NULL);
	assert_int_equal(record_parse(&r, r.root,
			     SLICE_LIT("sender\tS\nreceiver\tR\n"
				       "interchange\t77\n"),
			     &err),
	    RC_OK);
	assert_int_equal(keys_collect(r.root, key, CLAIM_KEYS, w->mem), 1);
	test_slice_is(key[0].name, "interchange");
	test_slice_is(key[0].text, "S\x1fR\x1f"
				   "77");
	assert_int_equal(keys_collect(r.root, key, 0, w->mem), 0);
	assert_int_equal(keys_collect(NULL, key, CLAIM_KEYS, w->mem), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_receipt_names_its_leg_by_the_keys_inside_about),
		T(test_an_outcome_alone_has_the_level_and_rank_of_the_list),
		T(test_a_time_without_zone_is_the_formats_own),
		T(test_the_status_is_told_as_the_agency_wrote_it),
		T(test_an_unknown_status_is_a_finding_and_claims_no_outcome),
		T(test_a_receipt_without_any_key_claims_none),
		T(test_parts_speak_for_themselves_and_take_the_rest_from_the_whole),
		T(test_at_the_technical_levels_below_the_whole_speaks_beside_its_parts),
		T(test_what_the_agency_found_is_told_line_by_line),
		T(test_a_key_too_long_to_be_one_is_left_out_and_told),
		T(test_a_part_whose_key_is_too_long_is_nobodys_and_the_others_stand),
		T(test_an_item_is_told_by_its_whole_number),
		T(test_of_a_flood_of_complaints_the_first_are_told_and_how_many_more),
		T(test_parts_of_a_compound_key_are_joined_and_none_may_be_missing),
	};

	return cmocka_run_group_tests(tests, world_new, world_free);
}
