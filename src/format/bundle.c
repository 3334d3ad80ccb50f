/*
 * format/bundle.c - the file `bundle` of a mappings folder; trusts the folder's
 * owner and nothing he has written. Called before the folder is loaded.
 */
#include "src/format/bundle.h"
#include "src/base/civil.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX   4096
#define PATH_BYTES 4096
#define DAY_S      INT64_C(86400)

struct bundle_text {
	const char *name;
	struct slice text, line;
	struct complaints *to;
	int64_t from_ms;
	bool given;
};

static void
line_wrong(const struct bundle_text *b, struct slice at, const char *want)
{
	complaints_add(b->to, false, b->name, b->text,
	    (size_t)(at.p - b->text.p), "found '%.*s', want %s", SLICE_ARG(at),
	    want);
}

/* The next word of the line; its p is where it would stand. */
static struct slice
word_cut(struct slice *line)
{
	size_t n = 0;
	struct slice word;

	while (line->len > 0 && slice_blank(line->p[0]))
		*line = slice_sub(*line, 1, line->len);
	while (n < line->len && !slice_blank(line->p[n]))
		n++;
	word = slice_sub(*line, 0, n);
	*line = slice_sub(*line, n, line->len);
	return word;
}

/* Digits of "2027-01-01", "08:30" by a pattern: '0' a digit, else itself. */
static bool
digits_read(struct slice s, const char *pattern, int64_t n[3])
{
	unsigned int at = 0;

	if (s.len != strlen(pattern))
		return false;
	n[0] = n[1] = n[2] = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (pattern[i] != '0') {
			if (s.p[i] != pattern[i])
				return false;
			at++;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n[at] = n[at] * 10 + (s.p[i] - '0');
	}
	return true;
}

static bool
time_read(struct slice s, int64_t *seconds)
{
	int64_t n[3];

	if (!digits_read(s, "00:00", n) && !digits_read(s, "00:00:00", n))
		return false;
	*seconds = n[0] * 3600 + n[1] * 60 + n[2];
	return n[0] < 24 && n[1] < 60 && n[2] < 60;
}

static bool
zone_read(struct slice s, int64_t *seconds)
{
	int64_t n[3];
	bool west = s.len > 0 && s.p[0] == '-';

	if ((!west && !slice_starts(s, "+")) ||
	    !digits_read(slice_sub(s, 1, s.len), "00:00", n) || n[1] > 59 ||
	    n[0] * 60 + n[1] > 14 * 60)
		return false;
	*seconds = (n[0] * 3600 + n[1] * 60) * (west ? -1 : 1);
	return true;
}

static bool
moment_read(struct bundle_text *b, struct slice line)
{
	struct slice date = word_cut(&line), word = word_cut(&line);
	int64_t n[3], day, time = 0, zone = 0;

	if (!digits_read(date, "0000-00-00", n) || n[0] < 1970 ||
	    !civil_is(n[0], n[1], n[2])) {
		line_wrong(b, date, "a date like 2027-01-01");
		return false;
	}
	day = civil_days(n[0], n[1], n[2]) * DAY_S;
	if (word.len > 0 && strchr("+-", word.p[0]) == NULL) {
		if (!time_read(word, &time)) {
			line_wrong(b, word, "a time of day like 08:30");
			return false;
		}
		word = word_cut(&line);
	}
	if (word.len > 0) {
		if (!zone_read(word, &zone)) {
			line_wrong(b, word, "a zone like +08:00");
			return false;
		}
		word = word_cut(&line);
	}
	if (word.len > 0)
		line_wrong(b, word, "the end of the line");
	b->from_ms = (day + time - zone) * 1000;
	return word.len == 0;
}

static void
line_read(struct bundle_text *b, struct slice line)
{
	struct slice whole = line, first = word_cut(&line), second;

	if (first.len == 0 || first.p[0] == '#')
		return;
	second = word_cut(&line);
	if (!slice_is(first, "valid") || !slice_is(second, "from")) {
		line_wrong(b, slice_is(first, "valid") ? second : first,
		    "'valid from' and a date");
		return;
	}
	if (b->given)
		line_wrong(b, slice_trim(whole), "one such line");
	if (moment_read(b, line) && b->from_ms <= 0)
		line_wrong(b, slice_trim(whole), "a later day");
	b->given = true;
}

enum rc
bundle_from(const char *folder, int64_t *from_ms, struct complaints *to,
    struct err *err)
{
	char path[PATH_BYTES], text[TEXT_MAX];
	struct bundle_text b = { .name = path, .to = to };
	uint32_t before = to->errors;
	struct slice rest;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/bundle", folder) >= PATH_BYTES)
		return err_set(
		    err, RC_REFUSED, "the path '%s' is too long", folder);
	f = fopen(path, "re");
	*from_ms = 0;
	if (f == NULL)
		return errno == ENOENT
			   ? RC_OK
			   : err_errno(err, RC_REFUSED, "'%s'", path);
	b.text = (struct slice){ text, fread(text, 1, sizeof(text), f) };
	(void)fclose(f);
	if (b.text.len == sizeof(text))
		return err_set(err, RC_REFUSED, "'%s' is over %d bytes", path,
		    TEXT_MAX - 1);
	for (rest = b.text; rest.len > 0;) {
		size_t n = 0;

		while (n < rest.len && rest.p[n] != '\n')
			n++;
		line_read(&b, slice_sub(rest, 0, n));
		rest = slice_sub(rest, n + 1, rest.len);
	}
	*from_ms = b.from_ms;
	return to->errors == before ? RC_OK
				    : err_set(err, RC_REFUSED, "'%s' has %u %s",
					  path, to->errors - before,
					  complaints_word(to->errors - before));
}
