/*
 * tests/unit/test_decimal.c - exact decimals: digits in, the same digits out.
 */
#include "src/record/decimal.h"
#include "tests/unit/test.h"

static struct decimal
num(const char *s)
{
	struct decimal d = { 0, 0 };

	assert_true(decimal_parse(slice_of(s), &d));
	return d;
}

static void
num_is(const struct decimal *d, const char *want)
{
	char text[DECIMAL_TEXT];

	assert_int_equal(decimal_print(d, text), strlen(want));
	assert_string_equal(text, want);
}

static void
test_a_number_prints_with_the_digits_it_came_with(void **state)
{
	static const char *const same[] = { "0", "0.00", "-12.50", "1",
		"10382.74600", "0.05", "-0.001",
		"1234567890123456789012345678901234567" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct decimal d = num(same[i]);

		num_is(&d, same[i]);
	}
	struct decimal d = num("+007.10");

	num_is(&d, "7.10");
}

static void
test_what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = { "", "-", ".", "1.", ".5", "1,5",
		"1 ", " 1", "1e3", "--1", "1.2.3", "0x10",
		"12345678901234567890123456789012345678" };
	struct decimal d;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(decimal_parse(slice_of(bad[i]), &d));
	assert_true(decimal_parse_mark(SLICE_LIT("1,5"), ',', &d));
	num_is(&d, "1.5");
}

static void
test_arithmetic_is_exact_or_refused(void **state)
{
	struct decimal a = num("0.1"), b = num("0.2"), r;
	struct decimal big = num("9999999999999999999999999999999999999");

	(void)state;
	assert_true(decimal_add(&r, &a, &b));
	num_is(&r, "0.3");
	b = num("12.25");
	assert_true(decimal_sub(&r, &a, &b));
	num_is(&r, "-12.15");
	assert_true(decimal_mul(&r, &a, &b));
	num_is(&r, "1.225");
	assert_false(decimal_add(&r, &big, &a));
	assert_false(decimal_mul(&r, &big, &big));
	b = num("3");
	a = num("1");
	assert_true(decimal_div(&r, &a, &b));
	num_is(&r, "0.333333333333");
	a = num("2.00");
	assert_true(decimal_div(&r, &a, &b));
	num_is(&r, "0.666666666667");
	a = num("7.5");
	b = num("-2.5");
	assert_true(decimal_div(&r, &a, &b));
	num_is(&r, "-3");
	b = num("0.0");
	assert_false(decimal_div(&r, &a, &b));
}

static void
test_numbers_compare_by_value(void **state)
{
	struct decimal a = num("1.50"), b = num("1.5"), c = num("-2");
	struct decimal tiny = num("0.0000000000000000000000000000000001");
	struct decimal big = num("99999999999999999999");

	(void)state;
	assert_int_equal(decimal_cmp(&a, &b), 0);
	assert_true(decimal_cmp(&c, &a) < 0);
	assert_true(decimal_cmp(&big, &tiny) > 0);
}

static void
test_rescaling_loses_no_digit(void **state)
{
	struct decimal d = num("1.250");
	uint32_t whole;

	(void)state;
	assert_true(decimal_rescale(&d, 2));
	num_is(&d, "1.25");
	assert_false(decimal_rescale(&d, 1));
	num_is(&d, "1.25");
	assert_true(decimal_rescale(&d, 5));
	num_is(&d, "1.25000");
	decimal_strip(&d);
	num_is(&d, "1.25");
	assert_int_equal(decimal_digits(&d, &whole), 3);
	assert_int_equal(whole, 1);
	d = num("0.05");
	assert_int_equal(decimal_digits(&d, &whole), 3);
	assert_int_equal(whole, 1);
	d = decimal_int(-42);
	num_is(&d, "-42");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_number_prints_with_the_digits_it_came_with),
		T(test_what_is_no_number_is_refused),
		T(test_arithmetic_is_exact_or_refused),
		T(test_numbers_compare_by_value),
		T(test_rescaling_loses_no_digit),
	};

	return TESTS_RUN(tests);
}
