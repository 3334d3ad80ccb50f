/*
 * cli/options.h - the words of a verb's call, once: what is read from the
 * command line, what the usage shows, what --help explains and what bash
 * completes (it asks for --help).
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum opt_kind {
	OPT_FLAG,   /* bool */
	OPT_TEXT,   /* const char * */
	OPT_MAYBE,  /* const char *, "" when it was given without =VALUE */
	OPT_NUMBER, /* uint64_t */
};

struct opt {
	char letter;       /* "-f"; 0: none */
	const char *word;  /* "--json"; NULL: none */
	const char *value; /* as people read it: "CONF"; NULL: takes none */
	enum opt_kind kind;
	size_t at; /* in the verb's struct */
	const char *what;
	char with;   /* neighbours with the same letter exclude each other */
	bool must;   /* not left out */
	bool hidden; /* told elsewhere: of map's own verbs */
};

#define OPTIONS_MAX 16

/* One is the last when it has neither letter nor word. */
#define OPT_CONF(type, member)                                                 \
	{                                                                      \
		.letter = 'f', .value = "CONF", .kind = OPT_TEXT,              \
		.at = offsetof(type, member), .what = "the configuration"      \
	}
#define OPT_JSON(type, member)                                                 \
	{                                                                      \
		.word = "json", .kind = OPT_FLAG,                              \
		.at = offsetof(type, member),                                  \
		.what = "one JSON object a line, for programs"                 \
	}

struct usage {
	const char *verb; /* NULL: argv[0] is it */
	const struct opt *opt;
	const char *operands; /* "ID ... | FILTER ... | all" */
	int least, most;      /* operands; most -1: any number */
	/* behind the options of --help, NULL: nothing; v as it was read by then
	 */
	void (*more)(FILE *, const void *v);
};

/*
 * Into *v; operands stand at optind and behind it. false: the call ends with
 * *status, 0 after --help, and everything was told.
 */
bool options_read(
    const struct usage *, int argc, char **argv, void *v, int *status);
/*
 * What is wanted instead of what was typed (NULL: of nothing), and the usage,
 * on standard error; EXIT_USAGE.
 */
int options_wrong(const struct usage *, const char *verb, const char *want,
    const char *typed);

#endif
