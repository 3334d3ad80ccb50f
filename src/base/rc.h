/*
 * base/rc.h - the four outcomes, and the one sentence that goes with them.
 *
 * Every call that can fail returns one of four words. The journal edge, the
 * log level, the retry and the exit status follow from the word; the sentence
 * in struct err is for people: what, where, found and wanted, lower case,
 * subject quoted, no full stop.
 */
#ifndef BASE_RC_H
#define BASE_RC_H

#define MUST_USE     __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

enum rc {
	RC_OK,      /* done */
	RC_LATER,   /* try again unchanged: disk full, peer away */
	RC_REFUSED, /* a person or the filer must act: input wrong, peer said no
		     */
	RC_BROKEN,  /* our bug or damaged state: this process stops */
};

/* One sentence; empty text means nothing was said. Never NULL-checked. */
struct err {
	char text[512];
};

/* "ok", "later", "refused", "broken". */
const char *rc_name(enum rc);

/* Write the sentence (cut at the array's end) and return rc. */
enum rc err_set(struct err *, enum rc, const char *, ...) PRINTF(3, 4);

/*
 * The same with ": strerror(errno)" behind it. The word is chosen from errno:
 * ENOSPC EDQUOT EMFILE ENFILE ENOMEM EAGAIN EINTR EROFS are RC_LATER, all
 * others the word given.
 */
enum rc err_errno(struct err *, enum rc, const char *, ...) PRINTF(3, 4);

/* Put "PREFIX: " before the sentence that is there, and return rc. */
enum rc err_prefix(struct err *, enum rc, const char *, ...) PRINTF(3, 4);

#endif
