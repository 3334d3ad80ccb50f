/*
 * tests/fuzz/fuzz_main.c - without libFuzzer: files replayed and changed at
 * random, by a seed that says it all.
 */
#include <stdarg.h>
#include <string.h>
#include "tests/fuzz/seeds.h"

#ifndef FUZZING

static uint64_t
random_next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* One change: a byte, a sharp byte, a piece copied, taken out, or cut off. */
static size_t
change(uint8_t *p, size_t n, uint64_t *s)
{
	static const char sharp[] = "+:'?*<>&\"/=!-[],;\t\r\n\0\xff\x80PK";
	size_t at = random_next(s) % n, from = random_next(s) % n;
	size_t len = random_next(s) % 64;

	switch (random_next(s) % 5) {
	case 0:
		p[at] = (uint8_t)random_next(s);
		break;
	case 1:
		p[at] = (uint8_t)sharp[random_next(s) % (sizeof(sharp) - 1)];
		break;
	case 2:
		if (at + len < n && from + len < n)
			memmove(p + at, p + from, len);
		break;
	case 3:
		if (at + len < n) {
			memmove(p + at, p + at + len, n - at - len);
			n -= len;
		}
		break;
	default:
		if (random_next(s) % 8 == 0)
			n = at + 1;
		break;
	}
	return n;
}

static size_t
file_read(const char *path, uint8_t *p, size_t size)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	MUST(f != NULL);
	n = fread(p, 1, size, f);
	(void)fclose(f);
	return n;
}

/* In a block of its own size, so that a sanitizer sees one byte too far. */
static void
try_one(const uint8_t *p, size_t n)
{
	uint8_t *own = malloc(n == 0 ? 1 : n);

	MUST(own != NULL);
	if (n > 0)
		memcpy(own, p, n);
	(void)LLVMFuzzerTestOneInput(own, n);
	free(own);
}

static struct {
	unsigned long tries, files, taken;
	uint64_t seed;
	const char *folder; /* -w: each input goes there, too */
	bool as_it_is;
	struct fuzz_came came;
	bool kind[256];
} run = { .seed = 88172645463325252u };

/* Of inputs that nobody changed only. */
void
fuzz_reached(unsigned int kind)
{
	if (!run.as_it_is)
		return;
	MUST(kind < fuzz_kinds && kind < sizeof(run.kind));
	run.came.taken = true;
	run.kind[kind] = true;
}

void
fuzz_wrong(const char *fmt, ...)
{
	va_list ap;

	if (!run.as_it_is || run.came.wrong++ > 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(run.came.first, sizeof(run.came.first), fmt, ap);
	va_end(ap);
}

static void
input_keep(const uint8_t *p, size_t n)
{
	char path[4200];
	FILE *f;

	(void)snprintf(
	    path, sizeof(path), "%s/made-%04lu", run.folder, run.files);
	f = fopen(path, "wb");
	MUST(f != NULL && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

/* As it is, and as often changed as was asked for. */
const struct fuzz_came *
fuzz_input(const uint8_t *p, size_t n)
{
	static uint8_t work[FUZZ_INPUT];

	run.files++;
	if (run.folder != NULL)
		input_keep(p, n);
	run.came = (struct fuzz_came){ .taken = false };
	run.as_it_is = true;
	try_one(p, n);
	run.as_it_is = false;
	run.taken += run.came.taken;
	for (unsigned long t = 0; t < run.tries && n > 0; t++) {
		size_t m = n;

		memcpy(work, p, n);
		for (uint64_t k = 1 + random_next(&run.seed) % 8; k > 0; k--)
			m = change(work, m, &run.seed);
		try_one(work, m);
	}
	return &run.came;
}

static unsigned int
hex(uint8_t c)
{
	return c <= '9' ? c - 48u : (c | 32u) - 87u;
}

/* One input a line; "\n", "\\", "\xHH", all else stands for itself. */
static void
pack_run(const char *path)
{
	static uint8_t whole[4 * FUZZ_INPUT], one[FUZZ_INPUT];
	size_t n = file_read(path, whole, sizeof(whole)), m = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t c = whole[i];

		if (c == '\n') {
			(void)fuzz_input(one, m);
			m = 0;
			continue;
		}
		if (c == '\\' && i + 1 < n) {
			c = whole[++i];
			if (c == 'x' && i + 2 < n) {
				c = (uint8_t)(hex(whole[i + 1]) << 4 |
					      hex(whole[i + 2]));
				i += 2;
			} else if (c == 'n') {
				c = '\n';
			}
		}
		MUST(m < FUZZ_INPUT);
		one[m++] = c;
	}
}

/* What the harness makes. */
static void
made_run(void)
{
	static uint8_t one[FUZZ_INPUT];
	size_t n;

	for (unsigned int i = 0;
	     fuzz_seed != NULL && (n = fuzz_seed(i, one, sizeof(one))) > 0; i++)
		(void)fuzz_input(one, n);
}

static unsigned long
seeds_file(const char *path)
{
	static uint8_t whole[FUZZ_INPUT];
	size_t n = file_read(path, whole, sizeof(whole));

	MUST(n < sizeof(whole));
	return seeds_run(path, (struct slice){ (const char *)whole, n });
}

int
main(int argc, char **argv)
{
	static uint8_t whole[FUZZ_INPUT];
	unsigned int kinds = 0;
	unsigned long other = 0; /* seeds that came to something else */
	bool made = false;

	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "-n") == 0 && more)
			run.tries = strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "-s") == 0 && more)
			run.seed = strtoull(argv[++i], NULL, 10) | 1;
		else if (strcmp(argv[i], "-p") == 0 && more)
			pack_run(argv[++i]);
		else if (strcmp(argv[i], "-m") == 0)
			made_run(), made = true;
		else if (strcmp(argv[i], "-w") == 0 && more)
			run.folder = argv[++i];
		else if (strcmp(argv[i], "-t") == 0 && more)
			other += seeds_file(argv[++i]);
		else
			(void)fuzz_input(
			    whole, file_read(argv[i], whole, sizeof(whole)));
	}
	for (unsigned int i = 0; i < fuzz_kinds; i++)
		kinds += run.kind[i];
	printf("%lu files, %lu changes each, %lu taken, %u of %u kinds\n",
	    run.files, run.tries, run.taken, kinds, fuzz_kinds);
	return other == 0 && (run.files > 0 || made) ? EXIT_SUCCESS
						     : EXIT_FAILURE;
}
#endif
