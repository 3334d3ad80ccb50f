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

#define SHOWN 200 /* bytes of it in a sentence */

#define WHOSE 160 /* partner and document of a filing */

struct found {
	char id[FIND_TEXT], taken[FIND_TEXT], whose[WHOSE];
	unsigned int n, filings;
	bool differ; /* filings of several partners, or kinds */
};

/* Newest first; the newest that was taken holds the number. */
static void
filing_found(struct found *f, const struct row *r, struct slice id)
{
	char whose[WHOSE];

	(void)snprintf(whose, sizeof(whose), "%.*s %.*s",
	    SLICE_ARG(row_text(r, "partner")),
	    SLICE_ARG(row_text(r, "document")));
	if (f->filings++ == 0) {
		(void)snprintf(f->id, sizeof(f->id), "%.*s", SLICE_ARG(id));
		(void)snprintf(f->whose, sizeof(f->whose), "%s", whose);
	}
	f->differ = f->differ || strcmp(f->whose, whose) != 0;
	if (f->taken[0] == '\0' && row_is(r, "state", "taken"))
		(void)snprintf(
		    f->taken, sizeof(f->taken), "%.*s", SLICE_ARG(id));
}

static enum rc
row_found(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct found *f = arg;
	struct slice id = row_text(r, "id");

	(void)line;
	(void)err;
	f->n++;
	if (!row_is(r, "row", "item")) {
		f->differ = true; /* "more": nobody looked at them */
		return RC_OK;
	}
	/* A filing speaks for its legs, which are known by the same keys. */
	if (row_is(r, "what", "filing"))
		filing_found(f, r, id);
	else if (f->n == 1)
		(void)snprintf(f->id, sizeof(f->id), "%.*s", SLICE_ARG(id));
	return RC_OK;
}

/* The one that is meant; how many filings are known by the same. */
static bool
found_one(const struct found *f, char id[FIND_TEXT])
{
	if (f->differ || (f->filings == 0 && f->n != 1))
		return false;
	(void)snprintf(
	    id, FIND_TEXT, "%s", f->taken[0] != '\0' ? f->taken : f->id);
	if (f->filings > 1)
		fprintf(stderr,
		    "%u other%s known by it: 'entrepot track' lists them\n",
		    f->filings - 1, f->filings == 2 ? " is" : "s are");
	return true;
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
	uint64_t parsed;
	enum rc rc;

	if (id_parse(slice_of(typed), &parsed)) {
		(void)id_print(parsed, id);
		return RC_OK;
	}
	rc = ask_say(a, &to, err, "track", "key", typed, NULL);
	if (rc != RC_OK)
		return rc;
	typed_shown(typed, shown);
	if (found_one(&f, id))
		return RC_OK;
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
