/*
 * base/rc.c - the four outcomes and their sentence; trusts its callers for the
 * format string, nobody for the words put into it. Called from everywhere.
 */
#include "src/base/rc.h"
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *
rc_name(enum rc rc)
{
	static const char *const names[] = {
		[RC_OK] = "ok",
		[RC_LATER] = "later",
		[RC_REFUSED] = "refused",
		[RC_BROKEN] = "broken",
	};

	assert((unsigned int)rc < sizeof(names) / sizeof(names[0]));
	return names[rc];
}

/*
 * The arguments may point into err->text itself ("%s" of the sentence that is
 * there), so the new one is made aside, with ": TAIL" behind it if there is a
 * tail.
 */
static void
text_set(struct err *err, const char *tail, const char *fmt, va_list ap)
{
	char text[sizeof(err->text)];
	size_t n;
	size_t room;

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	n = strlen(text);
	room = sizeof(text) - 1 - n;
	if (tail != NULL && room > 2) {
		size_t len = strnlen(tail, room - 2);

		memcpy(text + n, ": ", 2);
		memcpy(text + n + 2, tail, len);
		n += 2 + len;
	}
	memcpy(err->text, text, n);
	err->text[n] = '\0';
}

enum rc
err_set(struct err *err, enum rc rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_set(err, NULL, fmt, ap);
	va_end(ap);
	return rc;
}

/* These pass by themselves or when room is made: nothing is wrong with us. */
static bool
errno_passes(int e)
{
	switch (e) {
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EAGAIN:
	case EINTR:
	case EROFS:
		return true;
	default:
		return false;
	}
}

enum rc
err_errno(struct err *err, enum rc rc, const char *fmt, ...)
{
	int e = errno;
	va_list ap;

	va_start(ap, fmt);
	text_set(err, strerror(e), fmt, ap);
	va_end(ap);
	errno = e; /* the caller may still look at it */
	return errno_passes(e) ? RC_LATER : rc;
}

enum rc
err_prefix(struct err *err, enum rc rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_set(err, err->text, fmt, ap);
	va_end(ap);
	return rc;
}
