/*
 * conf/build_address.c - addresses in interchanges: ours to all, ours to one
 * partner and the partner's own. Trusts no value; called by the grammar, and
 * by whoever reads or writes an interchange.
 */
#include "src/conf/parser.h"
#include <string.h>

#define ID_MAX        35 /* 0004, 0010 */
#define QUALIFIER_MAX 4  /* 0007 */

/* Plain characters: any code page and any level of syntax has them. */
static const char *
part_take(struct conf_parser *p, struct conf_text t, const char *what,
    size_t most, const char *hint)
{
	const char *s = t.p == NULL ? "" : t.p;
	size_t n = strlen(s);
	bool fine = n > 0 && n <= most;

	for (size_t i = 0; fine && i < n; i++)
		fine = s[i] >= ' ' && s[i] <= '~' && s[i] != ':';
	if (!fine)
		conf_wrong(p, t.at, "%s '%s', want 1 to %zu characters%s", what,
		    s, most, hint);
	return fine ? s : NULL;
}

void
conf_address(struct conf_parser *p, struct conf_address *out,
    struct conf_text id, struct conf_text qualifier)
{
	if (out->id != NULL) {
		conf_wrong(p, id.at, "a second address '%s', first is '%s'",
		    id.p == NULL ? "" : id.p, out->id);
		return;
	}
	out->id = part_take(p, id, "address", ID_MAX,
	    " and no ':' (a qualifier stands apart: qualifier \"ZZ\")");
	out->qualifier = qualifier.p == NULL
			     ? ""
			     : part_take(p, qualifier, "qualifier",
				   QUALIFIER_MAX, " and no ':'");
	if (out->qualifier == NULL)
		out->qualifier = "";
}

struct conf_address
conf_ours(const struct conf *c, const struct conf_partner *p)
{
	return p != NULL && p->ours.id != NULL ? p->ours : c->ours;
}
