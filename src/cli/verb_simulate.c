/*
 * cli/verb_simulate.c - entrepot simulate: plays an agency on its own folder.
 *
 * Takes what the gateway delivered, keeps it, answers by a script. It does
 * not de-duplicate: a document delivered twice is answered twice, with two
 * numbers, so that a doubled delivery shows. Trusts its configuration and
 * script, nothing in the folder. Called by dispatch.
 */
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/cli/simulate.h"
#include "src/cli/simulate_box.h"

#define FILE_BYTES   (256u << 20)
#define SCRIPT_BYTES (1u << 20)
#define ANSWER_BYTES (1u << 20)
#define PENDING_MAX  10000000u
#define WHEN_MS      20 /* until a file is looked for again */

struct pending {     /* an answer that is due at a time */
	int64_t due; /* monotonic, ms */
	uint64_t order;
	int64_t event_ms;
	struct sim_doc *doc;
	const struct sim_step *step;
	unsigned int nth;
	bool last; /* frees doc */
};

struct sim {
	struct arena *mem;
	struct sim_script script;
	struct sim_templates templates;
	struct conf *conf;
	struct sim_box box;
	struct clock clock;
	struct loop *loop;
	struct pending *heap;
	size_t n, cap;
	uint64_t order, stamp, drawn;
	unsigned int received, until;
	bool once, failed;
	struct buf file, body, package;
	struct sim_zip *zip;
	unsigned int gathered;
	const char *name; /* of the file being taken */
	bool client_failed;
};

static bool
pending_before(const struct pending *a, const struct pending *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void
heap_add(struct sim *s, struct pending p)
{
	size_t i = s->n;

	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 1024 : s->cap * 2;
		void *more = cap > PENDING_MAX
				 ? NULL
				 : realloc(s->heap, cap * sizeof(*s->heap));

		if (more == NULL) {
			fprintf(stderr,
			    "entrepot simulate: too many answers wait\n");
			s->failed = true;
			return;
		}
		s->heap = more;
		s->cap = cap;
	}
	p.order = ++s->order;
	s->heap[s->n++] = p;
	while (i > 0 && pending_before(&s->heap[i], &s->heap[(i - 1) / 2])) {
		struct pending keep = s->heap[i];

		s->heap[i] = s->heap[(i - 1) / 2];
		s->heap[(i - 1) / 2] = keep;
		i = (i - 1) / 2;
	}
}

static struct pending
heap_take(struct sim *s)
{
	struct pending top = s->heap[0], last = s->heap[--s->n];
	size_t i = 0;

	while (2 * i + 1 < s->n) {
		size_t k = 2 * i + 1;

		if (k + 1 < s->n &&
		    pending_before(&s->heap[k + 1], &s->heap[k]))
			k++;
		if (!pending_before(&s->heap[k], &last))
			break;
		s->heap[i] = s->heap[k];
		i = k;
	}
	if (s->n > 0)
		s->heap[i] = last;
	return top;
}

/*
 * The steps of a rule in their own times. Out of order: what the agency
 * decided stays dated as it was, but the results are sent last one first.
 */
static void
steps_plan(struct sim *s, const struct sim_rule *r, struct sim_doc *doc)
{
	int64_t due = clock_mono(&s->clock);
	int64_t wall = doc->received_ms, event = doc->received_ms;
	struct pending p[101];
	unsigned int n = 0, sent = 0;

	for (struct sim_step *t = r->step; t != NULL && n < 100; t = t->next) {
		due += t->after_ms;
		wall += t->after_ms;
		event = wall > event + 1000 ? wall : event + 1000;
		p[n++] = (struct pending){ .due = due,
			.event_ms = event,
			.doc = doc,
			.step = t,
			.nth = s->received };
	}
	for (unsigned int i = 0; r->out_of_order && i < n; i++)
		for (unsigned int k = i + 1; k < n; k++)
			if (p[i].step->act == SIM_RESULT &&
			    p[k].step->act == SIM_RESULT &&
			    p[i].event_ms < p[k].event_ms) {
				struct pending keep = p[i];
				int64_t first = p[i].due, second = p[k].due;

				p[i] = p[k];
				p[k] = keep;
				p[i].due = first;
				p[k].due = second;
			}
	while (sent < n) {
		p[sent].last = sent + 1 == n;
		heap_add(s, p[sent++]);
	}
	if (n == 0)
		free(doc);
}

static void
document_take(void *arg, struct slice entry, struct slice body)
{
	struct sim *s = arg;
	const struct sim_rule *r;
	struct sim_doc *doc;
	struct slice stem = entry;

	if (entry.len > 0 && entry.p[entry.len - 1] == '/')
		return;
	for (size_t i = stem.len; i > 1; i--)
		if (stem.p[i - 1] == '.') {
			stem.len = i - 1;
			break;
		}
	doc = calloc(1, sizeof(*doc));
	if (doc == NULL)
		return;
	sim_doc_read(doc, sim_tongue_of(body), stem, body, &s->drawn,
	    clock_wall(&s->clock));
	s->received++;
	printf("received %5u  %-36s  %-18s  %s\n", s->received, s->name,
	    doc->client_seq[0] != '\0' ? doc->client_seq : "-", doc->seq);
	r = sim_script_rule(&s->script, s->received, slice_of(doc->client_seq));
	if (r == NULL || r->step == NULL) {
		free(doc);
		return;
	}
	if (r->step->act == SIM_CLIENT)
		s->client_failed = true;
	steps_plan(s, r, doc);
}

static void
body_take(void *arg, struct slice entry, struct slice body)
{
	sim_tongue_of(body)->each(entry, body, document_take, arg);
}

static enum rc
file_take(struct sim *s, const char *name, struct err *err)
{
	struct slice all;
	enum rc rc = sim_box_read(&s->box, name, &s->file, err);

	if (rc != RC_OK)
		return rc;
	all = buf_look(&s->file);
	s->name = name;
	s->client_failed = false;
	if (!sim_is_zip(all))
		body_take(s, slice_of(name), all);
	else if (sim_zip_read(all, body_take, s, err) != RC_OK) {
		fprintf(
		    stderr, "entrepot simulate: '%s': %s\n", name, err->text);
		s->client_failed = true;
	}
	return sim_box_move(&s->box, name, s->client_failed, err);
}

static enum rc
package_send(struct sim *s, struct err *err)
{
	char name[64];
	enum rc rc;

	if (s->zip == NULL)
		return RC_OK;
	rc = sim_zip_end(s->zip, err);
	s->zip = NULL;
	s->gathered = 0;
	(void)snprintf(name, sizeof(name), "Receipt_batch_%013lld%06llu.zip",
	    (long long)clock_wall(&s->clock),
	    (unsigned long long)(++s->stamp % 1000000));
	if (rc == RC_OK)
		rc = sim_box_write(&s->box, name, buf_look(&s->package), err);
	if (rc == RC_OK)
		printf("sent            %s\n", name);
	return rc;
}

static enum rc
answer_put(struct sim *s, const struct pending *p, struct err *err)
{
	char name[256];

	sim_answer(&s->templates, p->doc, p->step, p->event_ms, ++s->stamp,
	    &s->body, name);
	printf("answered %5u  %-4s %s\n", p->nth, p->step->code, name);
	if (s->script.batch == 0)
		return sim_box_write(&s->box, name, buf_look(&s->body), err);
	if (s->zip == NULL) {
		buf_reset(&s->package);
		s->zip = sim_zip_new(&s->package);
	}
	sim_zip_add(s->zip, name, buf_look(&s->body));
	return ++s->gathered < s->script.batch ? RC_OK : package_send(s, err);
}

static bool
is_held(const struct sim *s, const struct sim_step *step)
{
	return !s->once && step->when != NULL && access(step->when, F_OK) != 0;
}

static enum rc
answers_send(struct sim *s, struct err *err)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && s->n > 0 &&
	       (s->once || s->heap[0].due <= clock_mono(&s->clock))) {
		struct pending p = heap_take(s);

		if (is_held(s, p.step)) {
			p.due = clock_mono(&s->clock) + WHEN_MS;
			heap_add(s, p);
			continue;
		}
		for (unsigned int i = 0; rc == RC_OK && i < p.step->times; i++)
			rc = answer_put(s, &p, err);
		if (p.last)
			free(p.doc);
	}
	/* A package waits for more only while more is on its way. */
	if (rc == RC_OK && s->n == 0)
		rc = package_send(s, err);
	return rc;
}

static void
round_fail(struct sim *s, const struct err *err)
{
	fprintf(stderr, "entrepot simulate: %s\n", err->text);
	s->failed = true;
	loop_stop(s->loop);
}

static void
round_run(void *arg)
{
	struct sim *s = arg;
	struct err err;
	char name[256] = "";
	enum rc rc = RC_OK;

	while (rc == RC_OK && sim_box_next(&s->box, name, name))
		rc = file_take(s, name, &err);
	if (rc == RC_OK)
		rc = answers_send(s, &err);
	(void)fflush(stdout);
	if (rc != RC_OK)
		round_fail(s, &err);
	else if (s->failed || s->once ||
		 (s->until > 0 && s->received >= s->until && s->n == 0))
		loop_stop(s->loop);
	else if (s->n > 0)
		loop_at(s->loop, s->heap[0].due, round_run, s);
}

static void
box_changed(void *arg, int fd, uint32_t events)
{
	char drop[8192];

	(void)events;
	while (read(fd, drop, sizeof(drop)) > 0)
		;
	round_run(arg);
}

static void
signal_came(void *arg, int signo)
{
	struct sim *s = arg;

	(void)signo;
	loop_stop(s->loop);
}

static enum rc
sim_run(struct sim *s, struct err *err)
{
	static const int signals[] = { SIGINT, SIGTERM };
	enum rc rc;

	s->loop = loop_new(&s->clock, err);
	if (s->loop == NULL)
		return RC_LATER;
	rc = loop_signals(s->loop, signals, 2, signal_came, s, err);
	if (rc == RC_OK)
		rc = loop_watch(s->loop, s->box.watch, 1 /* EPOLLIN */,
		    box_changed, s, err);
	loop_at(s->loop, clock_mono(&s->clock) + 1, round_run, s);
	if (rc == RC_OK)
		rc = loop_run(s->loop, err);
	loop_free(s->loop);
	return rc == RC_OK && s->failed ? RC_REFUSED : rc;
}

static bool
script_read(struct sim *s, const char *path)
{
	static const char each[] = "for each: accepts\n";
	struct complaints to;
	struct slice text = SLICE_LIT(each);
	struct err err;
	enum rc rc = RC_OK;
	char *p = arena_raw(s->mem, SCRIPT_BYTES);
	FILE *f = path == NULL ? NULL : fopen(path, "re");

	complaints_init(&to);
	if (path != NULL && (f == NULL || p == NULL))
		rc = err_errno(&err, RC_REFUSED, "script '%s'", path);
	else if (path != NULL)
		text = (struct slice){ p, fread(p, 1, SCRIPT_BYTES, f) };
	if (f != NULL)
		(void)fclose(f);
	if (rc == RC_OK)
		rc = sim_script_parse(&s->script, s->mem,
		    path == NULL ? "-" : path, text, &to, &err);
	complaints_print(&to, stderr);
	complaints_clear(&to);
	if (rc != RC_OK)
		fprintf(stderr, "entrepot simulate: %s\n", err.text);
	return rc == RC_OK;
}

static const struct conf_partner *
agency_find(struct sim *s, const char *conf, const char *name)
{
	const struct conf_partner *p = NULL;
	struct complaints to;
	struct err err;

	complaints_init(&to);
	if (conf_read(&s->conf, conf, &to, &err) != RC_OK) {
		complaints_print(&to, stderr);
		fprintf(stderr, "entrepot simulate: %s\n", err.text);
	} else
		p = conf_partner(s->conf, slice_of(name));
	complaints_clear(&to);
	if (s->conf != NULL && (p == NULL || !p->agency || p->folder == NULL)) {
		fprintf(stderr,
		    "entrepot simulate: '%s' is no agency with a folder in "
		    "'%s'\n",
		    name, conf);
		return NULL;
	}
	return p;
}

struct sim_args {
	const char *conf, *script, *templates, *agency;
	uint64_t until;
	bool once;
};

static const struct opt opts[] = {
	{ .letter = 'f',
	    .value = "CONF",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct sim_args, conf),
	    .what = "the configuration that names the agency",
	    .must = true },
	{ .letter = 't',
	    .value = "TEMPLATES",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct sim_args, templates),
	    .what = "the folder of its answers' texts" },
	{ .word = "script",
	    .value = "FILE",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct sim_args, script),
	    .what = "what it answers, and when" },
	{ .word = "once",
	    .at = offsetof(struct sim_args, once),
	    .what = "what stands there now, then end",
	    .with = 'o' },
	{ .word = "until",
	    .value = "N",
	    .kind = OPT_NUMBER,
	    .at = offsetof(struct sim_args, until),
	    .what = "end after so many messages",
	    .with = 'o' },
	{ 0 },
};

static const struct usage usage = { .verb = "simulate",
	.opt = opts,
	.operands = "AGENCY",
	.least = 1,
	.most = 1 };

static int
sim_start(struct sim *s, const struct sim_args *a)
{
	const struct conf_partner *p;
	struct err err;

	s->until = a->until == UINT64_MAX ? 0 : (unsigned int)a->until;
	s->once = a->once;
	clock_init(&s->clock);
	buf_init(&s->file, FILE_BYTES);
	buf_init(&s->body, ANSWER_BYTES);
	buf_init(&s->package, FILE_BYTES);
	p = agency_find(s, a->conf, a->agency);
	if (p == NULL || !script_read(s, a->script))
		return 1;
	if (sim_templates_load(&s->templates, s->mem, a->templates, &err) !=
		RC_OK ||
	    sim_box_open(&s->box, p, &err) != RC_OK) {
		fprintf(stderr, "entrepot simulate: %s\n", err.text);
		return 1;
	}
	if (sim_run(s, &err) != RC_OK) {
		if (!s->failed)
			fprintf(stderr, "entrepot simulate: %s\n", err.text);
		s->failed = true;
	}
	sim_box_close(&s->box);
	return s->failed ? 1 : 0;
}

int
verb_simulate(int argc, char **argv)
{
	struct sim_args a = { .templates = ENTREPOT_SIMULATE,
		.until = UINT64_MAX };
	struct sim s;
	struct err err;
	int status;

	if (!options_read(&usage, argc, argv, &a, &status))
		return status;
	if (a.until == 0 || (a.until > UINT32_MAX && a.until != UINT64_MAX))
		return options_wrong(&usage, "simulate",
		    "--until wants a number from 1 to 4294967295", NULL);
	a.agency = argv[optind];
	memset(&s, 0, sizeof(s));
	s.mem = arena_new(4 * SCRIPT_BYTES);
	if (s.mem == NULL)
		return 1;
	status = sim_start(&s, &a);
	while (s.n > 0) {
		struct pending p = heap_take(&s);

		if (p.last)
			free(p.doc);
	}
	if (s.zip != NULL && sim_zip_end(s.zip, &err) != RC_OK)
		status = 1; /* stopped with a package half made */
	free(s.heap);
	buf_clear(&s.file);
	buf_clear(&s.body);
	buf_clear(&s.package);
	conf_free(s.conf);
	arena_free(s.mem);
	return status;
}
