/*
 * tests/fuzz/fuzz_names.c - any bytes as the name of a file: offered or not by
 * every completion rule, and read by the patterns of the formats whose name is
 * all they say.
 */
#include <string.h>
#include "src/daemon/pipeline.h"
#include "src/intake/complete.h"
#include "tests/fuzz/fuzz.h"

static const char failure[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
			      "<Root><resultFlag>1</resultFlag>"
			      "<failCode>134</failCode>"
			      "<failInfo>x</failInfo></Root>";

enum { NAME, BOUND, REACHED };
const unsigned int fuzz_kinds = REACHED;

static struct pipeline *pipeline;
static struct arena *mem;

static enum rc
filing_take(void *arg, const struct filing *f, struct err *err)
{
	struct slice *name = arg;
	const struct value *v;

	(void)err;
	if (f->record == NULL)
		return RC_OK;
	v = record_get(f->record->root, "about.number");
	/* What was bound is a piece of the name. */
	MUST(v == NULL || v->text.len <= name->len);
	if (v != NULL)
		fuzz_reached(BOUND);
	PLANTED(v != NULL && v->text.len == 5);
	return RC_OK;
}

static void
names_open(void)
{
	const char *src = getenv("ENTREPOT_SRC");
	char path[4200];
	struct complaints to;
	struct err err;

	(void)snprintf(
	    path, sizeof(path), "%s/mappings", src == NULL ? "." : src);
	complaints_init(&to);
	MUST(pipeline_open(&pipeline, path, &to, &err) == RC_OK);
	complaints_clear(&to);
	mem = arena_new(64u << 20);
	MUST(mem != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct conf_partner rule[] = {
		{ .complete = COMPLETE_RENAME },
		{ .complete = COMPLETE_MARKER, .marker = ".ok" },
		{ .complete = COMPLETE_CLOSE },
		{ .complete = COMPLETE_QUIET, .quiet_ms = 1000 },
		{ .layout = LAYOUT_IMPORT_CLIENT },
	};
	static const char *const accept[] = { "cn-dec-client" };
	struct slice name = { (const char *)p, n };
	struct arrival a = { .raw = SLICE_LIT(failure),
		.file_name = name,
		.accept = accept,
		.naccept = 1,
		.base_year = 2024,
		.unchecked = true };
	struct err err;

	if (pipeline == NULL)
		names_open();
	for (size_t i = 0; i < sizeof(rule) / sizeof(rule[0]); i++) {
		(void)complete_is_offer(&rule[i], name);
		(void)complete_has_end(&rule[i], name);
	}
	if (complete_name_wrong(name) == NULL) {
		MUST(n <= COMPLETE_NAME_MAX);
		fuzz_reached(NAME);
		for (size_t i = 0; i < n; i++)
			MUST(p[i] >= 0x20 && p[i] != 0x7f);
	}
	arena_rewind(mem);
	MUST(pipeline_arrival(
		 pipeline, &a, mem, NULL, filing_take, &name, &err) == RC_OK);
	return 0;
}
