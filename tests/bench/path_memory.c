/*
 * bench/path_memory.c - what the gateway's processes hold, each by its role:
 * proportional set size, so that what they share is counted once. Called by
 * path.c.
 */
#include "tests/bench/path.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ROOM 32

/* Proportional set size of one process, without its children, in KiB. */
static unsigned long
memory_of(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib = 0, n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Pss: %lu kB", &n) == 1)
			kib = n;
	if (f != NULL)
		(void)fclose(f);
	return kib;
}

/* The word behind --role; empty: the supervisor, or the bench itself. */
static void
role_of(pid_t pid, char out[NAME_ROOM])
{
	char path[64], args[256] = "";
	FILE *f;
	size_t n, at = 0;

	(void)snprintf(out, NAME_ROOM, "supervisor");
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return;
	n = fread(args, 1, sizeof(args) - 1, f);
	(void)fclose(f);
	for (; at < n; at += strlen(args + at) + 1)
		if (strcmp(args + at, "--role") == 0)
			(void)snprintf(out, NAME_ROOM, "%.31s",
			    args + at + strlen(args + at) + 1);
}

static pid_t
parent_of(pid_t pid)
{
	char path[64];
	int parent = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%*d (%*[^)]) %*c %d", &parent) != 1)
		parent = 0;
	(void)fclose(f);
	return parent;
}

/* All of the gateway's processes, each by its role; the sum in KiB. */
unsigned long
path_memory(const struct path *p, pid_t gateway, const char *when)
{
	DIR *d = opendir("/proc");
	unsigned long all = memory_of(gateway);
	struct dirent *e;

	printf("memory         %s: %.1f MiB in %s", when, (double)all / 1024,
	    p->daemon == NULL ? "one process" : "supervisor");
	while (d != NULL && (e = readdir(d)) != NULL) {
		pid_t pid = (pid_t)atoi(e->d_name);
		char name[NAME_ROOM];
		unsigned long kib;

		if (pid <= 0 || parent_of(pid) != gateway)
			continue;
		role_of(pid, name);
		kib = memory_of(pid);
		all += kib;
		printf(", %.1f %s", (double)kib / 1024,
		    p->daemon == NULL ? "child" : name);
	}
	if (d != NULL)
		(void)closedir(d);
	printf("; %.1f in all (goal 64)\n", (double)all / 1024);
	return all;
}
