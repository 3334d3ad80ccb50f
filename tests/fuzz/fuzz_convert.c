/*
 * tests/fuzz/fuzz_convert.c - bytes through the whole pipeline: whatever they
 * are, they end as filings with findings. A record is written as what it came
 * from, as cn-dec and as sw-xml; one without an error was taken.
 *
 * ENTREPOT_SRC names the source tree with the mappings.
 */
#include "src/daemon/pipeline.h"
#include "tests/fuzz/fuzz.h"

#define MEMORY_MAX (256u << 20)

#define FORMATS 64 /* that may be met */

const unsigned int fuzz_kinds = FORMATS;

struct bench {
	struct pipeline *pipeline;
	struct arena *mem, *filing_mem;
	struct buf body;
	unsigned long filings, written;
};

static struct bench fuzz;

static void
write_as(const struct filing *f, const struct plan *plan)
{
	struct record *records[1] = { f->record };
	struct trace trace;
	struct write_in in = { .plan = plan,
		.record = records,
		.nrecords = 1,
		.now = SLICE_LIT("2024-11-20T10:30:00.00+08:00") };
	struct write_out out = { .body = &fuzz.body, .trace = &trace };
	struct err err;

	if (plan != NULL && plan->document == f->plan->document &&
	    pipeline_write(&in, f->text, &out, fuzz.filing_mem, f->findings,
		&err) == RC_OK)
		fuzz.written++;
}

/* Formats are counted as they are met. */
static unsigned int
format_number(const struct plan *plan)
{
	static const struct plan *met[FORMATS];
	unsigned int i = 0;

	while (i < FORMATS - 1 && met[i] != NULL && met[i] != plan)
		i++;
	met[i] = plan;
	return i;
}

static enum rc
filing_take(void *arg, const struct filing *f, struct err *err)
{
	struct buf said;

	(void)arg;
	(void)err;
	fuzz.filings++;
	buf_init(&said, 4u << 20);
	for (const struct finding *x = f->findings->first; x != NULL;
	     x = x->next) {
		finding_print(x, "fuzz", &said);
		finding_json(x, &said);
	}
	buf_clear(&said);
	fuzz_errors(f->findings);
	if (f->record == NULL)
		return RC_OK;
	if (f->findings->errors == 0)
		fuzz_reached(format_number(f->plan));
	write_as(f, f->plan);
	write_as(f, pipeline_format(fuzz.pipeline, "cn-dec"));
	write_as(f, pipeline_format(fuzz.pipeline, "sw-xml"));
	PLANTED(f->findings->warnings == 12);
	return RC_OK;
}

static void
fuzz_open(void)
{
	const char *src = getenv("ENTREPOT_SRC");
	char mappings[1024];
	struct complaints to;
	struct err err;

	(void)snprintf(
	    mappings, sizeof(mappings), "%s/mappings", src == NULL ? "." : src);
	complaints_init(&to);
	if (pipeline_open(&fuzz.pipeline, mappings, &to, &err) != RC_OK) {
		complaints_print(&to, stderr);
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	complaints_clear(&to);
	fuzz.mem = arena_new(MEMORY_MAX);
	fuzz.filing_mem = arena_new(MEMORY_MAX);
	buf_init(&fuzz.body, 16u << 20);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arrival a = { .raw = { (const char *)p, n },
		.file_name = SLICE_LIT("Failed_E_1_2.xml"),
		.base_year = 2024 };
	struct err err;

	if (fuzz.pipeline == NULL)
		fuzz_open();
	arena_rewind(fuzz.mem);
	arena_rewind(fuzz.filing_mem);
	(void)!pipeline_arrival(fuzz.pipeline, &a, fuzz.mem, fuzz.filing_mem,
	    filing_take, NULL, &err);
	return 0;
}
