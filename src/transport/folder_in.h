/*
 * transport/folder_in.h - what the parts of a folder channel share; only for
 * src/transport/folder*.c.
 */
#ifndef TRANSPORT_FOLDER_IN_H
#define TRANSPORT_FOLDER_IN_H

#include <dirent.h>
#include <sys/types.h>
#include "src/transport/folder.h"

#define TOLD_MAX 1024 /* names that were refused and told */

struct told {
	uint64_t ino;
	int64_t mtime_ns;
	uint32_t name; /* hash */
};

/*
 * Of what was told, by their last bits. Past its ceiling one pushes another
 * out, which is told again, and all are told again after a start: the spool
 * knows the mark.
 */
struct marks {
	uint64_t *of;
	size_t size, n; /* size: a power of two, or 0 */
};

struct folder {
	const struct conf_partner *conf;
	enum folder_side side;
	int box;            /* in/ or out/ */
	int side_dir;       /* .taken/ or .entrepot/ */
	int sent, refused;  /* -1: none on this side */
	bool unused;        /* nothing was ever staged in it */
	uid_t owner, other; /* whose files are taken */
	DIR *walk;          /* a scan that is not at its end */
	size_t walked;      /* names seen in it, or in the last one */
	bool more;       /* others are there, or are not whole yet, the same */
	size_t refusals; /* the same, of those that can never be taken */
	bool told_further; /* that there are more of them than are told */
	struct told told[TOLD_MAX];
	unsigned int ntold; /* all that were told; a ring */
	struct marks marks; /* of refused ones */
	DIR *refused_walk;  /* a look at them that is not at its end */
	char untold[256];   /* the one among them that could not be told */
};

#define FILE_MODE 0660

/* --- folder_refused.c --- */

void folder_refused_close(struct folder *);

/* --- folder_give.c --- */

/* On disk with the name of the first file that is staged. */
enum rc mark_leave(struct folder *, struct err *) MUST_USE;
enum rc unlink_if_there(int dirfd, const char *name, struct err *);
/* What a full or failing disk, or a folder that is gone, makes of a refusal. */
enum rc later_or(enum rc);
/* The digest of an open file's first bytes. */
enum rc fd_sum(int fd, uint64_t size, struct digest *, struct err *) MUST_USE;
/* RC_REFUSED: it is no plain name, or a hidden one. */
enum rc name_check(const char *name, struct err *) MUST_USE;
/* RC_REFUSED and its sentence. */
enum rc name_taken(const char *name, struct err *);

/* In .entrepot/, once something was staged there; see folder_unused(). */
#define FOLDER_MARK ".ours"
/* Name of the marker's own place in .taken/: ID.m */
#define MARKER_SUFFIX ".m"
#define ID_NAME_MAX   64
#define NAME_ROOM     600

#endif
