/*
 * One event is one line, whatever a file is called.
 */
#include "tests/unit/test.h"
#include "src/base/log.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct said {
	int fd;
	char text[8192];
};

static void
said_open(struct said *s, const char *role, enum log_level upto)
{
	s->fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(s->fd >= 0);
	log_open(role, upto, s->fd);
}

static const char *
said_close(struct said *s)
{
	ssize_t n = pread(s->fd, s->text, sizeof(s->text) - 1, 0);

	assert_true(n >= 0);
	s->text[n] = '\0';
	(void)close(s->fd);
	log_open(NULL, LOG_NOTE, -1);
	return s->text;
}

static void
test_a_line_has_its_event_first_and_its_role_last(void **state)
{
	struct said s;

	(void)state;
	said_open(&s, "spool", LOG_NOTE);
	log_event(LOG_NOTE, "deliver.waits", "leg=%s try=%d", "7Q2K-4M", 3);
	assert_string_equal(
	    said_close(&s), "deliver.waits leg=7Q2K-4M try=3 role=spool\n");
}

static void
test_a_line_about_a_role_names_it_once(void **state)
{
	struct said s;

	(void)state;
	said_open(&s, "supervisor", LOG_NOTE);
	log_event(LOG_NOTE, "role.ready", "role=%s pid=%d", "spool", 3);
	assert_string_equal(said_close(&s), "role.ready role=spool pid=3\n");
}

static void
test_details_are_silent_unless_asked_for(void **state)
{
	struct said s;

	(void)state;
	said_open(&s, NULL, LOG_WARN);
	log_event(LOG_NOTE, "a", "x=1");
	log_event(LOG_WARN, "b", "x=2");
	log_event(LOG_ALARM, "c", "x=3");
	assert_string_equal(
	    said_close(&s), "b x=2 unlisted=1\nc x=3 unlisted=1\n");
}

static void
test_a_value_can_not_forge_a_line_nor_move_the_cursor(void **state)
{
	struct said s;

	(void)state;
	said_open(&s, NULL, LOG_NOTE);
	log_event(
	    LOG_NOTE, "a", "name=%s", "x\nb y=1\r\x1b[2J\x7f\xc2\x9b\xc3\xa9");
	assert_string_equal(said_close(&s),
	    "a name=x\\x0ab y=1\\x0d\\x1b[2J\\x7f\\xc2\\x9b\xc3\xa9 "
	    "unlisted=1\n");
}

static void
test_a_long_line_is_cut_and_still_one_line(void **state)
{
	struct said s;
	char word[5000];
	const char *line;

	(void)state;
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	said_open(&s, "spool", LOG_NOTE);
	log_event(LOG_NOTE, "a", "name=%s", word);
	memset(word, '\n', sizeof(word) - 1);
	log_event(LOG_NOTE, "b", "name=%s", word);
	line = said_close(&s);
	assert_memory_equal(line, "a name=www", 10);
	assert_non_null(strstr(line, "\nb name=\\x0a\\x0a"));
	assert_ptr_equal(
	    strchr(strchr(line, '\n') + 1, '\n'), line + strlen(line) - 1);
}

static void
test_a_failed_call_is_logged_with_its_word_and_sentence(void **state)
{
	struct said s;
	struct err err;

	(void)state;
	said_open(&s, NULL, LOG_NOTE);
	log_rc(
	    "take", err_set(&err, RC_REFUSED, "file '%s'\n", "a\"b\\c"), &err);
	log_rc("take", RC_OK, &err);
	assert_string_equal(said_close(&s),
	    "take rc=refused why=\"file 'a\\x22b\\x5cc'\\x0a\" unlisted=1\n");
}

/* A name that turns the line round, one of another script, bytes of none. */
static void
test_what_would_lead_a_terminal_is_escaped_and_text_is_not(void **state)
{
	char out[64];

	(void)state;
	assert_string_equal(log_quote(SLICE_LIT("a\xe2\x80\xae"
						"b\xe2\x80\xa8"
						"\xc2\x9b"),
				out, sizeof(out)),
	    "a\\xe2\\x80\\xaeb\\xe2\\x80\\xa8\\xc2\\x9b");
	assert_string_equal(
	    log_quote(SLICE_LIT("报关单.edi"), out, sizeof(out)), "报关单.edi");
	assert_string_equal(
	    log_quote(SLICE_LIT("\xb1\xa8"), out, sizeof(out)), "\\xb1\\xa8");
	/* a character is not cut */
	assert_string_equal(log_quote(SLICE_LIT("ab报"), out, 5), "ab");
}

static void
test_quoting_cuts_between_pieces_never_inside_one(void **state)
{
	char out[9];

	(void)state;
	assert_string_equal(
	    log_quote(SLICE_LIT("ab\ncd"), out, 9), "ab\\x0acd");
	assert_string_equal(log_quote(SLICE_LIT("abcde\nf"), out, 9), "abcde");
	assert_string_equal(
	    log_quote(SLICE_LIT("abcdefghij"), out, 9), "abcdefgh");
	assert_string_equal(log_quote(slice_of(NULL), out, 1), "");
}

static void
test_under_systemd_lines_carry_their_level(void **state)
{
	struct said s;
	struct stat st;
	char stream[64];

	(void)state;
	said_open(&s, NULL, LOG_NOTE);
	assert_int_equal(fstat(s.fd, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
	log_open(NULL, LOG_NOTE, s.fd);
	log_event(LOG_ERROR, "a", "x=1");
	(void)unsetenv("JOURNAL_STREAM");
	assert_string_equal(said_close(&s), "<3>a x=1 unlisted=1\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_line_has_its_event_first_and_its_role_last),
		T(test_a_line_about_a_role_names_it_once),
		T(test_details_are_silent_unless_asked_for),
		T(test_a_value_can_not_forge_a_line_nor_move_the_cursor),
		T(test_a_long_line_is_cut_and_still_one_line),
		T(test_a_failed_call_is_logged_with_its_word_and_sentence),
		T(test_what_would_lead_a_terminal_is_escaped_and_text_is_not),
		T(test_quoting_cuts_between_pieces_never_inside_one),
		T(test_under_systemd_lines_carry_their_level),
	};

	return TESTS_RUN(tests);
}
