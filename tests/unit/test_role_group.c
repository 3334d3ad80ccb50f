/*
 * Deliver with a message that comes in pieces and has files beside it: one
 * delivery, whatever happens between any two of its names.
 */
#include "tests/unit/role_test.h"
#include <errno.h>
#include <sys/syscall.h>

#define ID 4711

static unsigned int full_at; /* the disk is full at this rename from now */
static bool synced_with;     /* a.y.pdf stood at the last sync of out/ */

int
renameat2(
    int from, const char *name, int to, const char *as, unsigned int flags)
{
	if (full_at > 0 && --full_at == 0) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from, name, to, as, flags);
}

int
fsync(int fd)
{
	if (faccessat(fd, ".entrepot", F_OK, 0) == 0)
		synced_with = faccessat(fd, "a.y.pdf", F_OK, 0) == 0;
	return (int)syscall(SYS_fsync, fd);
}

/* Piece N of the message (file 0) or of a file beside it: part of TEXT. */
static void
piece(struct stage *s, uint32_t n, uint32_t file, const char *name,
    const char *text, uint64_t at, uint64_t len)
{
	struct err err;

	stage_say(s, MSG_PIECE,
	    &(struct msg_PIECE){ .delivery = ID,
		.partner = slice_of("acme"),
		.number = n,
		.file = file,
		.name = slice_of(name),
		.at = at,
		.len = len },
	    fsx_memfd("piece", slice_of(text), &err));
}

static void
order(struct stage *s, uint32_t pieces)
{
	stage_say(s, MSG_DELIVER,
	    &(struct msg_DELIVER){ .delivery = ID,
		.partner = slice_of("acme"),
		.channel = slice_of("folder"),
		.name = slice_of("a.xml"),
		.pieces = pieces,
		.attempt = 1 },
	    -1);
}

/* The message is "one two", beside it stand "PDF" and nothing. */
static void
group(struct stage *s)
{
	piece(s, 0, 0, "", "one three", 0, 4);
	piece(s, 1, 0, "", "two", 0, 3);
	piece(s, 2, 1, "a.x.pdf", "a PDF", 2, 3);
	piece(s, 3, 2, "a.y.pdf", "", 0, 0);
}

static void
heard(struct stage *s, enum msg_type type, enum rc rc, const char *why)
{
	struct msg *m = stage_heard(s, type);
	const struct msg_STAGED *a = m->body; /* PUBLISHED is alike */

	assert_int_equal(a->delivery, ID);
	assert_int_equal(a->rc, rc);
	test_slice_is(a->why, why);
	msg_free(m);
}

static void
picked(struct stage *s)
{
	msg_free(stage_heard(s, MSG_PICKED));
}

static void
publish(struct stage *s)
{
	stage_say(s, MSG_PUBLISH, &(struct msg_PUBLISH){ .delivery = ID }, -1);
}

static void
published(struct stage *s)
{
	group(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_OK, "");
	publish(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
}

static void
name_told(struct stage *s, uint32_t n, const char *name)
{
	stage_say(s, MSG_PIECE,
	    &(struct msg_PIECE){ .delivery = ID,
		.partner = slice_of("acme"),
		.number = n,
		.file = n + 1,
		.name = slice_of(name) },
	    -1);
}

/* What the spool tells after a start. */
static void
standing(struct stage *s, bool staged)
{
	name_told(s, 0, "a.x.pdf");
	name_told(s, 1, "a.y.pdf");
	stage_say(s, MSG_STANDING,
	    &(struct msg_STANDING){ .delivery = ID,
		.partner = slice_of("acme"),
		.channel = slice_of("folder"),
		.name = slice_of("a.xml"),
		.staged = staged },
	    -1);
	stage_say(s, MSG_STANDING, &(struct msg_STANDING){ 0 }, -1);
}

static const char *
staged_path(const char *end)
{
	static char path[4][80];
	static unsigned int turn;
	char *p = path[turn++ % 4], text[ID_TEXT];

	(void)snprintf(
	    p, sizeof(path[0]), "out/.entrepot/%s%s", id_print(ID, text), end);
	return p;
}

static void
gone(struct stage *s, const char *name)
{
	assert_int_equal(unlink(bench_path(&s->b, name)), 0);
	stage_run(s);
}

static void
test_pieces_become_a_message_and_files_beside_it(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	group(s);
	stage_silent(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_OK, "");
	bench_holds(&s->b, staged_path(""), "one two");
	bench_holds(&s->b, staged_path(".1"), "PDF");
	assert_false(bench_there(&s->b, "out/a.x.pdf"));
	publish(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	bench_holds(&s->b, "out/a.xml", "one two");
	bench_holds(&s->b, "out/a.x.pdf", "PDF");
	bench_holds(&s->b, "out/a.y.pdf", "");
	assert_false(bench_there(&s->b, staged_path("")));
	assert_false(bench_there(&s->b, staged_path(".1")));
	stage_free(s);
}

static void
test_it_is_picked_up_when_all_of_it_is(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	published(s);
	gone(s, "out/a.xml");
	stage_silent(s);
	gone(s, "out/a.x.pdf");
	stage_silent(s);
	gone(s, "out/a.y.pdf");
	picked(s);
	stage_free(s);
}

static void
test_the_message_is_the_last_to_appear(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	group(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_OK, "");
	bench_put(&s->b, "out/a.xml", "theirs");
	publish(s);
	stage_silent(s);
	bench_holds(&s->b, "out/a.x.pdf", "PDF");
	bench_holds(&s->b, "out/a.xml", "theirs");
	gone(s, "out/a.xml");
	clock_move(&s->clock, 6000);
	stage_run(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	bench_holds(&s->b, "out/a.xml", "one two");
	stage_free(s);
}

static void
test_after_a_crash_between_its_names_the_rest_is_published(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	group(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_OK, "");
	assert_int_equal(rename(bench_path(&s->b, staged_path(".1")),
			     bench_path(&s->b, "out/a.x.pdf")),
	    0);
	stage_again(s);
	standing(s, true);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	bench_holds(&s->b, "out/a.xml", "one two");
	bench_holds(&s->b, "out/a.y.pdf", "");
	/* and after another, all of it stands */
	stage_again(s);
	standing(s, false);
	stage_silent(s);
	gone(s, "out/a.xml");
	gone(s, "out/a.y.pdf");
	stage_silent(s);
	gone(s, "out/a.x.pdf");
	picked(s);
	stage_free(s);
}

static void
test_what_did_not_come_whole_is_not_staged(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	group(s);
	order(s, 5);
	heard(s, MSG_STAGED, RC_LATER, "4 of its 5 pieces came");
	assert_false(bench_there(&s->b, staged_path("")));
	assert_false(bench_there(&s->b, staged_path(".1")));
	order(s, 4);
	heard(s, MSG_STAGED, RC_LATER, "its pieces did not come");
	/* the same again, from its first piece on */
	group(s);
	group(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_OK, "");
	bench_holds(&s->b, staged_path(""), "one two");
	piece(s, 0, 0, "", "short", 3, 10);
	order(s, 1);
	heard(s, MSG_STAGED, RC_REFUSED,
	    "file ends at byte 5, want 10 bytes from 3");
	stage_free(s);
}

static void
test_a_name_that_another_file_has_is_told_and_ours_is_known_again(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	bench_put(&s->b, "out/a.x.pdf", "pdf");
	group(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_REFUSED,
	    "another file stands under the name 'a.x.pdf'");
	assert_false(bench_there(&s->b, staged_path("")));
	bench_put(&s->b, "out/a.x.pdf", "PDF"); /* of an earlier try */
	published(s);
	bench_holds(&s->b, "out/a.x.pdf", "PDF");
	bench_holds(&s->b, "out/a.xml", "one two");
	stage_free(s);
}

static void
test_a_name_beside_is_one_name_and_not_hidden(void **state)
{
	static const char *const wrong[] = { "", ".x.pdf", "../x.pdf", "b/x" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct stage *s = stage_new(&role_deliver);
		struct msg *m;

		bench_put(&s->b, "out/.x.pdf", "pdf"); /* the same bytes */
		piece(s, 0, 0, "", "body", 0, 4);
		piece(s, 1, 1, wrong[i], "pdf", 0, 3);
		order(s, 2);
		m = stage_heard(s, MSG_STAGED);
		assert_int_equal(
		    ((const struct msg_STAGED *)m->body)->rc, RC_REFUSED);
		msg_free(m);
		stage_free(s);
	}
}

static void
rejected(struct stage *s, const char *name)
{
	struct msg *m = stage_heard(s, MSG_REJECTED);

	test_slice_is(((const struct msg_REJECTED *)m->body)->name, name);
	msg_free(m);
}

static void
refusing(struct stage *s)
{
	stage_stop(s);
	s->b.conf.agency = true;
	s->b.conf.refused = "no";
	assert_int_equal(mkdir(bench_path(&s->b, "no"), 0700), 0);
	stage_start(s, &role_deliver);
	stage_say(s, MSG_STANDING, &(struct msg_STANDING){ 0 }, -1);
}

/* The spool says that it is a file of ours. */
static void
withdraw(struct stage *s)
{
	struct msg *m;
	const struct msg_WITHDRAWN *w;

	stage_say(s, MSG_WITHDRAW,
	    &(struct msg_WITHDRAW){ .delivery = ID, .part = 1, .mark = 77 },
	    -1);
	m = stage_heard(s, MSG_WITHDRAWN);
	w = m->body;
	assert_int_equal(w->delivery, ID);
	assert_int_equal(w->part, 1);
	assert_int_equal(w->mark, 77);
	msg_free(m);
}

static void
refused_by_partner(struct stage *s, const char *name)
{
	char in[40], out[40];

	(void)snprintf(in, sizeof(in), "out/%s", name);
	(void)snprintf(out, sizeof(out), "no/%s", name);
	bench_move(&s->b, in, out);
	stage_run(s);
	rejected(s, name);
}

static void
test_what_the_partner_refuses_is_taken_back_with_all_of_it(void **state)
{
	static const char *const name[] = { "a.xml", "a.x.pdf" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct stage *s = stage_new(&role_deliver);

		refusing(s);
		published(s);
		assert_true(synced_with);
		bench_put(&s->b, "out/b.x.pdf", "another's");
		refused_by_partner(s, name[i]);
		withdraw(s);
		picked(s);
		assert_false(synced_with);
		assert_false(bench_there(&s->b, "out/a.xml"));
		assert_false(bench_there(&s->b, "out/a.x.pdf"));
		assert_false(bench_there(&s->b, "out/a.y.pdf"));
		assert_true(bench_there(&s->b, "out/b.x.pdf"));
		withdraw(s); /* told again: it has nothing there */
		assert_true(bench_there(&s->b, "out/b.x.pdf"));
		stage_free(s);
	}
}

/* It may be another's of that name, or be there since it was sent before. */
static void
test_a_refused_file_takes_back_nothing_before_it_is_known_whose(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	refusing(s);
	published(s);
	bench_put(&s->b, "no/a.xml", "of another one");
	stage_run(s);
	rejected(s, "a.xml");
	stage_silent(s);
	bench_holds(&s->b, "out/a.xml", "one two");
	bench_holds(&s->b, "out/a.x.pdf", "PDF");
	/* a refusal holds after a start, too */
	stage_stop(s);
	bench_move(&s->b, "out/a.x.pdf", "no/a.x.pdf");
	stage_start(s, &role_deliver);
	standing(s, false);
	msg_free(stage_heard(s, MSG_REJECTED));
	msg_free(stage_heard(s, MSG_REJECTED));
	stage_run(s);
	withdraw(s);
	picked(s);
	assert_false(bench_there(&s->b, "out/a.xml"));
	assert_false(bench_there(&s->b, "out/a.y.pdf"));
	stage_free(s);
}

static void
test_what_cannot_all_be_published_is_taken_back(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	group(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_OK, "");
	full_at = 3; /* the message itself */
	publish(s);
	heard(s, MSG_PUBLISHED, RC_LATER,
	    "publishing 'a.xml': rename '0000000-0004K7D' to 'a.xml': No space "
	    "left on device");
	assert_false(bench_there(&s->b, "out/a.x.pdf"));
	assert_false(bench_there(&s->b, "out/a.y.pdf"));
	assert_false(synced_with);
	published(s);
	assert_true(synced_with);
	stage_free(s);
}

static void
test_what_was_never_published_is_not_taken_back(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	group(s);
	order(s, 4);
	heard(s, MSG_STAGED, RC_OK, "");
	bench_put(&s->b, "out/a.y.pdf", "theirs");
	full_at = 1; /* so that the second file's name is not tried */
	publish(s);
	heard(s, MSG_PUBLISHED, RC_LATER,
	    "publishing 'a.xml': rename '0000000-0004K7D.1' to 'a.x.pdf': No "
	    "space left on device");
	bench_holds(&s->b, "out/a.y.pdf", "theirs");
	stage_free(s);
}

/* What was staged is where the folder is now: all of it comes again. */
static void
test_a_folder_moved_away_between_two_pieces_is_no_refusal(void **state)
{
	struct stage *s = stage_new(&role_deliver);
	struct msg *m;

	(void)state;
	for (int last = 0; last < 2; last++) {
		piece(s, 0, 0, "", "one three", 0, 4);
		if (last)
			piece(s, 1, 1, "a.x.pdf", "a PDF", 2, 3);
		bench_move(&s->b, "out", last ? "away2" : "away");
		if (!last)
			piece(s, 1, 1, "a.x.pdf", "a PDF", 2, 3);
		order(s, 2);
		m = stage_heard(s, MSG_STAGED);
		assert_int_equal(
		    ((const struct msg_STAGED *)m->body)->rc, RC_LATER);
		msg_free(m);
		assert_false(bench_there(&s->b, "out/a.x.pdf"));
	}
	published(s);
	stage_free(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_pieces_become_a_message_and_files_beside_it),
		T(test_it_is_picked_up_when_all_of_it_is),
		T(test_the_message_is_the_last_to_appear),
		T(test_after_a_crash_between_its_names_the_rest_is_published),
		T(test_what_did_not_come_whole_is_not_staged),
		T(test_a_name_that_another_file_has_is_told_and_ours_is_known_again),
		T(test_a_folder_moved_away_between_two_pieces_is_no_refusal),
		T(test_a_name_beside_is_one_name_and_not_hidden),
		T(test_what_the_partner_refuses_is_taken_back_with_all_of_it),
		T(test_a_refused_file_takes_back_nothing_before_it_is_known_whose),
		T(test_what_cannot_all_be_published_is_taken_back),
		T(test_what_was_never_published_is_not_taken_back),
	};

	return TESTS_RUN(tests);
}
