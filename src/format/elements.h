/*
 * format/elements.h - the directory asked by name.
 */
#ifndef FORMAT_ELEMENTS_H
#define FORMAT_ELEMENTS_H

#include "src/format/bound.h"

/* document: the one the chain starts from. */
typedef void element_fn(
    void *arg, const struct group *document, const struct chain *);
/*
 * Every element and group of every document, at each place where it stands,
 * in the order of the files. "about" is one element: what is below it belongs
 * to another document.
 */
void directory_elements(const struct directory *, element_fn *, void *arg);

/*
 * Is this one meant? "commodity" and "item.commodity" mean every place whose
 * path ends so, "declaration.item.commodity" the one from its document on,
 * "$sender" the transmission's.
 */
bool element_meant(
    const struct group *document, const struct chain *, struct slice name);

/* "an..35", "dec..19.5", "code country", "ref item", "group". */
void element_type_print(const struct element *, struct buf *);
/* Said at the same place of the directory: copies of a group are alike. */
bool element_same(const struct element *, const struct element *);
/* Alike step by step; behind "about" a chain is one of that document. */
bool chain_alike(const struct chain *, const struct chain *);
/* The part behind "about", or all of it. */
struct chain chain_own(const struct chain *);

#endif
