/*
 * syntax/text_encode.c - our UTF-8 into the encoding a partner wants; trusts
 * that the text is valid. Called by wrap and reply.
 *
 * What the encoding lacks is written as [U+XXXX] and counted, so that a person
 * sees which character it was; nothing is replaced by a look-alike.
 */
#include "src/syntax/text.h"
#include <errno.h>
#include <stdio.h>
#include "src/base/buf.h"
#include "src/syntax/encoding.h"

#define PIECE 4096 /* bytes of output asked for at once */

static uint32_t
utf8_scalar(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	switch (utf8_length(p[0])) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	case 3:
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 |
		       (p[2] & 0x3fu);
	default:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
		       (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
	}
}

/* The stand-in, in an encoding of one byte a letter or of two. */
static void
put_lost(struct buf *out, enum encoding e, uint32_t scalar)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "[U+%04X]", scalar);

	for (int i = 0; i < n; i++) {
		if (e == ENC_UTF16BE)
			buf_byte(out, '\0');
		buf_byte(out, text[i]);
		if (e == ENC_UTF16LE)
			buf_byte(out, '\0');
	}
}

static void
latin1_encode(struct slice utf8, struct buf *out, uint32_t *lost)
{
	for (size_t i = 0; i < utf8.len;
	     i += utf8_length((unsigned char)utf8.p[i])) {
		uint32_t scalar = utf8_scalar(utf8.p + i);

		if (scalar < 0x100) {
			buf_byte(out, (char)scalar);
		} else {
			put_lost(out, ENC_LATIN1, scalar);
			(*lost)++;
		}
	}
}

static enum rc
iconv_encode(struct slice utf8, enum encoding e, struct buf *out,
    uint32_t *lost, struct err *err)
{
	iconv_t *cd = encoding_converter(e, true, err);
	char *in = (char *)(uintptr_t)utf8.p;
	size_t left = utf8.len;

	if (cd == NULL)
		return RC_BROKEN;
	while (left > 0) {
		size_t piece = left < PIECE ? left * 2 + 8 : PIECE;
		size_t room = piece;
		char *to = buf_room(out, room);
		int why = 0;

		if (to == NULL)
			return RC_OK; /* the caller asks buf_failed() */
		if (iconv(*cd, &in, &left, &to, &room) == (size_t)-1)
			why = errno;
		if (why == EINVAL)
			return err_set(err, RC_BROKEN,
			    "a text of ours ends inside a character");
		out->len += piece - room;
		if (why == EILSEQ) { /* it stopped for a character */
			uint32_t n = utf8_length((unsigned char)*in);

			put_lost(out, e, utf8_scalar(in));
			(*lost)++;
			in += n;
			left -= n;
		}
	}
	return RC_OK;
}

enum rc
text_encode(struct slice utf8, enum encoding e, struct buf *out, uint32_t *lost,
    struct err *err)
{
	*lost = 0;
	if (e == ENC_UTF8) {
		buf_slice(out, utf8);
		return RC_OK;
	}
	if (e == ENC_LATIN1) {
		latin1_encode(utf8, out, lost);
		return RC_OK;
	}
	return iconv_encode(utf8, e, out, lost, err);
}
