/* Reading what an agent writes, without being what is measured. */
#define _GNU_SOURCE
#include "workload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES (1 << 20)

static int64_t samples[SAMPLES];

static int compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* How long ago the event of this line happened, by its "time", in UTC with nanoseconds; 0 when there is none. */
static int64_t age(const char *line, size_t length)
{
	static const char key[] = "\"time\":\"";
	const char *time = memmem(line, length, key, sizeof(key) - 1);
	struct tm moment = {};
	struct timespec now;
	char *rest;

	if (!time || time + sizeof(key) + 30 > line + length)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	rest = strptime(time + sizeof(key) - 1, "%Y-%m-%dT%H:%M:%S.", &moment);
	if (!rest)
		return 0;
	return (now.tv_sec - timegm(&moment)) * 1000000000ll + now.tv_nsec - strtoll(rest, NULL, 10);
}

/* One sample for each read: the first whole line in it, which waited longest. */
static int run_lines(int argc, char **argv)
{
	static char area[1 << 20];
	uint64_t lines = 0, count = 0;
	ssize_t length;

	(void)argc;
	(void)argv;
	while ((length = read(STDIN_FILENO, area, sizeof(area))) > 0) {
		const char *end = area + length, *first = memchr(area, '\n', length), *next;

		for (next = first; next; next = memchr(next + 1, '\n', end - next - 1))
			lines++;
		next = first ? memchr(first + 1, '\n', end - first - 1) : NULL;
		if (next && count < SAMPLES) {
			samples[count] = age(first + 1, next - first - 1);
			count += samples[count] != 0;
		} else if (first && first == end - 1 && count < SAMPLES) {
			samples[count] = age(area, length);
			count += samples[count] != 0;
		}
	}
	qsort(samples, count, sizeof(samples[0]), compare);
	report("cmd=lines lines=%" PRIu64 " samples=%" PRIu64 " p50_ns=%" PRId64 " p99_ns=%" PRId64 " max_ns=%" PRId64,
	       lines, count, count ? samples[count / 2] : 0, count ? samples[count * 99 / 100] : 0,
	       count ? samples[count - 1] : 0);
	return 0;
}

const struct command lines_commands[] = {
	{ "lines", "", 0, 0, run_lines,
	  "counts the lines of JSON on standard input, and how old their events are when they come" },
	{ 0 },
};
