/*
 * cli/verb_partner.c - entrepot partner make: the folders of a configured
 * partner, with owners, modes and access lists, printed as commands or made.
 * Trusts the configuration; follows no link below a partner's folder. Called
 * by dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/base/buf.h"
#include "src/base/fsx.h"
#include "src/conf/conf.h"
#include "src/daemon/roles.h"
#include "src/record/complaints.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS_MAX  8
#define PATH_ROOM  4096
#define ACL_ROOM   512
#define ABOVE_MODE 0755
#define OURS_MODE  0700
#define BOX_MODE                                                               \
	02770 /* setgid: what is made inside has the folder's group            \
	       */

extern char **environ;

struct user {
	char name[64];
	uid_t id;
	gid_t group;
};

struct make {
	const char *conf_file, *name;
	bool apply, given; /* given: the partner has a user of its own */
	const struct conf_partner *p;
	struct user intake, deliver, them; /* the first two often the same */
};

struct step {
	const char *below, *below2; /* of the partner's folder; NULL */
	char path[PATH_ROOM];       /* the same, for people */
	const struct user *us, *owner;
	mode_t mode;
};

struct plan_of_steps {
	struct step step[STEPS_MAX];
	unsigned int n;
};

static const struct opt opts[] = {
	{ .word = "apply",
	    .at = offsetof(struct make, apply),
	    .what = "make them, instead of printing how" },
	OPT_CONF(struct make, conf_file),
	{ 0 },
};

static const struct usage usage = { .verb = "partner",
	.opt = opts,
	.operands = "make PARTNER",
	.least = 2,
	.most = 2 };

static bool
user_find(const char *name, struct user *u)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL) {
		fprintf(stderr, "entrepot partner: no user '%s'\n", name);
		return false;
	}
	(void)snprintf(u->name, sizeof(u->name), "%s", name);
	u->id = pw->pw_uid;
	u->group = pw->pw_gid;
	return true;
}

/* As whom a role comes to the partner's folder: as entrepotd has it. */
static bool
role_find_user(enum role_id role, const struct conf *conf, struct user *u)
{
	const char *name = conf->user;
	const struct passwd *pw;

	if (name == NULL && geteuid() == 0)
		name = role_user(role, conf);
	if (name != NULL)
		return user_find(name, u);
	pw = getpwuid(geteuid());
	if (pw != NULL)
		return user_find(pw->pw_name, u);
	fprintf(stderr, "entrepot partner: user %u has no name\n",
	    (unsigned int)geteuid());
	return false;
}

static bool
users_find(struct make *o, const struct conf *conf)
{
	if (!role_find_user(ROLE_INTAKE, conf, &o->intake) ||
	    !role_find_user(ROLE_DELIVER, conf, &o->deliver))
		return false;
	o->given =
	    o->p->owner != NULL && strcmp(o->p->owner, o->intake.name) != 0;
	return !o->given || user_find(o->p->owner, &o->them);
}

static void
step_add(struct plan_of_steps *l, const struct make *o, const char *below,
    const char *below2, bool theirs, const struct user *us, mode_t mode)
{
	struct step *s = &l->step[l->n++];

	s->below = below;
	s->below2 = below2;
	(void)snprintf(s->path, sizeof(s->path), "%s%s%s%s%s", o->p->folder,
	    below == NULL ? "" : "/", below == NULL ? "" : below,
	    below2 == NULL ? "" : "/", below2 == NULL ? "" : below2);
	s->us = us;
	s->owner = theirs && o->given ? &o->them : us;
	s->mode = mode;
}

/* As transport/folder.h has them; who works where, as daemon/roles.c. */
static void
steps_plan(struct plan_of_steps *l, const struct make *o)
{
	const struct conf_partner *p = o->p;
	bool client = p->layout == LAYOUT_IMPORT_CLIENT;
	bool reads = p->agency || p->peer;
	const struct user *in = &o->intake, *out = &o->deliver;

	step_add(l, o, NULL, NULL, true, in, BOX_MODE);
	step_add(l, o, p->in, NULL, true, in, BOX_MODE);
	step_add(l, o, p->out, NULL, false, out, BOX_MODE);
	if (p->sent != NULL)
		step_add(
		    l, o, p->sent, NULL, reads, reads ? out : in, BOX_MODE);
	if (p->refused != NULL)
		step_add(
		    l, o, p->refused, NULL, reads, reads ? out : in, BOX_MODE);
	step_add(l, o, client ? ".taken" : p->in, client ? NULL : ".taken",
	    false, in, OURS_MODE);
	step_add(l, o, client ? ".entrepot" : p->out,
	    client ? NULL : ".entrepot", false, out, OURS_MODE);
}

/* In single quotes, whatever is in it. */
static void
word_put(struct buf *b, const char *s)
{
	if (strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		      "0123456789_-./:,") == strlen(s)) {
		buf_str(b, s);
		return;
	}
	buf_byte(b, '\'');
	for (; *s != '\0'; s++)
		buf_str(b, *s == '\'' ? "'\\''" : (char[]){ *s, '\0' });
	buf_byte(b, '\'');
}

/* Both roles pass through the partner's own folder, which is one's. */
static bool
is_passed(const struct make *o, const struct step *s)
{
	return s->below == NULL && strcmp(s->us->name, o->deliver.name) != 0;
}

/*
 * Each side may do in the shared folders what the other may, whatever mask it
 * works with. The folders that are ours alone take no entry from above, but
 * what is staged is moved out as it is: the partner's entry must be on it from
 * the start.
 */
static void
acl_of(const struct make *o, const struct step *s, char out[ACL_ROOM])
{
	const char *us = s->us->name, *them = o->them.name;
	bool box = s->mode == BOX_MODE;
	size_t n = 0;

	out[0] = '\0';
	if (!o->given && is_passed(o, s))
		(void)snprintf(out, ACL_ROOM, "u:%s:rx", o->deliver.name);
	if (!o->given || (!box && s->us != &o->deliver))
		return;
	if (box)
		n = (size_t)snprintf(
		    out, ACL_ROOM, "u:%s:rwx,u:%s:rwx,", us, them);
	if (n < ACL_ROOM)
		n += (size_t)snprintf(
		    out + n, ACL_ROOM - n, "d:u:%s:rwX,d:u:%s:rwX", us, them);
	if (n < ACL_ROOM && is_passed(o, s))
		(void)snprintf(
		    out + n, ACL_ROOM - n, ",u:%s:rx", o->deliver.name);
}

static void
step_print(const struct make *o, const struct step *s)
{
	char acl[ACL_ROOM];
	struct buf b;

	acl_of(o, s, acl);
	buf_init(&b, 4 * PATH_ROOM);
	/* five digits: no setgid from the folder above */
	buf_fmt(&b, "install -d -m %0*o -o ", s->mode == OURS_MODE ? 5 : 4,
	    (unsigned int)s->mode);
	word_put(&b, s->owner->name);
	buf_fmt(&b, " -g %u ", (unsigned int)s->us->group);
	word_put(&b, s->path);
	buf_byte(&b, '\n');
	if (o->given || acl[0] != '\0') {
		buf_fmt(&b, "setfacl%s%s ", s->mode == OURS_MODE ? " -b" : "",
		    acl[0] == '\0' ? "" : " -m");
		if (acl[0] != '\0') {
			word_put(&b, acl);
			buf_byte(&b, ' ');
		}
		word_put(&b, s->path);
		buf_byte(&b, '\n');
	}
	if (o->given && s->mode == OURS_MODE) {
		buf_fmt(&b, "chmod %05o ", (unsigned int)s->mode);
		word_put(&b, s->path);
		buf_byte(&b, '\n');
	}
	(void)fwrite(b.p, 1, b.len, stdout);
	buf_clear(&b);
}

static bool
told(const char *path, const char *what)
{
	fprintf(stderr, "entrepot partner: %s '%s': %s\n", what, path,
	    strerror(errno));
	return false;
}

/*
 * On the very folder that is open here, whatever stands under its name by then.
 * afresh: without those that are there. 127: there is no setfacl.
 */
static int
setfacl_run(bool afresh, const char *acl, int fd)
{
	static const char self[] = "/proc/self/fd/3";
	posix_spawn_file_actions_t files;
	const char *argv[8] = { "setfacl" };
	int status = 1, n = 1, rc;
	pid_t pid;

	if (afresh)
		argv[n++] = "-b";
	if (acl[0] != '\0') {
		argv[n++] = "-m";
		argv[n++] = acl;
	}
	argv[n++] = "--";
	argv[n++] = self;
	argv[n] = NULL;
	if (posix_spawn_file_actions_init(&files) != 0)
		return 1;
	rc = posix_spawn_file_actions_adddup2(&files, fd, 3);
	if (rc == 0)
		rc = posix_spawnp(&pid, "setfacl", &files, NULL,
		    (char *const *)(uintptr_t)argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	if (rc != 0)
		return rc == ENOENT ? 127 : 1;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

/* A folder that had entries from the one above has its mode anew after them. */
static bool
acl_apply(const struct make *o, const struct step *s, int fd, bool *missing)
{
	char acl[ACL_ROOM];
	int rc;

	acl_of(o, s, acl);
	if (!o->given && acl[0] == '\0')
		return true;
	rc = setfacl_run(s->mode == OURS_MODE, acl, fd);
	if (rc == 127)
		*missing = true;
	else if (rc != 0)
		fprintf(stderr, "entrepot partner: setfacl of '%s' failed\n",
		    s->path);
	if (rc == 0 && s->mode == OURS_MODE && fchmod(fd, s->mode) != 0)
		return told(s->path, "set the mode of");
	return rc == 0 || rc == 127;
}

/* A link put in the place of a folder below is not followed. */
static int
below_open(int above, const char *name, struct err *err)
{
	int fd = fsx_subdir(above, name, OURS_MODE, err);

	(void)close(above);
	return fd;
}

/*
 * Those above the partner's folder are the administrator's, who let nobody else
 * change them: as install(1) makes them, and so with any mask.
 */
static bool
above_make(const char *top)
{
	char path[PATH_ROOM];

	if ((size_t)snprintf(path, sizeof(path), "%s", top) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return told(top, "make");
	}
	for (char *p = strchr(path + 1, '/'); p != NULL;
	     p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, ABOVE_MODE) == 0) {
			if (chmod(path, ABOVE_MODE) != 0)
				return told(path, "set the mode of");
		} else if (errno != EEXIST)
			return told(path, "make");
		*p = '/';
	}
	return true;
}

/*
 * Down from the partner's own folder, one name after the other: the partner
 * may own each of them, and put another thing in its place meanwhile.
 */
static int
step_open(const struct make *o, const struct step *s)
{
	const char *top = o->p->folder;
	struct err err = { "" };
	int fd;

	if (!above_make(top))
		return -1;
	if (mkdir(top, OURS_MODE) != 0 && errno != EEXIST) {
		(void)told(top, "make");
		return -1;
	}
	fd = open(top, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		(void)told(top, "open");
		return -1;
	}
	if (s->below != NULL)
		fd = below_open(fd, s->below, &err);
	if (fd >= 0 && s->below2 != NULL)
		fd = below_open(fd, s->below2, &err);
	if (fd < 0)
		fprintf(
		    stderr, "entrepot partner: '%s': %s\n", s->path, err.text);
	return fd;
}

static bool
step_apply(const struct make *o, const struct step *s, bool *acl_missing)
{
	uid_t owner = s->owner->id;
	gid_t group = s->us->group;
	struct stat st;
	bool good = false;
	int fd = step_open(o, s);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0)
		(void)told(s->path, "open");
	else if ((st.st_uid != owner || st.st_gid != group) &&
		 fchown(fd, owner, group) != 0)
		(void)told(s->path, "give to its owner");
	else if (fchmod(fd, s->mode) != 0)
		(void)told(s->path, "set the mode of");
	else if (fsync(fd) != 0)
		(void)told(s->path, "sync");
	else
		good = acl_apply(o, s, fd, acl_missing);
	(void)close(fd);
	return good;
}

static int
steps_apply(const struct make *o, const struct plan_of_steps *l)
{
	bool acl_missing = false;

	for (unsigned int i = 0; i < l->n; i++)
		if (!step_apply(o, &l->step[i], &acl_missing))
			return EXIT_NO;
	if (!acl_missing)
		return EXIT_SUCCESS;
	fprintf(stderr,
	    "entrepot partner: no setfacl here: the folders stand, '%s' and "
	    "'%s' cannot both work there yet; install acl and run this "
	    "again\n",
	    o->intake.name, o->given ? o->them.name : o->deliver.name);
	return EXIT_NO;
}

static int
partner_make(struct make *o, const struct conf *conf)
{
	struct plan_of_steps l = { .n = 0 };

	o->p = conf_partner(conf, slice_of(o->name));
	if (o->p == NULL) {
		fprintf(stderr, "entrepot partner: no partner '%s' in '%s'\n",
		    o->name, conf->file);
		return EXIT_NO;
	}
	if (!users_find(o, conf))
		return EXIT_NO;
	steps_plan(&l, o);
	if (o->apply)
		return steps_apply(o, &l);
	for (unsigned int i = 0; i < l.n; i++)
		step_print(o, &l.step[i]);
	return EXIT_SUCCESS;
}

int
verb_partner(int argc, char **argv)
{
	struct make o = { .conf_file = NULL };
	struct complaints c;
	struct conf *conf = NULL;
	struct err err = { "" };
	int status = EXIT_NO;

	if (!options_read(&usage, argc, argv, &o, &status))
		return status;
	if (strcmp(argv[optind], "make") != 0)
		return options_wrong(
		    &usage, "partner", "want make", argv[optind]);
	o.name = argv[optind + 1];
	status = EXIT_NO;
	complaints_init(&c);
	if (conf_read(&conf, ask_conf(o.conf_file), &c, &err) == RC_OK) {
		status = partner_make(&o, conf);
	} else {
		complaints_print(&c, stderr);
		fprintf(stderr, "entrepot partner: %s\n", err.text);
	}
	complaints_clear(&c);
	conf_free(conf);
	return status;
}
