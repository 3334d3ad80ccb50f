/*
 * transport/folder.h - a partner's folders: take from one, publish in the
 * other.
 *
 * The take and publish of DESIGN.md section 5, step by step; every step is
 * one durable call of base/fsx, so that a crash test can stop at it. Knows no
 * business: names in, bytes and names out. Nothing is followed, only regular
 * files with one link and the folder owner's (or the partner's) uid are taken.
 *
 *   FOLDER/in/            theirs (plain layout; OutBox/InBox in import-client)
 *   FOLDER/out/           ours
 *   FOLDER/in/.taken/     ours, 0700, same file system
 *   FOLDER/out/.entrepot/ ours, 0700: staged files
 */
#ifndef TRANSPORT_FOLDER_H
#define TRANSPORT_FOLDER_H

#include <stdint.h>
#include "src/base/fsx.h"
#include "src/base/rc.h"
#include "src/conf/conf.h"

struct folder;

enum rc folder_open(
    struct folder **, const struct conf_partner *, struct err *) MUST_USE;
void folder_close(struct folder *);

/* --- taking --- */

struct folder_offer {
	char *name;
	struct fsx_mark mark;
};
/*
 * Complete files by the channel's rule, oldest first, at most max. now_ms:
 * wall clock, for `quiet`. Names that can never be taken (links, FIFOs, other
 * owners, too large) come once through refuse with a sentence.
 */
typedef void folder_refuse_fn(void *arg, const char *name, const char *why);
enum rc folder_scan(struct folder *, int64_t now_ms, size_t max,
    struct folder_offer **, size_t *n, folder_refuse_fn *, void *arg,
    struct err *) MUST_USE;
void folder_offers_free(struct folder_offer *, size_t n);
/* Open and copy into a sealed memfd, hashing; mark is what was read. */
enum rc folder_copy(struct folder *, const char *name, uint64_t limit,
    int *memfd, struct fsx_mark *, uint8_t sha256[32], struct err *) MUST_USE;
/*
 * Move aside to .taken/ID and sync both folders; *same: what was moved is the
 * file of the mark, unchanged (else it was put back under its name if that is
 * free, or under a new one that is offered again).
 */
enum rc folder_aside(struct folder *, const char *name, const char *id,
    const struct fsx_mark *, bool *same, struct err *) MUST_USE;
/* After the acceptance is on disk: unlink .taken/ID; missing is fine. */
enum rc folder_forget(struct folder *, const char *id, struct err *) MUST_USE;
/* Is .taken/ID there (with this mark)? After a crash. */
enum rc folder_is_aside(struct folder *, const char *id,
    const struct fsx_mark *, bool *there, struct err *) MUST_USE;
/* Put .taken/ID back under name, not replacing. */
enum rc folder_put_back(
    struct folder *, const char *id, const char *name, struct err *) MUST_USE;
/* inotify descriptor for "something may have come"; -1: poll. */
int folder_watch_fd(struct folder *);

/* --- publishing --- */

enum rc folder_stage(
    struct folder *, const char *id, struct slice body, struct err *) MUST_USE;
/*
 * Rename the staged file into out/ without replacing, sync. RC_REFUSED with
 * *taken_name set: another file stands under that name.
 */
enum rc folder_publish(struct folder *, const char *id, const char *name,
    bool *taken_name, struct err *) MUST_USE;
/* After a crash: the staged name still there = not published. */
enum rc folder_staged(
    struct folder *, const char *id, bool *there, struct err *) MUST_USE;
/* Names in out/ now, at most max; absent names have been picked up. */
enum rc folder_standing(struct folder *, size_t max, char ***names, size_t *n,
    struct err *) MUST_USE;

#endif
