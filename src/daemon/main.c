/*
 * daemon/main.c - the gateway's entry; trusts the one who starts it.
 */
#include "src/daemon/one.h"
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
	bool one, check;
};

static const struct role_ops *const all_roles[] = { &role_spool, &role_intake,
	&role_convert, &role_deliver };

static int
usage(void)
{
	fprintf(stderr, "usage: entrepotd [-n] [-f FILE] [--one]\n"
			"       entrepotd --version\n");
	return 2;
}

static bool
options_read(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-f") == 0 && i + 1 < argc)
			o->conf = argv[++i];
		else if (strcmp(argv[i], "-n") == 0)
			o->check = true;
		else if (strcmp(argv[i], "--one") == 0)
			o->one = true;
		else
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
conf_load(const char *file, struct conf **conf, struct err *err)
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
	struct clock clock;
	struct one *o;
	enum rc rc;

	clock_init(&clock);
	rc = one_new(&o, conf, &clock, all_roles,
	    sizeof(all_roles) / sizeof(all_roles[0]), err);
	if (rc != RC_OK)
		return rc;
	log_event(LOG_NOTE, "daemon.ready", "mode=one pid=%d", (int)getpid());
	rc = one_run(o, err);
	one_free(o);
	log_event(LOG_NOTE, "daemon.ended", "rc=%s", rc_name(rc));
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o = { .conf = ENTREPOT_SYSCONF "/entrepot.conf" };
	struct conf *conf = NULL;
	struct err err = { "" };
	enum rc rc;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("entrepotd %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (!options_read(argc, argv, &o))
		return usage();
	(void)umask(077);
	rc = conf_load(o.conf, &conf, &err);
	if (rc == RC_OK && !o.check) {
		log_open("entrepotd", LOG_NOTE, STDERR_FILENO);
		rc = one_main(conf, &err);
	}
	conf_free(conf);
	if (rc != RC_OK)
		fprintf(stderr, "entrepotd: %s\n", err.text);
	return exit_of(rc);
}
