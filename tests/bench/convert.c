/*
 * tests/bench/convert.c - conversions a second of one message on one core, in
 * process: bytes in, record, checks, bytes out.
 *
 *   convert MAPPINGS FROM TO FILE [DOCS [ROUNDS]]
 *
 * Time is that of the processor: what else runs on the machine does not count.
 * Prints the median of the rounds with their range, and what of it is reading
 * (decode, tokens, record, checks). Refuses a file with errors: a refused
 * message is cheaper than a converted one.
 */
#include "src/daemon/pipeline.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_MAX   (8u << 20)
#define MEMORY_MAX (256u << 20)
#define ROUNDS_MAX 101

struct bench {
	struct pipeline *pipeline;
	const struct plan *to;
	struct arrival arrival;
	struct arena *mem, *filing_mem;
	struct buf body;
	bool write, failed;
	uint64_t out;
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
findings_show(const struct findings *found)
{
	struct buf b;

	buf_init(&b, 1u << 20);
	for (const struct finding *f = found->first; f != NULL; f = f->next)
		finding_print(f, "bench", &b);
	(void)fwrite(b.p, 1, b.len, stderr);
	buf_clear(&b);
}

static enum rc
filing_take(void *arg, const struct filing *f, struct err *err)
{
	struct bench *b = arg;
	struct record *records[1] = { f->record };
	struct trace trace;
	struct write_in in = { .plan = b->to,
		.record = records,
		.nrecords = 1,
		.now = SLICE_LIT("2024-11-20T10:30:00.00+08:00") };
	struct write_out out = { .body = &b->body, .trace = &trace };

	if (f->record == NULL || f->findings->errors > 0 ||
	    (b->write && pipeline_write(&in, f->text, &out, b->filing_mem,
			     f->findings, err) != RC_OK)) {
		if (!b->failed)
			findings_show(f->findings);
		b->failed = true;
	}
	b->out += b->body.len;
	return RC_OK;
}

static double
round_run(struct bench *b, unsigned int docs, bool writing)
{
	double from = now();
	struct err err;

	b->write = writing;
	for (unsigned int i = 0; i < docs; i++) {
		arena_rewind(b->mem);
		arena_rewind(b->filing_mem);
		if (pipeline_arrival(b->pipeline, &b->arrival, b->mem,
			b->filing_mem, filing_take, b, &err) != RC_OK)
			b->failed = true;
	}
	return docs / (now() - from);
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static char *
file_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc(FILE_MAX);

	*len = f == NULL || p == NULL ? 0 : fread(p, 1, FILE_MAX, f);
	if (f != NULL)
		(void)fclose(f);
	return p;
}

static bool
bench_open(struct bench *b, char **argv)
{
	struct complaints to;
	struct err err;
	bool fine;

	complaints_init(&to);
	fine = pipeline_open(&b->pipeline, argv[1], &to, &err) == RC_OK;
	if (!fine) {
		complaints_print(&to, stderr);
		fprintf(stderr, "%s\n", err.text);
	}
	complaints_clear(&to);
	b->to = fine ? pipeline_format(b->pipeline, argv[3]) : NULL;
	b->mem = arena_new(MEMORY_MAX);
	b->filing_mem = arena_new(MEMORY_MAX);
	buf_init(&b->body, FILE_MAX);
	return b->to != NULL && b->mem != NULL && b->filing_mem != NULL;
}

int
main(int argc, char **argv)
{
	struct bench b = { .failed = false };
	unsigned int docs, rounds;
	double all[ROUNDS_MAX], read[ROUNDS_MAX];
	const char *accept[1];
	size_t len;

	if (argc < 5) {
		fprintf(stderr, "usage: convert MAPPINGS FROM TO FILE "
				"[DOCS [ROUNDS]]\n");
		return 2;
	}
	docs = argc > 5 ? (unsigned int)atoi(argv[5]) : 2000;
	rounds = argc > 6 ? (unsigned int)atoi(argv[6]) : 7;
	if (!bench_open(&b, argv) || rounds == 0 || rounds > ROUNDS_MAX)
		return 2;
	accept[0] = argv[2];
	b.arrival = (struct arrival){
		.accept = accept, .naccept = 1, .base_year = 2024
	};
	b.arrival.raw.p = file_read(argv[4], &len);
	b.arrival.raw.len = len;
	(void)round_run(&b, 10, true);
	for (unsigned int i = 0; i < rounds && !b.failed; i++) {
		all[i] = round_run(&b, docs, true);
		read[i] = round_run(&b, docs, false);
	}
	if (b.failed) {
		fprintf(stderr, "the message has errors or cannot be read\n");
		return 1;
	}
	qsort(all, rounds, sizeof(*all), by_size);
	qsort(read, rounds, sizeof(*read), by_size);
	printf("%s -> %s, in %zu B, out %zu B: %.0f a second "
	       "(%.0f to %.0f), %.1f us; reading and checks alone %.0f a "
	       "second\n",
	    argv[2], argv[3], len, b.body.len, all[rounds / 2], all[0],
	    all[rounds - 1], 1e6 / all[rounds / 2], read[rounds / 2]);
	return 0;
}
