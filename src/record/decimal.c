/*
 * record/decimal.c - decimal numbers in 128 bits.
 */
#include "src/record/decimal.h"

#define DIV_DECIMALS 12

#define E18 ((__int128)1000000000000000000)

static const __int128 ten[DECIMAL_DIGITS + 1] = { 1, 10, 100, 1000, 10000,
	100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
	100000000000, 1000000000000, 10000000000000, 100000000000000,
	1000000000000000, 10000000000000000, 100000000000000000, E18, E18 * 10,
	E18 * 100, E18 * 1000, E18 * 10000, E18 * 100000, E18 * 1000000,
	E18 * 10000000, E18 * 100000000, E18 * 1000000000, E18 * 10000000000,
	E18 * 100000000000, E18 * 1000000000000, E18 * 10000000000000,
	E18 * 100000000000000, E18 * 1000000000000000, E18 * 10000000000000000,
	E18 * 100000000000000000, E18 *E18, E18 *E18 * 10 };

static bool
fits(__int128 m)
{
	__int128 limit = ten[DECIMAL_DIGITS];

	return m < limit && m > -limit;
}

bool
decimal_parse_mark(struct slice s, char mark, struct decimal *out)
{
	struct decimal d = { 0, 0 };
	bool minus = false, behind = false;
	size_t i = 0, digits = 0, significant = 0;

	if (s.len > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
		minus = s.p[0] == '-';
		i = 1;
	}
	for (; i < s.len; i++) {
		if (s.p[i] == mark && !behind && digits > 0) {
			behind = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		digits++;
		significant += significant > 0 || s.p[i] != '0';
		if (behind)
			d.scale++;
		if (significant > DECIMAL_DIGITS || d.scale > DECIMAL_DIGITS)
			return false;
		d.m = d.m * 10 + (s.p[i] - '0');
	}
	if (digits == 0 || (behind && d.scale == 0))
		return false;
	if (minus)
		d.m = -d.m;
	*out = d;
	return true;
}

bool
decimal_parse(struct slice s, struct decimal *out)
{
	return decimal_parse_mark(s, '.', out);
}

size_t
decimal_print(const struct decimal *d, char out[DECIMAL_TEXT])
{
	char digit[DECIMAL_DIGITS + 2];
	__int128 m = d->m < 0 ? -d->m : d->m;
	size_t n = 0, len = 0;

	do {
		digit[n++] = (char)('0' + (int)(m % 10));
		m /= 10;
	} while (m != 0 && n < sizeof(digit));
	while (n <= d->scale && n < sizeof(digit))
		digit[n++] = '0';
	if (d->m < 0)
		out[len++] = '-';
	while (n > 0) {
		if (n == d->scale)
			out[len++] = '.';
		out[len++] = digit[--n];
	}
	out[len] = '\0';
	return len;
}

/* Both on one scale; false: one of them grows too long. */
static bool
align(struct decimal *a, struct decimal *b)
{
	struct decimal *low = a->scale < b->scale ? a : b;
	uint32_t up = a->scale < b->scale ? b->scale : a->scale;

	return decimal_rescale(low, up);
}

int
decimal_cmp(const struct decimal *x, const struct decimal *y)
{
	struct decimal a = *x, b = *y;

	decimal_strip(&a);
	decimal_strip(&b);
	if (!align(&a, &b)) {
		/* one is too long for the other's scale: whole parts differ */
		a.m /= ten[a.scale];
		b.m /= ten[b.scale];
	}
	return (a.m > b.m) - (a.m < b.m);
}

bool
decimal_add(
    struct decimal *out, const struct decimal *x, const struct decimal *y)
{
	struct decimal a = *x, b = *y;

	if (!align(&a, &b) || !fits(a.m + b.m))
		return false;
	a.m += b.m;
	*out = a;
	return true;
}

bool
decimal_sub(
    struct decimal *out, const struct decimal *x, const struct decimal *y)
{
	struct decimal b = *y;

	b.m = -b.m;
	return decimal_add(out, x, &b);
}

bool
decimal_mul(
    struct decimal *out, const struct decimal *x, const struct decimal *y)
{
	struct decimal a = *x, b = *y, p;

	if (__builtin_mul_overflow(a.m, b.m, &p.m) || !fits(p.m) ||
	    a.scale + b.scale > DECIMAL_DIGITS) {
		decimal_strip(&a);
		decimal_strip(&b);
		if (__builtin_mul_overflow(a.m, b.m, &p.m) || !fits(p.m) ||
		    a.scale + b.scale > DECIMAL_DIGITS)
			return false;
	}
	p.scale = a.scale + b.scale;
	*out = p;
	return true;
}

bool
decimal_div(
    struct decimal *out, const struct decimal *x, const struct decimal *y)
{
	struct decimal a = *x, b = *y, q;
	__int128 rest;
	uint32_t up;

	if (b.m == 0)
		return false;
	decimal_strip(&b);
	decimal_strip(&a);
	/* 12 decimals: a is brought to b's scale and 12 more */
	up = b.scale + DIV_DECIMALS;
	if (a.scale < up && !decimal_rescale(&a, up))
		return false;
	q.m = a.m / b.m;
	rest = a.m % b.m;
	q.scale = a.scale - b.scale;
	if (rest != 0) {
		rest = rest < 0 ? -rest : rest;
		if (rest >= ((b.m < 0 ? -b.m : b.m) + 1) / 2)
			q.m += (a.m < 0) == (b.m < 0) ? 1 : -1;
	}
	decimal_strip(&q);
	*out = q;
	return true;
}

bool
decimal_ratio(struct decimal *out, const struct decimal *a,
    const struct decimal *b, const struct decimal *c)
{
	struct decimal p, q, back;

	if (!decimal_mul(&p, a, b) || !decimal_div(&q, &p, c) ||
	    !decimal_mul(&back, &q, c) || decimal_cmp(&back, &p) != 0)
		return false;
	*out = q;
	return true;
}

struct decimal
decimal_int(int64_t n)
{
	return (struct decimal){ n, 0 };
}

void
decimal_strip(struct decimal *d)
{
	while (d->scale > 0 && d->m % 10 == 0) {
		d->m /= 10;
		d->scale--;
	}
}

bool
decimal_rescale(struct decimal *d, uint32_t n)
{
	uint32_t by;

	if (n > DECIMAL_DIGITS)
		return false;
	if (n >= d->scale) {
		by = n - d->scale;
		if (d->m > (ten[DECIMAL_DIGITS] - 1) / ten[by] ||
		    d->m < -((ten[DECIMAL_DIGITS] - 1) / ten[by]))
			return false;
		d->m *= ten[by];
		d->scale = n;
		return true;
	}
	by = d->scale - n;
	if (d->m % ten[by] != 0)
		return false;
	d->m /= ten[by];
	d->scale = n;
	return true;
}

uint32_t
decimal_digits(const struct decimal *d, uint32_t *whole)
{
	__int128 m = d->m < 0 ? -d->m : d->m;
	uint32_t n = 0;

	for (; m != 0; m /= 10)
		n++;
	if (whole != NULL)
		*whole = n > d->scale ? n - d->scale : 1;
	return n > d->scale ? n : d->scale + 1;
}
