/* Any system call, as often as told: what tests of policies watch. */
#include "workload.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define STEPS_MAX 16
#define ARGUMENTS_MAX 6
#define VECTORS_MAX 8

/* How a step is done that is no system call. */
enum { RUN = -1, PROBED = -2, DESCENDS = -3 };

struct step {
	long number;
	int count; /* of arguments */
	long arguments[ARGUMENTS_MAX];
	int from[ARGUMENTS_MAX]; /* the step whose result it is, plus 1 */
};

/* What uprobes are put on: it stays a function of its own and takes all that it is given. */
__attribute__((noinline, used)) long workload_probed(long a, long b, long c, long d, long e, long f)
{
	__asm__ volatile("" : : "r"(b), "r"(c), "r"(d), "r"(e), "r"(f) : "memory");
	return a;
}

/*
 * What uprobes on entries and returns are put on: it calls itself, with a number less and a word of its own. Odd levels
 * add a bit to the word that they are given, before they return. Level 2 is given more bytes than the others.
 */
__attribute__((noinline, used)) long workload_descends(long level, unsigned long *word, const char *bytes, size_t size)
{
	unsigned long own = 1UL << level;

	if (level)
		workload_descends(level - 1, &own, bytes, level == 3 ? 4000 : 8);
	if (level & 1)
		*word |= 1UL << 21;
	__asm__ volatile("" : : "r"(&own), "r"(bytes), "r"(size) : "memory");
	return 100 + level;
}

static long descends(long level)
{
	static char bytes[4096];
	unsigned long word = 1UL << (level + 1);

	memset(bytes, 'x', sizeof(bytes)); /* so that there is memory behind it */
	return workload_descends(level, &word, bytes, 8);
}

static void *copy_of(const void *bytes, size_t size)
{
	void *copy = calloc(1, size ? size : 1);

	if (!copy)
		die("calloc");
	memcpy(copy, bytes, size);
	return copy;
}

static unsigned digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	if (!c || !at)
		fail("no hexadecimal digit: '%c'", c);
	return (unsigned)(at - digits);
}

static long bytes_of(const char *hex)
{
	size_t size = strlen(hex) / 2;
	unsigned char *bytes = copy_of("", 0);

	bytes = realloc(bytes, size + 1);
	if (!bytes)
		die("realloc");
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	return (long)bytes;
}

/* Texts between bars, as iovecs. */
static long vectors_of(const char *text)
{
	struct iovec list[VECTORS_MAX];
	size_t count = 0;

	for (;;) {
		const char *end = strchrnul(text, '|');

		if (count == VECTORS_MAX)
			fail("at most %d vectors", VECTORS_MAX);
		list[count].iov_len = (size_t)(end - text);
		list[count].iov_base = copy_of(text, (size_t)(end - text));
		count++;
		if (!*end)
			return (long)copy_of(list, count * sizeof(list[0]));
		text = end + 1;
	}
}

/* N  s:TEXT  b:HEX  o:SIZE (zeroes)  v:TEXT|TEXT (iovecs)  r:STEP (what that step returned) */
static void parse_argument(struct step *step, const char *text)
{
	long *value = &step->arguments[step->count];
	char *end;

	if (step->count == ARGUMENTS_MAX)
		fail("at most %d arguments", ARGUMENTS_MAX);
	step->from[step->count] = 0;
	if (!strncmp(text, "s:", 2)) {
		*value = (long)copy_of(text + 2, strlen(text + 2) + 1);
	} else if (!strncmp(text, "b:", 2)) {
		*value = bytes_of(text + 2);
	} else if (!strncmp(text, "o:", 2)) {
		*value = (long)calloc(1, number(text + 2, 1 << 20) + 1);
	} else if (!strncmp(text, "v:", 2)) {
		*value = vectors_of(text + 2);
	} else if (!strncmp(text, "r:", 2)) {
		step->from[step->count] = (int)number(text + 2, STEPS_MAX - 1) + 1;
	} else {
		*value = *text == '-' ? (long)strtoll(text, &end, 0) : (long)strtoull(text, &end, 0);
		if (!*text || *end)
			fail("no number: '%s'", text);
	}
	step->count++;
}

static long run_program(const char *path)
{
	char *arguments[] = { (char *)path, NULL };
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		execv(path, arguments);
		_exit(127);
	}
	return wait_for(pid);
}

static long done(const struct step *step, const long *results)
{
	long a[ARGUMENTS_MAX] = { 0 };

	for (int i = 0; i < step->count; i++)
		a[i] = step->from[i] ? results[step->from[i] - 1] : step->arguments[i];
	switch (step->number) {
	case RUN:
		return run_program((const char *)a[0]);
	case PROBED:
		return workload_probed(a[0], a[1], a[2], a[3], a[4], a[5]);
	case DESCENDS:
		return descends(a[0] & 15);
	default:
		return syscall(step->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}

static void run_group(uint64_t count, const struct step *steps, int length)
{
	long results[STEPS_MAX] = { 0 };

	for (uint64_t i = 0; i < count; i++) {
		for (int step = 0; step < length; step++)
			results[step] = done(&steps[step], results);
	}
}

static long number_of(const char *name)
{
	if (!strcmp(name, "run"))
		return RUN;
	if (!strcmp(name, "probed"))
		return PROBED;
	if (!strcmp(name, "descends"))
		return DESCENDS;
	return (long)number(name, 100000);
}

static int run_calls(int argc, char **argv)
{
	int groups = 0;

	/* writing to a socket that nobody reads is no reason to end */
	signal(SIGPIPE, SIG_IGN);
	for (int at = 0; at < argc; groups++) {
		struct step steps[STEPS_MAX];
		uint64_t count = number(argv[at++], 1000000);
		int length = 0;

		while (at < argc && strcmp(argv[at], ",")) {
			if (length == STEPS_MAX)
				fail("at most %d steps", STEPS_MAX);
			steps[length].count = 0;
			steps[length].number = number_of(argv[at++]);
			while (at < argc && strcmp(argv[at], "+") && strcmp(argv[at], ","))
				parse_argument(&steps[length], argv[at++]);
			length++;
			if (at < argc && !strcmp(argv[at], "+"))
				at++;
		}
		at++;
		run_group(count, steps, length);
	}
	report("cmd=calls groups=%d", groups);
	return 0;
}

const struct command calls_commands[] = {
	{ "calls", "COUNT NUMBER ARGUMENT... [+ NUMBER ARGUMENT...] [, COUNT NUMBER ...]", 2, -1, run_calls,
	  "does these system calls, so many times; what they return does not matter. An argument is a number, s:TEXT,\n"
	  "        b:HEX (bytes), o:SIZE (zeroes), v:TEXT|TEXT (iovecs) or r:STEP (what that step returned). In place\n"
	  "        of a call's number: run PATH, which waits for it; probed, a function for uprobes; or descends LEVEL, one\n"
	  "        that calls itself down to level 0" },
	{ 0 },
};
