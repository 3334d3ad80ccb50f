/*
 * cli/cli.h - one command, many verbs.
 *
 * A verb gets its own name as argv[0] and returns the exit status its page
 * documents. EXIT_USAGE is for a call that cannot be understood.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "src/base/rc.h"

#define EXIT_USAGE 2

typedef int verb_fn(int argc, char **argv);

struct verb {
	const char *name;
	verb_fn *run;
	const char *what; /* one line for people */
};

/* The row with this name, or NULL. */
const struct verb *verb_find(const char *name);
/* The i-th row, NULL behind the last. */
const struct verb *verb_at(unsigned int i);
/* Find the verb in argv[1] and run it; the process's exit status. */
int cli_run(int argc, char **argv);

#define VERB(name, run, what) verb_fn run;
#include "src/cli/verbs.def"
#undef VERB

/* What check finds wrong with this configuration and its mappings, on standard
 * error; nothing when nothing is. */
void check_tell(const char *conf_file);

#endif
