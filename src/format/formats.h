/*
 * format/formats.h - all formats of a mappings folder while they are loaded;
 * private to src/format.
 */
#ifndef FORMAT_FORMATS_H
#define FORMAT_FORMATS_H

#include "src/base/hash.h"
#include "src/format/build.h"

#define FORMATS_BYTES (1024u << 20)
#define FORMATS_MAX   500

struct formats {
	struct arena *mem;
	struct codelists *codes;
	struct directory *dir;
	struct wire_tables *tables;
	struct form_file *file; /* in the order of the names */
	struct builder *builder[FORMATS_MAX];
	struct plan *plan[FORMATS_MAX];
	uint32_t nplans;
	char version[DIGEST_TEXT];
};

/* plan_head.c: from the head's words to the plan; false: no use going on. */
bool plan_head(struct formats *, struct builder *, const char *tables);
/* swxml.c: a format's text for each document kind of the directory. */
enum rc swxml_derive(struct formats *, struct form_file **end,
    struct complaints *, struct err *);
/* check_root.c: no two formats look alike from outside. */
void check_roots(struct formats *, struct complaints *);

#endif
