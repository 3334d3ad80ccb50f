/*
 * format/date.c - date patterns read and write fixed-width fields.
 *
 * Strict both ways: a field is digits of its width, in range; nothing is
 * guessed. Called for every date leaf.
 */
#include "src/format/date.h"
#include "src/base/civil.h"

enum field {
	F_LITERAL,
	F_YEAR,
	F_YY,
	F_MONTH,
	F_DAY,
	F_HOUR,
	F_MINUTE,
	F_SECOND,
	F_CENTI,
	F_MILLI,
	F_ZONE
};

static const struct {
	const char *letters;
	enum field field;
	uint8_t width;
} fields[] = {
	{ "YYYY", F_YEAR, 4 },
	{ "YY", F_YY, 2 },
	{ "MM", F_MONTH, 2 },
	{ "DD", F_DAY, 2 },
	{ "hh", F_HOUR, 2 },
	{ "mm", F_MINUTE, 2 },
	{ "ss", F_SECOND, 2 },
	{ "cc", F_CENTI, 2 },
	{ "SSS", F_MILLI, 3 },
	{ "Z", F_ZONE, 1 },
};

/* The field at a place of the pattern, and its width in it. */
static enum field
field_at(struct slice pattern, size_t at, uint8_t *width)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (pattern.len - at >= fields[i].width &&
		    memcmp(pattern.p + at, fields[i].letters,
			fields[i].width) == 0) {
			*width = fields[i].width;
			return fields[i].field;
		}
	*width = 1;
	return F_LITERAL;
}

/* A date's letters stand before coarser ones only once, and none is lost. */
bool
date_pattern_make(struct date_pattern *p, struct slice text)
{
	unsigned int seen = 0;
	uint8_t width;

	*p = (struct date_pattern){ .text = text };
	for (size_t at = 0; at < text.len; at += width) {
		enum field f = field_at(text, at, &width);
		unsigned int bit = 1u << f;

		if (f == F_LITERAL) {
			/* "MON", "D": meant as a field and none of ours */
			if (strchr("YMDhmsSc", text.p[at]) != NULL)
				return false;
			continue;
		}
		if (f == F_YY)
			bit = 1u << F_YEAR;
		if (f == F_MILLI)
			bit = 1u << F_CENTI;
		if ((seen & bit) != 0)
			return false;
		seen |= bit;
	}
	p->has_date = (seen & (1u << F_YEAR)) != 0;
	p->has_time = (seen & (1u << F_HOUR)) != 0;
	p->has_zone = (seen & (1u << F_ZONE)) != 0;
	p->precision = 1;
	if (p->has_time)
		p->precision = 2;
	if ((seen & (1u << F_SECOND)) != 0)
		p->precision = 3;
	if ((seen & (1u << F_CENTI)) != 0)
		p->precision = 4;
	if (p->precision == 4 && memmem(text.p, text.len, "SSS", 3) != NULL)
		p->precision = 5;
	/* a date is whole, a time has its minutes and what comes before */
	if (p->has_date !=
	    ((seen & (1u << F_MONTH)) != 0 && (seen & (1u << F_DAY)) != 0))
		return false;
	if (((seen & (1u << F_MONTH)) != 0) != ((seen & (1u << F_DAY)) != 0))
		return false;
	if (p->has_time != ((seen & (1u << F_MINUTE)) != 0))
		return false;
	if (p->precision >= 3 && !p->has_time)
		return false;
	if (p->precision >= 4 && (seen & (1u << F_SECOND)) == 0)
		return false;
	return p->has_date || p->has_time;
}

static bool
digits(struct slice s, size_t *at, uint8_t n, int *out)
{
	int v = 0;

	if (s.len - *at < n)
		return false;
	for (uint8_t i = 0; i < n; i++) {
		char c = s.p[*at + i];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	*at += n;
	*out = v;
	return true;
}

static int
month_days(int year, int month)
{
	static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

/* "Z", "+08:00", "+0800" */
static bool
zone_read(struct slice s, size_t *at, struct moment *m)
{
	int hours, minutes, sign;

	if (*at >= s.len)
		return false;
	m->has_zone = true;
	if (s.p[*at] == 'Z') {
		m->zone = 0;
		(*at)++;
		return true;
	}
	if (s.p[*at] != '+' && s.p[*at] != '-')
		return false;
	sign = s.p[(*at)++] == '-' ? -1 : 1;
	if (!digits(s, at, 2, &hours))
		return false;
	if (*at < s.len && s.p[*at] == ':')
		(*at)++;
	if (!digits(s, at, 2, &minutes) || hours > 14 || minutes > 59)
		return false;
	m->zone = (int16_t)(sign * (hours * 60 + minutes));
	return true;
}

/* Two digits of a year: the one nearest to base, 50 years each way. */
static int
year_near(int yy, int base)
{
	int year = base - base % 100 + yy;

	if (year > base + 50)
		year -= 100;
	else if (year <= base - 50)
		year += 100;
	return year;
}

static bool
field_read(enum field f, struct slice s, size_t *at, int base, struct moment *m)
{
	int v;

	switch (f) {
	case F_YEAR:
		if (!digits(s, at, 4, &v) || v == 0)
			return false;
		m->year = (int16_t)v;
		return true;
	case F_YY:
		if (!digits(s, at, 2, &v))
			return false;
		m->year = (int16_t)year_near(v, base);
		return true;
	case F_MONTH:
		if (!digits(s, at, 2, &v) || v < 1 || v > 12)
			return false;
		m->month = (int8_t)v;
		return true;
	case F_DAY:
		if (!digits(s, at, 2, &v) || v < 1 || v > 31)
			return false;
		m->day = (int8_t)v;
		return true;
	case F_HOUR:
		if (!digits(s, at, 2, &v) || v > 23)
			return false;
		m->hour = (int8_t)v;
		return true;
	case F_MINUTE:
		if (!digits(s, at, 2, &v) || v > 59)
			return false;
		m->minute = (int8_t)v;
		return true;
	case F_SECOND: /* 60: a leap second */
		if (!digits(s, at, 2, &v) || v > 60)
			return false;
		m->second = (int8_t)v;
		return true;
	case F_CENTI:
		if (!digits(s, at, 2, &v))
			return false;
		m->milli = (int16_t)(v * 10);
		return true;
	case F_MILLI:
		if (!digits(s, at, 3, &v))
			return false;
		m->milli = (int16_t)v;
		return true;
	default:
		return zone_read(s, at, m);
	}
}

bool
date_read(
    const struct date_pattern *p, struct slice s, int base, struct moment *out)
{
	struct moment m = { .hour = -1, .milli = -1 };
	size_t at = 0;
	uint8_t width;

	for (size_t i = 0; i < p->text.len; i += width) {
		enum field f = field_at(p->text, i, &width);

		if (f == F_LITERAL) {
			if (at >= s.len || s.p[at] != p->text.p[i])
				return false;
			at++;
		} else if (!field_read(f, s, &at, base, &m))
			return false;
	}
	if (at != s.len)
		return false;
	if (m.month > 0 && m.day > month_days(m.year, m.month))
		return false;
	m.precision = (int8_t)p->precision;
	*out = m;
	return true;
}

static void
put(char *out, size_t *len, int v, uint8_t n)
{
	for (uint8_t i = n; i > 0; i--, v /= 10)
		out[*len + i - 1] = (char)('0' + v % 10);
	*len += n;
}

static void
zone_put(char *out, size_t *len, int zone)
{
	if (zone == 0) {
		out[(*len)++] = 'Z';
		return;
	}
	out[(*len)++] = zone < 0 ? '-' : '+';
	zone = zone < 0 ? -zone : zone;
	put(out, len, zone / 60, 2);
	out[(*len)++] = ':';
	put(out, len, zone % 60, 2);
}

bool
date_write(const struct date_pattern *p, const struct moment *m, char *out,
    size_t size, size_t *len)
{
	size_t n = 0;
	uint8_t width;

	if ((p->has_date && m->year == 0) || (p->has_time && m->hour < 0) ||
	    (p->has_zone && !m->has_zone))
		return false;
	for (size_t i = 0; i < p->text.len; i += width) {
		enum field f = field_at(p->text, i, &width);

		if (size - n < 8)
			return false;
		if (f == F_LITERAL)
			out[n++] = p->text.p[i];
		else if (f == F_YEAR)
			put(out, &n, m->year, 4);
		else if (f == F_YY)
			put(out, &n, m->year % 100, 2);
		else if (f == F_MONTH)
			put(out, &n, m->month, 2);
		else if (f == F_DAY)
			put(out, &n, m->day, 2);
		else if (f == F_HOUR)
			put(out, &n, m->hour, 2);
		else if (f == F_MINUTE)
			put(out, &n, m->minute, 2);
		else if (f == F_SECOND)
			put(out, &n, m->second, 2);
		else if (f == F_CENTI)
			put(out, &n, m->milli < 0 ? 0 : m->milli / 10, 2);
		else if (f == F_MILLI)
			put(out, &n, m->milli < 0 ? 0 : m->milli, 3);
		else
			zone_put(out, &n, m->zone);
	}
	*len = n;
	return true;
}

/* "2024-06-15", "...T10:30", ":05", ".120", a zone; or a time alone. */
bool
moment_parse(struct slice s, struct moment *out)
{
	struct moment m = { .hour = -1, .milli = -1 };
	int y = 0, mo = 0, d = 0, h, mi, se = 0, ms;
	size_t at = 0;

	if (s.len >= 10 && s.p[4] == '-') {
		if (!digits(s, &at, 4, &y) || s.p[at++] != '-' ||
		    !digits(s, &at, 2, &mo) || s.p[at++] != '-' ||
		    !digits(s, &at, 2, &d) || y == 0 || mo < 1 || mo > 12 ||
		    d < 1 || d > month_days(y, mo))
			return false;
		m.year = (int16_t)y;
		m.month = (int8_t)mo;
		m.day = (int8_t)d;
		m.precision = 1;
	}
	if (at < s.len && s.p[at] == 'T') {
		if (++at == s.len)
			return false;
	} else if (at > 0 && at < s.len)
		return false;
	if (at < s.len) {
		if (!digits(s, &at, 2, &h) || at >= s.len || s.p[at++] != ':' ||
		    !digits(s, &at, 2, &mi) || h > 23 || mi > 59)
			return false;
		m.hour = (int8_t)h;
		m.minute = (int8_t)mi;
		m.precision = 2;
		if (at < s.len && s.p[at] == ':') {
			at++;
			if (!digits(s, &at, 2, &se) || se > 60)
				return false;
			m.second = (int8_t)se;
			m.precision = 3;
		}
		if (m.precision == 3 && at < s.len && s.p[at] == '.') {
			at++;
			m.precision = s.len - at >= 3 && s.p[at + 2] >= '0' &&
					      s.p[at + 2] <= '9'
					  ? 5
					  : 4;
			if (!digits(s, &at, m.precision == 5 ? 3 : 2, &ms))
				return false;
			m.milli = (int16_t)(m.precision == 5 ? ms : ms * 10);
		}
		if (at < s.len && !zone_read(s, &at, &m))
			return false;
	}
	if (at != s.len || m.precision == 0)
		return false;
	*out = m;
	return true;
}

size_t
moment_print(const struct moment *m, char *out, size_t size)
{
	char text[40];
	size_t n = 0;

	if (m->year > 0) {
		put(text, &n, m->year, 4);
		text[n++] = '-';
		put(text, &n, m->month, 2);
		text[n++] = '-';
		put(text, &n, m->day, 2);
	}
	if (m->hour >= 0) {
		if (n > 0)
			text[n++] = 'T';
		put(text, &n, m->hour, 2);
		text[n++] = ':';
		put(text, &n, m->minute, 2);
		if (m->precision >= 3) {
			text[n++] = ':';
			put(text, &n, m->second, 2);
		}
		if (m->precision == 4 && m->milli >= 0) {
			text[n++] = '.';
			put(text, &n, m->milli / 10, 2);
		} else if (m->precision >= 5 && m->milli >= 0) {
			text[n++] = '.';
			put(text, &n, m->milli, 3);
		}
		if (m->has_zone)
			zone_put(text, &n, m->zone);
	}
	if (size == 0)
		return 0;
	if (n >= size)
		n = size - 1;
	memcpy(out, text, n);
	out[n] = '\0';
	return n;
}

int64_t
moment_ms(const struct moment *m, int zone_minutes)
{
	int64_t ms = m->year > 0 ? civil_days(m->year, m->month, m->day) : 0;

	ms *= 86400000;
	if (m->hour >= 0)
		ms += m->hour * 3600000LL + m->minute * 60000LL +
		      m->second * 1000LL + (m->milli > 0 ? m->milli : 0);
	return ms - (m->has_zone ? m->zone : zone_minutes) * 60000LL;
}
