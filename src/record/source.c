/*
 * record/source.c - files of a folder, and a file as a tree of lines.
 *
 * Called by the loaders of directory, formats and rules only, never for
 * outside bytes.
 */
#include <stdlib.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/fsx.h"
#include "src/record/source.h"

static bool
name_ends(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n > s && name[0] != '.' && strcmp(name + n - s, suffix) == 0;
}

static enum rc
file_load(struct source *f, int dir, const char *folder, const char *name,
    struct arena *mem, struct err *err)
{
	size_t nf = strlen(folder), nn = strlen(name);
	struct fsx_mark mark;
	enum rc rc;
	char *path, *text = NULL;
	int fd;

	fd = fsx_open(dir, name, err);
	if (fd < 0)
		return err_prefix(err, RC_REFUSED, "%s", folder);
	rc = fsx_mark_fd(fd, &mark, err);
	if (rc == RC_OK && mark.size > SOURCE_BYTES)
		rc = err_set(err, RC_REFUSED,
		    "%s/%s is %llu bytes, limit is %u", folder, name,
		    (unsigned long long)mark.size, SOURCE_BYTES);
	if (rc == RC_OK) {
		text = arena_raw(mem, (size_t)mark.size + 1);
		path = arena_raw(mem, nf + nn + 2);
		if (text == NULL || path == NULL)
			rc = err_set(err, RC_LATER, "out of memory");
	}
	if (rc == RC_OK)
		rc = fsx_pread(fd, text, (size_t)mark.size, 0, err);
	if (rc == RC_OK) {
		memcpy(path, folder, nf);
		path[nf] = '/';
		memcpy(path + nf + 1, name, nn + 1);
		text[mark.size] = '\0';
		f->name = path;
		f->base = (struct slice){ path + nf + 1, nn };
		f->text = (struct slice){ text, (size_t)mark.size };
	}
	close(fd);
	return rc;
}

enum rc
sources_load(struct sources *out, const char *folder, const char *suffix,
    struct arena *mem, struct err *err)
{
	struct sources got = { 0 };
	struct stat st;
	char **name = NULL;
	size_t n = 0;
	bool more = false;
	enum rc rc;
	int dir;

	if (stat(folder, &st) != 0 && errno == ENOENT) {
		*out = got;
		return RC_OK;
	}
	dir = fsx_opendir(folder, err);
	if (dir < 0)
		return RC_REFUSED;
	rc = fsx_list(dir, SOURCE_FILES, &name, &n, &more, err);
	if (rc == RC_OK && more)
		rc = err_set(err, RC_REFUSED, "%s has more than %d files",
		    folder, SOURCE_FILES);
	if (rc == RC_OK) {
		got.file = arena_get(mem, (n + 1) * sizeof(*got.file));
		if (got.file == NULL)
			rc = err_set(err, RC_LATER, "out of memory");
	}
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (!name_ends(name[i], suffix))
			continue;
		rc =
		    file_load(&got.file[got.n], dir, folder, name[i], mem, err);
		if (rc == RC_OK)
			got.n++;
	}
	free(name);
	close(dir);
	if (rc == RC_OK)
		*out = got;
	return rc;
}

/* Bytes of the UTF-8 character at p, 0 when it is none. */
static size_t
utf8_len(const unsigned char *p, size_t n)
{
	size_t want;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	want = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (n < want)
		return 0;
	for (size_t i = 1; i < want; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
	    (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return want;
}

bool
source_sound(const struct source *s, struct complaints *to)
{
	const unsigned char *p = (const unsigned char *)s->text.p;

	for (size_t i = 0; i < s->text.len;) {
		size_t n = utf8_len(p + i, s->text.len - i);

		if (n == 0 || (p[i] < ' ' && strchr("\t\r\n", p[i]) == NULL) ||
		    p[i] == 0) {
			complaints_add(to, false, s->name, s->text, i,
			    "byte 0x%02X is not UTF-8 text", p[i]);
			return false;
		}
		i += n;
	}
	return true;
}

/* What is open while the tree grows. */
struct tree {
	const struct source *src;
	struct arena *mem;
	struct complaints *to;
	struct source_line *root;
	struct {
		struct source_line *line;
		uint32_t indent;
	} open[SOURCE_DEPTH + 2];
	uint32_t depth; /* how many are open; open[0] is the root */
	uint32_t lines;
	bool failed;
};

static void
tree_wrong(struct tree *t, size_t at, const char *sentence)
{
	complaints_add(
	    t->to, false, t->src->name, t->src->text, at, "%s", sentence);
}

static void
tree_add(struct tree *t, uint32_t depth, size_t at, size_t end, uint32_t number)
{
	struct source_line *parent = t->open[depth - 1].line, *l;

	l = arena_get(t->mem, sizeof(*l));
	if (l == NULL || t->lines >= SOURCE_LINES) {
		t->failed = true;
		return;
	}
	t->lines++;
	l->src = t->src;
	l->at = (uint32_t)at;
	l->end = (uint32_t)end;
	l->number = number;
	l->parent = parent;
	if (parent->last != NULL)
		parent->last->next = l;
	else
		parent->child = l;
	parent->last = l;
	t->open[depth].line = l;
	t->depth = depth + 1;
}

/* Where a piece ends: at ";", at a comment, at the end of the line. */
static size_t
piece_end(struct tree *t, size_t at, size_t end, bool *more)
{
	const char *p = t->src->text.p;
	size_t open = 0;
	bool quoted = false;

	*more = false;
	for (size_t i = at; i < end; i++) {
		if (quoted) {
			if (p[i] == '\\' && i + 1 < end)
				i++;
			else if (p[i] == '"')
				quoted = false;
		} else if (p[i] == '"') {
			quoted = true;
			open = i;
		} else if (p[i] == ';') {
			*more = true;
			return i;
		} else if (p[i] == '#' &&
			   (i == at || p[i - 1] == ' ' || p[i - 1] == '\t'))
			return i;
	}
	if (quoted)
		tree_wrong(t, open, "this string has no end, want '\"'");
	return end;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The depth of a line with this indentation; 0: it has none. */
static uint32_t
tree_indent(struct tree *t, uint32_t indent, size_t at)
{
	uint32_t d = t->depth;

	while (d > 1 && t->open[d - 1].indent >= indent)
		d--;
	if (d < t->depth && t->open[d].indent != indent)
		tree_wrong(t, at,
		    "indented between two depths, want the column "
		    "of a line above");
	if (d > SOURCE_DEPTH) {
		tree_wrong(t, at, "nested deeper than 64 lines");
		return 0;
	}
	t->open[d].indent = indent;
	return d;
}

static void
tree_line(struct tree *t, size_t at, size_t end, uint32_t number)
{
	const char *p = t->src->text.p;
	size_t i = at, stop;
	bool more = true;
	uint32_t depth;

	while (i < end && blank(p[i]))
		i++;
	if (i == end || p[i] == '#')
		return;
	if (memchr(p + at, '\t', i - at) != NULL) {
		tree_wrong(t, at, "a tab in the indentation, want blanks");
		return;
	}
	if (end - at > SOURCE_LINE) {
		tree_wrong(t, i, "this line is longer than 8192 bytes");
		return;
	}
	depth = tree_indent(t, (uint32_t)(i - at), i);
	if (depth == 0)
		return;
	while (more && !t->failed) {
		while (i < end && blank(p[i]))
			i++;
		stop = piece_end(t, i, end, &more);
		at = i;
		i = stop + 1;
		while (stop > at && blank(p[stop - 1]))
			stop--;
		if (stop > at)
			tree_add(t, depth, at, stop, number);
	}
}

struct source_line *
source_tree(const struct source *s, struct arena *mem, struct complaints *to)
{
	struct tree t = { .src = s, .mem = mem, .to = to, .depth = 1 };
	size_t at = 0;
	uint32_t number = 1;

	t.root = arena_get(mem, sizeof(*t.root));
	if (t.root == NULL)
		return NULL;
	t.root->src = s;
	t.open[0].line = t.root;
	if (!source_sound(s, to))
		return t.root;
	if (s->text.len >= 3 && memcmp(s->text.p, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	while (at < s->text.len && !t.failed) {
		const char *nl = memchr(s->text.p + at, '\n', s->text.len - at);
		size_t end = nl ? (size_t)(nl - s->text.p) : s->text.len;
		size_t next = end + 1;

		if (end > at && s->text.p[end - 1] == '\r')
			end--;
		tree_line(&t, at, end, number++);
		at = next;
	}
	if (t.failed && t.lines >= SOURCE_LINES)
		tree_wrong(&t, s->text.len, "more than 200000 lines");
	return t.root;
}
