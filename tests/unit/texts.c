/*
 * tests/unit/texts.c - see texts.h; used by the tests of the loaders.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "tests/unit/test.h"
#include "tests/unit/texts.h"

void
text_write(const char *dir, const char *name, const char *content)
{
	char path[1000];
	char *slash;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	mkdir(path, 0700);
	*slash = '/';
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(
	    fwrite(content, 1, strlen(content), f), strlen(content));
	assert_int_equal(fclose(f), 0);
}

void
complaint_is(const struct complaints *c, uint32_t n, uint32_t line,
    uint32_t column, const char *sentence)
{
	if (n >= c->n)
		complaints_print(c, stderr);
	assert_true(n < c->n);
	assert_string_equal(c->item[n].text, sentence);
	assert_int_equal(c->item[n].line, line);
	assert_int_equal(c->item[n].column, column);
}

void
only_complaint_is(const struct complaints *c, uint32_t line, uint32_t column,
    const char *sentence)
{
	if (c->n > 1)
		complaints_print(c, stderr);
	complaint_is(c, 0, line, column, sentence);
	assert_int_equal(c->n, 1);
	assert_int_equal(c->errors, 1);
}

char *
complaints_text(const struct complaints *c)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	complaints_print(c, f);
	assert_int_equal(fclose(f), 0);
	return text;
}
