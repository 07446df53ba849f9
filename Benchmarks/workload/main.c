/* workload SUBCOMMAND ARGUMENTS...: see workload.h, and "workload help". */
#include "workload.h"

#include <stdio.h>
#include <string.h>

static const struct command *const families[] = {
	open_commands,
	lines_commands,
	exec_commands,
	process_commands,
	odd_commands,
	state_commands,
	tcp_commands,
	shell_commands,
	thread_commands,
	calls_commands,
	probe_commands,
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		for (const struct command *c = families[i]; c->name; c++) {
			if (!strcmp(c->name, name))
				return c;
		}
	}
	return NULL;
}

static void help(FILE *to)
{
	fprintf(to, "workload SUBCOMMAND [ARGUMENT...]\n"
		    "Does an exact amount of work and prints one line KEY=VALUE... of what it did.\n"
		    "Exit: 0, 1 something failed, 2 usage, 77 cannot be done on this machine.\n");
	for (size_t i = 0; i < FAMILIES; i++) {
		fputc('\n', to);
		for (const struct command *c = families[i]; c->name; c++)
			fprintf(to, "  %s%s%s\n        %s\n", c->name,
				*c->arguments ? " " : "", c->arguments, c->doc);
	}
}

static int usage(const struct command *c)
{
	if (c)
		fprintf(stderr, "usage: workload %s %s\n", c->name, c->arguments);
	else
		help(stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2)
		return usage(NULL);
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help")) {
		help(stdout);
		return 0;
	}
	c = find(argv[1]);
	if (!c) {
		fprintf(stderr, "workload: no subcommand '%s'; see workload help\n", argv[1]);
		return 2;
	}
	argc -= 2;
	argv += 2;
	if (argc < c->least || (c->most >= 0 && argc > c->most))
		return usage(c);
	return c->run(argc, argv);
}
