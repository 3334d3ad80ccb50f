/*
 * tests/unit/test_work_language.c - the sentences of a reply stand in the
 * language that the filer's configuration names, in every format of replies.
 */
#include "tests/unit/conf_test.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/daemon/work.h"

#define MAX (1u << 20)

static const char record[] =
    "number\tN1\nkind\tfindings\narrival_id\tA1\nfile_name\tf.edi\n"
    "part[1].about.number\tR1\npart[1].filing_id\tF1\n"
    "part[1].status\trefused\npart[1].status_en\tENGLISH STATE\n"
    "part[1].status_zh\t中文状态\npart[1].text\tOWN WORDS\n"
    "part[1].finding[1].fault\tE0110\n"
    "part[1].finding[1].severity\terror\n"
    "part[1].finding[1].text\tENGLISH FAULT\n"
    "part[1].finding[1].text_zh\t中文错误\n"
    "part[1].finding[2].fault\tX1\n"
    "part[1].finding[2].text\tONLY ONE\n";

static struct pipeline *pipeline;

static void
text_write(const char *dir, const char *name, const char *text)
{
	char path[600];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The installed mappings, and two formats that nobody has yet. */
static char *
mappings_make(void)
{
	static const char *const below[] = { "codes", "directory", "rules",
		"tables" };
	char *dir = test_dir(), *from = test_path("mappings");
	char a[1024], b[1024];
	struct dirent *e;
	DIR *d;

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		(void)snprintf(a, sizeof(a), "%s/%s", from, below[i]);
		(void)snprintf(b, sizeof(b), "%s/%s", dir, below[i]);
		assert_int_equal(symlink(a, b), 0);
	}
	(void)snprintf(b, sizeof(b), "%s/formats", dir);
	assert_int_equal(mkdir(b, 0700), 0);
	(void)snprintf(a, sizeof(a), "%s/formats", from);
	d = opendir(a);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		char name[512];
		struct slice text;

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(
		    name, sizeof(name), "mappings/formats/%s", e->d_name);
		text = test_file(name);
		text_write(dir, name + strlen("mappings/"), text.p);
		free((void *)(uintptr_t)text.p);
	}
	(void)closedir(d);
	text_write(dir, "formats/reply-json.fmt",
	    "format reply-json \"R\" \"R\" syntax json document receipt about "
	    "declaration\nencoding UTF-8\nobject[reply present]\n"
	    "  reply! number\n"
	    "  parts* part\n    state status; en status_en; zh status_zh\n"
	    "    words text\n"
	    "    said* finding\n      en text; zh text_zh\n");
	text_write(dir, "formats/reply-narrow.fmt",
	    "format reply-narrow \"R\" \"R\" syntax json document receipt "
	    "about declaration\nencoding UTF-8\nobject[answer present]\n"
	    "  answer! number\n"
	    "  parts* part\n    state status; words status_en\n"
	    "    own text\n"
	    "    said* finding\n      words text\n");
	free(from);
	return dir;
}

static int
formats_open(void **state)
{
	char *dir = mappings_make();
	struct complaints to;
	struct err err = { "" };

	complaints_init(&to);
	if (pipeline_open(&pipeline, dir, &to, &err) != RC_OK) {
		complaints_print(&to, stderr);
		fail_msg("%s", err.text);
	}
	complaints_clear(&to);
	*state = dir;
	return 0;
}

static int
formats_close(void **state)
{
	pipeline_free(pipeline);
	pipeline = NULL;
	test_dir_gone(*state);
	return 0;
}

/* What a filer with these words behind "reply ... as FORMAT" gets. */
static void
replied(const char *format, const char *options, struct buf *out)
{
	struct work_order o = { .kind = ORDER_REPLY,
		.partner = SLICE_LIT("f"),
		.name = SLICE_LIT("f.findings"),
		.format = slice_of(format),
		.number = 1,
		.now = 1700000000000,
		.input = slice_of(record) };
	struct mappings m = { .list.n = 1, .pipeline = { pipeline } };
	struct err err = { "" };
	uint32_t at = 0;
	struct work *w;
	struct conf *c;
	char text[400];

	(void)snprintf(text, sizeof(text),
	    SPOOL "filer f { folder /f; accept x; reply findings as %s %s }\n",
	    format, options);
	c = conf_of(text);
	buf_init(out, MAX);
	assert_int_equal(work_new(&w, &m, c, &err), RC_OK);
	if (work_run(w, &o, out, &at, &err) != RC_OK)
		fail_msg("%s: %s", format, err.text);
	work_free(w);
	conf_free(c);
}

static bool
holds(const struct buf *b, const char *text)
{
	return memmem(b->p, b->len, text, strlen(text)) != NULL;
}

static const struct {
	const char *name;
	bool one; /* has one place for either language */
} formats[] = {
	{ "csv-status", false },
	{ "sw-xml-receipt", false },
	{ "un-cusres-d96b", false },
	{ "un-cusres-d21a", false },
	{ "reply-json", false },
	{ "reply-narrow", true },
};

#define NFORMATS (sizeof(formats) / sizeof(formats[0]))

static void
told(size_t i, const char *options, bool en, bool zh)
{
	struct buf b;
	const char *f = formats[i].name;

	replied(f, options, &b);
	if (holds(&b, "ENGLISH FAULT") != en)
		fail_msg("%s '%s': the finding in English", f, options);
	if (holds(&b, "中文错误") != zh)
		fail_msg("%s '%s': the finding in Chinese", f, options);
	if (holds(&b, "ENGLISH STATE") != en)
		fail_msg("%s '%s': the state in English", f, options);
	if (holds(&b, "中文状态") != zh)
		fail_msg("%s '%s': the state in Chinese", f, options);
	/* what was said once is told in every language */
	if (!holds(&b, "OWN WORDS") || !holds(&b, "ONLY ONE"))
		fail_msg("%s '%s': the agency's own words", f, options);
	buf_clear(&b);
}

static void
test_a_reply_is_in_the_language_named_else_in_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < NFORMATS; i++) {
		told(i, "language en", true, false);
		told(i, "language zh", false, true);
		told(i, "", true, !formats[i].one);
	}
}

/* Nor is a hint made of characters that were not to be told. */
static void
test_english_in_a_western_code_page_lacks_nothing(void **state)
{
	struct buf b;

	(void)state;
	replied("un-cusres-d96b", "language en encoding iso-8859-1", &b);
	assert_true(holds(&b, "ENGLISH FAULT"));
	assert_false(holds(&b, "[U+"));
	assert_false(holds(&b, "E0122"));
	buf_clear(&b);
	/* a filer with both hears that they do not fit, in both as far as they
	 * go; one with Chinese hears it in Chinese */
	replied("un-cusres-d96b", "encoding iso-8859-1", &b);
	assert_true(holds(&b, "[U+"));
	assert_true(holds(&b, "E0122"));
	buf_clear(&b);
	replied("un-cusres-d96b", "language zh encoding gb18030", &b);
	assert_true(holds(&b, "\xd6\xd0\xce\xc4\xb4\xed\xce\xf3"));
	assert_false(holds(&b, "ENGLISH"));
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_reply_is_in_the_language_named_else_in_both),
		T(test_english_in_a_western_code_page_lacks_nothing),
	};

	return cmocka_run_group_tests(tests, formats_open, formats_close);
}
