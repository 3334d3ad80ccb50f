/*
 * conf/pack.c - a configuration's text together with the calendars that it
 * names: what is parsed where no file can be opened any more is whole. Only
 * looks for names of files, and parses nothing. Trusts the file's owner. Called
 * by the supervisor and the tools.
 */
#include "src/conf/parser.h"
#include "src/base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN 1024

/* RC_REFUSED and errno: it cannot be read. */
static enum rc
file_read(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = 1;

	if (fd < 0)
		return RC_REFUSED;
	if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
		(void)close(fd);
		errno = EISDIR;
		return RC_REFUSED;
	}
	while (n > 0 && !buf_failed(b)) {
		char *p = buf_room(b, 4096);

		n = p == NULL ? -1 : read(fd, p, 4096);
		if (n > 0)
			b->len += (size_t)n;
	}
	if (buf_failed(b))
		errno = EFBIG;
	(void)close(fd);
	return n < 0 || buf_failed(b) ? RC_REFUSED : RC_OK;
}

/* The next word, quoted or not, of the statement; empty at its end. */
static struct slice
word_cut(struct slice *s)
{
	size_t n = 0;
	struct slice word;

	while (s->len > 0 && (s->p[0] == ' ' || s->p[0] == '\t'))
		*s = slice_sub(*s, 1, s->len);
	if (s->len > 0 && s->p[0] == '"') {
		*s = slice_sub(*s, 1, s->len);
		while (n < s->len && s->p[n] != '"' && s->p[n] != '\n')
			n++;
		word = slice_sub(*s, 0, n);
		*s = slice_sub(*s, n < s->len ? n + 1 : n, s->len);
		return word;
	}
	while (n < s->len && strchr(" \t\r\n;{}#\"", s->p[n]) == NULL)
		n++;
	word = slice_sub(*s, 0, n);
	*s = slice_sub(*s, n, s->len);
	return word;
}

/* "PATH", a line with its length, its bytes; or "-", and why it has none. */
static void
calendar_add(struct slice path, struct buf *out)
{
	char name[PATH_LEN];
	struct buf b;

	if (path.len == 0 || path.len >= sizeof(name) || path.p[0] != '/')
		return; /* the grammar tells */
	memcpy(name, path.p, path.len);
	name[path.len] = '\0';
	buf_init(&b, CONF_TEXT_MAX);
	if (file_read(name, &b) == RC_OK) {
		buf_fmt(out, "%s\n%zu\n", name, b.len);
		buf_slice(out, buf_look(&b));
	} else {
		buf_fmt(out, "%s\n-%s\n", name, strerror(errno));
	}
	buf_clear(&b);
}

static void
calendars_add(struct slice text, struct buf *out)
{
	while (text.len > 0) {
		struct slice s = text;
		size_t n = 0;

		if (slice_is(word_cut(&s), "calendar") &&
		    word_cut(&s).len > 0 && slice_is(word_cut(&s), "file"))
			calendar_add(word_cut(&s), out);
		while (n < text.len && text.p[n] != '\n' && text.p[n] != ';')
			n++;
		text = slice_sub(text, n + 1, text.len);
	}
}

enum rc
conf_pack(const char *file, struct buf *out, struct err *err)
{
	struct buf text, more;
	enum rc rc;

	buf_init(&text, CONF_TEXT_MAX + 4096);
	buf_init(&more, CONF_TEXT_MAX);
	rc = file_read(file, &text);
	if (rc != RC_OK) {
		rc = buf_failed(&text)
			 ? err_set(err, RC_REFUSED,
			       "configuration '%s' is over %u bytes", file,
			       CONF_TEXT_MAX)
			 : err_errno(
			       err, RC_REFUSED, "configuration '%s'", file);
	} else {
		calendars_add(buf_look(&text), &more);
		if (more.len > 0 || buf_failed(&more))
			buf_fmt(out, CONF_PACKED "%zu\n", text.len);
		buf_slice(out, buf_look(&text));
		buf_slice(out, buf_look(&more));
		if (buf_failed(&more) || buf_failed(out))
			rc = err_set(err, RC_REFUSED,
			    "configuration '%s' and its calendars are over %u "
			    "bytes",
			    file, CONF_TEXT_MAX);
	}
	buf_clear(&text);
	buf_clear(&more);
	return rc;
}

static struct slice
line_cut(struct slice *s)
{
	return slice_cut(s, '\n');
}

struct slice
conf_unpack(struct slice all, struct slice *files)
{
	struct slice rest = all, text;
	uint64_t n;

	*files = (struct slice){ NULL, 0 };
	if (!slice_starts(all, CONF_PACKED))
		return all;
	rest = slice_sub(rest, strlen(CONF_PACKED), rest.len);
	if (!slice_u64(line_cut(&rest), &n) || n > rest.len)
		return all;
	text = slice_sub(rest, 0, n);
	*files = slice_sub(rest, n, rest.len);
	return text;
}

bool
conf_packed(
    struct slice files, const char *path, struct slice *text, struct slice *why)
{
	while (files.len > 0) {
		struct slice name = line_cut(&files);
		struct slice len = line_cut(&files);
		uint64_t n = 0;

		*why = *text = (struct slice){ NULL, 0 };
		if (len.len > 0 && len.p[0] == '-')
			*why = slice_sub(len, 1, len.len);
		else if (!slice_u64(len, &n) || n > files.len)
			return false;
		*text = slice_sub(files, 0, n);
		files = slice_sub(files, n, files.len);
		if (slice_is(name, path))
			return true;
	}
	return false;
}
