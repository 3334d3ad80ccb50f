/*
 * tests/unit/test_progress.c - the line that tells how far long work is: at a
 * terminal after a second, elsewhere never, gone before other words.
 */
#include "tests/unit/test.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/cli/progress.h"

struct terminal {
	int master, slave;
};

static void
terminal_open(struct terminal *t)
{
	t->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(t->master >= 0);
	assert_int_equal(grantpt(t->master), 0);
	assert_int_equal(unlockpt(t->master), 0);
	t->slave = open(ptsname(t->master), O_RDWR | O_NOCTTY);
	assert_true(t->slave >= 0);
	assert_int_equal(fcntl(t->master, F_SETFL, O_NONBLOCK), 0);
}

static void
terminal_close(struct terminal *t)
{
	close(t->slave);
	close(t->master);
}

/* What stands there since it was looked at last. */
static const char *
seen(struct terminal *t, char out[256])
{
	ssize_t n = read(t->master, out, 255);

	out[n > 0 ? n : 0] = '\0';
	return out;
}

static void
test_the_line_is_there_after_a_second_and_is_taken_away(void **state)
{
	struct terminal t;
	struct clock clock;
	struct progress p;
	char text[256];

	(void)state;
	terminal_open(&t);
	clock_fake(&clock, 0);
	progress_init(&p, t.slave, &clock);
	clock_move(&clock, 999);
	progress_say(&p, "things", 5, 100);
	assert_string_equal(seen(&t, text), "");
	progress_hide(&p);
	assert_string_equal(seen(&t, text), "");
	clock_move(&clock, 1);
	progress_say(&p, "things", 1234567, 2469134);
	assert_string_equal(
	    seen(&t, text), "\r\033[K1 234 567 of 2 469 134 things (50%)");
	progress_say(&p, "things", 1234568, 2469134);
	assert_string_equal(seen(&t, text), "");
	clock_move(&clock, 200);
	progress_say(&p, "things", 999, 0);
	assert_string_equal(seen(&t, text), "\r\033[K999 things");
	progress_hide(&p);
	assert_string_equal(seen(&t, text), "\r\033[K");
	progress_hide(&p);
	assert_string_equal(seen(&t, text), "");
	terminal_close(&t);
}

static void
test_where_nobody_looks_nothing_is_written(void **state)
{
	struct clock clock;
	struct progress p;
	char byte;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	clock_fake(&clock, 0);
	progress_init(&p, fd[1], &clock);
	clock_move(&clock, 60000);
	progress_say(&p, "things", 5, 100);
	progress_hide(&p);
	assert_int_equal(read(fd[0], &byte, 1), -1);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_line_is_there_after_a_second_and_is_taken_away),
		T(test_where_nobody_looks_nothing_is_written),
	};

	return TESTS_RUN(tests);
}
