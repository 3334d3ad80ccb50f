/*
 * spool/schema.h - the journal's tables, version 1. Inside spool/ only.
 */
#ifndef SPOOL_SCHEMA_H
#define SPOOL_SCHEMA_H

const char *schema_text(void);

#endif
