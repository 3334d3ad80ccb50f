/*
 * tests/fuzz/fuzz_convert.c - bytes through the whole pipeline: whatever they
 * are, they end as filings with findings. A record without errors is written
 * as cn-dec and as what it came from.
 *
 * With libFuzzer (clang -fsanitize=fuzzer -DFUZZING): entry below. Without it
 * the program replays the files named, or changes them at random:
 *
 *   fuzz_convert [-n TRIES [-s SEED]] FILE ...
 *
 * ENTREPOT_SRC names the source tree with the mappings.
 */
#include "src/daemon/pipeline.h"
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX  (1u << 20)
#define MEMORY_MAX (256u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

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
	if (f->record == NULL)
		return RC_OK;
	write_as(f, f->plan);
	write_as(f, pipeline_format(fuzz.pipeline, "cn-dec"));
	write_as(f, pipeline_format(fuzz.pipeline, "sw-xml"));
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

#ifndef FUZZING
static uint64_t
random_next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* A few changes: bytes, pieces moved, the end cut. */
static size_t
mutate(uint8_t *p, size_t n, uint64_t *s)
{
	static const char sharp[] = "+:'?<>&\"/=|,;\n\0\xff\x80[]{}";
	unsigned int changes = 1 + (unsigned int)(random_next(s) % 8);

	while (changes-- > 0 && n > 8) {
		size_t at = random_next(s) % n, from = random_next(s) % n;
		size_t len = random_next(s) % 64;

		switch (random_next(s) % 5) {
		case 0:
			p[at] = (uint8_t)random_next(s);
			break;
		case 1:
			p[at] = (uint8_t)
			    sharp[random_next(s) % (sizeof(sharp) - 1)];
			break;
		case 2:
			if (at + len < n && from + len < n)
				memmove(p + at, p + from, len);
			break;
		case 3: /* a piece taken out */
			if (at + len < n) {
				memmove(p + at, p + at + len, n - at - len);
				n -= len;
			}
			break;
		default:
			if (random_next(s) % 16 == 0)
				n = at + 1;
			break;
		}
	}
	return n;
}

static size_t
file_read(const char *path, uint8_t *p)
{
	FILE *f = fopen(path, "rb");
	size_t n = f == NULL ? 0 : fread(p, 1, INPUT_MAX, f);

	if (f != NULL)
		(void)fclose(f);
	return n;
}

int
main(int argc, char **argv)
{
	static uint8_t whole[INPUT_MAX], work[INPUT_MAX];
	unsigned long tries = 0;
	uint64_t seed = 88172645463325252u;
	int i = 1;

	for (; i + 1 < argc && argv[i][0] == '-'; i += 2)
		if (argv[i][1] == 'n')
			tries = strtoul(argv[i + 1], NULL, 10);
		else
			seed = strtoull(argv[i + 1], NULL, 10) | 1;
	for (; i < argc; i++) {
		size_t n = file_read(argv[i], whole);

		(void)LLVMFuzzerTestOneInput(whole, n);
		for (unsigned long t = 0; t < tries; t++) {
			memcpy(work, whole, n);
			(void)LLVMFuzzerTestOneInput(
			    work, mutate(work, n, &seed));
		}
	}
	printf("%lu filings, %lu written\n", fuzz.filings, fuzz.written);
	return 0;
}
#endif
