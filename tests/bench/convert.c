/*
 * tests/bench/convert.c - conversions a second of one message on one core, in
 * process: bytes in, record, checks, bytes out; beside it the same translation
 * written by hand and, where it is installed, libxslt's from the standard form.
 *
 *   convert [-q] MAPPINGS STYLESHEET FILE
 *
 * Time is that of the processor: what else runs on the machine does not count.
 * Rounds take turns, so that all see the same machine; medians are printed with
 * their range. Refuses a file with errors, which would be cheaper, and a
 * translation by hand that does not come to the same bytes.
 */
#include "src/daemon/pipeline.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "tests/bench/convert.h"

#define FILE_MAX   (8u << 20)
#define MEMORY_MAX (256u << 20)
#define ROUNDS     9
#define DOCS       2000
#define NOW        "2024-11-20T10:30:00.00+08:00"
#define NOW_DEC    "2024112010300000"

struct bench {
	struct pipeline *pipeline;
	const struct plan *to, *second; /* NULL: reading and checks alone */
	struct arrival arrival;
	struct slice standard; /* the message in the standard form */
	struct arena *mem, *filing_mem;
	struct buf body, other;
	bool failed;
	unsigned int docs;
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

static bool
filing_write(struct bench *b, const struct filing *f, const struct plan *plan,
    struct buf *body)
{
	struct record *records[1] = { f->record };
	struct trace trace;
	struct write_in in = { .plan = plan,
		.record = records,
		.nrecords = 1,
		.now = SLICE_LIT(NOW) };
	struct write_out out = { .body = body, .trace = &trace };
	struct err err;

	return plan == NULL || pipeline_write(&in, f->text, &out, b->filing_mem,
				   f->findings, &err) == RC_OK;
}

static enum rc
filing_take(void *arg, const struct filing *f, struct err *err)
{
	struct bench *b = arg;

	(void)err;
	if (f->record == NULL || f->findings->errors > 0 ||
	    !filing_write(b, f, b->to, &b->body) ||
	    !filing_write(b, f, b->second, &b->other)) {
		if (!b->failed)
			findings_show(f->findings);
		b->failed = true;
	}
	return RC_OK;
}

/* --- what takes turns; each does one document --- */

static void
ours(struct bench *b)
{
	struct err err;

	if (pipeline_arrival(b->pipeline, &b->arrival, b->mem, b->filing_mem,
		filing_take, b, &err) != RC_OK)
		b->failed = true;
}

static void
by_hand(struct bench *b)
{
	hand_convert(b->arrival.raw, SLICE_LIT(NOW_DEC), b->mem, &b->other);
}

static void
by_xslt(struct bench *b)
{
	b->failed |= !xslt_convert(b->standard, SLICE_LIT(NOW_DEC), &b->other);
}

enum way { READ, FIRST, BOTH, HAND, XSLT, WAYS };

static const struct {
	const char *name;
	void (*fn)(struct bench *);
	bool first, second; /* formats that are written */
} ways[WAYS] = {
	[READ] = { "reading and checks alone", ours, false, false },
	[FIRST] = { "CUSDEC to cn-dec", ours, true, false },
	[BOTH] = { "... and to a second agency's format", ours, true, true },
	[HAND] = { "the same written by hand", by_hand, false, false },
	[XSLT] = { "libxslt, sw-xml to cn-dec", by_xslt, false, false },
};

/* Documents a second. */
static double
round_run(struct bench *b, enum way way, unsigned int docs)
{
	const struct plan *first = b->to, *second = b->second;
	double from = now();

	b->to = ways[way].first ? first : NULL;
	b->second = ways[way].second ? second : NULL;
	for (unsigned int i = 0; i < docs; i++) {
		arena_rewind(b->mem);
		arena_rewind(b->filing_mem);
		ways[way].fn(b);
	}
	b->to = first;
	b->second = second;
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
	static const char *const accept[] = { "un-cusdec-d96b" };
	struct complaints to;
	struct err err;
	size_t len;
	bool fine;

	complaints_init(&to);
	fine = pipeline_open(&b->pipeline, argv[0], &to, &err) == RC_OK;
	if (!fine) {
		complaints_print(&to, stderr);
		fprintf(stderr, "%s\n", err.text);
	}
	complaints_clear(&to);
	if (!fine)
		return false;
	b->to = pipeline_format(b->pipeline, "cn-dec");
	b->second = pipeline_format(b->pipeline, "sw-xml");
	b->mem = arena_new(MEMORY_MAX);
	b->filing_mem = arena_new(MEMORY_MAX);
	buf_init(&b->body, FILE_MAX);
	buf_init(&b->other, FILE_MAX);
	b->arrival = (struct arrival){
		.accept = accept, .naccept = 1, .base_year = 2024
	};
	b->arrival.raw.p = file_read(argv[2], &len);
	b->arrival.raw.len = len;
	return b->to != NULL && b->second != NULL && b->mem != NULL &&
	       b->filing_mem != NULL && len > 0;
}

/* XML with and without a line end behind its declaration is the same. */
static bool
xml_same(struct slice a, struct slice b)
{
	const char *x = memmem(a.p, a.len, "?>", 2);
	const char *y = memmem(b.p, b.len, "?>", 2);

	return x != NULL && y != NULL &&
	       slice_eq(slice_trim((struct slice){
			    x + 2, a.len - (size_t)(x + 2 - a.p) }),
		   slice_trim(
		       (struct slice){ y + 2, b.len - (size_t)(y + 2 - b.p) }));
}

static void
first_difference(struct slice a, struct slice b)
{
	size_t i = 0;

	while (i < a.len && i < b.len && a.p[i] == b.p[i])
		i++;
	fprintf(stderr, "ours:  %.*s\nother: %.*s\n",
	    SLICE_ARG(slice_sub(a, i < 40 ? 0 : i - 40, 120)),
	    SLICE_ARG(slice_sub(b, i < 40 ? 0 : i - 40, 120)));
}

/* All must say the same before they are measured. */
static bool
all_agree(struct bench *b, const char *stylesheet, bool *xslt)
{
	(void)round_run(b, BOTH, 1);
	if (b->failed) {
		fprintf(stderr, "the message has errors or cannot be read\n");
		return false;
	}
	b->standard.len = b->other.len;
	b->standard.p = memcpy(malloc(b->other.len), b->other.p, b->other.len);
	by_hand(b);
	if (!xml_same(buf_look(&b->body), buf_look(&b->other))) {
		fprintf(stderr, "the translation by hand says otherwise\n");
		first_difference(buf_look(&b->body), buf_look(&b->other));
		return false;
	}
	*xslt = xslt_open(stylesheet);
	if (!*xslt)
		return true;
	by_xslt(b);
	if (b->failed || !xml_same(buf_look(&b->body), buf_look(&b->other))) {
		fprintf(stderr, "the translation by libxslt says otherwise\n");
		first_difference(buf_look(&b->body), buf_look(&b->other));
		return false;
	}
	return true;
}

static void
ratios_print(const double *rate, bool xslt)
{
	double first = 1 / rate[FIRST], both = 1 / rate[BOTH];

	printf("ratios         %.2f of the hand-written limit",
	    rate[FIRST] / rate[HAND]);
	if (xslt)
		printf(", %.1f times libxslt", rate[FIRST] / rate[XSLT]);
	else
		printf(", libxslt is not here");
	printf("; a second format costs %.2f of the first (goal 0.5)\n",
	    (both - first) / first);
}

int
main(int argc, char **argv)
{
	static struct bench b = { .docs = DOCS };
	double all[WAYS][ROUNDS], rate[WAYS];
	bool xslt = false, quick = argc > 1 && strcmp(argv[1], "-q") == 0;

	argv += 1 + quick;
	if (argc - quick != 4) {
		fprintf(
		    stderr, "usage: convert [-q] MAPPINGS STYLESHEET FILE\n");
		return 2;
	}
	if (quick)
		b.docs = DOCS / 10;
	if (!bench_open(&b, argv) || !all_agree(&b, argv[1], &xslt))
		return 1;
	for (unsigned int i = 0; i < ROUNDS; i++)
		for (enum way w = 0; w < (xslt ? WAYS : XSLT); w++)
			all[w][i] = round_run(&b, w, b.docs);
	for (enum way w = 0; w < (xslt ? WAYS : XSLT); w++) {
		qsort(all[w], ROUNDS, sizeof(all[w][0]), by_size);
		rate[w] = all[w][ROUNDS / 2];
		printf("conversions    %7.0f a second (%.0f to %.0f), %.1f us: "
		       "%s%s\n",
		    rate[w], all[w][0], all[w][ROUNDS - 1], 1e6 / rate[w],
		    ways[w].name, w == FIRST ? " (goal 10000)" : "");
	}
	printf("               5 goods lines, %zu bytes in, %zu out, one "
	       "core\n",
	    b.arrival.raw.len, b.body.len);
	ratios_print(rate, xslt);
	return b.failed ? 1 : 0;
}
