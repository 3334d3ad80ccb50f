/*
 * bench/path_filer.c - the filer of the bench: offers interchanges, a few
 * ahead of what was taken, and reads every reply in its out/. Called by
 * path.c, in its own process.
 */
#include "tests/bench/path.h"
#include "tests/bench/message.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#define REPLY_MAX (64u << 20)
#define NAP_MS    50
#define STUCK_S   300.0 /* nothing new for so long: it will not come */
#define COLUMNS   32

double
path_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool
path_names(
    const char *folder, void (*fn)(void *arg, const char *name), void *arg)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			fn(arg, e->d_name);
	(void)closedir(d);
	return true;
}

bool
path_put(const char *folder, const char *name, struct slice s)
{
	char tmp[PATH_ROOM + 300], path[PATH_ROOM + 300];
	FILE *f;
	bool fine;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)snprintf(tmp, sizeof(tmp), "%s/%s.tmp", folder, name);
	f = fopen(tmp, "wb");
	if (f == NULL)
		return false;
	fine = fwrite(s.p, 1, s.len, f) == s.len;
	return fclose(f) == 0 && fine && rename(tmp, path) == 0;
}

bool
path_get(const char *folder, const char *name, struct buf *b)
{
	char path[PATH_ROOM + 300];
	ssize_t n = -1;
	char *to;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	buf_reset(b);
	while (
	    (to = buf_room(b, 65536)) != NULL && (n = read(fd, to, 65536)) > 0)
		b->len += (size_t)n;
	(void)close(fd);
	return n == 0 && !buf_failed(b);
}

void
path_saw(struct shared *sh, unsigned int agency, uint32_t number,
    enum seen what, _Atomic uint32_t *count)
{
	unsigned char bit = (unsigned char)what;

	if (number == 0 || number > FILINGS_MAX)
		sh->strange++;
	else if ((atomic_fetch_or(&sh->seen[agency][number], bit) & bit) != 0)
		sh->doubled++;
	else if (count != NULL)
		(*count)++;
}

/* --- replies --- */

struct filer {
	struct path *p;
	char in[PATH_ROOM], out[PATH_ROOM];
	struct buf body;
	bool worked;
	uint32_t interchanges;
};

/* One line of CSV without line ends in its cells, cut in place. */
static unsigned int
cells_cut(struct slice line, struct slice *cell)
{
	unsigned int n = 0;
	size_t i = 0;

	while (n < COLUMNS && i <= line.len) {
		bool quoted = i < line.len && line.p[i] == '"';
		size_t from = quoted ? ++i : i;

		while (i < line.len && line.p[i] != (quoted ? '"' : ','))
			i++;
		cell[n++] = slice_sub(line, from, i - from);
		i += quoted ? 2 : 1;
	}
	return n;
}

static int
column_find(const struct slice *head, unsigned int n, const char *name)
{
	for (unsigned int i = 0; i < n; i++)
		if (slice_is(head[i], name))
			return (int)i;
	return -1;
}

static void
row_read(struct filer *f, struct slice reply, struct slice number,
    struct slice level, struct slice agency)
{
	struct shared *sh = f->p->sh;
	unsigned int a = slice_is(agency, path_box[1].name) ? 1 : 0;
	uint32_t n;

	if (!message_number(number, &n)) {
		sh->strange++;
		return;
	}
	if (slice_is(reply, "taken"))
		path_saw(sh, 0, n, SEEN_ACCEPTED, &sh->accepted);
	else if (slice_is(reply, "status") && slice_is(level, "technical"))
		path_saw(sh, a, n, SEEN_STORED, NULL);
	else if (slice_is(reply, "status") && slice_is(level, "decision"))
		path_saw(sh, a, n, SEEN_TOLD, &sh->told);
	else if (!slice_is(reply, "status") || agency.len > 0)
		sh->strange++; /* without one it is of the filing as a whole */
	if (sh->told == f->p->filings * f->p->agencies)
		sh->last_told = path_now();
}

static void
reply_read(struct filer *f, struct slice s)
{
	struct slice head[COLUMNS], cell[COLUMNS];
	struct slice line = slice_cut(&s, '\n');
	unsigned int n;
	int reply, number, level, agency;

	if (slice_starts(line, "\xef\xbb\xbf"))
		line = slice_sub(line, 3, line.len);
	n = cells_cut(line, head);
	reply = column_find(head, n, "Reply");
	number = column_find(head, n, "Reference");
	level = column_find(head, n, "Level");
	agency = column_find(head, n, "Agency");
	if (reply < 0 || number < 0 || level < 0 || agency < 0) {
		f->p->sh->strange++;
		return;
	}
	while (s.len > 0) {
		line = slice_trim(slice_cut(&s, '\n'));
		if (line.len == 0)
			continue;
		if (cells_cut(line, cell) != n)
			f->p->sh->strange++;
		else
			row_read(f, cell[reply], cell[number], cell[level],
			    cell[agency]);
	}
}

static void
reply_take(void *arg, const char *name)
{
	struct filer *f = arg;
	char path[PATH_ROOM + 300];

	if (!path_get(f->out, name, &f->body))
		return;
	reply_read(f, buf_look(&f->body));
	(void)snprintf(path, sizeof(path), "%s/%s", f->out, name);
	(void)unlink(path);
	f->p->sh->reply_files++;
	if (strstr(name, ".status") != NULL)
		f->p->sh->status_files++;
	f->worked = true;
}

/* --- offers --- */

static bool
interchange_offer(struct filer *f)
{
	struct shared *sh = f->p->sh;
	uint32_t from = sh->offered + 1;
	uint32_t n = f->p->filings - sh->offered;
	char name[64];

	if (n > f->p->batch)
		n = f->p->batch;
	buf_reset(&f->body);
	message_interchange(&f->body, ++f->interchanges, from, n);
	(void)snprintf(name, sizeof(name), "decl%06u.edi", f->interchanges);
	if (sh->offered == 0)
		sh->first_offer = path_now();
	if (!path_put(f->in, name, buf_look(&f->body)))
		return false;
	for (uint32_t i = 0; i < n; i++)
		path_saw(sh, 0, from + i, SEEN_OFFERED, &sh->offered);
	return true;
}

static uint64_t
progress(const struct shared *sh)
{
	return (uint64_t)sh->offered + sh->accepted + sh->delivered + sh->told;
}

bool
path_filer(struct path *p, bool until_told)
{
	struct shared *sh = p->sh;
	struct filer f = { .p = p };
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	uint64_t had = 0;
	double moved = path_now();
	char room[65536];
	_Atomic uint32_t *goal = until_told ? &sh->told : &sh->accepted;
	uint32_t all = until_told ? p->filings * p->agencies : p->filings;

	f.interchanges = sh->offered / p->batch;
	(void)snprintf(f.in, sizeof(f.in), "%s/acme/in", p->root);
	(void)snprintf(f.out, sizeof(f.out), "%s/acme/out", p->root);
	buf_init(&f.body, REPLY_MAX);
	if (watch < 0 || inotify_add_watch(watch, f.out, IN_MOVED_TO) < 0)
		return false;
	while (*goal < all && path_now() - moved < STUCK_S) {
		struct pollfd w = { .fd = watch, .events = POLLIN };

		f.worked = false;
		while (sh->offered < p->filings &&
		       sh->offered - sh->accepted < p->ahead * p->batch &&
		       interchange_offer(&f))
			f.worked = true;
		if (!path_names(f.out, reply_take, &f))
			break;
		if (progress(sh) != had)
			moved = path_now();
		had = progress(sh);
		if (!f.worked)
			(void)poll(&w, 1, NAP_MS);
		while (read(watch, room, sizeof(room)) > 0)
			continue;
	}
	(void)close(watch);
	buf_clear(&f.body);
	return *goal == all;
}

/* --- one at a time --- */

/* From the rename into in/ to the name in OutBox. */
static bool
lone_one(struct filer *f, int watch)
{
	struct shared *sh = f->p->sh;
	struct pollfd w = { .fd = watch, .events = POLLIN };
	double from = path_now();
	char room[4096];

	if (!interchange_offer(f) || poll(&w, 1, (int)(STUCK_S * 1000)) != 1)
		return false;
	sh->waited[sh->nwaited++] = path_now() - from;
	while (read(watch, room, sizeof(room)) > 0)
		continue;
	/* all of it is over before the next one comes */
	for (double until = path_now() + STUCK_S; path_now() < until;) {
		if (!path_names(f->out, reply_take, f))
			return false;
		if (sh->told == sh->offered)
			return true;
		(void)usleep(500);
	}
	return false;
}

bool
path_lone(struct path *p)
{
	struct filer f = { .p = p };
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char outbox[PATH_ROOM];
	bool fine;

	(void)snprintf(f.in, sizeof(f.in), "%s/acme/in", p->root);
	(void)snprintf(f.out, sizeof(f.out), "%s/acme/out", p->root);
	(void)snprintf(outbox, sizeof(outbox), "%s/%s/%s", p->root,
	    path_box[0].name, path_box[0].out);
	buf_init(&f.body, REPLY_MAX);
	fine = watch >= 0 && inotify_add_watch(watch, outbox, IN_MOVED_TO) >= 0;
	while (fine && p->sh->offered < p->filings)
		fine = lone_one(&f, watch);
	(void)close(watch);
	buf_clear(&f.body);
	return fine;
}
