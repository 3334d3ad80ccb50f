/*
 * The pipeline of test_role_convert: no format is read, but what a message
 * does to its reader is what its first word says.
 */
#include "tests/unit/test.h"
#include "tests/unit/fake_pipeline.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "src/base/fsx.h"
#include "src/base/id.h"
#include "src/conf/conf.h"
#include "src/daemon/pipeline.h"
#include "src/daemon/role.h"
#include "src/wire/claim.h"
#include "src/wire/msg.h"

struct shared *shared;

struct pipeline {
	struct formats *formats;
};

enum rc
pipeline_open(struct pipeline **p, const char *mappings, struct complaints *to,
    struct err *err)
{
	*p = calloc(1, sizeof(**p));
	assert_non_null(*p);
	return formats_load(&(*p)->formats, mappings, to, err);
}

void
pipeline_free(struct pipeline *p)
{
	if (p != NULL)
		formats_free(p->formats);
	free(p);
}

const struct formats *
pipeline_formats(const struct pipeline *p)
{
	return p->formats;
}

const struct rules *
pipeline_rules(const struct pipeline *p)
{
	(void)p;
	return NULL;
}

const struct plan *
pipeline_edition(
    const struct pipeline *p, const struct plan *base, uint32_t day)
{
	(void)p;
	(void)day;
	return base;
}

const struct plan *
pipeline_format(const struct pipeline *p, const char *name)
{
	return format_find(p->formats, slice_of(name));
}

/* Wait until four read at once; a single one gives up after a while. */
static void
together(void)
{
	int n = __atomic_add_fetch(&shared->running, 1, __ATOMIC_SEQ_CST);

	for (int i = 0; i < 30000 && shared->most < 4; i++) {
		n = shared->running;
		if (n > shared->most)
			shared->most = n;
		(void)poll(NULL, 0, 10);
	}
	(void)__atomic_sub_fetch(&shared->running, 1, __ATOMIC_SEQ_CST);
}

/* Until the test says so, or has failed. */
static void
go_wait(void)
{
	for (int i = 0; i < 30000 && shared->go == 0; i++)
		(void)poll(NULL, 0, 10);
}

static void
descriptors_count(void)
{
	int n = 0;

	for (int fd = 3; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	shared->descriptors = n;
}

static enum rc
line_read(const struct pipeline *p, const struct arrival *a, struct slice line,
    uint32_t number, uint64_t at, struct arena *mem, filing_fn *fn, void *arg,
    struct err *err)
{
	struct slice rest = line, word = slice_cut(&rest, ' ');
	struct filing f = { .number = number, .at = at, .span = line.len };
	struct findings found;
	struct leg_plan leg[LEGS_ROOM];
	struct route route[LEGS_MAX];
	struct record r = { .mem = mem, .dir = formats_directory(p->formats) };

	if (slice_is(word, "die"))
		(void)raise(SIGKILL);
	while (slice_is(word, "spin"))
		;
	if (slice_is(word, "together"))
		together();
	if (slice_is(word, "wait"))
		go_wait();
	if (slice_is(word, "count"))
		descriptors_count();
	if (slice_is(word, "who"))
		shared->reader = (int)getpid();
	if (slice_is(word, "eat")) {
		while (arena_raw(mem, 1 << 20) != NULL)
			;
		return err_set(err, RC_LATER, "the memory is eaten");
	}
	findings_init(&found, mem);
	f.findings = &found;
	if (slice_is(word, "unknown")) {
		(void)finding_add(&found, FIND_NO_FORMAT, SLICE_LIT(""),
		    SLICE_LIT(""), line, SLICE_LIT("a message"));
		return fn(arg, &f, err);
	}
	f.plan = pipeline_format(p, "un-cusdec-d96b");
	assert_non_null(f.plan);
	if (slice_is(word, "bad"))
		(void)finding_add(&found, FIND_EMPTY, SLICE_LIT(""),
		    SLICE_LIT(""), SLICE_LIT(""), SLICE_LIT(""));
	r.root = node_new(mem, f.plan->document, NULL);
	(void)record_set(&r, r.root, "number", rest);
	f.record = &r;
	for (unsigned int i = 0; i < a->nroutes; i++)
		route[i] =
		    (struct route){ a->route[i].partner, a->route[i].format };
	f.legs = leg;
	f.nlegs = legs_plan(NULL, &r, route, a->nroutes, leg);
	return fn(arg, &f, err);
}

enum rc
pipeline_arrival(const struct pipeline *p, const struct arrival *a,
    struct arena *mem, struct arena *filing_mem, filing_fn *fn, void *arg,
    struct err *err)
{
	struct slice rest = a->raw;
	uint32_t n = 0;
	enum rc rc = RC_OK;

	(void)filing_mem;
	while (rest.len > 0 && rc == RC_OK) {
		uint64_t at = a->raw.len - rest.len;
		struct slice line = slice_cut(&rest, '\n');

		n++;
		if (a->reading != NULL)
			*a->reading = n;
		rc = line_read(p, a, line, n, at, mem, fn, arg, err);
	}
	if (a->reading != NULL && rc == RC_OK)
		*a->reading = 0;
	return rc;
}

enum rc
pipeline_write(const struct write_in *in, const struct text *text,
    struct write_out *out, struct arena *mem, struct findings *found,
    struct err *err)
{
	const struct node *root = in->record[0]->root;
	const struct value *v = record_get(root, "number");

	(void)text;
	(void)found;
	(void)err;
	buf_fmt(out->body, "<%.*s/>", SLICE_ARG(v->text));
	out->file_name = v->text;
	out->keys = arena_get(mem, sizeof(*out->keys));
	out->nkeys = 1;
	for (uint16_t i = 0; i < root->group->nkeys; i++)
		if (strcmp(root->group->key[i].name, "filer") == 0)
			out->keys[0].key = &root->group->key[i];
	out->keys[0].text = in->alias;
	return RC_OK;
}
