/*
 * spool/segments.h - append-only bodies in bodies/NNNN.seg. Inside spool/.
 *
 * Each body stands behind a head of its own (magic, kind, length, SHA-256,
 * arrival, time, the last event before it), so a segment can be read without
 * the journal. Bodies over 8 MiB are files of one body. A reference is one
 * number that a row keeps: segment and offset, or a file's own number.
 */
#ifndef SPOOL_SEGMENTS_H
#define SPOOL_SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/hash.h"
#include "src/base/rc.h"
#include "src/base/slice.h"

#define SEG_HEAD  96
#define SEG_MAX   (64u << 20) /* then the next one begins */
#define BODY_FILE (8u << 20)  /* larger: a file of its own */
#define BODY_MAX  (1u << 30)
#define SEG_FDS   8

enum body_kind {
	BODY_ARRIVAL = 1,
	BODY_CLAIMS,
	BODY_WRAPPED,
	BODY_ATTACHED, /* unpacked out of an arrival */
	BODY_KINDS
};

struct body_head {
	enum body_kind kind;
	uint64_t len, subject; /* arrival or delivery */
	uint64_t event;        /* the last one committed before it */
	int64_t wall_ms;
	struct digest sha256;
};

/* How much of the open batch there is. */
struct segments_mark {
	size_t end, made;
};

struct segments {
	int dirfd;
	bool writer;
	uint32_t number; /* the one appended to; 0: none yet */
	uint64_t end;    /* its bytes on disk */
	struct buf wait; /* what the open batch adds to it */
	struct buf made; /* files of their own that the open batch made */
	int fd;
	struct {
		uint32_t number;
		int fd;
	} open[SEG_FDS];
	unsigned int nopen;
	uint64_t syncs, bytes;
};

enum rc segments_open(
    struct segments *, int spoolfd, bool writer, struct err *) MUST_USE;
void segments_close(struct segments *);
/*
 * Go on behind `tail`, the end that the journal knows. Whole bodies behind it
 * belong to a commit that did not happen: they stay and are counted, and
 * *event is the highest that one of them names. What is torn is cut off.
 */
enum rc segments_recover(struct segments *, uint64_t tail, uint64_t *orphans,
    uint64_t *event, struct err *) MUST_USE;
uint64_t segments_tail(const struct segments *);
uint32_t segments_number(const struct segments *);

/* Add to the open batch; *ref is its place. */
enum rc segments_add(struct segments *, const struct body_head *,
    struct slice body, uint64_t file_id, uint64_t *ref, struct err *) MUST_USE;
/* Back to an earlier mark, inside the open batch; files made since then go. */
struct segments_mark segments_mark(const struct segments *);
void segments_cut(struct segments *, struct segments_mark);
/* Write and sync what waits; before the commit that names it. */
enum rc segments_flush(struct segments *, struct err *) MUST_USE;
void segments_kept(struct segments *); /* the commit named what was added */
/* The batch was given up; sure: no commit names its files, and they go. */
void segments_forget(struct segments *, bool sure);

/*
 * Head and checks of a body; RC_REFUSED: damaged, or dropped by retention;
 * RC_LATER, here and below: no descriptor to read it with.
 */
enum rc segments_head(
    struct segments *, uint64_t ref, struct body_head *, struct err *) MUST_USE;
/* len bytes at `at` of a body; unchecked. */
enum rc segments_part(struct segments *, uint64_t ref, uint64_t at,
    uint64_t len, struct arena *, struct slice *, struct err *) MUST_USE;
/* The whole body, its digest checked. */
enum rc segments_body(struct segments *, uint64_t ref, struct arena *,
    struct slice *, struct err *) MUST_USE;
/* Its digest, and its CRC-32, in pieces: nothing of it stays in memory. */
enum rc segments_check(struct segments *, uint64_t ref, struct body_head *,
    uint32_t *crc, struct err *) MUST_USE;
/*
 * A descriptor to read a part of it with, from *pos on, unchecked: of the body
 * alone, never of a segment. RC_LATER: there is no room for one now.
 */
enum rc segments_fd(struct segments *, uint64_t ref, uint64_t at, uint64_t len,
    int *fd, uint64_t *pos, struct err *) MUST_USE;
/* Whose segment is it? 0: a file of its own. */
uint32_t segments_of(uint64_t ref);
/* Missing is fine, here and below. */
enum rc segments_drop(
    struct segments *, uint32_t number, struct err *) MUST_USE;
/* A body that is a file of its own; missing is fine. */
enum rc segments_drop_file(
    struct segments *, uint64_t ref, struct err *) MUST_USE;
/*
 * The bodies that are files of their own, by their references: one allocation
 * to free().
 */
enum rc segments_files(
    struct segments *, uint64_t **ref, size_t *n, struct err *) MUST_USE;

/* Walk one segment without the journal; false from the callback ends it. */
typedef bool body_fn(
    void *arg, uint64_t ref, const struct body_head *, uint64_t next);
enum rc segments_walk(struct segments *, uint32_t number, uint64_t from,
    body_fn *, void *arg, uint64_t *end, struct err *) MUST_USE;

#endif
