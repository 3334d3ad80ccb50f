/*
 * daemon/main.c - the gateway's entry; trusts the one who starts it.
 */
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("entrepotd %s\n", PACKAGE_VERSION);
		return 0;
	}
	fprintf(stderr, "usage: entrepotd --version\n");
	return 2;
}
