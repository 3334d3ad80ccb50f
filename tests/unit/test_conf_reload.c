/*
 * What a changed configuration does: each directive, changed by itself, holds
 * from the next reload on, or the reload says that it wants a new start. And
 * the samples, which show each of them.
 */
#include "tests/unit/conf_test.h"
#include "tests/unit/texts.h"
#include "src/base/buf.h"

#define TOP    SPOOL FILER
#define OTHER  "filer acme { folder /srv/acme; accept csv; reply none; "
#define AGENCY "agency a { folder /a; submit d as f; "

static const struct {
	const char *word, *before, *after;
} changes[] = {
	{ "spool", TOP, "spool /var/spool/other\n" FILER },
	{ "mappings", TOP "mappings /m", TOP "mappings /m, /n" },
	{ "node", TOP "node 1", TOP "node 2" },
	{ "user", TOP "user a", TOP "user b" },
	{ "control", TOP, TOP "control /c" },
	{ "allow", TOP, TOP "allow view to user u" },
	{ "calendar", TOP, TOP "calendar c { open daily 08:00-09:00 }" },
	{ "filer", TOP, TOP "filer b { folder /b; accept x; reply none }" },
	{ "agency", TOP, TOP "agency b { folder /b; submit d as f }" },
	{ "subscriber", TOP, TOP "subscriber b { folder /b }" },
	{ "peer", TOP, TOP "peer b { folder /b }" },
	{ "reserve", TOP, "spool /var/spool/entrepot { reserve 3G }\n" FILER },
	{ "keep", TOP, "spool /var/spool/entrepot { keep 9 days }\n" FILER },
	{ "name", TOP, SPOOL OTHER "name \"A\" }" },
	{ "folder", TOP,
	    SPOOL "filer acme { folder /x; accept csv\nreply none "
		  "}" },
	{ "limit", TOP, SPOOL OTHER "limit 1M }" },
	{ "interchange", TOP AGENCY "}", TOP AGENCY "interchange to \"A\" }" },
	{ "hours", TOP AGENCY "}\ncalendar c { open daily 08:00-09:00 }",
	    TOP AGENCY "hours c }\ncalendar c { open daily 08:00-09:00 }" },
	{ "list", TOP AGENCY "}", TOP AGENCY "list at 12:00 }" },
	{ "accept", TOP,
	    SPOOL "filer acme { folder /srv/acme; accept x; reply none }" },
	{ "forward", TOP AGENCY "}",
	    SPOOL AGENCY "}\nfiler acme { folder /srv/acme; forward to a }" },
	{ "reply", TOP,
	    SPOOL "filer acme { folder /srv/acme; accept csv\nreply taken as "
		  "y }" },
	{ "default", TOP, SPOOL OTHER "default \"a\" \"b\" }" },
	{ "hold", TOP, SPOOL OTHER "hold all }" },
	{ "attachments", TOP, SPOOL OTHER "attachments pdf within 1m }" },
	{ "submit", TOP AGENCY "}",
	    TOP "agency a { folder /a; submit d as g }" },
	{ "expect", TOP AGENCY "}", TOP AGENCY "expect decision within 1h }" },
	{ "retry", TOP AGENCY "}", TOP AGENCY "retry every 2m for 1d }" },
};

#define NCHANGES (sizeof(changes) / sizeof(changes[0]))

static const struct {
	const char *word;
	bool starting;
} directives[] = {
#define DIRECTIVE(word, token, where, meaning) { word, false },
#define STARTING(word, token, where, meaning)  { word, true },
#include "src/conf/directives.def"
};

static void
test_each_directive_holds_after_a_reload_or_wants_a_start(void **state)
{
	(void)state;
	for (size_t d = 0; d < sizeof(directives) / sizeof(directives[0]);
	     d++) {
		const char *word = directives[d].word, *said;
		struct conf *before, *after;
		size_t i = 0;

		while (i < NCHANGES && strcmp(changes[i].word, word) != 0)
			i++;
		if (i == NCHANGES)
			fail_msg("nobody has tried to change '%s'", word);
		before = conf_of(changes[i].before);
		after = conf_of(changes[i].after);
		assert_null(conf_unchangeable(before, before));
		said = conf_unchangeable(after, before);
		if (directives[d].starting &&
		    (said == NULL || strcmp(said, word) != 0))
			fail_msg(
			    "'%s' is said to want a start, and does not", word);
		if (!directives[d].starting && said != NULL)
			fail_msg(
			    "'%s' wants a start, and is not said to", word);
		conf_free(before);
		conf_free(after);
	}
}

static void
test_the_manual_says_which_want_a_start(void **state)
{
	struct slice page = test_file("man/entrepot.conf.5");

	(void)state;
	for (size_t d = 0; d < sizeof(directives) / sizeof(directives[0]);
	     d++) {
		char item[64];
		const char *at, *end, *says;

		(void)snprintf(
		    item, sizeof(item), "\n.It Ic %s", directives[d].word);
		at = strstr(page.p, item);
		assert_non_null(at);
		end = strstr(at + 1, "\n.It Ic ");
		says = strstr(at, "A change wants a new start.");
		if ((says != NULL && (end == NULL || says < end)) !=
		    directives[d].starting)
			fail_msg("'%s': what the page says of a change",
			    directives[d].word);
	}
	free((void *)(uintptr_t)page.p);
}

/* Text of a sample without its comments. */
static void
test_a_sample_shows_every_word(void **state)
{
	static const char *const words[] = {
#define DIRECTIVE(word, token, where, meaning) word,
#define OPTION(word, token, where, meaning)    word,
#include "src/conf/directives.def"
	};
	char *path = test_path("etc/every.conf");
	struct slice file = test_file("etc/every.conf"), rest = file;
	struct complaints c;
	struct conf *conf = NULL;
	struct err err = { "" };
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	while (rest.len > 0) { /* words between blanks, comments left out */
		struct slice line = slice_cut(&rest, '\n');

		line = slice_cut(&line, '#');
		buf_byte(&b, ' ');
		for (size_t i = 0; i < line.len; i++)
			buf_byte(&b, strchr("\t,;{}", line.p[i]) != NULL
					 ? ' '
					 : line.p[i]);
		buf_byte(&b, ' ');
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char word[40];

		(void)snprintf(word, sizeof(word), " %s ", words[i]);
		if (strstr(buf_cstr(&b), word) == NULL)
			fail_msg("'%s' is not in etc/every.conf", words[i]);
	}
	buf_clear(&b);
	complaints_init(&c);
	/* but for the calendar's file, which stands elsewhere here */
	(void)!conf_read(&conf, path, &c, &err);
	complaints_print(&c, stderr);
	assert_int_equal(c.errors, 1);
	assert_non_null(strstr(c.item[0].text, "office.dates"));
	complaints_clear(&c);
	free((void *)(uintptr_t)file.p);
	free(path);
}

static void
test_the_sample_of_dates_is_read(void **state)
{
	char *dates = test_path("etc/office.dates"), *dir = test_dir();
	char conf[600], path[300];
	struct complaints c;
	struct conf *out = NULL;
	struct err err = { "" };

	(void)state;
	(void)snprintf(conf, sizeof(conf),
	    SPOOL FILER "calendar office file \"%s\"\n", dates);
	text_write(dir, "e.conf", conf);
	(void)snprintf(path, sizeof(path), "%s/e.conf", dir);
	complaints_init(&c);
	if (conf_read(&out, path, &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		fail_msg("%s", err.text);
	}
	assert_int_equal(out->hours[0].ndates, 19);
	conf_free(out);
	complaints_clear(&c);
	free(dates);
	test_dir_gone(dir);
}

/* One that is left out would be a leg that nobody gets. */
static void
test_more_submit_lines_than_legs_are_planned_among_are_told(void **state)
{
	struct complaints c;
	struct conf *conf = NULL;
	struct err err;
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	buf_str(&b, SPOOL FILER);
	for (unsigned int i = 0; i <= CONF_ROUTES / CONF_NAMES; i++) {
		buf_fmt(&b, "agency a%u {\n    folder \"/srv/a%u\"\n", i, i);
		for (unsigned int k = 0; k < CONF_NAMES; k++)
			buf_fmt(&b, "    submit d%u as f%u\n", k, k);
		buf_str(&b, "}\n");
	}
	complaints_init(&c);
	assert_int_equal(
	    conf_parse(&conf, "e.conf", buf_look(&b), &c, &err), RC_REFUSED);
	assert_int_equal(c.n, 1);
	assert_string_equal(
	    c.item[0].text, "more than 512 submit lines of all agencies");
	complaints_clear(&c);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_more_submit_lines_than_legs_are_planned_among_are_told),
		T(test_each_directive_holds_after_a_reload_or_wants_a_start),
		T(test_the_manual_says_which_want_a_start),
		T(test_a_sample_shows_every_word),
		T(test_the_sample_of_dates_is_read),
	};

	return TESTS_RUN(tests);
}
