/*
 * daemon/roles.c - the table of roles; trusts the configuration's paths.
 * Called by main.c, supervisor.c and role_process.c.
 */
#include "src/daemon/roles.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/conf/conf.h"
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES 4096

static const struct role_ops *const all[] = { &role_spool, &role_intake,
	&role_convert, &role_deliver, &role_query };

const struct role_ops *const *
roles_all(unsigned int *n)
{
	*n = sizeof(all) / sizeof(all[0]);
	return all;
}

const struct role_ops *
role_find(const char *name)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(role_name(all[i]->id), name) == 0)
			return all[i];
	return NULL;
}

const char *
role_user(enum role_id id, const struct conf *conf)
{
	static char name[64];

	if (conf->user != NULL)
		return conf->user;
	/* what the query reads is the spool's alone; its walls keep it from
	 * writing there */
	if (id == ROLE_QUERY)
		id = ROLE_SPOOL;
	(void)snprintf(name, sizeof(name), "_entrepot-%s", role_name(id));
	return getpwnam(name) == NULL ? NULL : name;
}

struct places {
	struct sandbox_path *path;
	unsigned int n;
	struct arena *mem;
};

static void
place_add_as(struct places *p, const char *folder, const char *below,
    enum sandbox_access access)
{
	struct buf b;

	if (p->path == NULL || p->n == SANDBOX_PATHS)
		return;
	buf_init(&b, PATH_BYTES);
	buf_fmt(&b, "%s%s%s", folder, below[0] == '\0' ? "" : "/", below);
	p->path[p->n].path = arena_str(p->mem, buf_look(&b));
	p->path[p->n].access = access;
	buf_clear(&b);
	if (p->path[p->n].path != NULL)
		p->n++;
}

static void
place_add(struct places *p, const char *folder, const char *below)
{
	place_add_as(p, folder, below, SANDBOX_WRITE);
}

/* Where the control socket's name stands, when not in the spool. */
static void
control_add(struct places *p, const char *control)
{
	const char *slash = strrchr(control, '/');
	char *folder;

	if (slash == NULL)
		return;
	folder = arena_str(
	    p->mem, (struct slice){ control, (size_t)(slash - control) });
	if (folder != NULL)
		place_add(p, folder, "");
}

/* One side of a partner's folder, and the side folder where it stands. */
static void
partner_add(struct places *p, const struct conf_partner *c, bool takes)
{
	if (c->folder == NULL)
		return;
	place_add(p, c->folder, takes ? c->in : c->out);
	if (c->layout == LAYOUT_IMPORT_CLIENT)
		place_add(p, c->folder, takes ? ".taken" : ".entrepot");
	/* its boxes: a filer's are filled by intake, an agency's read */
	if (takes != (c->agency || c->peer)) {
		if (c->refused != NULL)
			place_add(p, c->folder, c->refused);
		if (c->sent != NULL)
			place_add_as(p, c->folder, c->sent,
			    takes ? SANDBOX_WRITE : SANDBOX_READ);
	}
}

enum rc
role_sandbox(struct sandbox *s, enum role_id id, const struct conf *conf,
    struct arena *mem, struct err *err)
{
	struct places p = { .mem = mem };

	p.path = arena_get(mem, SANDBOX_PATHS * sizeof(*p.path));
	*s = (struct sandbox){ .path = p.path };
	if (id == ROLE_SPOOL || id == ROLE_QUERY)
		place_add(&p, conf->spool, "");
	if (id == ROLE_INTAKE || id == ROLE_DELIVER)
		for (unsigned int i = 0; i < conf->npartners; i++)
			partner_add(&p, &conf->partner[i], id == ROLE_INTAKE);
	if (id == ROLE_CONVERT)
		s->may = SANDBOX_FORK;
	if (id == ROLE_QUERY) {
		control_add(&p, conf->control);
		s->may = SANDBOX_ACCEPT;
	}
	s->npaths = p.n;
	if (arena_failed(mem))
		return err_set(err, RC_LATER, "no memory for a sandbox");
	return RC_OK;
}
