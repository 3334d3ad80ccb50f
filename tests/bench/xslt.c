/*
 * bench/xslt.c - the same declaration through libxslt: parsed, transformed by
 * a stylesheet that was compiled once, and written. The library is looked for
 * when the bench runs: nobody needs it to build. Called by convert.c.
 */
#include "tests/bench/convert.h"
#include <dlfcn.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>

struct stylesheet;

/* As <libxslt/xslt.h> and <libxslt/xsltutils.h> declare them. */
static struct {
	struct stylesheet *(*parse)(const xmlChar *file);
	xmlDoc *(*apply)(struct stylesheet *, xmlDoc *, const char **params);
	int (*save)(xmlChar **, int *len, xmlDoc *, struct stylesheet *);
	struct stylesheet *sheet;
} xslt;

static bool
find(void *library, const char *name, void *to)
{
	void *at = dlsym(library, name);

	if (at == NULL)
		return false;
	memcpy(to, &at, sizeof(at));
	return true;
}

bool
xslt_open(const char *stylesheet)
{
	void *library = dlopen("libxslt.so.1", RTLD_NOW);

	if (library == NULL ||
	    !find(library, "xsltParseStylesheetFile", &xslt.parse) ||
	    !find(library, "xsltApplyStylesheet", &xslt.apply) ||
	    !find(library, "xsltSaveResultToString", &xslt.save))
		return false;
	xslt.sheet = xslt.parse((const xmlChar *)stylesheet);
	if (xslt.sheet == NULL)
		fprintf(stderr, "convert: stylesheet '%s' cannot be read\n",
		    stylesheet);
	return xslt.sheet != NULL;
}

bool
xslt_convert(struct slice xml, struct slice now, struct buf *b)
{
	char quoted[64];
	const char *params[] = { "now", quoted, NULL };
	xmlDoc *in, *out = NULL;
	xmlChar *text = NULL;
	int len = 0;

	(void)snprintf(quoted, sizeof(quoted), "'%.*s'", SLICE_ARG(now));
	in = xmlReadMemory(xml.p, (int)xml.len, NULL, NULL,
	    XML_PARSE_COMPACT | XML_PARSE_NONET);
	if (in != NULL)
		out = xslt.apply(xslt.sheet, in, params);
	buf_reset(b);
	if (out != NULL && xslt.save(&text, &len, out, xslt.sheet) == 0)
		buf_add(b, text, (size_t)len);
	xmlFree(text);
	xmlFreeDoc(out);
	xmlFreeDoc(in);
	return b->len > 0;
}
