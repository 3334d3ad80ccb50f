/*
 * cli/progress.c - the line on a terminal; trusts nobody to look at it: a
 * write that fails is not tried again. Called by the verbs that work long.
 */
#include "src/cli/progress.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_MS 1000
#define EACH_MS  200
#define ROOM     96

void
progress_init(struct progress *p, int fd, const struct clock *clock)
{
	*p = (struct progress){ .fd = isatty(fd) ? fd : -1,
		.due = clock_mono(clock) + FIRST_MS,
		.clock = clock };
}

static void
line_write(struct progress *p, const char *text)
{
	size_t n = strlen(text);

	if (write(p->fd, text, n) != (ssize_t)n)
		p->fd = -1;
}

/* "12 345 678" */
static const char *
number_shown(uint64_t n, char out[32])
{
	char plain[24];
	size_t len = (size_t)snprintf(
		   plain, sizeof(plain), "%llu", (unsigned long long)n),
	       at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ' ';
		out[at++] = plain[i];
	}
	out[at] = '\0';
	return out;
}

void
progress_say(struct progress *p, const char *what, uint64_t n, uint64_t of)
{
	char done[32], all[32], text[ROOM];
	int64_t now;

	if (p->fd < 0 || (now = clock_mono(p->clock)) < p->due)
		return;
	p->due = now + EACH_MS;
	(void)number_shown(n, done);
	if (of > 0)
		(void)snprintf(text, sizeof(text), "\r\033[K%s of %s %s (%u%%)",
		    done, number_shown(of, all), what,
		    (unsigned int)(n >= of ? 100 : n * 100 / of));
	else
		(void)snprintf(text, sizeof(text), "\r\033[K%s %s", done, what);
	line_write(p, text);
	p->shown = true;
}

void
progress_hide(struct progress *p)
{
	if (p->shown && p->fd >= 0)
		line_write(p, "\r\033[K");
	p->shown = false;
}
