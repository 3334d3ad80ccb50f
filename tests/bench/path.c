/*
 * bench/path.c - filings a second over the whole path, with durability: from
 * a file in the filer's in/ to the agency's decision in the filer's out/.
 *
 *   path [-n FILINGS] [-a AHEAD] [-d FOLDER] [-m MAPPINGS] [-D ENTREPOTD]
 *        [-kl] [PART ...]
 *
 * -k keeps the folders. -l syncs the journal less than fully, which the bench
 * must find: for its own test.
 * Everything is real: folders, syncs, clock, processes for filer and agency.
 * Parts are rows of the table at the end. Those that count run all roles in
 * one process of the bench, whose calls are seen; the others run the program
 * -D with its set of processes. Fails on any mismatch in the ledger, on
 * memory for a disk, and where the journal is not synced fully.
 */
#include "tests/bench/path.h"
#include <errno.h>
#include <signal.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_S 300.0

struct run {
	struct path *p;
	pid_t gateway, agency[PATH_AGENCIES];
	struct rusage used;
	double outside; /* processor time of filer and agencies */
	int status;
};

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

/* The program says so in its log, the process of the bench in memory. */
static bool
gateway_ready(const struct path *p)
{
	char path[PATH_ROOM], line[1024];
	bool ready = p->sh->ready_at > 0;
	FILE *f;

	if (p->daemon == NULL || ready)
		return ready;
	(void)snprintf(path, sizeof(path), "%s/log", p->root);
	f = fopen(path, "r");
	while (f != NULL && !ready && fgets(line, sizeof(line), f) != NULL)
		ready = strstr(line, "daemon.ready") != NULL;
	if (f != NULL)
		(void)fclose(f);
	if (ready)
		p->sh->ready_at = path_now();
	return ready;
}

static bool
gateway_start(struct run *r)
{
	double until = path_now() + READY_S;
	char log[PATH_ROOM];
	bool ready = false;

	(void)snprintf(log, sizeof(log), "%s/log", r->p->root);
	(void)unlink(log); /* what the last one said is not the next one's */
	r->p->sh->ready_at = 0;
	(void)fflush(stdout);
	r->gateway = role_start(r->p, path_gateway, "bench-gateway");
	while (r->gateway > 0 && path_now() < until &&
	       waitpid(r->gateway, &r->status, WNOHANG) == 0 &&
	       !(ready = gateway_ready(r->p)))
		(void)usleep(500);
	if (!ready)
		fprintf(stderr, "path: the gateway does not come up\n");
	return ready;
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
agencies_start(struct run *r)
{
	for (unsigned int a = 0; a < r->p->agencies; a++) {
		r->p->agency = a;
		r->agency[a] = role_start(r->p, path_agency, "bench-agency");
	}
	r->p->agency = 0;
}

static void
agencies_stop(struct run *r)
{
	r->p->sh->stop = true;
	for (unsigned int a = 0; a < r->p->agencies; a++)
		if (r->agency[a] > 0) {
			struct rusage used = { 0 };

			(void)wait4(r->agency[a], NULL, 0, &used);
			r->outside += path_cpu(&used);
		}
}

/* --- figures --- */

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

double
path_cpu(const struct rusage *used)
{
	return seconds(used->ru_utime) + seconds(used->ru_stime);
}

static bool
seen_all(const struct path *p)
{
	for (uint32_t i = 1; i <= p->filings; i++)
		for (unsigned int a = 0; a < p->agencies; a++)
			if (p->sh->seen[a][i] != (a == 0 ? 63 : 60))
				return false;
	return true;
}

static bool
ledger_print(const struct path *p, bool told)
{
	const struct shared *sh = p->sh;
	uint32_t legs = p->filings * p->agencies;
	uint32_t arrivals = (p->filings + p->batch - 1) / p->batch;
	bool fine = sh->offered == p->filings && sh->accepted == p->filings &&
		    (!told || !p->together || sh->status_files == arrivals) &&
		    (!told || (sh->delivered == legs && sh->answered == legs &&
				  sh->told == legs && seen_all(p))) &&
		    sh->doubled == 0 && sh->strange == 0;

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
	printf("files          the gateway's %llu renames, %llu unlinks\n",
	    (unsigned long long)p->sh->renames,
	    (unsigned long long)p->sh->unlinks);
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

static double
rate_print(const struct run *r, unsigned int goal)
{
	const struct path *p = r->p;
	double took = p->sh->last_told - p->sh->first_offer;
	uint32_t arrivals = (p->filings + p->batch - 1) / p->batch;

	printf("rate           %.0f filings a second", p->filings / took);
	if (goal > 0)
		printf(" (goal %u)", goal);
	printf(": %u in %.2f s\n", p->filings, took);
	printf("cpu            gateway %.0f us a filing (%.0f user, %.0f "
	       "system); filer and agencies %.0f\n",
	    1e6 * path_cpu(&r->used) / p->filings,
	    1e6 * seconds(r->used.ru_utime) / p->filings,
	    1e6 * seconds(r->used.ru_stime) / p->filings,
	    1e6 * r->outside / p->filings);
	printf(
	    "files          %u deliveries, %u replies, of which %u statuses: "
	    "%.2f an arrival%s\n",
	    p->sh->delivery_files, p->sh->reply_files, p->sh->status_files,
	    (double)p->sh->status_files / arrivals,
	    p->together ? " (goal 1)" : "");
	return p->filings / took;
}

static void
shared_clear(struct shared *sh)
{
	memset((void *)sh, 0, sizeof(*sh));
}

/* --- the parts --- */

static bool
rate_run(struct run *r)
{
	bool fine = gateway_start(r);
	struct rusage before, after;

	if (fine) {
		agencies_start(r);
		(void)getrusage(RUSAGE_SELF, &before);
		fine = path_filer(r->p, true);
		(void)getrusage(RUSAGE_SELF, &after);
		r->outside += path_cpu(&after) - path_cpu(&before);
		if (r->p->daemon != NULL)
			(void)path_memory(r->p, r->gateway, "after the last");
	}
	fine = gateway_stop(r) && fine;
	agencies_stop(r);
	return ledger_print(r->p, true) && fine;
}

static bool
rate_measure(struct path *p, unsigned int goal)
{
	struct run r = { .p = p };

	if (!rate_run(&r))
		return false;
	(void)rate_print(&r, goal);
	return true;
}

static bool
counts_measure(struct path *p, unsigned int goal)
{
	struct run r = { .p = p };

	(void)goal;
	p->daemon = NULL;
	if (!rate_run(&r))
		return false;
	(void)rate_print(&r, 0);
	counters_print(p);
	syncs_print(p);
	return commits_synced(p);
}

/*
 * Against a loop that only makes, syncs, renames and unlinks as many: counted
 * in the very run that is measured.
 */
static bool
files_measure(struct path *p, unsigned int goal)
{
	struct run r = { .p = p };
	struct path_calls c;
	double rate, limit, cpu;

	(void)goal;
	if (p->daemon == NULL || !path_count_open(p)) {
		fprintf(
		    stderr, "path: '%s': want entrepotd and a file\n", p->root);
		return false;
	}
	if (!rate_run(&r))
		return false;
	rate = rate_print(&r, 0);
	path_calls(p, &c);
	printf("calls          %.2f creates a filing, as many unlinks, %.2f "
	       "renames; syncs: %.2f of files, %.2f of folders, %.2f of the "
	       "spool's files (%llu processes)\n",
	    c.creates, c.creates * c.renames, c.creates * c.file_syncs,
	    c.creates * c.folder_syncs, c.log_syncs,
	    (unsigned long long)p->count->processes);
	limit = path_limit(p, &c, &cpu);
	printf("limit          %.0f a second with the same creates, syncs, "
	       "renames and unlinks: %.2f of it (goal 0.8); cpu %.0f us\n",
	    limit, limit > 0 ? rate / limit : 0.0, 1e6 * cpu / p->filings);
	return limit > 0;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
lone_measure(struct path *p, unsigned int goal)
{
	struct run r = { .p = p };
	struct shared *sh = p->sh;
	bool fine = gateway_start(&r);

	if (fine) {
		agencies_start(&r);
		fine = path_lone(p);
	}
	fine = gateway_stop(&r) && fine;
	agencies_stop(&r);
	fine = ledger_print(p, true) && fine;
	if (!fine || sh->nwaited == 0)
		return false;
	qsort(sh->waited, sh->nwaited, sizeof(sh->waited[0]), by_size);
	printf("lone filing    %.2f ms from the drop to the agency's folder "
	       "(goal %u), 9 of 10 within %.2f, all within %.2f\n",
	    1000 * sh->waited[sh->nwaited / 2], goal,
	    1000 * sh->waited[sh->nwaited * 9 / 10],
	    1000 * sh->waited[sh->nwaited - 1]);
	return true;
}

/*
 * Many that wait: the agency is away and its window is closed. The rate of the
 * last tenth is held against that of the first, when the spool was empty.
 */
static bool
backlog_measure(struct path *p, unsigned int goal)
{
	struct run r = { .p = p };
	uint32_t all = p->filings, tenth = all / 10;
	double from, first = 0, last = 0;
	bool fine;

	(void)goal;
	p->sh->agency_away = true;
	fine = gateway_start(&r);
	if (!fine)
		return false;
	(void)path_memory(p, r.gateway, "at the start");
	for (unsigned int i = 1; fine && i <= 10; i++) {
		p->filings = i == 10 ? all : i * tenth;
		from = path_now();
		fine = path_filer(p, false);
		last =
		    (i == 10 ? all - 9 * tenth : tenth) / (path_now() - from);
		first = i == 1 ? last : first;
	}
	if (fine)
		(void)path_memory(p, r.gateway, "all waiting");
	fine = gateway_stop(&r) && fine;
	fine = ledger_print(p, false) && fine;
	printf("backlog        taken %.0f a second at first, %.0f with %u "
	       "waiting: %.2f of it (goal 0.5)\n",
	    first, last, all - tenth, first > 0 ? last / first : 0.0);
	if (!fine || !gateway_start(&r))
		return false;
	printf("restart        ready after %.3f s (goal 2)\n",
	    p->sh->ready_at - p->sh->start_at);
	(void)path_memory(p, r.gateway, "started again");
	return gateway_stop(&r);
}

/* --- */

static const struct part {
	const char *name, *what;
	bool (*fn)(struct path *, unsigned int goal);
	uint32_t filings, batch, window;
	uint32_t ahead; /* interchanges offered and not yet taken */
	unsigned int agencies, goal;
	bool together; /* one status file an arrival */
} parts[] = {
	{ "counts", "interchanges of 100, one agency, all calls counted",
	    counts_measure, 4000, 100, 500, 40, 1, 0, false },
	{ "rate", "interchanges of 100, one agency, answers batched",
	    rate_measure, 20000, 100, 500, 40, 1, 2000, false },
	{ "two",
	    "interchanges of 100, two agencies in two formats, deliveries and "
	    "answers batched, one status file an arrival",
	    rate_measure, 10000, 100, 500, 40, 2, 1500, true },
	{ "files", "one file each way for each declaration", files_measure,
	    12000, 1, 500, 100, 1, 0, false },
	{ "lone", "one declaration at a time", lone_measure, 300, 1, 500, 1, 1,
	    8, false },
	{ "backlog", "the agency is away", backlog_measure, 100000, 100, 2, 40,
	    1, 0, false },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static bool
part_run(const struct path *with, const struct part *part, const char *folder,
    bool keep)
{
	struct path p = *with;
	bool fine;

	shared_clear(p.sh);
	p.filings = p.filings > 0 ? p.filings : part->filings;
	p.ahead = p.ahead > 0 ? p.ahead : part->ahead;
	p.batch = part->batch;
	p.agencies = part->agencies;
	p.together = part->together;
	printf("\n%s: %s\n", part->name, part->what);
	(void)snprintf(
	    p.root, sizeof(p.root), "%s/entrepot-bench.XXXXXX", folder);
	if (!place_make(&p) || !place_conf(&p, part->window)) {
		fprintf(stderr, "path: '%s': %s\n", p.root, strerror(errno));
		return false;
	}
	fine = part->fn(&p, part->goal);
	if (keep)
		printf("kept           %s\n", p.root);
	else
		place_gone(p.root);
	if (!fine)
		fprintf(stderr, "path: part '%s' failed\n", part->name);
	return fine;
}

/* folder, mappings, daemon */
static char place_of[3][PATH_MAX];

static bool
number_read(char option, const char *text, uint32_t most, uint32_t *to)
{
	uint64_t n;

	if (slice_u64(slice_of(text), &n) && n > 0 && n <= most) {
		*to = (uint32_t)n;
		return true;
	}
	fprintf(stderr, "path: -%c is '%s', want a number from 1 to %u\n",
	    option, text, most);
	return false;
}

static bool
options_read(struct path *p, int argc, char **argv, char **folder, bool *keep)
{
	int c;

	while ((c = getopt(argc, argv, "n:a:d:m:D:kl")) != -1)
		switch (c) {
		case 'n':
			if (!number_read('n', optarg, FILINGS_MAX, &p->filings))
				return false;
			break;
		case 'a':
			if (!number_read('a', optarg, FILINGS_MAX, &p->ahead))
				return false;
			break;
		case 'd':
			*folder = realpath(optarg, place_of[0]);
			break;
		case 'm':
			p->mappings = realpath(optarg, place_of[1]);
			break;
		case 'D':
			p->daemon = realpath(optarg, place_of[2]);
			break;
		case 'k':
			*keep = true;
			break;
		case 'l':
			p->lax = true;
			break;
		default:
			return false;
		}
	return p->mappings != NULL && *folder != NULL &&
	       strlen(*folder) < ROOT_MAX - 32;
}

static const struct part *
part_find(const char *name)
{
	for (size_t i = 0; i < PARTS; i++)
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	fprintf(stderr, "path: no part '%s', there are", name);
	for (size_t i = 0; i < PARTS; i++)
		fprintf(stderr, " %s", parts[i].name);
	fprintf(stderr, "\n");
	return NULL;
}

static bool
parts_run(const struct path *p, char **names, const char *folder, bool keep)
{
	bool fine = true;

	for (size_t i = 0; names[0] == NULL && i < PARTS; i++)
		fine = part_run(p, &parts[i], folder, keep) && fine;
	for (; *names != NULL; names++) {
		const struct part *part = part_find(*names);

		fine = part != NULL && part_run(p, part, folder, keep) && fine;
	}
	return fine;
}

int
main(int argc, char **argv)
{
	static struct path p;
	static char *folder;
	bool keep = false;

	folder = realpath(".", place_of[0]);
	p.mappings = realpath("mappings", place_of[1]);
	p.daemon = realpath("entrepotd", place_of[2]);
	if (!options_read(&p, argc, argv, &folder, &keep)) {
		fprintf(stderr,
		    "usage: path [-n FILINGS] [-a AHEAD] [-d FOLDER] "
		    "[-m MAPPINGS] [-D ENTREPOTD] [-kl] [PART ...]\n");
		return 2;
	}
	if (!place_check(folder))
		return 1;
	if (p.daemon == NULL)
		fprintf(stderr, "path: no entrepotd: all roles in one "
				"process\n");
	p.sh = mmap(NULL, sizeof(*p.sh), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.sh == MAP_FAILED)
		return 1;
	return parts_run(&p, argv + optind, folder, keep) ? 0 : 1;
}
