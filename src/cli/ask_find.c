/*
 * cli/ask_find.c - from what a person typed to one thing's id. Called by the
 * verbs that take an ID.
 */
#include "src/cli/ask.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "src/base/id.h"
#include "src/base/utf8.h"
#include "src/daemon/question.h"

#define SHOWN 200 /* bytes of it in a sentence */

struct found {
	char id[FIND_TEXT];
	unsigned int n, filings;
};

static enum rc
row_found(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct found *f = arg;
	struct slice id = row_text(r, "id");
	bool filing = row_is(r, "what", "filing");

	(void)line;
	(void)err;
	if (!row_is(r, "row", "item")) {
		f->n++; /* "more" */
		f->filings++;
		return RC_OK;
	}
	/* A filing speaks for its legs, which are known by the same keys. */
	if (f->n == 0 || (filing && f->filings == 0))
		(void)snprintf(f->id, sizeof(f->id), "%.*s", SLICE_ARG(id));
	f->n++;
	f->filings += filing;
	return RC_OK;
}

static void
typed_shown(const char *typed, char out[SHOWN * 4 + 1])
{
	struct buf b;

	buf_init(&b, SHOWN * 4 + 1);
	(void)utf8_show(slice_sub(slice_of(typed), 0, SHOWN), &b);
	(void)snprintf(out, SHOWN * 4 + 1, "%s", buf_cstr(&b));
	buf_clear(&b);
}

/* As long as an id, and of its letters: then a wrong letter is meant. */
static bool
id_like(const char *typed)
{
	size_t n = strlen(typed), digits = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)typed[i]) && typed[i] != '-')
			return false;
		digits += isdigit((unsigned char)typed[i]) != 0;
	}
	return (n == ID_TEXT - 1 && typed[7] == '-') ||
	       (n == ID_TEXT - 2 && digits < n);
}

enum rc
ask_find(struct ask *a, const char *typed, char id[FIND_TEXT], struct err *err)
{
	struct found f = { .n = 0 };
	struct ask_for to = { .row = row_found, .arg = &f };
	char shown[SHOWN * 4 + 1];
	struct buf q;
	uint64_t parsed;
	enum rc rc;

	if (id_parse(slice_of(typed), &parsed)) {
		(void)id_print(parsed, id);
		return RC_OK;
	}
	buf_init(&q, QUESTION_MAX);
	question_begin(&q, "track");
	question_arg(&q, "key", slice_of(typed));
	rc = ask_question(a, &q, &to, err);
	buf_clear(&q);
	if (rc != RC_OK)
		return rc;
	typed_shown(typed, shown);
	if (f.n == 1 || f.filings == 1) {
		(void)snprintf(id, FIND_TEXT, "%s", f.id);
		return RC_OK;
	}
	if (f.n > 1)
		return err_set(err, RC_REFUSED,
		    "'%s' is ambiguous: %u things are known by it, 'entrepot "
		    "track' lists them",
		    shown, f.n);
	if (id_like(typed))
		return err_set(err, RC_REFUSED,
		    "'%s' is no id: a letter is wrong, the check letter does "
		    "not fit",
		    shown);
	return err_set(err, RC_REFUSED, "nothing is known by '%s'", shown);
}
