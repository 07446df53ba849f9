/* One process of many threads: all that they do has one tgid, and so one ring. */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_THREADS 256

struct opener {
	pthread_t thread;
	pthread_barrier_t *ready;
	uint64_t opens;
	char path[4096];
};

static void *open_often(void *argument)
{
	struct opener *opener = argument;

	pthread_barrier_wait(opener->ready);
	for (uint64_t i = 0; i < opener->opens; i++)
		open_once(AT_FDCWD, opener->path, O_RDONLY);
	return NULL;
}

/* A file for each thread: on one they would wait for each other's reference counts, watched or not. Made without an open. */
static void make_path(struct opener *opener, const char *path, uint64_t index)
{
	if (snprintf(opener->path, sizeof(opener->path), "%s-%" PRIu64, path, index) >= (int)sizeof(opener->path))
		fail("'%s' is too long", path);
	if (mknod(opener->path, S_IFREG | 0644, 0))
		die(opener->path);
}

static int run_open_threads(int argc, char **argv)
{
	static struct opener openers[MOST_THREADS];
	uint64_t threads = number(argv[0], MOST_THREADS), n = number(argv[1], UINT32_MAX), elapsed;
	pthread_barrier_t ready;

	(void)argc;
	if (!threads)
		fail("no threads");
	pthread_barrier_init(&ready, NULL, (unsigned int)threads + 1);
	for (uint64_t i = 0; i < threads; i++) {
		openers[i].ready = &ready;
		openers[i].opens = n / threads + (i < n % threads);
		make_path(&openers[i], argv[2], i);
		errno = pthread_create(&openers[i].thread, NULL, open_often, &openers[i]);
		if (errno)
			die("pthread_create");
	}
	/* before the barrier: afterwards this thread may have to wait for a CPU */
	elapsed = now_ns();
	pthread_barrier_wait(&ready);
	for (uint64_t i = 0; i < threads; i++)
		pthread_join(openers[i].thread, NULL);
	elapsed = now_ns() - elapsed;
	for (uint64_t i = 0; i < threads; i++)
		unlink(openers[i].path);
	report("threads=%" PRIu64, threads);
	report_loop("open-threads", n, elapsed);
	return 0;
}

const struct command thread_commands[] = {
	{ "open-threads", "THREADS N PATH", 3, 3, run_open_threads,
	  "N opens in all by THREADS threads at once, each of a file PATH-NUMBER of its own, which is made and removed" },
	{ 0 },
};
