/* What the families share. */
#include "workload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

noreturn void die(const char *what)
{
	fprintf(stderr, "workload: ");
	perror(what);
	exit(1);
}

noreturn void fail(const char *format, ...)
{
	va_list list;

	fprintf(stderr, "workload: ");
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, "\n");
	exit(1);
}

noreturn void skip(const char *format, ...)
{
	va_list list;

	fprintf(stderr, "workload: skipped: ");
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, "\n");
	exit(EXIT_SKIP);
}

uint64_t number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value > max)
		fail("'%s' is not a number from 0 to %" PRIu64, text, max);
	return value;
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void report(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	if (fflush(stdout))
		die("stdout");
}

void report_loop(const char *name, uint64_t ops, uint64_t elapsed_ns)
{
	report("cmd=%s ops=%" PRIu64 " ns_per_op=%.1f elapsed_ns=%" PRIu64,
	       name, ops, ops ? (double)elapsed_ns / (double)ops : 0.0, elapsed_ns);
}

void *at_border(const void *bytes, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t length = (size + page - 1) / page * page;
	char *map = mmap(NULL, length + page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		die("mmap");
	if (munmap(map + length, page))
		die("munmap");
	return memcpy(map + length - size, bytes, size);
}

int raw_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

void open_once(int dirfd, const char *path, int flags)
{
	int fd = raw_openat(dirfd, path, flags, 0);

	if (fd < 0)
		die(path);
	close(fd);
}

int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			die("waitpid");
	}
	return status;
}

void expect_exit(pid_t pid, int code)
{
	int status = wait_for(pid);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		fail("process %d ended with wait status 0x%x, not exit code %d",
		     (int)pid, (unsigned int)status, code);
}
