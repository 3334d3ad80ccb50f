/*
 * cli/verb_why.c - entrepot why: why a thing stands where it does, one
 * sentence for it and one for each thing it waits for. Called by dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/standing.h"
#include "src/base/utf8.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT        512
#define PARTS_SHOWN 50 /* of one thing */
#define DEPTH_MAX   3  /* arrival, filing, leg, delivery */
#define SAID_ROOM   (1u << 20)

/* What the rows of one "show" say that matters here. */
struct story {
	char what[16], id[FIND_TEXT], partner[64], state[32];
	char why[2 * TEXT], file[TEXT], next_try[ROW_TEXT], since[ROW_TEXT];
	/* the answer that counts, and one behind it that did not change it */
	char answer[TEXT], behind[TEXT];
	char delivery[FIND_TEXT], leg[FIND_TEXT], arrival[FIND_TEXT];
	uint64_t tries, errors, answers;
	const char *behind_is;
	bool refused; /* whole, by its envelope */
};

struct why_verb {
	const char *conf;
	bool json, chinese;
	struct ask *a;
	struct story now;
	struct buf finding; /* the first one, for people */
};

static const struct opt opts[] = {
	OPT_JSON(struct why_verb, json),
	{ .word = "zh",
	    .at = offsetof(struct why_verb, chinese),
	    .what = "the reasons in Chinese" },
	OPT_CONF(struct why_verb, conf),
	{ 0 },
};

static const struct usage usage = {
	.verb = "why", .opt = opts, .operands = "ID", .least = 1, .most = 1
};

/* Escaped for a terminal, cut. */
static void
copy(char *out, size_t size, struct slice s)
{
	struct buf b;

	buf_init(&b, SAID_ROOM);
	(void)utf8_show(slice_sub(s, 0, size), &b);
	(void)snprintf(out, size, "%s", b.len == 0 ? "" : buf_cstr(&b));
	buf_clear(&b);
}

static void
why_copy(struct story *s, struct slice why)
{
	struct buf b;

	buf_init(&b, SAID_ROOM);
	stamps_shown(slice_sub(why, 0, sizeof(s->why)), &b);
	(void)snprintf(
	    s->why, sizeof(s->why), "%s", b.len == 0 ? "" : buf_cstr(&b));
	buf_clear(&b);
}

static void
thing_read(struct why_verb *v, const struct row *r)
{
	struct story *s = &v->now;

	copy(s->what, sizeof(s->what), row_text(r, "what"));
	copy(s->id, sizeof(s->id), row_text(r, "id"));
	copy(s->partner, sizeof(s->partner), row_text(r, "partner"));
	copy(s->state, sizeof(s->state), row_text(r, "state"));
	why_copy(s, row_text(r, v->chinese ? "why_zh" : "why_en"));
	if (strcmp(s->why, s->state) == 0)
		s->why[0] = '\0';
	copy(s->file, sizeof(s->file), row_text(r, "file_name"));
	copy(s->delivery, sizeof(s->delivery), row_text(r, "delivery"));
	copy(s->leg, sizeof(s->leg), row_text(r, "leg"));
	copy(s->arrival, sizeof(s->arrival), row_text(r, "arrival"));
	if (row_text(r, "next_try").len > 0)
		(void)moment_shown(row_text(r, "next_try"), s->next_try);
	s->tries = row_number(r, "tries");
	s->errors = row_number(r, "errors");
	s->refused = row_is(r, "refused", "true");
	s->answers = row_number(r, "answers");
}

/* The code as it came, what its row of the list says, the agency's words. */
static void
answer_copy(struct why_verb *v, const struct row *r, char out[TEXT])
{
	struct slice code = row_text(r, "status"), words = row_text(r, "text");
	struct slice row = row_text(r, v->chinese ? "zh" : "en");
	char at[ROW_TEXT];
	struct buf b;

	buf_init(&b, SAID_ROOM);
	(void)utf8_show(row_text(r, "answer"), &b);
	if (code.len > 0) {
		buf_str(&b, " '");
		(void)utf8_show(code, &b);
		buf_byte(&b, '\'');
	}
	if (row.len > 0) {
		buf_str(&b, " (");
		(void)utf8_show(slice_sub(row, 0, TEXT / 4), &b);
		buf_byte(&b, ')');
	}
	if (words.len > 0) {
		buf_str(&b, " \"");
		(void)utf8_show(slice_sub(words, 0, TEXT / 2), &b);
		buf_byte(&b, '"');
	}
	(void)snprintf(out, TEXT, "%s of %s", buf_cstr(&b),
	    moment_shown(row_text(r, "at"), at));
	buf_clear(&b);
}

/* Late ones and repeats say nothing of why it stands there. */
static void
answer_read(struct why_verb *v, const struct row *r)
{
	struct story *s = &v->now;

	if (row_is(r, "effect", "new")) {
		answer_copy(v, r, s->answer);
		s->behind[0] = '\0';
	} else if (row_is(r, "effect", "contradicts")) {
		answer_copy(v, r, s->behind);
		s->behind_is = "against it";
	} else if (row_is(r, "effect", "unknown")) {
		answer_copy(v, r, s->behind);
		s->behind_is = "with a code that no list has";
	}
}

static enum rc
story_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct why_verb *v = arg;

	if (row_is(r, "row", "thing")) {
		thing_read(v, r);
		return v->json ? ask_print_json(NULL, line, r, err) : RC_OK;
	}
	if (row_is(r, "row", "state"))
		(void)moment_shown(row_text(r, "at"), v->now.since);
	else if (row_is(r, "row", "answer"))
		answer_read(v, r);
	return RC_OK;
}

struct ids {
	char id[PARTS_SHOWN][FIND_TEXT];
	unsigned int n, more;
};

/*
 * What a thing waits for: an arrival for its filings, a filing for its legs.
 * And what its filer has not got yet: its replies.
 */
struct parts {
	struct ids want, reply;
	const char *what; /* NULL: the replies alone */
	bool replies;
};

static void
id_add(struct ids *to, const struct row *r)
{
	if (to->n == PARTS_SHOWN)
		to->more++;
	else
		copy(to->id[to->n++], FIND_TEXT, row_text(r, "id"));
}

static bool
is_given(const struct row *r)
{
	return row_is(r, "state", "published") ||
	       row_is(r, "state", "picked") || row_is(r, "state", "cancelled");
}

static enum rc
part_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct parts *p = arg;

	(void)line;
	(void)err;
	if (p->what != NULL && row_is(r, "what", p->what))
		id_add(&p->want, r);
	else if (p->replies && row_is(r, "what", "delivery") && !is_given(r))
		id_add(&p->reply, r);
	return RC_OK;
}

/* The first error of a refused filing: its place, and what is wrong there. */
static enum rc
finding_bytes(void *arg, struct slice s, struct err *err)
{
	struct why_verb *v = arg;

	(void)err;
	if (v->finding.len > 0)
		return RC_OK;
	while (s.len > 0) {
		struct slice line = slice_cut(&s, '\n'), text;
		struct row r;

		row_init(&r);
		row_parse(&r, line);
		text = row_text(&r, v->chinese ? "zh" : "en");
		if (row_is(&r, "severity", "error") && text.len > 0) {
			(void)utf8_show(row_text(&r, "code"), &v->finding);
			buf_str(&v->finding,
			    row_text(&r, "code").len > 0 ? " " : "");
			if (row_number(&r, "line") > 0)
				buf_fmt(&v->finding, "line %llu column %llu: ",
				    (unsigned long long)row_number(&r, "line"),
				    (unsigned long long)row_number(
					&r, "column"));
			(void)utf8_show(text, &v->finding);
			s.len = 0;
		}
		row_clear(&r);
	}
	return RC_OK;
}

static void
story_print(struct why_verb *v, unsigned int depth)
{
	const struct story *s = &v->now;

	printf("%*s%s %s", (int)(2 * depth), "", s->what, s->id);
	if (s->partner[0] != '\0')
		printf(" (%s)", s->partner);
	printf(" is %s", s->state);
	if (s->since[0] != '\0')
		printf(" since %s", s->since);
	if (s->why[0] != '\0')
		printf(": %s", s->why);
	if (v->finding.len > 0)
		printf("; %s", buf_cstr(&v->finding));
	if (s->errors > 1)
		printf("; %llu errors in all", (unsigned long long)s->errors);
	if (s->answer[0] != '\0')
		printf("; %s", s->answer);
	if (s->behind[0] != '\0')
		printf("; %s %s", s->behind_is, s->behind);
	if (s->tries > 0)
		printf("; tried %llu time%s", (unsigned long long)s->tries,
		    s->tries == 1 ? "" : "s");
	if (s->next_try[0] != '\0')
		printf("; next try %s", s->next_try);
	if (s->file[0] != '\0')
		printf("; file '%s'", s->file);
	putchar('\n');
}

static enum rc
story_tell(
    struct why_verb *v, const char *id, unsigned int depth, struct err *err)
{
	struct ask_for to = { .row = story_row, .arg = v };
	struct ask_for found = { .bytes = finding_bytes, .arg = v };
	struct err none;
	enum rc rc;

	v->now = (struct story){ .tries = 0 };
	buf_reset(&v->finding);
	rc = ask_say(v->a, &to, err, "show", "id", id, NULL);
	if (rc != RC_OK || v->json)
		return rc;
	/* Without findings (retention dropped them) the sentence is shorter. */
	if ((v->now.errors > 0 || v->now.refused ||
		(strcmp(v->now.what, "receipt") == 0 &&
		    strcmp(v->now.state, "held") == 0)) &&
	    ask_say(v->a, &found, &none, "cat", "id", id, "body", "findings",
		NULL) != RC_OK)
		buf_reset(&v->finding);
	story_print(v, depth);
	return RC_OK;
}

/* An arrival has its replies among its parts, a filing its arrival's. */
static enum rc
parts_find(struct why_verb *v, const char *id, bool first, struct parts *p,
    struct err *err)
{
	struct ask_for to = { .row = part_row, .arg = p };
	bool arrival = strcmp(v->now.what, "arrival") == 0;
	char up[FIND_TEXT];
	enum rc rc;

	if (!arrival && strcmp(v->now.what, "filing") != 0)
		return RC_OK;
	(void)snprintf(up, sizeof(up), "%s", v->now.arrival);
	p->what = arrival ? "filing" : "leg";
	p->replies = first && arrival;
	rc = ask_say(v->a, &to, err, "parts", "id", id, NULL);
	p->what = NULL;
	p->replies = first && !arrival;
	if (rc == RC_OK && p->replies && up[0] != '\0')
		rc = ask_say(v->a, &to, err, "parts", "id", up, NULL);
	return rc;
}

static enum rc why_tell(
    struct why_verb *, const char *id, unsigned int depth, struct err *);

static enum rc
ids_tell(struct why_verb *v, const struct ids *some, unsigned int depth,
    struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < some->n && rc == RC_OK; i++)
		rc = why_tell(v, some->id[i], depth, err);
	if (rc == RC_OK && some->more > 0 && !v->json)
		printf("%*sand %u more\n", (int)(2 * depth), "", some->more);
	return rc;
}

/* A thing, and what it waits for: as deep as a delivery. */
static enum rc
why_tell(
    struct why_verb *v, const char *id, unsigned int depth, struct err *err)
{
	struct parts p = { .what = NULL };
	char next[FIND_TEXT];
	enum rc rc = story_tell(v, id, depth, err);

	if (rc != RC_OK || depth == DEPTH_MAX)
		return rc;
	(void)snprintf(next, sizeof(next), "%s",
	    strcmp(v->now.what, "receipt") == 0 ? v->now.leg : v->now.delivery);
	if (next[0] != '\0' && (strcmp(v->now.what, "leg") == 0 ||
				   strcmp(v->now.what, "receipt") == 0))
		return story_tell(v, next, depth + 1, err);
	rc = parts_find(v, id, depth == 0, &p, err);
	if (rc == RC_OK)
		rc = ids_tell(v, &p.want, depth + 1, err);
	return rc == RC_OK ? ids_tell(v, &p.reply, depth + 1, err) : rc;
}

int
verb_why(int argc, char **argv)
{
	struct why_verb *v = calloc(1, sizeof(*v));
	char id[FIND_TEXT];
	struct err err;
	enum rc rc;
	int status = EXIT_USAGE;

	if (v == NULL || !options_read(&usage, argc, argv, v, &status)) {
		free(v);
		return status;
	}
	v->a = ask_open("why", v->conf);
	if (v->a == NULL) {
		free(v);
		return EXIT_USAGE;
	}
	buf_init(&v->finding, SAID_ROOM);
	rc = ask_find(v->a, argv[optind], id, &err);
	if (rc == RC_OK)
		rc = why_tell(v, id, 0, &err);
	else if (rc == RC_REFUSED && !v->json && argv[optind][0] != '\0' &&
		 standing_tell(v->a, argv[optind]))
		rc = RC_OK;
	ask_close(v->a);
	buf_clear(&v->finding);
	free(v);
	return rc == RC_OK ? 0 : ask_failed("why", rc, &err);
}
