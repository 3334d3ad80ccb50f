/*
 * transport/folder.h - a partner's folders: take from one, publish in the
 * other.
 *
 * The take and publish of DESIGN.md section 5, step by step; every step is
 * one durable call of base/fsx, so that a crash test can stop at it. Knows no
 * business: names in, bytes and names out. Nothing is followed, only regular
 * files with one link and the folder owner's (or the partner's) uid are taken.
 *
 * plain layout                        import client
 *   FOLDER/in/            theirs        FOLDER/InBox/
 *   FOLDER/in/.taken/     ours, 0700    FOLDER/.taken/
 *   FOLDER/out/           ours          FOLDER/OutBox/
 *   FOLDER/out/.entrepot/ ours, 0700    FOLDER/.entrepot/     staged files
 *
 * The side folders lie on the same file system. An import client looks at
 * everything in its boxes, so they stand beside them.
 *
 * Two more folders stand beside the boxes where a channel has them (conf.h,
 * sent and refused). Towards a filer we play the client: a file goes there
 * from our hands. Towards an agency its client does: we look.
 */
#ifndef TRANSPORT_FOLDER_H
#define TRANSPORT_FOLDER_H

#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/fsx.h"
#include "src/base/hash.h"
#include "src/base/rc.h"
#include "src/conf/conf.h"

struct folder;

enum folder_side { FOLDER_TAKES, FOLDER_GIVES };

/*
 * Open one side, making what is missing below the partner's folder. The
 * partner's configuration must outlive it.
 */
enum rc folder_open(struct folder **, const struct conf_partner *,
    enum folder_side, struct err *) MUST_USE;
void folder_close(struct folder *); /* accepts NULL */
/*
 * Which folder does the configured name mean now? The name may come to mean
 * another one, moved away and made anew, while ours is open: asked before each
 * step that puts something there. All zero: there is none.
 */
struct folder_id {
	uint64_t dev, ino;
	uint64_t side; /* of its side folder; 0: there is none */
};
bool folder_id_same(struct folder_id, struct folder_id);
struct folder_id folder_named(const struct conf_partner *, enum folder_side);
/* Is it still the open one that its name means, with its side folder? */
bool folder_is_there(const struct folder *);
/*
 * Have this inotify instance tell of everything that may matter in the
 * folder: new files on one side, files that go on the other. The watch's
 * number, -1: look from time to time.
 */
int folder_watch(struct folder *, int inotify_fd);
/* The same for the folder of what the partner refused; -1 also: none. */
int folder_watch_refused(struct folder *, int inotify_fd);
/* The same for the folder of what the partner's client has sent. */
int folder_watch_sent(struct folder *, int inotify_fd);

/* --- taking --- */

struct folder_offer {
	char *name;
	struct fsx_mark mark;
};
/*
 * Complete files by the channel's rule, oldest first, at most max. now_ms:
 * wall clock, for `quiet`. Names that can never be taken (links, FIFOs, other
 * owners, too large) come once through refuse with a sentence. *more: others
 * are there, or are not whole yet, of all that this walk has seen. What is a
 * file, and never can be taken all the same, moves to the folder of refused
 * ones if there is one.
 *
 * A folder may hold a million names: one call looks at FOLDER_SLICE of them and
 * the next one goes on there; folder_midway(): it has not seen all of them.
 * Refused names are told up to a thousand, then only that there are more.
 */
#define FOLDER_SLICE 65536
typedef void folder_refuse_fn(void *arg, const char *name, const char *why);
enum rc folder_scan(struct folder *, int64_t now_ms, size_t max,
    struct folder_offer **, size_t *n, bool *more, folder_refuse_fn *,
    void *arg, struct err *) MUST_USE;
bool folder_midway(const struct folder *);
/* Names seen in this walk through the folder, or in the last one. */
size_t folder_walked(const struct folder *);
void folder_offers_free(struct folder_offer *, size_t n);
/*
 * Open and copy, hashing: into small, and -1 for the memfd, if it has room for
 * all of it (NULL: it has not), else into a sealed memfd; mark is what was
 * read.
 * RC_LATER: it changed meanwhile, or there is no room. RC_REFUSED: gone, or
 * not a file to be taken.
 */
enum rc folder_copy(struct folder *, const char *name, uint64_t limit,
    struct buf *small, int *memfd, struct fsx_mark *, struct digest *,
    struct err *) MUST_USE;
/* One of several that are taken together. */
struct folder_take {
	const char *id, *name;
	struct fsx_mark mark; /* what was read */
	bool same;
	enum rc rc;
	struct err why; /* unless rc is RC_OK */
};
/*
 * Move each aside to .taken/ID, then sync both folders, once for all of them.
 * Each has its own rc; same: what was moved is the file of the mark, unchanged
 * (else it was put back under its name if that is free, or under a new one
 * that is offered again). RC_BROKEN is returned, nothing else is.
 */
enum rc folder_aside(
    struct folder *, struct folder_take *, size_t n, struct err *) MUST_USE;
/*
 * After the acceptance is on disk: unlink .taken/ID, or move it to the folder
 * of sent ones under its name; missing is fine.
 */
enum rc folder_forget(
    struct folder *, const char *id, const char *name, struct err *) MUST_USE;
/* What stands under .taken/ID? After a crash. */
enum folder_aside_is { ASIDE_GONE, ASIDE_SAME, ASIDE_OTHER };
enum rc folder_is_aside(struct folder *, const char *id,
    const struct fsx_mark *, enum folder_aside_is *, struct err *) MUST_USE;
/*
 * Put .taken/ID back under name, or a name like it if another file stands
 * there; missing is fine (a marker may still be put back).
 */
enum rc folder_put_back(
    struct folder *, const char *id, const char *name, struct err *) MUST_USE;

/* --- publishing --- */

/*
 * Nothing was ever staged in it: its .entrepot/ lacks the mark that the first
 * one leaves. Where deliveries are said to stand it is another folder, one
 * whose disk is not mounted or that was made anew.
 */
bool folder_unused(struct folder *);
#define FOLDER_GROUP 64 /* that may be staged, published together */
/* One of them. */
struct folder_give {
	const char *id, *name;
	struct slice body; /* staging */
	bool taken_name;   /* publishing */
	enum rc rc;
	struct err why; /* unless rc is RC_OK */
};
/*
 * Whole and synced beside out/, each with its own rc; what a crash left there
 * is replaced. All are on their way to the disk before the first is waited
 * for, and the folder is synced once. RC_BROKEN is returned, nothing else is.
 */
enum rc folder_stage(
    struct folder *, struct folder_give *, size_t n, struct err *) MUST_USE;
/*
 * The same in pieces, for what is large or put together: len bytes at `at` of
 * fd behind what id holds already (begin: nothing). Nothing is on disk before
 * folder_stage_end() of each id, and folder_settle() behind the last.
 */
enum rc folder_stage_piece(struct folder *, const char *id, bool begin, int fd,
    uint64_t at, uint64_t len, struct err *) MUST_USE;
enum rc folder_stage_end(
    struct folder *, const char *id, struct err *) MUST_USE;
enum rc folder_settle(struct folder *, struct err *) MUST_USE;
/*
 * A file beside a message, renamed into out/ before it; durable behind
 * folder_settle(). What stands there under its name with the same bytes is
 * ours from an earlier try. RC_REFUSED and *taken_name: another file does.
 */
enum rc folder_publish_beside(struct folder *, const char *id, const char *name,
    bool *taken_name, struct err *) MUST_USE;
/* May it be published so? RC_REFUSED: its name is none, or another's. */
enum rc folder_beside_check(
    struct folder *, const char *id, const char *name, struct err *) MUST_USE;
/*
 * Take a file of ours out of out/ again; missing is fine. *removed: one was,
 * durable behind folder_settle(); else it is left as it is.
 */
enum rc folder_withdraw(
    struct folder *, const char *name, bool *removed, struct err *) MUST_USE;
/*
 * Rename what is staged into out/ without replacing, then sync both folders,
 * once for all. One that is not staged any more was renamed before a crash:
 * RC_OK. RC_REFUSED with taken_name set: another file stands under that name.
 * RC_BROKEN is returned, nothing else is.
 */
enum rc folder_publish(
    struct folder *, struct folder_give *, size_t n, struct err *) MUST_USE;
/* After a crash: the staged name still there = not published. */
enum rc folder_staged(
    struct folder *, const char *id, bool *there, struct err *) MUST_USE;
/* Remove a staged file that will not be published; missing is fine. */
enum rc folder_unstage(struct folder *, const char *id, struct err *) MUST_USE;
/* All staged names, one allocation to free(). */
enum rc folder_stages(
    struct folder *, char ***names, size_t *n, struct err *) MUST_USE;
/* Is that name absent from out/? Only "no such name" is a yes. */
enum rc folder_picked(
    struct folder *, const char *name, bool *picked, struct err *) MUST_USE;
/* Can a file have this name there? RC_REFUSED: another one has it. */
enum rc folder_free(struct folder *, const char *name, struct err *) MUST_USE;
/* The number in its file system of what is staged, or stands in out/, by which
 * it is known again when it was moved; 0: not known. */
uint64_t folder_number(struct folder *, const char *id);
uint64_t folder_number_out(struct folder *, const char *name);
/* Does that very file stand among the sent ones? Not knowing is a no. */
bool folder_sent(struct folder *, const char *name, uint64_t number);
/* The bytes of what has its name there, if it has that size; false: it has
 * not, or cannot be read. */
bool folder_sent_sum(
    struct folder *, const char *name, uint64_t size, struct digest *);
/*
 * Files that stand in the folder of refused ones and were not told yet. mark
 * is another one for each time that a file was put there. RC_OK from the
 * callback: it is told, and not again. Anything else ends the call; the next
 * one begins with that file.
 *
 * One call looks at REFUSED_SLICE names and the next one goes on there;
 * folder_refused_midway(): it has not seen all of them. What is put there
 * meanwhile may be seen by the next walk only.
 */
#define REFUSED_SLICE 8192
typedef enum rc folder_refused_fn(
    void *arg, const char *name, uint64_t mark, uint64_t size);
enum rc folder_refused(
    struct folder *, folder_refused_fn *, void *arg, struct err *) MUST_USE;
bool folder_refused_midway(const struct folder *);
/*
 * The bytes of one that was told; *same false: another file has its name now,
 * which is told by itself. RC_LATER: not now; RC_REFUSED: it is gone, or cannot
 * be read.
 */
enum rc folder_refused_sum(struct folder *, const char *name, uint64_t mark,
    bool *same, uint64_t *size, struct digest *, struct err *) MUST_USE;

#endif
