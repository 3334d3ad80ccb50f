/*
 * bench/path_place.c - where the bench runs: a disk, never memory; and the
 * folders and configuration of a run. Called by path.c.
 */
#include "tests/bench/path.h"
#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static const char *
filesystem_name(long type)
{
	static const struct {
		long type;
		const char *name;
	} known[] = { { EXT4_SUPER_MAGIC, "ext4" }, { XFS_SUPER_MAGIC, "xfs" },
		{ BTRFS_SUPER_MAGIC, "btrfs" },
		{ OVERLAYFS_SUPER_MAGIC, "overlayfs" } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].type == type)
			return known[i].name;
	return "another";
}

bool
place_check(const char *folder)
{
	struct statfs s;

	if (statfs(folder, &s) != 0) {
		fprintf(
		    stderr, "path: folder '%s': %s\n", folder, strerror(errno));
		return false;
	}
	if (s.f_type == TMPFS_MAGIC || s.f_type == RAMFS_MAGIC) {
		fprintf(stderr,
		    "path: folder '%s' is in memory, want one on a disk\n",
		    folder);
		return false;
	}
	printf("file system    %s (%#lx), %s\n", filesystem_name(s.f_type),
	    (unsigned long)s.f_type, folder);
	return true;
}

static bool
folder_make(const struct path *p, const char *name, const char *below)
{
	char path[PATH_ROOM];

	(void)snprintf(path, sizeof(path), "%s/%s%s", p->root, name, below);
	return mkdir(path, 0700) == 0;
}

bool
place_make(struct path *p)
{
	bool fine = mkdtemp(p->root) != NULL && folder_make(p, "spool", "") &&
		    folder_make(p, "acme", "") &&
		    folder_make(p, "acme", "/in") &&
		    folder_make(p, "acme", "/out");

	for (unsigned int a = 0; a < p->agencies; a++) {
		static const char *const box[] = { "", "/OutBox", "/SentBox",
			"/FailBox", "/InBox" };
		static const char *const plain[] = { "", "/in", "/out" };
		bool edifact = path_box[a].edifact;
		size_t n = edifact ? sizeof(plain) / sizeof(plain[0])
				   : sizeof(box) / sizeof(box[0]);

		for (size_t i = 0; i < n; i++)
			fine = fine && folder_make(p, path_box[a].name,
					   edifact ? plain[i] : box[i]);
	}
	return fine;
}

bool
place_conf(const struct path *p, uint32_t window)
{
	char path[PATH_ROOM];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/entrepot.conf", p->root);
	f = fopen(path, "w");
	if (f == NULL)
		return false;
	fprintf(f,
	    "spool \"%s/spool\" { reserve 1G; keep 400 days }\n"
	    "mappings \"%s\"\n"
	    "filer acme {\n\tfolder \"%s/acme\" complete on rename\n"
	    "\taccept un-cusdec-d96b\n"
	    "\treply taken, findings, status as csv-status language zh%s\n}\n",
	    p->root, p->mappings, p->root,
	    p->together ? " together within 10m" : "");
	for (unsigned int a = 0; a < p->agencies; a++)
		fprintf(f,
		    "agency %s {\n"
		    "\tfolder \"%s/%s\"%s\n"
		    "\tsubmit declaration as %s window %u batch %u\n"
		    "\tretry every 1m doubling upto 1h for 3d\n}\n",
		    path_box[a].name, p->root, path_box[a].name,
		    path_box[a].edifact ? "" : " layout import-client",
		    path_box[a].format, window, p->batch);
	return fclose(f) == 0;
}

static int
entry_remove(
    const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void
place_gone(const char *root)
{
	(void)nftw(root, entry_remove, 32, FTW_DEPTH | FTW_PHYS);
}
