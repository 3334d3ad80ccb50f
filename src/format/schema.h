/*
 * format/schema.h - the XML Schema of a document kind's standard form.
 */
#ifndef FORMAT_SCHEMA_H
#define FORMAT_SCHEMA_H

#include "src/base/buf.h"
#include "src/format/plan.h"

/*
 * The schema of what a derived format (sw-xml, sw-xml-receipt ...) writes:
 * elements in the order of the directory, each of its type, codes of complete
 * lists only, and nothing that the directory does not name.
 */
void plan_schema(const struct plan *, struct buf *);

#endif
