/*
 * cli/main.c - the entry of entrepot(8); everything else is in the library, so
 * that tests can call it.
 */
#include "src/cli/cli.h"

int
main(int argc, char **argv)
{
	return cli_run(argc, argv);
}
