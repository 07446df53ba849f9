/* What GNU readline looks like from outside: a function and a variable, in a program of its own. */
#include "workload.h"

#include <stdlib.h>
#include <string.h>

int rl_readline_version = 0x0802;

static char *next_line;

__attribute__((noinline, used)) char *readline(const char *prompt)
{
	__asm__ volatile("" : : "r"(prompt) : "memory");
	return next_line;
}

/* Letters, in order. */
static void make_line(char *line, uint64_t length)
{
	for (uint64_t i = 0; i < length; i++)
		line[i] = 'a' + i % 26;
}

static int run_readline(int argc, char **argv)
{
	uint64_t length = number(argv[1], 1 << 20);
	uint64_t count = argc > 2 ? number(argv[2], UINT32_MAX) : 1;
	char *line = calloc(length + 1, 1);
	uint64_t start;

	if (!line)
		die("calloc");
	make_line(line, length);
	if (!strcmp(argv[0], "line"))
		next_line = line;
	else if (!strcmp(argv[0], "border"))
		next_line = at_border(line, length + 1);
	else if (!strcmp(argv[0], "endless"))
		next_line = at_border(line, length);
	else if (!strcmp(argv[0], "nowhere"))
		next_line = (char *)16;
	else if (strcmp(argv[0], "end"))
		fail("no kind of line is called '%s'", argv[0]);
	start = now_ns();
	for (uint64_t i = 0; i < count; i++)
		readline("");
	report("version=%d", rl_readline_version);
	report_loop("readline", count, now_ns() - start);
	return 0;
}

const struct command shell_commands[] = {
	{ "readline", "line|border|endless|nowhere|end LENGTH [N]", 2, 3, run_readline,
	  "a function of that name returns, N times: a line; one that ends, or whose terminator is missing, at an "
	  "unmapped page; a bad pointer; NULL" },
	{ 0 },
};
