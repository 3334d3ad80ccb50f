/*
 * syntax/encoding.c - names of encodings, and glibc's strict converters; trusts
 * nothing a text says of itself. Called by text.c and by every role that
 * decodes, once, before it gives up its files.
 *
 * The converters are opened once and kept: glibc loads a module from disk for
 * each, which a sandboxed converter could not do any more. No suffix is ever
 * used: //TRANSLIT changes text in silence, //IGNORE drops it.
 */
#include "src/syntax/encoding.h"
#include <errno.h>
#include <strings.h>

struct known {
	const char *name;
	enum encoding encoding;
};

/* The first of each kind is its name; the others are what people write. */
static const struct known known[] = {
	{ "UTF-8", ENC_UTF8 },
	{ "UTF8", ENC_UTF8 },
	{ "UNOW", ENC_UTF8 },
	{ "GB18030", ENC_GB18030 },
	{ "GBK",
	    ENC_GB18030 }, /* what says GBK holds GB18030 sooner or later */
	{ "CP936", ENC_GB18030 },
	{ "MS936", ENC_GB18030 },
	{ "WINDOWS-936", ENC_GB18030 },
	{ "GB2312", ENC_GB2312 },
	{ "GB_2312-80", ENC_GB2312 },
	{ "EUC-CN", ENC_GB2312 },
	{ "ISO-8859-1", ENC_LATIN1 },
	{ "ISO8859-1", ENC_LATIN1 },
	{ "ISO_8859-1", ENC_LATIN1 },
	{ "LATIN1", ENC_LATIN1 },
	{ "LATIN-1", ENC_LATIN1 },
	{ "UNOC", ENC_LATIN1 },
	{ "UTF-16LE", ENC_UTF16LE },
	{ "UTF-16", ENC_UTF16LE },
	{ "UTF-16BE", ENC_UTF16BE },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static const char *const iconv_name[ENC_KINDS] = {
	[ENC_GB18030] = "GB18030",
	[ENC_GB2312] = "EUC-CN",
	[ENC_UTF16LE] = "UTF-16LE",
	[ENC_UTF16BE] = "UTF-16BE",
};

int
encoding_find(struct slice name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strlen(known[i].name) == name.len &&
		    strncasecmp(known[i].name, name.p, name.len) == 0)
			return (int)known[i].encoding;
	return -1;
}

const char *
encoding_name(enum encoding e)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].encoding == e)
			return known[i].name;
	return "?";
}

/* One converter a direction and encoding for the whole process. */
static struct {
	iconv_t cd;
	bool open;
} converter[2][ENC_KINDS];

iconv_t *
encoding_converter(enum encoding e, bool writing, struct err *err)
{
	const char *name = iconv_name[e];

	if (!converter[writing][e].open) {
		iconv_t cd = writing ? iconv_open(name, "UTF-8")
				     : iconv_open("UTF-8", name);

		if (cd == (iconv_t)-1) {
			(void)err_errno(
			    err, RC_BROKEN, "no converter for %s", name);
			return NULL;
		}
		converter[writing][e].cd = cd;
		converter[writing][e].open = true;
	}
	/* Back to the first state, whatever the last text left. */
	(void)iconv(converter[writing][e].cd, NULL, NULL, NULL, NULL);
	return &converter[writing][e].cd;
}

enum rc
encodings_ready(struct err *err)
{
	for (int e = 0; e < ENC_KINDS; e++)
		if (iconv_name[e] != NULL &&
		    (encoding_converter((enum encoding)e, false, err) == NULL ||
			encoding_converter((enum encoding)e, true, err) ==
			    NULL))
			return RC_BROKEN;
	return RC_OK;
}
