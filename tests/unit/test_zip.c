/*
 * tests/unit/test_zip.c - archives within limits, whatever they claim, and
 * archives that are the same bytes each time.
 */
#include "src/base/crc.h"
#include "src/envelope/zip.h"
#include <stdio.h>
#include <stdlib.h>
#include "tests/unit/syntax.h"

#define DAY 0x0021 /* 1980-01-01 */

static enum rc
opened(struct bench *b, struct slice raw, struct zip_entry **list)
{
	*list = NULL;
	return zip_read(raw, list, b->mem, &b->findings, &b->err);
}

/* An archive of these names, each with its own name as its body. */
static void
made(struct buf *out, const char *const *names, size_t n)
{
	struct zip_entry *e = calloc(n + 1, sizeof(*e));
	struct err err = { "" };

	for (size_t i = 0; i < n; i++) {
		e[i].name = e[i].body = slice_of(names[i]);
		e[i].next = i + 1 < n ? &e[i + 1] : NULL;
	}
	if (zip_write(n == 0 ? NULL : e, DAY, 0, out, &err) != RC_OK)
		fail_msg("%s", err.text);
	free(e);
}

static void
test_what_is_written_reads_back(void **state)
{
	static const char *const names[] = { "I_1.xml", "名.xml", "b" };
	struct bench *b = bench_new();
	struct zip_entry *e;
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	made(&z, names, 3);
	assert_true(zip_probe(buf_look(&z)));
	assert_int_equal(opened(b, buf_look(&z), &e), RC_OK);
	no_finding(b);
	for (size_t i = 0; i < 3; i++, e = e->next) {
		test_slice_is(e->name, names[i]);
		test_slice_is(e->body, names[i]);
	}
	assert_null(e);
	buf_clear(&z);
	bench_free(b);
}

static void
test_the_same_content_is_the_same_bytes_in_any_zone(void **state)
{
	static const char *const names[] = { "a", "b" };
	struct buf x, y;

	(void)state;
	buf_init(&x, 1 << 20);
	buf_init(&y, 1 << 20);
	made(&x, names, 2);
	assert_int_equal(setenv("TZ", "Asia/Shanghai", 1), 0);
	made(&y, names, 2);
	assert_int_equal(unsetenv("TZ"), 0);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.p, y.p, x.len);
	buf_clear(&x);
	buf_clear(&y);
}

/* Bytes that others put in: the archive is whole once they stand there. */
static void
test_what_is_absent_has_its_place(void **state)
{
	char large[300];
	struct zip_entry e[3] = { { .name = SLICE_LIT("m.xml"),
				      .body = SLICE_LIT("<a/>") },
		{ .name = SLICE_LIT("p.pdf"), .absent = true, .len = 300 },
		{ .name = SLICE_LIT("q.pdf"), .absent = true } };
	struct bench *b = bench_new();
	struct zip_entry *got;
	struct buf z, whole;

	(void)state;
	memset(large, 'x', sizeof(large));
	e[0].next = &e[1];
	e[1].next = &e[2];
	e[1].crc = crc_add(crc_add(0, large, 100), large + 100, 200);
	buf_init(&z, 1 << 20);
	buf_init(&whole, 1 << 20);
	buf_str(&z, "before");
	assert_int_equal(zip_write(e, DAY, 0, &z, &b->err), RC_OK);
	buf_add(&whole, z.p + 6, e[1].at);
	buf_add(&whole, large, sizeof(large));
	buf_add(&whole, z.p + 6 + e[1].at, z.len - 6 - e[1].at);
	assert_int_equal(opened(b, buf_look(&whole), &got), RC_OK);
	no_finding(b);
	test_slice_is(got->body, "<a/>");
	test_slice_is(got->next->name, "p.pdf");
	assert_int_equal(got->next->body.len, 300);
	assert_memory_equal(got->next->body.p, large, 300);
	assert_int_equal(got->next->next->body.len, 0);
	/* none of its numbers fits any more */
	e[1].len = UINT32_MAX;
	assert_int_equal(zip_write(e, DAY, 0, &z, &b->err), RC_REFUSED);
	assert_string_equal(b->err.text, "a zip over 4 GiB");
	buf_clear(&z);
	buf_clear(&whole);
	bench_free(b);
}

/* --- by other programs --- */

#define OTHERS 7

static struct slice
some_bytes(char *at, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		at[i] = (char)(unsigned char)(seed >> 16);
	}
	return (struct slice){ at, n };
}

/* Empty, over 64 KiB that packs well and that does not, names in UTF-8. */
static void
others_fill(struct zip_entry e[OTHERS], char *room)
{
	const size_t len[OTHERS] = { 0, 1, 70000, 300000, 65535, 65536, 5 };
	static const char *const name[OTHERS] = { "empty.pdf", "发票.pdf",
		"random.pdf", "zeros.pdf", "folder/a b.pdf", "成都/ü.pdf",
		"-" };

	memset(room, 0, 600000);
	for (size_t i = 0; i < OTHERS; i++) {
		e[i] = (struct zip_entry){ .name = slice_of(name[i]),
			.body = { room, len[i] },
			.next = i + 1 < OTHERS ? &e[i + 1] : NULL };
		if (len[i] != 300000)
			(void)some_bytes(room, len[i], (uint32_t)i);
		room += len[i];
	}
}

/* Some of them left out and put in afterwards, as deliver does. */
static void
others_write(struct zip_entry e[OTHERS], unsigned int absent, FILE *f)
{
	struct slice body[OTHERS];
	struct err err = { "" };
	struct buf z;
	size_t done = 0;

	for (size_t i = 0; i < OTHERS; i++) {
		body[i] = e[i].body;
		if ((absent >> i & 1) == 0)
			continue;
		e[i].absent = true;
		e[i].len = body[i].len;
		e[i].crc = crc_add(0, body[i].p, body[i].len);
		e[i].body = (struct slice){ 0 };
	}
	buf_init(&z, 4 << 20);
	if (zip_write(e, DAY, 0, &z, &err) != RC_OK)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < OTHERS; i++) {
		if (!e[i].absent)
			continue;
		(void)fwrite(z.p + done, 1, e[i].at - done, f);
		(void)fwrite(body[i].p, 1, body[i].len, f);
		done = e[i].at;
	}
	(void)fwrite(z.p + done, 1, z.len - done, f);
	assert_int_equal(fflush(f), 0);
	buf_clear(&z);
}

/* What Python's reader finds in it: each name, length and CRC. */
static void
others_read(const char *path, const struct zip_entry e[OTHERS],
    const uint32_t crc[OTHERS], const size_t len[OTHERS])
{
	char cmd[600], line[300], want[300];
	FILE *said;

	(void)snprintf(cmd, sizeof(cmd), "unzip -tqq %s", path);
	assert_int_equal(system(cmd), 0);
	(void)snprintf(cmd, sizeof(cmd),
	    "PYTHONUTF8=1 python3 -c 'import sys, zipfile, zlib\n"
	    "with zipfile.ZipFile(sys.argv[1]) as z:\n"
	    "    for i in z.infolist():\n"
	    "        b = z.read(i)\n"
	    "        print(i.filename, len(b), zlib.crc32(b))' %s",
	    path);
	said = popen(cmd, "r");
	assert_non_null(said);
	for (size_t i = 0; i < OTHERS; i++) {
		(void)snprintf(want, sizeof(want), "%.*s %zu %u\n",
		    SLICE_ARG(e[i].name), len[i], (unsigned)crc[i]);
		assert_non_null(fgets(line, sizeof(line), said));
		assert_string_equal(line, want);
	}
	assert_null(fgets(line, sizeof(line), said));
	assert_int_equal(pclose(said), 0);
}

static void
test_other_programs_read_what_is_written(void **state)
{
	static const unsigned int absent[] = { 0, 0x7f, 0x2a, 0x55, 0x01,
		0x40 };
	char *room = malloc(600000), *dir = test_dir();
	char path[256];

	(void)state;
	assert_non_null(room);
	(void)snprintf(path, sizeof(path), "%s/a.zip", dir);
	for (size_t n = 0; n < sizeof(absent) / sizeof(absent[0]); n++) {
		struct zip_entry e[OTHERS];
		uint32_t crc[OTHERS];
		size_t len[OTHERS];
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		others_fill(e, room);
		for (size_t i = 0; i < OTHERS; i++) {
			len[i] = e[i].body.len;
			crc[i] = crc_add(0, e[i].body.p, len[i]);
		}
		others_write(e, absent[n], f);
		others_read(path, e, crc, len);
		(void)fclose(f);
	}
	test_dir_gone(dir);
	free(room);
}

static void
test_the_sample_package_opens(void **state)
{
	struct slice raw =
	    test_file("tests/data/dec/I_510120240615000001_t-1.zip");
	struct bench *b = bench_new();
	struct zip_entry *e;

	(void)state;
	assert_int_equal(opened(b, raw, &e), RC_OK);
	assert_non_null(e);
	assert_true(slice_starts(e->name, "I_510120240615000001"));
	assert_true(slice_starts(e->body, "<?xml"));
	assert_null(e->next);
	free((void *)(uintptr_t)raw.p);
	bench_free(b);
}

static bool
wants_xml(void *arg, struct slice name)
{
	++*(int *)arg;
	return name.len > 4 && memcmp(name.p + name.len - 4, ".xml", 4) == 0;
}

static void
test_what_is_not_wanted_is_named_and_stays_packed(void **state)
{
	static const char *const names[] = { "big.pdf", "f/I_1.xml" };
	struct bench *b = bench_new();
	struct zip_entry *e;
	struct buf z;
	int asked = 0;

	(void)state;
	buf_init(&z, 1 << 20);
	made(&z, names, 2);
	assert_int_equal(zip_read_some(buf_look(&z), wants_xml, &asked, &e,
			     b->mem, &b->findings, &b->err),
	    RC_OK);
	no_finding(b);
	assert_int_equal(asked, 2);
	assert_true(e->left);
	test_slice_is(e->name, "big.pdf");
	assert_int_equal(e->body.len, 0);
	e = e->next;
	assert_false(e->left);
	test_slice_is(e->body, "f/I_1.xml");
	test_slice_is(zip_name_last(e->name), "I_1.xml");
	buf_clear(&z);
	bench_free(b);
}

static void
test_names_are_data_whatever_they_say(void **state)
{
	static const char *const names[] = { "../../etc/passwd", "/abs", "..",
		"C:/x" };
	struct bench *b = bench_new();
	struct zip_entry *e;
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	made(&z, names, 4);
	assert_int_equal(opened(b, buf_look(&z), &e), RC_OK);
	for (size_t i = 0; i < 4; i++, e = e->next)
		test_slice_is(e->name, names[i]);
	buf_clear(&z);
	bench_free(b);
}

/* GBK without the UTF-8 flag: every byte of the name is handed on. */
static void
test_a_gbk_name_comes_as_its_bytes(void **state)
{
	struct zip_entry one = { .name = SLICE_LIT("abcd.xml"),
		.body = SLICE_LIT("<a/>") };
	struct bench *b = bench_new();
	struct zip_entry *e;
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	assert_int_equal(zip_write(&one, DAY, 0, &z, &b->err), RC_OK);
	for (size_t i = 0; i + 8 < z.len; i++)
		if (memcmp(z.p + i, "abcd.xml", 8) == 0)
			memcpy(z.p + i, "\xd6\xd0\xce\xc4", 4);
	assert_int_equal(opened(b, buf_look(&z), &e), RC_OK);
	test_slice_is(e->name, "\xd6\xd0\xce\xc4.xml");
	test_slice_is(e->body, "<a/>");
	buf_clear(&z);
	bench_free(b);
}

static void
refused(struct slice raw, enum finding_kind kind, const char *start)
{
	struct bench *b = bench_new();
	struct zip_entry *e;

	assert_int_equal(opened(b, raw, &e), RC_REFUSED);
	assert_null(e);
	assert_int_equal(b->findings.n, 1);
	assert_int_equal(b->findings.first->kind, kind);
	if (!slice_starts(b->findings.first->en, start))
		fail_msg("'%.*s', want '%s'", SLICE_ARG(b->findings.first->en),
		    start);
	bench_free(b);
}

static void
test_a_damaged_archive_is_refused(void **state)
{
	static const char *const names[] = { "first", "second" };
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	made(&z, names, 2);
	for (size_t n = 0; n < z.len; n += 7)
		refused(slice_sub(buf_look(&z), 0, n), FIND_SYNTAX,
		    "the archive is damaged");
	for (size_t i = z.len - 22; i > 0; i--) { /* its directory */
		if (memcmp(z.p + i, "PK\001\002", 4) != 0)
			continue;
		z.p[i] = 'X';
		refused(buf_look(&z), FIND_SYNTAX, "the archive");
		z.p[i] = 'P';
	}
	z.p[36] = (char)(z.p[36] ^ 1); /* in the first body */
	refused(buf_look(&z), FIND_SYNTAX, "the archive is damaged");
	refused(slice_of("PK\003\004 not really"), FIND_SYNTAX,
	    "the archive is damaged");
	buf_clear(&z);
}

/* A first entry that is none looks to libarchive like the end of them. */
static void
test_a_directory_without_its_first_entry_is_no_empty_archive(void **state)
{
	struct slice whole =
	    test_file("tests/data/dec/I_510120240615000001_t-1.zip");
	char *p = (char *)(uintptr_t)whole.p;

	(void)state;
	for (size_t i = 0; i + 4 < whole.len; i++)
		if (memcmp(p + i, "PK\001\002", 4) == 0)
			p[i + 2] = 0;
	refused(whole, FIND_SYNTAX,
	    "the archive's directory is damaged: of 1 entries 0 can be read, "
	    "want a whole zip archive");
	free(p);
}

static void
test_a_bomb_is_stopped_by_what_comes_out(void **state)
{
	size_t n = (size_t)30 << 20;
	char *zeroes = calloc(1, n);
	struct zip_entry e = { .name = SLICE_LIT("bomb"),
		.body = { zeroes, n } };
	struct err err;
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	assert_int_equal(zip_write(&e, DAY, 0, &z, &err), RC_OK);
	assert_true(z.len < 200000);
	refused(buf_look(&z), FIND_LIMIT,
	    "the archive is more than 100 times its size unpacked, the limit "
	    "is 100 times");
	buf_clear(&z);
	free(zeroes);
}

static void
test_more_than_1000_entries_are_refused(void **state)
{
	const char *names[1001];
	char text[1001][12];
	struct buf z;

	(void)state;
	for (int i = 0; i < 1001; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "%d", i);
		names[i] = text[i];
	}
	buf_init(&z, 1 << 20);
	made(&z, names, 1001);
	refused(buf_look(&z), FIND_LIMIT,
	    "the archive is more than 1000 entries, the limit is 1000");
	buf_clear(&z);
}

/* The local header's first flag bit says "encrypted", in both places. */
static void
test_an_encrypted_entry_is_refused(void **state)
{
	static const char *const names[] = { "secret" };
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	made(&z, names, 1);
	for (size_t i = 0; i + 10 < z.len; i++) {
		if (memcmp(z.p + i, "PK\003\004", 4) == 0)
			z.p[i + 6] |= 1;
		if (memcmp(z.p + i, "PK\001\002", 4) == 0)
			z.p[i + 8] |= 1;
	}
	refused(buf_look(&z), FIND_FORBIDDEN,
	    "an encrypted archive entry is not allowed");
	buf_clear(&z);
}

static void
test_a_link_in_an_archive_is_refused(void **state)
{
	static const char *const names[] = { "link" };
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	made(&z, names, 1);
	for (size_t i = 0; i + 42 < z.len; i++)
		if (memcmp(z.p + i, "PK\001\002", 4) == 0) {
			z.p[i + 5] = 3; /* made by UNIX */
			z.p[i + 40] = (char)0xff;
			z.p[i + 41] = (char)0xa1; /* S_IFLNK | 0777 */
		}
	refused(buf_look(&z), FIND_FORBIDDEN,
	    "an archive entry that is a link or no file is not allowed");
	buf_clear(&z);
}

static void
test_a_full_arena_is_told_as_later(void **state)
{
	static const char *const names[] = { "a", "b" };
	struct bench *b = bench_new();
	struct arena *small = arena_new(16);
	struct zip_entry *e = NULL;
	struct buf z;

	(void)state;
	buf_init(&z, 1 << 20);
	made(&z, names, 2);
	assert_int_equal(
	    zip_read(buf_look(&z), &e, small, &b->findings, &b->err), RC_LATER);
	arena_free(small);
	buf_clear(&z);
	bench_free(b);
}

/* --- base 64 --- */

static void
test_base64_of_every_length_reads_back(void **state)
{
	char bytes[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)(i * 7);
	for (size_t n = 0; n <= 256; n++) {
		struct buf text, back;
		size_t bad;

		buf_init(&text, 1024);
		buf_init(&back, 1024);
		base64_encode((struct slice){ bytes, n }, &text);
		assert_int_equal(text.len, (n + 2) / 3 * 4);
		assert_true(base64_decode(buf_look(&text), &back, &bad));
		assert_int_equal(back.len, n);
		if (n > 0)
			assert_memory_equal(back.p, bytes, n);
		buf_clear(&text);
		buf_clear(&back);
	}
}

static void
test_base64_is_strict_but_for_blanks(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
		size_t bad;
	} cases[] = {
		{ "YWI=", "ab", 0 }, { " YW\r\n I= \n", "ab", 0 },
		{ "", "", 0 }, { "YW!=", NULL, 2 }, { "YWI", NULL, 3 },
		{ "Y===", NULL, 4 }, { "YWI=x", NULL, 4 }, { "YWJj=", NULL, 4 },
		{ "YWJ=", NULL, 2 }, /* bits that no byte holds */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;
		size_t bad = 99;
		bool good;

		buf_init(&out, 64);
		good = base64_decode(slice_of(cases[i].text), &out, &bad);
		if (good != (cases[i].want != NULL) ||
		    (!good && bad != cases[i].bad))
			fail_msg("'%s': %d at %zu", cases[i].text, good, bad);
		if (good)
			test_slice_is(buf_look(&out), cases[i].want);
		buf_clear(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_what_is_written_reads_back),
		T(test_the_same_content_is_the_same_bytes_in_any_zone),
		T(test_what_is_absent_has_its_place),
		T(test_other_programs_read_what_is_written),
		T(test_the_sample_package_opens),
		T(test_what_is_not_wanted_is_named_and_stays_packed),
		T(test_names_are_data_whatever_they_say),
		T(test_a_gbk_name_comes_as_its_bytes),
		T(test_a_damaged_archive_is_refused),
		T(test_a_directory_without_its_first_entry_is_no_empty_archive),
		T(test_a_bomb_is_stopped_by_what_comes_out),
		T(test_more_than_1000_entries_are_refused),
		T(test_an_encrypted_entry_is_refused),
		T(test_a_link_in_an_archive_is_refused),
		T(test_a_full_arena_is_told_as_later),
		T(test_base64_of_every_length_reads_back),
		T(test_base64_is_strict_but_for_blanks),
	};

	return TESTS_RUN(tests);
}
