/*
 * tests/fuzz/fuzz_main.c - without libFuzzer: files replayed and changed at
 * random, by a seed that says it all.
 */
#include <string.h>
#include "tests/fuzz/fuzz.h"

#ifndef FUZZING

#define INPUT_MAX (1u << 20)

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
file_read(const char *path, uint8_t *p)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	MUST(f != NULL);
	n = fread(p, 1, INPUT_MAX, f);
	(void)fclose(f);
	return n;
}

/* In a block of its own size, so that a sanitizer sees one byte too far. */
static void
try_one(const uint8_t *p, size_t n)
{
	uint8_t *own = malloc(n == 0 ? 1 : n);

	MUST(own != NULL);
	memcpy(own, p, n);
	(void)LLVMFuzzerTestOneInput(own, n);
	free(own);
}

int
main(int argc, char **argv)
{
	static uint8_t whole[INPUT_MAX], work[INPUT_MAX];
	unsigned long tries = 0, files = 0;
	uint64_t seed = 88172645463325252u;
	int i = 1;

	for (; i + 1 < argc && argv[i][0] == '-'; i += 2)
		if (argv[i][1] == 'n')
			tries = strtoul(argv[i + 1], NULL, 10);
		else
			seed = strtoull(argv[i + 1], NULL, 10) | 1;
	for (; i < argc; i++, files++) {
		size_t n = file_read(argv[i], whole);

		try_one(whole, n);
		for (unsigned long t = 0; t < tries && n > 0; t++) {
			size_t m = n;

			memcpy(work, whole, n);
			for (uint64_t k = 1 + random_next(&seed) % 8; k > 0;
			     k--)
				m = change(work, m, &seed);
			try_one(work, m);
		}
	}
	printf("%lu files, %lu changes each\n", files, tries);
	return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
