/*
 * tests/golden/golden_trial.c - other formats beside the same codes, directory
 * and tables: each line of standard input, "ROOT TAB FORMAT TAB FORMAT ...",
 * has the mappings in ROOT tried by the cases of these formats, in a process of
 * its own that ends with the first that fails; one number of enum trial is the
 * answer. What does not change is loaded once (--wrap). Called by golden.c; the
 * lines are those of tests/golden/swap.
 */
#include "tests/golden/golden.h"
#include "src/format/version.h"
#include "src/record/codes.h"
#include "src/record/directory.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_ROOM 8192

static struct {
	bool on; /* trials are being made */
	struct codelists *codes;
	struct directory *dir;
} kept;

enum rc __real_codelists_load(
    struct codelists **, const char *, struct complaints *, struct err *);
enum rc __wrap_codelists_load(
    struct codelists **, const char *, struct complaints *, struct err *);
void __real_codelists_free(struct codelists *);
void __wrap_codelists_free(struct codelists *);
enum rc __real_directory_load(struct directory **, const char *,
    const struct codelists *, struct complaints *, struct err *);
enum rc __wrap_directory_load(struct directory **, const char *,
    const struct codelists *, struct complaints *, struct err *);
void __real_directory_free(struct directory *);
void __wrap_directory_free(struct directory *);
enum rc __real_mappings_version(
    const char *, mappings_file_fn *, void *, char[DIGEST_TEXT], struct err *);
enum rc __wrap_mappings_version(
    const char *, mappings_file_fn *, void *, char[DIGEST_TEXT], struct err *);

enum rc
__wrap_codelists_load(struct codelists **out, const char *folder,
    struct complaints *to, struct err *err)
{
	enum rc rc = RC_OK;

	if (!kept.on)
		rc = __real_codelists_load(&kept.codes, folder, to, err);
	if (rc == RC_OK)
		*out = kept.codes;
	return rc;
}

void
__wrap_codelists_free(struct codelists *codes)
{
	if (!kept.on)
		__real_codelists_free(codes);
}

enum rc
__wrap_directory_load(struct directory **out, const char *folder,
    const struct codelists *codes, struct complaints *to, struct err *err)
{
	enum rc rc = RC_OK;

	if (!kept.on)
		rc = __real_directory_load(&kept.dir, folder, codes, to, err);
	if (rc == RC_OK)
		*out = kept.dir;
	return rc;
}

void
__wrap_directory_free(struct directory *dir)
{
	if (!kept.on)
		__real_directory_free(dir);
}

/* Nobody asks a trial for its version, and it costs more than the rest. */
enum rc
__wrap_mappings_version(const char *folder, mappings_file_fn *each, void *arg,
    char out[DIGEST_TEXT], struct err *err)
{
	if (!kept.on)
		return __real_mappings_version(folder, each, arg, out, err);
	(void)memset(out, '0', DIGEST_TEXT - 1);
	out[DIGEST_TEXT - 1] = '\0';
	return RC_OK;
}

static void __attribute__((noreturn)) trial(struct golden *g, char *line)
{
	char *root = strtok(line, "\t\n"), *format;
	char mappings[LINE_ROOM], cases[LINE_ROOM + 8];
	struct complaints to;
	struct err err;
	int null = open("/dev/null", O_WRONLY);

	if (root == NULL || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(TRIAL_DIED);
	(void)snprintf(mappings, sizeof(mappings), "%s/mappings", root);
	(void)snprintf(cases, sizeof(cases), "%s/cases", mappings);
	(void)setenv("ENTREPOT_SRC", root, 1);
	complaints_init(&to);
	if (pipeline_open(&g->on.pipeline, mappings, &to, &err) != RC_OK)
		_exit(TRIAL_LOADER);
	g->first_ends = true;
	while ((format = strtok(NULL, "\t\n")) != NULL)
		golden_format(g, cases, format, NULL);
	_exit(TRIAL_NOBODY);
}

int
golden_trials(struct golden *g)
{
	char line[LINE_ROOM];

	kept.on = true;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		int status = 0;
		pid_t pid;

		(void)fflush(stdout);
		pid = fork();
		if (pid == 0)
			trial(g, line);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return EXIT_FAILURE;
		printf("%d\n",
		    WIFEXITED(status) ? WEXITSTATUS(status) : TRIAL_DIED);
		(void)fflush(stdout);
	}
	return EXIT_SUCCESS;
}
