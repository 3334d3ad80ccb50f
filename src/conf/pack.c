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

/*
 * Opened without waiting for whoever writes a pipe, and a pipe is only read
 * where it was asked for: a calendar shall not stop the supervisor.
 */
static int
file_open(const char *path, bool pipe_too)
{
	int why, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		why = errno;
	else if (S_ISREG(st.st_mode))
		return fd;
	else if (S_ISDIR(st.st_mode) || !pipe_too)
		why = S_ISDIR(st.st_mode) ? EISDIR : ESPIPE;
	else if (fcntl(fd, F_SETFL, 0) == 0)
		return fd;
	else
		why = errno;
	(void)close(fd);
	errno = why;
	return -1;
}

/* RC_REFUSED and errno: it cannot be read. */
static enum rc
file_read(const char *path, bool pipe_too, struct buf *b)
{
	int why, fd = file_open(path, pipe_too);
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && !buf_failed(b)) {
		char *p = buf_room(b, 4096);

		if (p == NULL)
			break;
		do
			n = read(fd, p, 4096);
		while (n < 0 && errno == EINTR);
		if (n > 0)
			b->len += (size_t)n;
	}
	why = buf_failed(b) ? EFBIG : errno;
	if (fd >= 0)
		(void)close(fd);
	errno = why;
	return n < 0 || buf_failed(b) ? RC_REFUSED : RC_OK;
}

/* A word, quoted or not, or one other byte, as the lexer would cut it. */
struct token {
	char text[PATH_LEN + 1]; /* over PATH_LEN bytes: nothing we look for */
	size_t len;
	bool quoted;
};

static bool
is_joined(struct slice s)
{
	return s.len > 1 && s.p[0] == '\\' && s.p[1] == '\n';
}

static void
blanks_skip(struct slice *s)
{
	while (s->len > 0) {
		size_t n = 0;

		if (slice_blank(s->p[0]))
			n = 1;
		else if (is_joined(*s))
			n = 2;
		else if (s->p[0] == '#')
			while (n < s->len && s->p[n] != '\n')
				n++;
		if (n == 0)
			return;
		*s = slice_sub(*s, n, s->len);
	}
}

static void
token_add(struct token *t, char c)
{
	if (t->len < PATH_LEN)
		t->text[t->len] = c;
	t->len++;
}

static size_t
quoted_cut(struct slice s, struct token *t)
{
	size_t n = 1;

	while (n < s.len && s.p[n] != '"' && s.p[n] != '\n') {
		if (s.p[n] == '\\' && n + 1 < s.len &&
		    (s.p[n + 1] == '"' || s.p[n + 1] == '\\'))
			n++;
		token_add(t, s.p[n++]);
	}
	return n + 1;
}

/* false: the text is at its end. */
static bool
token_cut(struct slice *s, struct token *t)
{
	size_t n = 0;

	blanks_skip(s);
	if (s->len == 0)
		return false;
	t->len = 0;
	t->quoted = s->p[0] == '"';
	if (t->quoted) {
		n = quoted_cut(*s, t);
	} else {
		while (n < s->len && !slice_blank(s->p[n]) &&
		       strchr("\n;{},#\"\\", s->p[n]) == NULL)
			token_add(t, s->p[n++]);
		if (n == 0)
			token_add(t, s->p[n++]);
	}
	t->text[t->len < PATH_LEN ? t->len : PATH_LEN] = '\0';
	*s = slice_sub(*s, n, s->len);
	return true;
}

/* "PATH", a line with its length, its bytes; or "-", and why it has none. */
static void
calendar_add(const struct token *path, struct buf *out)
{
	struct buf b;

	if (path->len >= PATH_LEN || path->text[0] != '/')
		return; /* the grammar tells */
	buf_init(&b, CONF_TEXT_MAX);
	if (file_read(path->text, false, &b) == RC_OK) {
		buf_fmt(out, "%s\n%zu\n", path->text, b.len);
		buf_slice(out, buf_look(&b));
	} else {
		buf_fmt(out, "%s\n-%s\n", path->text,
		    errno == ESPIPE ? "want a regular file" : strerror(errno));
	}
	buf_clear(&b);
}

/* "calendar NAME file PATH", wherever it stands: one too many does no harm. */
static void
calendars_add(struct slice text, struct buf *out)
{
	unsigned int seen = 0; /* so many words of it */
	struct token t;

	while (token_cut(&text, &t)) {
		if (seen == 3)
			calendar_add(&t, out);
		if (seen == 2 && !t.quoted && strcmp(t.text, "file") == 0)
			seen = 3;
		else if (seen == 1)
			seen = 2;
		else
			seen = !t.quoted && strcmp(t.text, "calendar") == 0;
	}
}

enum rc
conf_pack(const char *file, struct buf *out, struct err *err)
{
	struct buf text, more;
	enum rc rc;

	buf_init(&text, CONF_TEXT_MAX + 4096);
	buf_init(&more, CONF_TEXT_MAX);
	rc = file_read(file, true, &text);
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
