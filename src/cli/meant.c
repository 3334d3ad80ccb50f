/*
 * cli/meant.c - words to a filter; trusts nothing, the other side parses it
 * once more. Called by the verbs that look or act at many things.
 */
#include "src/cli/meant.h"
#include <stdio.h>
#include <string.h>
#include "src/base/id.h"
#include "src/base/utf8.h"

#define MEANT_MEMORY (1u << 20)
#define SHOWN        4096

/* The shell took the quotes: a value with blanks gets them back. */
static void
word_put(struct buf *b, const char *word)
{
	size_t op = strcspn(word, "=<>~");
	const char *value = word + op + (word[op] != '\0');
	char id[ID_TEXT];
	uint64_t n;

	if (b->len > 0)
		buf_byte(b, ' ');
	if (word[op] == '\0' && id_parse(slice_of(word), &n)) {
		buf_fmt(b, "id=%s", id_print(n, id));
		return;
	}
	buf_add(b, word, (size_t)(value - word));
	if (strchr(value, ' ') == NULL || value[0] == '"') {
		buf_str(b, value);
		return;
	}
	buf_byte(b, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_byte(b, '\\');
		buf_byte(b, *value);
	}
	buf_byte(b, '"');
}

/* Control bytes escaped; the caret stands under the same letter. */
static void
caret_print(struct slice text, size_t at)
{
	struct buf shown, before;
	unsigned int columns;

	buf_init(&shown, SHOWN);
	buf_init(&before, SHOWN);
	(void)utf8_show(text, &shown);
	columns = (unsigned int)utf8_show(slice_sub(text, 0, at), &before);
	fprintf(stderr, "  %s\n  %*s^\n", buf_cstr(&shown), (int)columns, "");
	buf_clear(&shown);
	buf_clear(&before);
}

bool
meant_read(struct meant *m, const char *verb, char **words, int n)
{
	struct err err;
	size_t at;

	*m = (struct meant){ .mem = arena_new(MEANT_MEMORY) };
	buf_init(&m->text, 2 * FILTER_MAX);
	m->all = n == 1 && strcmp(words[0], "all") == 0;
	for (int i = 0; i < n && !m->all; i++)
		word_put(&m->text, words[i]);
	if (m->mem == NULL || buf_failed(&m->text)) {
		fprintf(stderr, "entrepot %s: the filter is too long\n", verb);
		return false;
	}
	if (filter_parse(&m->filter, buf_look(&m->text), m->mem, &at, &err) ==
	    RC_OK)
		return true;
	fprintf(stderr, "entrepot %s: %s\n", verb, err.text);
	caret_print(buf_look(&m->text), at);
	return false;
}

const char *
meant_text(struct meant *m)
{
	return m->text.len == 0 ? "" : buf_cstr(&m->text);
}

void
meant_clear(struct meant *m)
{
	buf_clear(&m->text);
	arena_free(m->mem);
}
