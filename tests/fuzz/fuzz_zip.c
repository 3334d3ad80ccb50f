/*
 * tests/fuzz/fuzz_zip.c - any bytes are an archive within its limits or are
 * refused with a finding; base 64 decodes to what encodes to the same.
 */
#include "src/envelope/zip.h"
#include <string.h>
#include "tests/fuzz/fuzz.h"

enum { ENTRY, BASE64, REACHED };
const unsigned int fuzz_kinds = REACHED;

static void
base64(struct slice s)
{
	struct buf out, again, third;
	size_t bad = 0;

	buf_init(&out, 4u << 20);
	buf_init(&again, 4u << 20);
	buf_init(&third, 4u << 20);
	if (base64_decode(s, &out, &bad)) {
		fuzz_reached(BASE64);
		PLANTED(out.len == 3 && out.p[0] == 0 && s.len > 4);
		base64_encode(buf_look(&out), &again);
		MUST(base64_decode(buf_look(&again), &third, &bad));
		MUST(slice_eq(buf_look(&third), buf_look(&out)));
	} else {
		MUST(bad <= s.len);
	}
	buf_clear(&out);
	buf_clear(&again);
	buf_clear(&third);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice raw = { (const char *)p, n };
	struct fuzz *f = fuzz_start();
	struct zip_entry *first = NULL;
	size_t total = 0;
	enum rc rc;

	rc = zip_read(raw, &first, f->mem, &f->findings, &f->err);
	MUST(rc == RC_OK || rc == RC_REFUSED);
	MUST(rc == RC_OK || (f->findings.errors > 0 && first == NULL));
	for (; first != NULL; first = first->next) {
		fuzz_reached(ENTRY);
		total += first->body.len;
	}
	MUST(total <= n * 100);
	base64(raw);
	return 0;
}
