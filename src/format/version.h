/*
 * format/version.h - a mappings folder's version: what legs record.
 *
 * SHA-256 over the name, length and bytes of every file below codes,
 * directory, formats, rules and tables, in the order of folders and names, in
 * lower-case hexadecimal. The order in which a file system lists them, their
 * dates and owners and the folder's own name do not matter; a comment more
 * does. Files that begin with "." and the cases, which no message meets, are
 * not part of it.
 */
#ifndef FORMAT_VERSION_H
#define FORMAT_VERSION_H

#include "src/base/hash.h"
#include "src/base/rc.h"

/* One file of a bundle, for those who want to see what the version is over. */
typedef void mappings_file_fn(
    void *arg, const char *below, struct slice name, const struct digest *);

/*
 * Read and hash all of them. each may be NULL; out is written on RC_OK only.
 * RC_REFUSED: no such folder, or none of its files can be read.
 */
enum rc mappings_version(const char *folder, mappings_file_fn *each, void *arg,
    char out[DIGEST_TEXT], struct err *) MUST_USE;

#endif
