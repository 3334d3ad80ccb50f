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
#include "src/record/complaints.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS_MAX 8
#define PATH_ROOM 4096
#define ACL_ROOM  256
#define OURS_MODE 0700
#define BOX_MODE                                                               \
	02770 /* setgid: what is made inside has the folder's group            \
	       */

extern char **environ;

struct make {
	const char *conf_file, *name;
	bool apply;
	const struct conf_partner *p;
	const char *us, *them; /* user names; them NULL: the folder is ours */
	uid_t us_id, them_id;
	gid_t us_group;
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

struct step {
	char path[PATH_ROOM];
	bool theirs; /* owned by the partner's user */
	mode_t mode;
};

struct plan_of_steps {
	struct step step[STEPS_MAX];
	unsigned int n;
};

static bool
user_find(const char *name, uid_t *uid, gid_t *gid)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL) {
		fprintf(stderr, "entrepot partner: no user '%s'\n", name);
		return false;
	}
	*uid = pw->pw_uid;
	if (gid != NULL)
		*gid = pw->pw_gid;
	return true;
}

/* Who we are to the partner's folder: the roles' user, or who starts them. */
static bool
users_find(struct make *o, const struct conf *conf)
{
	static char name[64];
	const struct passwd *pw;

	if (conf->user == NULL) {
		pw = getpwuid(geteuid());
		(void)snprintf(
		    name, sizeof(name), "%s", pw == NULL ? "" : pw->pw_name);
		o->us = name;
		if (pw == NULL)
			fprintf(stderr,
			    "entrepot partner: user %u has no name\n",
			    (unsigned int)geteuid());
		if (pw == NULL)
			return false;
	} else {
		o->us = conf->user;
	}
	if (!user_find(o->us, &o->us_id, &o->us_group))
		return false;
	if (o->p->owner != NULL && strcmp(o->p->owner, o->us) != 0) {
		o->them = o->p->owner;
		return user_find(o->them, &o->them_id, NULL);
	}
	return true;
}

static void
step_add(struct plan_of_steps *l, const struct make *o, const char *below,
    const char *below2, bool theirs, mode_t mode)
{
	struct step *s = &l->step[l->n++];

	(void)snprintf(s->path, sizeof(s->path), "%s%s%s%s%s", o->p->folder,
	    below == NULL ? "" : "/", below == NULL ? "" : below,
	    below2 == NULL ? "" : "/", below2 == NULL ? "" : below2);
	s->theirs = theirs && o->them != NULL;
	s->mode = mode;
}

/* As transport/folder.h has them. */
static void
steps_plan(struct plan_of_steps *l, const struct make *o)
{
	const struct conf_partner *p = o->p;
	bool client = p->layout == LAYOUT_IMPORT_CLIENT;

	step_add(l, o, NULL, NULL, true, BOX_MODE);
	step_add(l, o, p->in, NULL, true, BOX_MODE);
	step_add(l, o, p->out, NULL, false, BOX_MODE);
	if (p->sent != NULL)
		step_add(l, o, p->sent, NULL, p->agency || p->peer, BOX_MODE);
	if (p->refused != NULL)
		step_add(
		    l, o, p->refused, NULL, p->agency || p->peer, BOX_MODE);
	step_add(l, o, client ? ".taken" : p->in, client ? NULL : ".taken",
	    false, OURS_MODE);
	step_add(l, o, client ? ".entrepot" : p->out,
	    client ? NULL : ".entrepot", false, OURS_MODE);
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

/*
 * Each side may do in the shared folders what the other may, whatever mask it
 * works with; the folders that are ours alone take no entry from above.
 */
static void
acl_of(const struct make *o, const struct step *s, char out[ACL_ROOM])
{
	out[0] = '\0';
	if (o->them != NULL && s->mode == BOX_MODE)
		(void)snprintf(out, ACL_ROOM,
		    "u:%s:rwx,u:%s:rwx,d:u:%s:rwX,d:u:%s:rwX", o->us, o->them,
		    o->us, o->them);
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
	word_put(&b, s->theirs ? o->them : o->us);
	buf_fmt(&b, " -g %u ", (unsigned int)o->us_group);
	word_put(&b, s->path);
	buf_byte(&b, '\n');
	if (o->them != NULL) {
		buf_fmt(&b, "setfacl %s ", acl[0] == '\0' ? "-b" : "-m");
		if (acl[0] != '\0') {
			word_put(&b, acl);
			buf_byte(&b, ' ');
		}
		word_put(&b, s->path);
		buf_byte(&b, '\n');
	}
	if (o->them != NULL && acl[0] == '\0') {
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

/* 127: there is no setfacl. */
static int
setfacl_run(const char *acl, const char *path)
{
	char *with[] = { "setfacl", "-m", (char *)(uintptr_t)acl, "--",
		(char *)(uintptr_t)path, NULL };
	char *without[] = { "setfacl", "-b", "--", (char *)(uintptr_t)path,
		NULL };
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, "setfacl", NULL, NULL,
		acl[0] == '\0' ? without : with, environ) != 0)
		return 127;
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

	if (o->them == NULL)
		return true;
	acl_of(o, s, acl);
	rc = setfacl_run(acl, s->path);
	if (rc == 127)
		*missing = true;
	else if (rc != 0)
		fprintf(stderr, "entrepot partner: setfacl of '%s' failed\n",
		    s->path);
	if (rc == 0 && acl[0] == '\0' && fchmod(fd, s->mode) != 0)
		return told(s->path, "set the mode of");
	return rc == 0 || rc == 127;
}

/*
 * The folder above was made by us a moment before, but the partner may own it:
 * a link put in the place of the next one is not followed.
 */
static bool
step_apply(const struct make *o, const struct step *s, bool *acl_missing)
{
	uid_t owner = s->theirs ? o->them_id : o->us_id;
	struct stat st;
	bool good = false;
	int fd;

	if (mkdir(s->path, OURS_MODE) != 0 && errno != EEXIST)
		return told(s->path, "make");
	fd = open(s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		(void)told(s->path, "open");
	else if ((st.st_uid != owner || st.st_gid != o->us_group) &&
		 fchown(fd, owner, o->us_group) != 0)
		(void)told(s->path, "give to its owner");
	else if (fchmod(fd, s->mode) != 0)
		(void)told(s->path, "set the mode of");
	else if (fsync(fd) != 0)
		(void)told(s->path, "sync");
	else
		good = acl_apply(o, s, fd, acl_missing);
	if (fd >= 0)
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
	    "'%s' cannot both write there yet; install acl and run this "
	    "again\n",
	    o->us, o->them);
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
		return options_wrong(&usage, "partner");
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
