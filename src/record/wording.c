/*
 * record/wording.c - what findings are filled with, in Chinese. Called by
 * finding.c.
 */
#include "src/record/wording.h"
#include <string.h>

#define PARTS_MAX 4
#define TEXT_MAX  400

struct wording {
	const char *en, *zh;
};

static const struct wording rows[] = {
#define WORDING(en, zh) { en, zh },
#include "src/record/wording.def"
#undef WORDING
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does the text fit? part[] is what stood for "#" and "%". */
static bool
fits(const char *form, struct slice text, struct slice *part, unsigned int n)
{
	size_t len = strcspn(form, "#%"), least = 1;
	char mark = form[len];

	if (text.len < len || memcmp(text.p, form, len) != 0)
		return false;
	text = slice_sub(text, len, text.len);
	if (mark == '\0')
		return text.len == 0;
	if (n == PARTS_MAX)
		return false;
	for (; least <= text.len; least++) {
		if (mark == '#' && !is_digit(text.p[least - 1]))
			return false;
		part[n] = slice_sub(text, 0, least);
		if (fits(form + len + 1, slice_sub(text, least, text.len), part,
			n + 1))
			return true;
	}
	return false;
}

static struct slice
filled(struct arena *mem, const char *form, const struct slice *part)
{
	char out[TEXT_MAX];
	size_t len = 0;
	unsigned int next = 0;

	for (; *form != '\0'; form++) {
		struct slice s = { form, 1 };

		if (*form == '%') {
			if (is_digit(form[1]))
				next = (unsigned int)(*++form - '1');
			s = part[next++ % PARTS_MAX];
		}
		if (s.len > sizeof(out) - len)
			s.len = sizeof(out) - len;
		memcpy(out + len, s.p, s.len);
		len += s.len;
	}
	return arena_dup(mem, (struct slice){ out, len });
}

struct slice
wording_zh(struct arena *mem, struct slice english)
{
	struct slice part[PARTS_MAX] = { { "", 0 } };

	if (english.len == 0 || english.len > TEXT_MAX)
		return english;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fits(rows[i].en, english, part, 0))
			return filled(mem, rows[i].zh, part);
	return english;
}
