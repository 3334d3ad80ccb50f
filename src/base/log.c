/*
 * base/log.c - lines for whoever reads the log; trusts no byte of a value.
 * Called from every role.
 *
 * A process has one log, so its state is the one thing here that is not
 * passed around. Each line is one write: lines of several roles on one pipe
 * do not mix.
 */
#include "src/base/log.h"
#include "src/base/utf8.h"
#include "src/base/events.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048
#define UNLISTED       " unlisted=1" /* not in events.def */

static struct {
	const char *role;
	enum log_level upto;
	int fd;
	bool journal; /* the journal reads "<N>" */
} the_log = { .upto = LOG_NOTE, .fd = 2 };

/* systemd names the pipe it listens on: JOURNAL_STREAM=DEVICE:INODE. */
static bool
fd_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat st;

	if (stream == NULL || fstat(fd, &st) != 0)
		return false;
	(void)snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, here) == 0;
}

void
log_open(const char *role, enum log_level upto, int fd)
{
	the_log.role = role;
	the_log.upto = upto;
	the_log.fd = fd;
	the_log.journal = fd_is_journal(fd);
}

static char *
hex_put(char *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	*out++ = '\\';
	*out++ = 'x';
	*out++ = hex[c >> 4];
	*out++ = hex[c & 15];
	return out;
}

/*
 * s as a terminal shows it and does not obey it, as utf8_show() has it, cut
 * where the next piece does not fit whole; the length.
 */
static size_t
escape(struct slice s, bool quotes, char *out, size_t size)
{
	char *p = out;
	char *end = out + size;

	while (s.len > 0) {
		const unsigned char *from = (const unsigned char *)s.p;
		size_t n = s.len;
		uint32_t c;
		bool plain = utf8_next(&s, &c) && utf8_width(c) >= 0;

		n -= s.len;
		if (plain && quotes && (c == '"' || c == '\\'))
			plain = false;
		if ((size_t)(end - p) < (plain ? n : 4 * n))
			break;
		for (; n > 0; n--, from++)
			if (plain)
				*p++ = (char)*from;
			else
				p = hex_put(p, *from);
	}
	return (size_t)(p - out);
}

const char *
log_quote(struct slice s, char *out, size_t size)
{
	if (size > 0)
		out[escape(s, true, out, size - 1)] = '\0';
	return out;
}

static void
line_write(const char *line, size_t len)
{
	while (write(the_log.fd, line, len) < 0 && errno == EINTR)
		;
}

/* The syslog number of each level. */
static int
level_number(enum log_level level)
{
	static const int numbers[] = {
		[LOG_ALARM] = 1,
		[LOG_ERROR] = 3,
		[LOG_WARN] = 4,
		[LOG_NOTE] = 5,
		[LOG_DETAIL] = 7,
	};

	return numbers[level];
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	char line[LINE_MAX_BYTES + 1];
	int e = errno;
	int n = 0;
	size_t len;
	va_list ap;

	if (level > the_log.upto || the_log.fd < 0)
		return;
	if (the_log.journal)
		n = snprintf(line, sizeof(line), "<%d>", level_number(level));
	len = n < 0 ? 0 : (size_t)n;
	n = snprintf(text, sizeof(text), "%s ", event);
	if (n < 0 || (size_t)n >= sizeof(text))
		n = 0;
	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	len += escape(slice_of(text), false, line + len, LINE_MAX_BYTES - len);
	if (!event_logged(event) && LINE_MAX_BYTES - len > sizeof(UNLISTED)) {
		memcpy(line + len, UNLISTED, sizeof(UNLISTED) - 1);
		len += sizeof(UNLISTED) - 1;
	}
	if (the_log.role != NULL && !slice_starts(slice_of(fmt), "role=")) {
		n = snprintf(
		    line + len, LINE_MAX_BYTES - len, " role=%s", the_log.role);
		if (n > 0 && (size_t)n < LINE_MAX_BYTES - len)
			len += (size_t)n;
	}
	line[len++] = '\n';
	line_write(line, len);
	errno = e;
}

void
log_rc(const char *event, enum rc rc, const struct err *err)
{
	static const enum log_level levels[] = {
		[RC_OK] = LOG_DETAIL,
		[RC_LATER] = LOG_NOTE,
		[RC_REFUSED] = LOG_WARN,
		[RC_BROKEN] = LOG_ERROR,
	};
	char why[sizeof(err->text) * 2];

	log_event(levels[rc], event, "rc=%s why=\"%s\"", rc_name(rc),
	    log_quote(slice_of(err->text), why, sizeof(why)));
}
