/*
 * bench/path_gateway.c - the gateway of the bench: entrepotd --one in this
 * process, or the program itself. In this process every sync is counted by
 * the folder of its file: the calls below stand before libc's for SQLite,
 * too. Called by path.c, in a child.
 */
#include "tests/bench/path.h"
#include "src/base/log.h"
#include "src/daemon/one.h"
#include "src/daemon/role_spool.h"
#include "src/record/complaints.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the interposed calls write to; a process measures one gateway. */
static struct path *counted;

static void
place_count(const char *name)
{
	struct shared *sh = counted->sh;

	for (unsigned int i = 0; i < sh->nplaces; i++)
		if (strcmp(sh->place[i].name, name) == 0) {
			sh->place[i].n++;
			return;
		}
	if (sh->nplaces == SYNC_PLACES)
		return;
	(void)snprintf(sh->place[sh->nplaces].name, SYNC_NAME, "%.63s", name);
	sh->place[sh->nplaces++].n = 1;
}

/* By folder; files of the spool by name, numbered ones together. */
static void
sync_count(int fd)
{
	char link[64], path[PATH_MAX + 1];
	struct stat st;
	size_t root;
	ssize_t n;
	char *end;

	if (counted == NULL)
		return;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 2);
	root = strlen(counted->root);
	if (n <= 0 || strncmp(path, counted->root, root) != 0)
		return;
	path[n] = '\0';
	end = strrchr(path, '/');
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		(void)strcat(path, "/"); /* the folder itself */
	else if (strncmp(path + root, "/spool/", 7) != 0)
		(void)strcpy(end, "/*");
	else if (end[1 + strcspn(end + 1, "0123456789")] != '\0')
		(void)strcpy(end, "/N"); /* one of many segments */
	place_count(path[root] == '/' ? path + root + 1 : path);
}

int
fsync(int fd)
{
	sync_count(fd);
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	sync_count(fd);
	return (int)syscall(SYS_fdatasync, fd);
}

int
io_submit(io_context_t queue, long n, struct iocb **call)
{
	long did = syscall(SYS_io_submit, queue, n, call);

	for (long i = 0; i < did; i++)
		sync_count(call[i]->aio_fildes);
	return did < 0 ? -errno : (int)did;
}

int
renameat2(int from, const char *a, int to, const char *b, unsigned int flags)
{
	if (counted != NULL)
		counted->sh->renames++;
	return (int)syscall(SYS_renameat2, from, a, to, b, flags);
}

int
unlinkat(int dir, const char *name, int flags)
{
	if (counted != NULL)
		counted->sh->unlinks++;
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

/*
 * For the test of the bench: a journal below FULL must be found. SQLite's own
 * call stands behind this one.
 */
struct sqlite3;
int sqlite3_exec(struct sqlite3 *, const char *,
    int (*)(void *, int, char **, char **), void *, char **);

int
sqlite3_exec(struct sqlite3 *db, const char *sql,
    int (*fn)(void *, int, char **, char **), void *arg, char **why)
{
	static const char full[] = "synchronous=FULL";
	__typeof__(&sqlite3_exec) next =
	    (__typeof__(next))dlsym(RTLD_NEXT, "sqlite3_exec");
	const char *at =
	    counted != NULL && counted->lax ? strstr(sql, full) : NULL;
	char text[1024];

	if (at != NULL) {
		(void)snprintf(text, sizeof(text), "%.*ssynchronous=OFF%s",
		    (int)(at - sql), sql, at + sizeof(full) - 1);
		sql = text;
	}
	return next(db, sql, fn, arg, why);
}

static const struct role_ops *const roles[] = { &role_spool, &role_intake,
	&role_convert, &role_deliver };

static int
gateway_failed(const struct err *err)
{
	fprintf(stderr, "gateway: %s\n", err->text);
	return 1;
}

static int
gateway_one(struct path *p, const char *file)
{
	struct conf *conf = NULL;
	struct complaints c;
	struct clock clock;
	struct one *o;
	struct err err = { "" };
	enum rc rc;

	counted = p;
	log_open("entrepotd", LOG_WARN, STDERR_FILENO);
	complaints_init(&c);
	rc = conf_read(&conf, file, &c, &err);
	complaints_print(&c, stderr);
	complaints_clear(&c);
	if (rc != RC_OK)
		return gateway_failed(&err);
	clock_init(&clock);
	rc = one_new(
	    &o, conf, &clock, roles, sizeof(roles) / sizeof(*roles), &err);
	if (rc != RC_OK)
		return gateway_failed(&err);
	p->sh->ready_at = path_now();
	rc = one_run(o, &err);
	spool_counters(((struct spool_role *)one_role(o, ROLE_SPOOL)->self)->s,
	    &p->sh->counters);
	one_free(o);
	conf_free(conf);
	return rc == RC_OK ? 0 : gateway_failed(&err);
}

static void
count_name(const struct path *p, char out[PATH_ROOM])
{
	(void)snprintf(out, PATH_ROOM, "%s/count", p->root);
}

bool
path_count_open(struct path *p)
{
	char path[PATH_ROOM];
	void *at = MAP_FAILED;
	int fd;

	count_name(p, path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && ftruncate(fd, sizeof(struct count)) == 0)
		at = mmap(NULL, sizeof(struct count), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (fd >= 0)
		(void)close(fd);
	p->count = at == MAP_FAILED ? NULL : at;
	return p->count != NULL;
}

/* The object that counts lies beside this program. */
static bool
count_preload(const struct path *p)
{
	char path[PATH_ROOM], shim[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", shim, PATH_MAX - 1);
	char *end;

	if (n <= 0)
		return false;
	shim[n] = '\0';
	end = strrchr(shim, '/');
	if (end == NULL)
		return false;
	(void)strcpy(end, "/count.so");
	count_name(p, path);
	/* what a sanitizer needs to be the second one */
	return setenv(COUNT_FILE, path, 1) == 0 &&
	       setenv("LD_PRELOAD", shim, 1) == 0 &&
	       setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1) == 0;
}

int
path_gateway(struct path *p)
{
	char file[PATH_ROOM], log[PATH_ROOM];
	int fd;

	(void)snprintf(file, sizeof(file), "%s/entrepot.conf", p->root);
	p->sh->start_at = path_now();
	if (p->daemon == NULL)
		return gateway_one(p, file);
	(void)snprintf(log, sizeof(log), "%s/log", p->root);
	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 ||
	    (p->count != NULL && !count_preload(p)))
		return 126;
	(void)execl(p->daemon, p->daemon, "-f", file, (char *)NULL);
	return 127;
}
