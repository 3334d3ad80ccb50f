/*
 * crash/bugs.c - bugs that a checker must find, planted behind the linker's
 * back (--wrap): each is one step left out or made too early. Linked into the
 * scenarios only; none is active unless SCENARIO_BUG names it.
 */
#include "tests/crash/scenario.h"
#include "spool/journal.h"
#include "spool/order.h"
#include "src/transport/folder.h"
#include "src/wire/claim.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_KEPT 64 /* of a batch, until it is written */
#define OWED_MAX  40 /* answers are so far ahead of the disk */

static enum bug scenario_bug = BUG_NONE;

void
bug_plant(void)
{
	static const struct {
		const char *name;
		enum bug bug;
	} bugs[] = {
		{ "unlink-early", BUG_UNLINK_EARLY },
		{ "publish-early", BUG_PUBLISH_EARLY },
		{ "no-aside", BUG_NO_ASIDE },
		{ "no-rename", BUG_NO_RENAME },
		{ "no-sync", BUG_NO_SYNC },
		{ "no-folder-sync", BUG_NO_FOLDER_SYNC },
		{ "commit-late", BUG_COMMIT_LATE },
		{ "no-dedup", BUG_NO_DEDUP },
		{ "files-late", BUG_FILES_LATE },
	};
	const char *want = getenv("SCENARIO_BUG");

	for (size_t i = 0; want != NULL && i < sizeof(bugs) / sizeof(bugs[0]);
	     i++)
		if (strcmp(bugs[i].name, want) == 0)
			scenario_bug = bugs[i].bug;
}

enum rc __real_folder_aside(
    struct folder *, struct folder_take *, size_t, struct err *);
enum rc __wrap_folder_aside(
    struct folder *, struct folder_take *, size_t, struct err *);
enum rc __real_folder_stage(
    struct folder *, struct folder_give *, size_t, struct err *);
enum rc __wrap_folder_stage(
    struct folder *, struct folder_give *, size_t, struct err *);
enum rc __real_folder_publish(
    struct folder *, struct folder_give *, size_t, struct err *);
enum rc __wrap_folder_publish(
    struct folder *, struct folder_give *, size_t, struct err *);

enum rc __real_folder_publish_beside(
    struct folder *, const char *, const char *, bool *, struct err *);
enum rc __wrap_folder_publish_beside(
    struct folder *, const char *, const char *, bool *, struct err *);

/* Files whose message is out already; they come when it is looked at again. */
static struct late {
	struct folder *folder;
	char id[64], name[256];
} late[8];
static unsigned int nlate;

enum rc
__wrap_folder_publish_beside(struct folder *f, const char *id, const char *name,
    bool *taken, struct err *err)
{
	struct late *l = &late[nlate];

	if (scenario_bug != BUG_FILES_LATE ||
	    nlate == sizeof(late) / sizeof(late[0]))
		return __real_folder_publish_beside(f, id, name, taken, err);
	l->folder = f;
	(void)snprintf(l->id, sizeof(l->id), "%s", id);
	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	nlate++;
	return RC_OK;
}

static void
late_publish(void)
{
	struct err ignored;
	bool taken;

	for (; nlate > 0; nlate--) {
		struct late *l = &late[nlate - 1];

		(void)!__real_folder_publish_beside(
		    l->folder, l->id, l->name, &taken, &ignored);
	}
}

enum rc
__wrap_folder_aside(
    struct folder *f, struct folder_take *t, size_t n, struct err *err)
{
	enum rc rc = RC_OK;

	if (scenario_bug == BUG_NO_ASIDE) {
		for (size_t i = 0; i < n; i++) {
			t[i].same = true;
			t[i].rc = RC_OK;
		}
		return RC_OK;
	}
	rc = __real_folder_aside(f, t, n, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		if (scenario_bug == BUG_UNLINK_EARLY && t[i].same)
			t[i].rc =
			    folder_forget(f, t[i].id, t[i].name, &t[i].why);
	return rc;
}

enum rc __real_folder_picked(
    struct folder *, const char *, bool *, struct err *);
enum rc __wrap_folder_picked(
    struct folder *, const char *, bool *, struct err *);

/* Whether it was picked up is asked again and again. */
enum rc
__wrap_folder_picked(
    struct folder *f, const char *name, bool *picked, struct err *err)
{
	late_publish();
	return __real_folder_picked(f, name, picked, err);
}

enum rc
__wrap_folder_stage(
    struct folder *f, struct folder_give *g, size_t n, struct err *err)
{
	enum rc rc = __real_folder_stage(f, g, n, err);

	if (scenario_bug == BUG_PUBLISH_EARLY && rc == RC_OK)
		rc = __real_folder_publish(f, g, n, err);
	return rc;
}

enum rc
__wrap_folder_publish(
    struct folder *f, struct folder_give *g, size_t n, struct err *err)
{
	for (size_t i = 0; scenario_bug == BUG_NO_RENAME && i < n; i++)
		g[i].rc = RC_OK;
	return scenario_bug == BUG_NO_RENAME
		   ? RC_OK
		   : __real_folder_publish(f, g, n, err);
}

enum rc __real_fsx_sync(int, struct err *);
enum rc __wrap_fsx_sync(int, struct err *);
enum rc __real_fsx_syncdir(int, struct err *);
enum rc __wrap_fsx_syncdir(int, struct err *);

/* Only a power cut tells these from the truth. */
enum rc
__wrap_fsx_sync(int fd, struct err *err)
{
	return scenario_bug == BUG_NO_SYNC ? RC_OK : __real_fsx_sync(fd, err);
}

void __real_fsx_sync_all(struct fsx_syncing *, size_t);
void __wrap_fsx_sync_all(struct fsx_syncing *, size_t);

void
__wrap_fsx_sync_all(struct fsx_syncing *f, size_t n)
{
	if (scenario_bug != BUG_NO_SYNC) {
		__real_fsx_sync_all(f, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		f[i].rc = RC_OK;
}

enum rc
__wrap_fsx_syncdir(int fd, struct err *err)
{
	return scenario_bug == BUG_NO_FOLDER_SYNC ? RC_OK
						  : __real_fsx_syncdir(fd, err);
}

enum rc __real_journal_begin(struct journal *, struct err *);
enum rc __wrap_journal_begin(struct journal *, struct err *);
enum rc __real_journal_commit(struct journal *, struct err *);
enum rc __wrap_journal_commit(struct journal *, struct err *);
enum rc __real_journal_tidy(struct journal *, bool, struct err *);
enum rc __wrap_journal_tidy(struct journal *, bool, struct err *);
void __real_journal_close(struct journal *);
void __wrap_journal_close(struct journal *);

static unsigned int owed; /* commits that were said to be done */

static enum rc
owed_commit(struct journal *j, struct err *err)
{
	if (owed == 0)
		return RC_OK;
	owed = 0;
	return __real_journal_commit(j, err);
}

enum rc
__wrap_journal_begin(struct journal *j, struct err *err)
{
	enum rc rc = RC_OK;

	if (owed > 0 && owed < OWED_MAX)
		return RC_OK; /* all in one */
	rc = owed_commit(j, err);
	return rc == RC_OK ? __real_journal_begin(j, err) : rc;
}

enum rc
__wrap_journal_commit(struct journal *j, struct err *err)
{
	if (scenario_bug != BUG_COMMIT_LATE)
		return __real_journal_commit(j, err);
	owed++;
	return journal_rc(j, err);
}

/* What tidies cannot do so while a transaction is open. */
enum rc
__wrap_journal_tidy(struct journal *j, bool all, struct err *err)
{
	return owed > 0 ? RC_OK : __real_journal_tidy(j, all, err);
}

void
__wrap_journal_close(struct journal *j)
{
	struct err ignored;

	(void)owed_commit(j, &ignored);
	__real_journal_close(j);
}

enum rc __real_claim_next(struct slice *, struct claim *, struct err *);
enum rc __wrap_claim_next(struct slice *, struct claim *, struct err *);
void __real_order_done(struct batch *, uint64_t, struct slice, struct step *);
void __wrap_order_done(struct batch *, uint64_t, struct slice, struct step *);

static uint64_t reading; /* the order whose claims are read, or 0 */

void
__wrap_order_done(
    struct batch *b, uint64_t id, struct slice claims, struct step *step)
{
	reading = id;
	__real_order_done(b, id, claims, step);
	reading = 0;
}

/* A key of its own for each filing, whenever it came before. */
enum rc
__wrap_claim_next(struct slice *rest, struct claim *c, struct err *err)
{
	static char key[KEYS_KEPT][128];
	static unsigned int turn;
	enum rc rc = __real_claim_next(rest, c, err);
	char *text;

	if (rc != RC_OK || scenario_bug != BUG_NO_DEDUP || reading == 0 ||
	    c->kind != CLAIM_FILING || c->u.filing.key.len == 0)
		return rc;
	text = key[turn++ % KEYS_KEPT];
	(void)snprintf(text, sizeof(key[0]), "%.*s-%" PRIu64,
	    SLICE_ARG(c->u.filing.key), reading);
	c->u.filing.key = slice_of(text);
	return rc;
}
