/*
 * bench/path.c - filings a second over the whole path, with durability: from
 * a file in the filer's in/ to the agency's decision in the filer's out/.
 *
 *   path [-n FILINGS] [-w WAITING] [-a AHEAD] [-d FOLDER] [-m MAPPINGS]
 *        [-D ENTREPOTD] [-k]
 *
 * Everything is real: folders, syncs, clock, processes for filer and agency.
 * A first run measures the rate; a second one has the agency away until
 * WAITING filings wait, measures memory, starts the gateway again and
 * measures that. Fails on any mismatch in the ledger, on tmpfs, and where the
 * journal is not synced fully.
 */
#include "tests/bench/path.h"
#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define AHEAD   40 /* interchanges offered and not yet taken */
#define READY_S 60.0

struct run {
	struct path *p;
	pid_t gateway, agency;
	struct rusage used;
	int status;
};

/* --- the place --- */

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

static bool
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
folders_make(struct path *p, uint32_t window)
{
	static const char *const names[] = { "spool", "acme", "acme/in",
		"acme/out", "customs", "customs/OutBox", "customs/SentBox",
		"customs/FailBox", "customs/InBox" };
	char path[PATH_ROOM];
	FILE *f;

	if (mkdtemp(p->root) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", p->root, names[i]);
		if (mkdir(path, 0700) != 0)
			return false;
	}
	(void)snprintf(path, sizeof(path), "%s/entrepot.conf", p->root);
	f = fopen(path, "w");
	if (f == NULL)
		return false;
	fprintf(f,
	    "spool \"%s/spool\" { reserve 1G; keep 400 days }\n"
	    "mappings \"%s\"\n"
	    "filer acme {\n\tfolder \"%s/acme\" complete on rename\n"
	    "\taccept un-cusdec-d96b\n"
	    "\treply taken, findings, status as csv-status language zh\n}\n"
	    "agency customs {\n"
	    "\tfolder \"%s/customs\" layout import-client\n"
	    "\tsubmit declaration as cn-dec window %u batch %u\n"
	    "\tretry every 1m doubling upto 1h for 3d\n}\n",
	    p->root, p->mappings, p->root, p->root, window, PATH_BATCH);
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

/* --- processes --- */

static pid_t
role_start(struct path *p, int (*fn)(struct path *), const char *name)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(
		    PR_SET_NAME, name); /* top and perf tell them apart */
		_exit(fn(p));
	}
	return pid;
}

static bool
gateway_start(struct run *r)
{
	double until = path_now() + READY_S;

	r->p->sh->ready_at = 0;
	(void)fflush(stdout);
	r->gateway = role_start(r->p, path_gateway, "bench-gateway");
	while (r->p->daemon == NULL && r->p->sh->ready_at == 0 &&
	       path_now() < until && kill(r->gateway, 0) == 0 &&
	       waitpid(r->gateway, &r->status, WNOHANG) == 0)
		(void)usleep(500);
	return r->gateway > 0 &&
	       (r->p->daemon != NULL || r->p->sh->ready_at > 0);
}

static bool
gateway_stop(struct run *r)
{
	if (r->gateway <= 0)
		return false;
	(void)kill(r->gateway, SIGTERM);
	(void)wait4(r->gateway, &r->status, 0, &r->used);
	r->gateway = 0;
	if (r->status != 0)
		fprintf(stderr, "path: the gateway ended with status %d\n",
		    r->status);
	return r->status == 0;
}

static void
agency_stop(struct run *r)
{
	r->p->sh->stop = true;
	if (r->agency > 0)
		(void)waitpid(r->agency, NULL, 0);
}

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

/* --- figures --- */

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static bool
ledger_print(const struct path *p, bool told)
{
	const struct shared *sh = p->sh;
	bool fine = sh->offered == p->filings && sh->accepted == p->filings &&
		    (!told || (sh->delivered == p->filings &&
				  sh->answered == p->filings &&
				  sh->told == p->filings)) &&
		    sh->doubled == 0 && sh->strange == 0;

	for (uint32_t i = 1; told && i <= p->filings; i++)
		fine = fine && sh->seen[i] == 63;
	printf("ledger         offered %u, accepted %u, delivered %u, answered "
	       "%u, told %u; doubled %u, strange %u: %s\n",
	    sh->offered, sh->accepted, sh->delivered, sh->answered, sh->told,
	    sh->doubled, sh->strange, fine ? "it agrees" : "MISMATCH");
	return fine;
}

static void
syncs_print(const struct path *p)
{
	const struct shared *sh = p->sh;
	double all = 0, spool = 0;

	for (unsigned int i = 0; i < sh->nplaces; i++) {
		printf("syncs          %-24s %8llu\n", sh->place[i].name,
		    (unsigned long long)sh->place[i].n);
		all += (double)sh->place[i].n;
		if (strncmp(sh->place[i].name, "spool", 5) == 0)
			spool += (double)sh->place[i].n;
	}
	printf("syncs          %.4f a filing in the spool (goal 0.1), %.4f in "
	       "all\n",
	    spool / p->filings, all / p->filings);
}

static void
counters_print(const struct path *p)
{
	const struct spool_counters *c = &p->sh->counters;
	double n = p->filings;

	printf("rows           %.2f writes a filing (goal 8); %.4f commits, "
	       "%.4f steps, %.4f events\n",
	    (double)c->row_writes / n, (double)c->commits / n,
	    (double)c->steps / n, (double)c->events / n);
	printf("bytes          %.0f of bodies a filing\n",
	    (double)c->body_bytes / n);
}

/* With synchronous=FULL each commit syncs the log; below it, few do. */
static bool
commits_synced(const struct path *p)
{
	const struct shared *sh = p->sh;
	uint64_t synced = 0;

	for (unsigned int i = 0; i < sh->nplaces; i++)
		if (strcmp(sh->place[i].name, "spool/journal-wal") == 0)
			synced = sh->place[i].n;
	if (synced >= sh->counters.commits)
		return true;
	fprintf(stderr,
	    "path: %llu commits and %llu syncs of the journal's log: it is "
	    "not synced fully\n",
	    (unsigned long long)sh->counters.commits,
	    (unsigned long long)synced);
	return false;
}

static void
rate_print(const struct run *r)
{
	const struct path *p = r->p;
	double took = p->sh->last_told - p->sh->first_offer;

	printf("rate           %.0f filings a second (goal 2000): %u in %.2f "
	       "s\n",
	    p->filings / took, p->filings, took);
	printf("cpu            gateway %.0f us a filing (%.0f user, %.0f "
	       "system), most memory %ld MiB\n",
	    1e6 * (seconds(r->used.ru_utime) + seconds(r->used.ru_stime)) /
		p->filings,
	    1e6 * seconds(r->used.ru_utime) / p->filings,
	    1e6 * seconds(r->used.ru_stime) / p->filings,
	    r->used.ru_maxrss >> 10);
	printf("files          %u deliveries, %u replies\n",
	    p->sh->delivery_files, p->sh->reply_files);
}

static void
shared_clear(struct shared *sh)
{
	memset((void *)sh, 0, sizeof(*sh));
}

static bool
rate_measure(struct path *p)
{
	struct run r = { .p = p };
	bool fine;

	fine = gateway_start(&r);
	if (fine) {
		r.agency = role_start(p, path_agency, "bench-agency");
		fine = path_filer(p, true);
	}
	fine = gateway_stop(&r) && fine;
	agency_stop(&r);
	fine = ledger_print(p, true) && fine;
	if (!fine)
		return false;
	rate_print(&r);
	if (p->daemon == NULL) {
		counters_print(p);
		syncs_print(p);
		return commits_synced(p);
	}
	return true;
}

/* --- many that wait --- */

static bool
waiting_measure(struct path *p)
{
	struct run r = { .p = p };
	unsigned long idle, full;
	bool fine;

	p->filings = p->waiting;
	p->sh->agency_away = true;
	fine = gateway_start(&r);
	if (!fine)
		return false;
	idle = memory_of(r.gateway);
	fine = path_filer(p, false);
	full = memory_of(r.gateway);
	fine = gateway_stop(&r) && fine;
	fine = ledger_print(p, false) && fine;
	printf("memory         %.1f MiB at the start, %.1f MiB with %u waiting "
	       "(goal 64)\n",
	    (double)idle / 1024, (double)full / 1024, p->filings);
	if (!fine || p->daemon != NULL || !gateway_start(&r))
		return fine && p->daemon != NULL;
	printf("restart        ready after %.3f s (goal 2), then %.1f MiB\n",
	    p->sh->ready_at - p->sh->start_at,
	    (double)memory_of(r.gateway) / 1024);
	return gateway_stop(&r);
}

/* --- */

static bool
part_run(struct path *p, const char *folder, bool (*fn)(struct path *),
    uint32_t window, bool keep)
{
	bool fine;

	shared_clear(p->sh);
	(void)snprintf(
	    p->root, sizeof(p->root), "%s/entrepot-bench.XXXXXX", folder);
	if (!folders_make(p, window)) {
		fprintf(stderr, "path: '%s': %s\n", p->root, strerror(errno));
		return false;
	}
	fine = fn(p);
	if (keep)
		printf("kept           %s\n", p->root);
	else
		(void)nftw(p->root, entry_remove, 32, FTW_DEPTH | FTW_PHYS);
	return fine;
}

static bool
options_read(struct path *p, int argc, char **argv, char **folder, bool *keep)
{
	int c;

	while ((c = getopt(argc, argv, "n:w:a:d:m:D:k")) != -1)
		switch (c) {
		case 'n':
			p->filings = (uint32_t)atoi(optarg);
			break;
		case 'w':
			p->waiting = (uint32_t)atoi(optarg);
			break;
		case 'a':
			p->ahead = (uint32_t)atoi(optarg);
			break;
		case 'd':
			*folder = realpath(optarg, NULL);
			break;
		case 'm':
			p->mappings = realpath(optarg, NULL);
			break;
		case 'D':
			p->daemon = optarg;
			break;
		case 'k':
			*keep = true;
			break;
		default:
			return false;
		}
	return p->mappings != NULL && *folder != NULL &&
	       strlen(*folder) < ROOT_MAX - 32 && p->filings <= FILINGS_MAX &&
	       p->waiting <= FILINGS_MAX && p->ahead > 0;
}

int
main(int argc, char **argv)
{
	struct path p = { .filings = 20000, .waiting = 100000, .ahead = AHEAD };
	char *folder = realpath(".", NULL);
	bool keep = false, fine = true;

	p.mappings = realpath("mappings", NULL);
	if (!options_read(&p, argc, argv, &folder, &keep)) {
		fprintf(stderr,
		    "usage: path [-n FILINGS] [-w WAITING] [-a AHEAD] "
		    "[-d FOLDER] [-m MAPPINGS] [-D ENTREPOTD] [-k]\n");
		return 2;
	}
	if (!place_check(folder))
		return 1;
	p.sh = mmap(NULL, sizeof(*p.sh), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.sh == MAP_FAILED)
		return 1;
	if (p.filings > 0)
		fine = part_run(&p, folder, rate_measure, 500, keep);
	if (p.waiting > 0)
		fine = part_run(&p, folder, waiting_measure, 2, keep) && fine;
	return fine ? 0 : 1;
}
