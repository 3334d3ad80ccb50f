/*
 * daemon/conf_check.c - parsing without rights; trusts nothing in the text.
 * Called by proc.c, in a child.
 */
#include "src/daemon/conf_check.h"
#include "src/base/fsx.h"
#include "src/conf/conf.h"
#include "src/daemon/role_process.h"
#include "src/record/complaints.h"
#include "src/sandbox/sandbox.h"
#include <stdio.h>

static int
compare(const struct conf *now, int before)
{
	struct complaints c;
	struct conf *old;
	const char *word;
	struct slice text;
	struct err err;

	if (before < 0)
		return 0;
	complaints_init(&c);
	if (fsx_memfd_map(before, CONF_BYTES_MAX, &text, &err) != RC_OK ||
	    conf_parse(&old, "before", text, &c, &err) != RC_OK)
		return 70;
	word = conf_unchangeable(now, old);
	if (word == NULL)
		return 0;
	fprintf(stderr,
	    "%s: '%s' cannot change at a reload, want a new start\n", now->file,
	    word);
	return CONF_CHECK_START;
}

int
conf_check_child(const char *file, int conf, int before)
{
	struct sandbox nothing = { .npaths = 0 };
	struct sandbox_truth truth;
	struct complaints c;
	struct conf *parsed;
	struct slice text;
	struct err err = { "" };
	enum rc rc = sandbox_enter(&nothing, &truth, &err);

	complaints_init(&c);
	if (rc == RC_OK)
		rc = fsx_memfd_map(conf, CONF_BYTES_MAX, &text, &err);
	if (rc == RC_OK)
		rc = conf_parse(&parsed, file, text, &c, &err);
	complaints_print(&c, stderr);
	if (rc != RC_OK) {
		fprintf(stderr, "entrepotd: %s\n", err.text);
		return rc == RC_REFUSED ? 1 : 70;
	}
	return compare(parsed, before);
}
