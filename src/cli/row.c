/*
 * cli/row.c - rows of an answer; trusts nothing about the line. Called by the
 * verbs.
 */
#include "src/cli/row.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "src/base/utf8.h"
#include "src/base/json.h"

#define ROW_MAX (8u << 20)

void
row_init(struct row *r)
{
	*r = (struct row){ .n = 0 };
	buf_init(&r->text, ROW_MAX);
}

void
row_clear(struct row *r)
{
	buf_clear(&r->text);
	r->n = 0;
}

void
row_parse(struct row *r, struct slice line)
{
	struct slice name;
	struct buf value;

	buf_init(&value, ROW_MAX);
	buf_reset(&r->text);
	r->n = 0;
	while (r->n < ROW_MEMBERS && json_member(&line, &name, &value)) {
		r->member[r->n].name = name;
		r->member[r->n].at = r->text.len;
		r->member[r->n].len = value.len;
		buf_slice(&r->text, buf_look(&value));
		if (buf_failed(&r->text))
			break;
		r->n++;
	}
	buf_clear(&value);
}

struct slice
row_text(const struct row *r, const char *name)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (slice_is(r->member[i].name, name))
			return slice_sub(buf_look(&r->text), r->member[i].at,
			    r->member[i].len);
	return (struct slice){ NULL, 0 };
}

uint64_t
row_number(const struct row *r, const char *name)
{
	uint64_t n;

	return slice_u64(row_text(r, name), &n) ? n : 0;
}

bool
row_is(const struct row *r, const char *name, const char *value)
{
	return slice_is(row_text(r, name), value);
}

bool
time_is(struct slice s)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";

	if (s.len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (form[i] == '0' ? s.p[i] < '0' || s.p[i] > '9'
				   : s.p[i] != form[i])
			return false;
	return true;
}

const char *
time_shown(struct slice iso, char out[ROW_TEXT])
{
	struct buf b;

	if (time_is(iso)) {
		(void)snprintf(out, ROW_TEXT, "%.10s %.8sZ", iso.p, iso.p + 11);
		return out;
	}
	buf_init(&b, ROW_MAX);
	(void)utf8_show(slice_sub(iso, 0, ROW_TEXT), &b);
	(void)snprintf(out, ROW_TEXT, "%s", b.len == 0 ? "" : buf_cstr(&b));
	buf_clear(&b);
	return out;
}

/* "2026-11-23T22:32:15.000Z"; -1: it is none. */
static time_t
stamp_read(struct slice s)
{
	struct tm tm;
	char text[20];

	if (s.len < 20 || s.p[10] != 'T')
		return -1;
	memcpy(text, s.p, 19);
	text[19] = '\0';
	memset(&tm, 0, sizeof(tm));
	return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) == text + 19
		   ? timegm(&tm)
		   : -1;
}

const char *
moment_shown(struct slice iso, char out[ROW_TEXT])
{
	time_t at = stamp_read(iso), now = time(NULL);
	char text[ROW_TEXT], age[ROW_TEXT];
	struct tm tm;

	if (at < 0 || localtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &tm) == 0)
		return time_shown(iso, out);
	(void)age_shown((uint64_t)(at > now ? at - now : now - at), age);
	if (at > now)
		(void)snprintf(out, ROW_TEXT, "%.30s (in %.10s)", text, age);
	else
		(void)snprintf(out, ROW_TEXT, "%.30s (%.10s ago)", text, age);
	return out;
}

#define STAMP 24

void
stamps_shown(struct slice text, struct buf *out)
{
	char shown[ROW_TEXT];
	size_t from = 0, at = 0;

	while (at + STAMP <= text.len) {
		if (text.p[at + STAMP - 1] != 'Z' ||
		    stamp_read(slice_sub(text, at, STAMP)) < 0) {
			at++;
			continue;
		}
		(void)utf8_show(slice_sub(text, from, at - from), out);
		buf_str(out, moment_shown(slice_sub(text, at, STAMP), shown));
		from = at += STAMP;
	}
	(void)utf8_show(slice_sub(text, from, text.len), out);
}

const char *
age_shown(uint64_t s, char out[ROW_TEXT])
{
	static const struct {
		uint64_t below, unit;
		char letter;
	} steps[] = {
		{ 120, 1, 's' },
		{ 7200, 60, 'm' },
		{ 172800, 3600, 'h' },
		{ UINT64_MAX, 86400, 'd' },
	};
	int i = 0;

	while (s >= steps[i].below && i < 3)
		i++;
	(void)snprintf(out, ROW_TEXT, "%llu%c",
	    (unsigned long long)(s / steps[i].unit), steps[i].letter);
	return out;
}

const char *
size_shown(uint64_t n, char out[ROW_TEXT])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
		"TiB", "PiB", "EiB" };
	uint64_t whole = n, part = 0;
	int i = 0;

	for (; whole >= 1024; i++) {
		part = whole % 1024;
		whole /= 1024;
	}
	if (i == 0)
		(void)snprintf(
		    out, ROW_TEXT, "%llu bytes", (unsigned long long)n);
	else
		(void)snprintf(out, ROW_TEXT, "%llu.%llu %s",
		    (unsigned long long)whole,
		    (unsigned long long)(part * 10 / 1024), units[i]);
	return out;
}
