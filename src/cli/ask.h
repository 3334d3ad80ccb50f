/*
 * cli/ask.h - the tools' way to the spool: the control socket while a daemon
 * runs, else the spool itself under its lock. The rows are the same.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/cli/row.h"

struct ask;
struct conf;

#define EXIT_NO 1 /* the verb's "no": nothing found, not done */

/* The file that is meant when -f is not given. */
const char *ask_conf(const char *given);
/*
 * Read the configuration, find who answers. NULL: told on standard error.
 */
struct ask *ask_open(const char *verb, const char *conf_file);
/* The same, the daemon only, and nothing is told when it does not answer. */
struct ask *ask_again(const char *verb, const char *conf_file);
void ask_close(struct ask *);                          /* accepts NULL */
bool ask_daemon(const struct ask *);                   /* a daemon answers */
const struct conf *ask_configured(const struct ask *); /* what -f names */

/* RC_OK goes on; anything else ends the question with that. */
typedef enum rc ask_row_fn(
    void *arg, struct slice line, const struct row *, struct err *);
typedef enum rc ask_bytes_fn(void *arg, struct slice, struct err *);

struct ask_for {
	ask_row_fn *row;
	ask_bytes_fn *bytes; /* NULL: there are none */
	void *arg;
};

/*
 * question_begin() and question_arg() made it, without its end; all pages
 * are asked for. What the other side refuses is *err and its word.
 */
enum rc ask_question(struct ask *, const struct buf *question,
    const struct ask_for *, struct err *) MUST_USE;
/*
 * The same of the question WORD and its NAME, VALUE pairs, then NULL; a value
 * that is NULL or empty is left out.
 */
enum rc ask_say(struct ask *, const struct ask_for *, struct err *,
    const char *word, ...) MUST_USE __attribute__((sentinel));
/* Print *err for people and return the exit status of a call that failed. */
int ask_failed(const char *verb, enum rc, const struct err *);

/* The row as it came, on standard output. */
enum rc ask_print_json(
    void *arg, struct slice line, const struct row *, struct err *);

#define FIND_TEXT 20

/*
 * What a person typed: an id in either case, with or without its dash, or any
 * text that one thing is known by. RC_REFUSED: nothing, or more than one.
 */
enum rc ask_find(
    struct ask *, const char *typed, char id[FIND_TEXT], struct err *) MUST_USE;

#endif
