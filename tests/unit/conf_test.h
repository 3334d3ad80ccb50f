/*
 * tests/unit/conf_test.h - a configuration from a text, and what is told about
 * one that is refused.
 */
#ifndef TESTS_UNIT_CONF_TEST_H
#define TESTS_UNIT_CONF_TEST_H

#include "tests/unit/test.h"
#include "src/conf/conf.h"
#include "src/record/complaints.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILER "filer acme { folder \"/srv/acme\"; accept csv; reply none }\n"
#define SPOOL "spool /var/spool/entrepot\n"

static inline struct conf *
conf_of(const char *text)
{
	struct complaints c;
	struct conf *conf = NULL;
	struct err err = { "" };

	complaints_init(&c);
	if (conf_parse(&conf, "e.conf", slice_of(text), &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		fail_msg("%s", err.text);
	}
	complaints_clear(&c);
	return conf;
}

/* All of them as printed; to free(). */
static inline char *
complaints_said(const struct complaints *c)
{
	char *said = NULL;
	size_t n;
	FILE *f = open_memstream(&said, &n);

	assert_non_null(f);
	complaints_print(c, f);
	(void)fclose(f);
	return said;
}

/* What is printed about a text that is refused; to free(). */
static inline char *
said_about(struct slice text)
{
	struct complaints c;
	struct conf *conf = NULL;
	struct err err = { "" };
	char *said;

	complaints_init(&c);
	assert_int_equal(
	    conf_parse(&conf, "e.conf", text, &c, &err), RC_REFUSED);
	assert_null(conf);
	said = complaints_said(&c);
	complaints_clear(&c);
	return said;
}

static inline void
wants(const char *text, const char *const *lines, size_t n)
{
	char *said = said_about(slice_of(text));
	size_t found = 0;

	for (const char *p = strstr(said, "e.conf:"); p != NULL;
	     p = strstr(p + 1, "\ne.conf:"))
		found++;
	for (size_t i = 0; i < n; i++)
		if (strstr(said, lines[i]) == NULL)
			fail_msg("'%s' is not in\n%s", lines[i], said);
	if (found != n)
		fail_msg("%zu complaints, want %zu:\n%s", found, n, said);
	free(said);
}

#define WANTS(text, ...)                                                       \
	do {                                                                   \
		static const char *const lines_[] = { __VA_ARGS__ };           \
		wants(text, lines_, sizeof(lines_) / sizeof(lines_[0]));       \
	} while (0)

#endif
