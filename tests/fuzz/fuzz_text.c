/*
 * tests/fuzz/fuzz_text.c - any bytes decode strictly or are refused; what was
 * decoded encodes to the same bytes, and every place lies inside them.
 */
#include <string.h>
#include "src/base/buf.h"
#include "tests/fuzz/fuzz.h"

const unsigned int fuzz_kinds = 16; /* encodings */

static void
back_again(struct fuzz *f)
{
	struct buf out;
	uint32_t lost;

	/* A byte order mark, and an encoding with several ways to say one
	 * thing, have no way back. */
	if (f->text.bom || f->text.encoding != ENC_UTF8)
		return;
	buf_init(&out, 4u << 20);
	MUST(text_encode(f->text.utf8, f->text.encoding, &out, &lost,
		 &f->err) == RC_OK);
	MUST(lost == 0 && out.len == f->text.raw.len);
	MUST(out.len == 0 || memcmp(out.p, f->text.raw.p, out.len) == 0);
	buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum encoding one[] = { ENC_GB18030, ENC_GB2312,
		ENC_LATIN1, ENC_UTF16LE, ENC_UTF16BE };
	struct slice raw = { (const char *)p, n }, none = { NULL, 0 };
	struct fuzz *f = fuzz_start();
	struct place here, before = { 0 };

	if (fuzz_decode(f, p, n)) {
		fuzz_reached(f->text.encoding);
		back_again(f);
		PLANTED(f->text.encoding == ENC_GB18030 && n > 3 &&
			p[n - 1] == '~' && p[0] == '{');
		for (uint32_t at = 0; at < f->text.utf8.len;
		     at += 1 + (uint32_t)f->text.utf8.len / 16) {
			text_place(&f->text, at, 1, &here);
			MUST(here.at + here.span <= n);
			MUST(here.at >= before.at && here.line >= before.line);
			before = here;
		}
	}
	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
		enum rc rc = text_decode(&f->text, raw, &one[i], 1, none,
		    f->mem, &f->findings, &f->err);

		MUST(rc == RC_OK || rc == RC_REFUSED);
		if (rc == RC_OK && f->text.utf8.len > 0) {
			text_place(
			    &f->text, (uint32_t)f->text.utf8.len - 1, 1, &here);
			MUST(here.at + here.span <= n);
		}
	}
	return 0;
}
