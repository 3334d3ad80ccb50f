/*
 * daemon/main.c - the gateway's entry; trusts the one who starts it.
 */
#include "src/daemon/one.h"
#include "src/daemon/role_process.h"
#include "src/daemon/roles.h"
#include "src/daemon/supervisor.h"
#include "src/base/log.h"
#include "src/conf/conf.h"
#include "src/record/complaints.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* sysexits(3): what a service manager can tell apart. */
#define EXIT_BROKEN 70 /* start again: the journal knows where to go on */
#define EXIT_LATER  75 /* start again after a while */

struct options {
	const char *conf;
	bool one, check, try_sandbox;
	const char *role; /* the supervisor started us as this one */
	const char *generation;
};

static int
usage(void)
{
	fprintf(stderr, "usage: entrepotd [-n] [-f FILE] [--one]\n"
			"       entrepotd --version\n");
	return 2;
}

static bool
option_read(int argc, char **argv, int *i, struct options *o)
{
	bool more = *i + 1 < argc;

	if (strcmp(argv[*i], "-f") == 0 && more)
		o->conf = argv[++*i];
	else if (strcmp(argv[*i], "--role") == 0 && more)
		o->role = argv[++*i];
	else if (strcmp(argv[*i], "--generation") == 0 && more)
		o->generation = argv[++*i];
	else if (strcmp(argv[*i], "-n") == 0)
		o->check = true;
	else if (strcmp(argv[*i], "--one") == 0)
		o->one = true;
	else if (strcmp(argv[*i], "--try-sandbox") == 0)
		o->try_sandbox = true;
	else
		return false;
	return true;
}

static bool
options_read(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++)
		if (!option_read(argc, argv, &i, o)) {
			if (strcmp(argv[i], "-f") == 0)
				fprintf(stderr,
				    "entrepotd: -f FILE has no value here\n");
			else
				fprintf(stderr, "entrepotd: no option '%s'\n",
				    argv[i]);
			return false;
		}
	return true;
}

static int
exit_of(enum rc rc)
{
	return rc == RC_OK        ? 0
	       : rc == RC_REFUSED ? 1
	       : rc == RC_LATER   ? EXIT_LATER
				  : EXIT_BROKEN;
}

static enum rc
conf_load_said(const char *file, struct conf **conf, struct err *err)
{
	struct complaints c;
	enum rc rc;

	complaints_init(&c);
	rc = conf_read(conf, file, &c, err);
	complaints_print(&c, stderr);
	complaints_clear(&c);
	return rc;
}

static enum rc
one_main(const struct conf *conf, struct err *err)
{
	const struct role_ops *const *all;
	struct clock clock;
	struct one *o;
	unsigned int n;
	enum rc rc;

	clock_init(&clock);
	all = roles_all(&n);
	rc = one_new(&o, conf, &clock, all, n, err);
	if (rc != RC_OK)
		return rc;
	log_event(LOG_NOTE, "daemon.ready", "mode=one pid=%d", (int)getpid());
	rc = one_run(o, err);
	one_free(o);
	log_event(LOG_NOTE, "daemon.ended", "rc=%s", rc_name(rc));
	return rc;
}

static int
role_main(const struct options *o)
{
	struct role_start start = { .ops = role_find(o->role),
		.file = o->conf,
		.try_sandbox = o->try_sandbox };

	if (start.ops == NULL || o->generation == NULL)
		return usage();
	start.generation = strtoull(o->generation, NULL, 10);
	return role_process(&start);
}

static enum rc
all_main(const struct options *o, struct err *err)
{
	struct conf *conf = NULL;
	enum rc rc;

	if (!o->check && !o->one)
		return supervisor_run(
		    &(struct supervisor_start){
			.file = o->conf, .try_sandbox = o->try_sandbox },
		    err);
	rc = conf_load_said(o->conf, &conf, err);
	if (rc == RC_OK && !o->check)
		rc = one_main(conf, err);
	conf_free(conf);
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o = { .conf = ENTREPOT_SYSCONF "/entrepot.conf" };
	struct err err = { "" };
	enum rc rc;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("entrepotd %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (!options_read(argc, argv, &o))
		return usage();
	(void)umask(077);
	log_open(
	    o.role != NULL ? o.role : "entrepotd", LOG_NOTE, STDERR_FILENO);
	if (o.role != NULL)
		return role_main(&o);
	rc = all_main(&o, &err);
	if (rc != RC_OK)
		fprintf(stderr, "entrepotd: %s\n", err.text);
	return exit_of(rc);
}
