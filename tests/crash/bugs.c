/*
 * crash/bugs.c - bugs that a checker must find, planted behind the linker's
 * back (--wrap): each is one step left out or made too early. Linked into the
 * scenarios only; none is active unless SCENARIO_BUG names it.
 */
#include "tests/crash/scenario.h"
#include "src/transport/folder.h"

enum bug scenario_bug = BUG_NONE;

static const char *early_name; /* of the delivery that is being staged */

enum rc __real_folder_aside(struct folder *, const char *, const char *,
    const struct fsx_mark *, bool *, struct err *);
enum rc __wrap_folder_aside(struct folder *, const char *, const char *,
    const struct fsx_mark *, bool *, struct err *);
enum rc __real_folder_stage(
    struct folder *, const char *, struct slice, struct err *);
enum rc __wrap_folder_stage(
    struct folder *, const char *, struct slice, struct err *);
enum rc __real_folder_picked(
    struct folder *, const char *, bool *, struct err *);
enum rc __wrap_folder_picked(
    struct folder *, const char *, bool *, struct err *);
enum rc __real_folder_publish(
    struct folder *, const char *, const char *, bool *, struct err *);
enum rc __wrap_folder_publish(
    struct folder *, const char *, const char *, bool *, struct err *);

enum rc
__wrap_folder_aside(struct folder *f, const char *name, const char *id,
    const struct fsx_mark *mark, bool *same, struct err *err)
{
	enum rc rc;

	if (scenario_bug == BUG_NO_ASIDE) {
		*same = true;
		return RC_OK;
	}
	rc = __real_folder_aside(f, name, id, mark, same, err);
	if (scenario_bug == BUG_UNLINK_EARLY && rc == RC_OK && *same)
		rc = folder_forget(f, id, name, err);
	return rc;
}

/* The name is asked about before anything is staged: remember it. */
enum rc
__wrap_folder_picked(
    struct folder *f, const char *name, bool *picked, struct err *err)
{
	early_name = name;
	return __real_folder_picked(f, name, picked, err);
}

enum rc
__wrap_folder_stage(
    struct folder *f, const char *id, struct slice body, struct err *err)
{
	enum rc rc = __real_folder_stage(f, id, body, err);
	bool taken;

	if (scenario_bug == BUG_PUBLISH_EARLY && rc == RC_OK)
		rc = __real_folder_publish(f, id, early_name, &taken, err);
	return rc;
}

enum rc
__wrap_folder_publish(struct folder *f, const char *id, const char *name,
    bool *taken, struct err *err)
{
	if (scenario_bug == BUG_NO_RENAME)
		return RC_OK;
	return __real_folder_publish(f, id, name, taken, err);
}

enum rc __real_fsx_sync(int, struct err *);
enum rc __wrap_fsx_sync(int, struct err *);
enum rc __real_fsx_syncdir(int, struct err *);
enum rc __wrap_fsx_syncdir(int, struct err *);

/* Only a power cut tells these two from the truth. */
enum rc
__wrap_fsx_sync(int fd, struct err *err)
{
	return scenario_bug == BUG_NO_SYNC ? RC_OK : __real_fsx_sync(fd, err);
}

enum rc
__wrap_fsx_syncdir(int fd, struct err *err)
{
	return scenario_bug == BUG_NO_FOLDER_SYNC ? RC_OK
						  : __real_fsx_syncdir(fd, err);
}
