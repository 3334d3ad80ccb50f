/*
 * tests/unit/test_mappings_load.c - the folder that is installed becomes plans,
 * and what an interface page names is bound.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/format/plan.h"
#include "tests/unit/test.h"
#include "tests/unit/texts.h"

static struct formats *
installed(void)
{
	struct formats *all = NULL;
	struct complaints c;
	struct err err = { "" };
	char *dir = test_path("mappings");

	complaints_init(&c);
	if (formats_load(&all, dir, &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		fail_msg("%s", err.text);
	}
	complaints_clear(&c);
	free(dir);
	return all;
}

static void
test_the_installed_formats_load_and_have_a_version(void **state)
{
	struct formats *all = installed();
	const struct plan *p;

	(void)state;
	p = format_find(all, SLICE_LIT("cn-dec"));
	assert_non_null(p);
	assert_int_equal(p->syntax, SYN_XML);
	assert_non_null(format_find(all, SLICE_LIT("sw-xml")));
	assert_int_equal(strlen(formats_version(all)), 64);
	formats_free(all);
}

/* What the page itself calls reserved or given up, and the signature. */
static const char *const not_carried[] = { "DecHead TgdNo",
	"DecHead InspOrgCode", "DecHead VsaOrgCode", "DecHead OrgCode",
	"DecSign HostId", "DecSign Sign" };

struct bound {
	bool read, write;
};

/* Lines below parent at a path of tags, whose last is the leaf. */
static void
leaf_look(const struct line *parent, struct slice path, struct bound *b)
{
	struct slice tag = slice_cut(&path, '/');

	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		bool same = false;

		for (int i = 0; i < l->ntags; i++)
			same |= slice_eq(l->name[i], tag);
		if (!same)
			continue;
		if (path.len > 0) {
			leaf_look(l, path, b);
		} else if (l->kind == LINE_ELEMENT || l->kind == LINE_PATTERN ||
			   l->kind == LINE_CONSTANT) {
			b->read |= l->read;
			b->write |= l->write;
		}
	}
}

static bool
is_carried(struct slice block, struct slice element)
{
	char name[200];

	(void)snprintf(name, sizeof(name), "%.*s %.*s", SLICE_ARG(block),
	    SLICE_ARG(element));
	for (size_t i = 0; i < sizeof(not_carried) / sizeof(char *); i++)
		if (strcmp(name, not_carried[i]) == 0)
			return false;
	return true;
}

static void
test_every_field_of_the_declaration_page_is_read_and_written(void **state)
{
	struct formats *all = installed();
	const struct line *root =
	    format_find(all, SLICE_LIT("cn-dec"))->root->child;
	char *path = test_path("mappings/tables/dec-4.8.tsv"), row[500];
	FILE *f = fopen(path, "r");
	unsigned int rows = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(row, sizeof(row), f) != NULL) {
		struct slice line = slice_of(row);
		struct slice block = slice_cut(&line, '\t');
		struct slice element = slice_cut(&line, '\t');
		struct bound b = { false, false };
		char at[500];

		if (row[0] == '#' || slice_is(block, "block"))
			continue;
		rows++;
		if (block.p[block.len - 1] == '@')
			(void)snprintf(
			    at, sizeof(at), "@%.*s", SLICE_ARG(element));
		else
			(void)snprintf(at, sizeof(at), "%.*s/%.*s",
			    SLICE_ARG(block), SLICE_ARG(element));
		leaf_look(root, slice_of(at), &b);
		if ((b.read && b.write) != is_carried(block, element))
			fail_msg(
			    "%s: read %d, written %d", at, b.read, b.write);
	}
	(void)fclose(f);
	assert_int_equal(rows, 408);
	formats_free(all);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_installed_formats_load_and_have_a_version),
		T(test_every_field_of_the_declaration_page_is_read_and_written),
	};

	return TESTS_RUN(tests);
}
