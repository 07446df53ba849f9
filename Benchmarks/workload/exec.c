/*
 * Running programs.  Subcommands that become the program themselves print their
 * line first; the exit code is then the program's.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_exec(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT64_MAX), nonzero = 0;
	uint64_t start = now_ns(), elapsed;
	pid_t pid;

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		errno = posix_spawn(&pid, argv[1], NULL, NULL, argv + 1, environ);
		if (errno)
			die(argv[1]);
		nonzero += wait_for(pid) != 0;
	}
	elapsed = now_ns() - start;
	report("cmd=exec ops=%" PRIu64 " nonzero=%" PRIu64 " ns_per_op=%.1f elapsed_ns=%" PRIu64,
	       n, nonzero, n ? (double)elapsed / (double)n : 0.0, elapsed);
	return 0;
}

static int run_exec_fail(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT64_MAX);
	uint64_t start = now_ns();

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		execve(argv[1], argv + 1, environ);
		if (errno != ENOENT)
			die(argv[1]);
	}
	report_loop("exec-fail", n, now_ns() - start);
	return 0;
}

static void *exec_in_thread(void *argument)
{
	char **argv = argument;

	report("cmd=exec-thread pid=%d tid=%ld", (int)getpid(), syscall(SYS_gettid));
	execve(argv[0], argv, environ);
	die(argv[0]);
}

static int run_exec_thread(int argc, char **argv)
{
	pthread_t thread;

	(void)argc;
	errno = pthread_create(&thread, NULL, exec_in_thread, argv);
	if (errno)
		die("pthread_create");
	pthread_join(thread, NULL);	/* the exec ends this thread */
	return 1;
}

/* Becomes the program that fd is: execveat with an empty path, which has no name to report. */
static noreturn void become(int fd, char **argv)
{
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	die(argv[0]);
}

static int run_execveat(int argc, char **argv)
{
	int fd = raw_openat(AT_FDCWD, argv[0], O_PATH | O_CLOEXEC, 0);

	(void)argc;
	if (fd < 0)
		die(argv[0]);
	report("cmd=execveat pid=%d fd=%d", (int)getpid(), fd);
	become(fd, argv);
}

static void copy_to(int to, const char *path)
{
	int from = raw_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	char buffer[65536];
	ssize_t size;

	if (from < 0)
		die(path);
	while ((size = read(from, buffer, sizeof(buffer))) > 0) {
		if (write(to, buffer, (size_t)size) != size)
			die("write");
	}
	if (size < 0)
		die(path);
	close(from);
}

static int run_exec_memfd(int argc, char **argv)
{
	int fd = memfd_create("martlet-test", MFD_CLOEXEC);

	(void)argc;
	if (fd < 0)
		die("memfd_create");
	copy_to(fd, argv[0]);
	report("cmd=exec-memfd pid=%d fd=%d name=martlet-test", (int)getpid(), fd);
	become(fd, argv);
}

static int run_exec_deleted(int argc, char **argv)
{
	char path[4096];
	int fd;

	(void)argc;
	if (snprintf(path, sizeof(path), "%s/martlet-deleted-%d", argv[1], (int)getpid()) >= (int)sizeof(path))
		fail("'%s' is too long", argv[1]);
	fd = raw_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0)
		die(path);
	copy_to(fd, argv[0]);
	close(fd);		/* ETXTBSY while it is open for writing */
	fd = raw_openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
	if (fd < 0 || unlink(path))
		die(path);
	report("cmd=exec-deleted pid=%d path=%s", (int)getpid(), path);
	argv[1] = argv[0];	/* DIR is not for the program */
	become(fd, argv + 1);
}

/* "000042xxxx": SIZE bytes that begin with the number of the argument, or with its last digits where six do not fit. */
static char *argument_of(uint64_t index, size_t size)
{
	char *text = malloc(size + 1);
	char head[24];
	size_t length;

	if (!text)
		die("malloc");
	length = (size_t)snprintf(head, sizeof(head), "%06" PRIu64, index);
	memset(text, 'x', size);
	if (length > size)
		memcpy(text, head + length - size, size);
	else
		memcpy(text, head, length);
	text[size] = 0;
	return text;
}

static int run_exec_args(int argc, char **argv)
{
	uint64_t count = number(argv[0], 10000000);
	size_t size = number(argv[1], 1 << 30);
	char **arguments = calloc(count + 2, sizeof(*arguments));

	(void)argc;
	if (!arguments)
		die("calloc");
	arguments[0] = argv[2];
	for (uint64_t i = 1; i <= count; i++)
		arguments[i] = argument_of(i, size);
	report("cmd=exec-args pid=%d count=%" PRIu64 " size=%zu bytes=%" PRIu64,
	       (int)getpid(), count, size, count * (size + 1) + strlen(argv[2]) + 1);
	execve(argv[2], arguments, environ);
	die(argv[2]);
}

static int run_exec_border(int argc, char **argv)
{
	size_t size = argc > 1 ? number(argv[1], 100000) : 100;
	char *path = at_border(argv[0], strlen(argv[0]) + 1);
	char *argument = at_border(argument_of(1, size), size + 1);
	char *pointers[] = { path, argument, NULL };
	char **arguments = at_border(pointers, sizeof(pointers));

	report("cmd=exec-border pid=%d count=1 size=%zu", (int)getpid(), size);
	execve(path, arguments, environ);
	die(argv[0]);
}

const struct command exec_commands[] = {
	{ "exec", "N PROG [ARG...]", 2, -1, run_exec,
	  "N times posix_spawn (vfork) of PROG and wait; nonzero counts those that did not exit 0" },
	{ "exec-fail", "N PATH [ARG...]", 2, -1, run_exec_fail,
	  "N times execve that fails with ENOENT, in this process" },
	{ "exec-thread", "PROG [ARG...]", 1, -1, run_exec_thread,
	  "becomes PROG by execve in a thread that is not the leader" },
	{ "execveat", "PROG [ARG...]", 1, -1, run_execveat,
	  "becomes PROG by execveat of an O_PATH descriptor with an empty path" },
	{ "exec-memfd", "PROG [ARG...]", 1, -1, run_exec_memfd,
	  "becomes a copy of PROG in a memfd 'martlet-test'" },
	{ "exec-deleted", "PROG DIR [ARG...]", 2, -1, run_exec_deleted,
	  "becomes a copy of PROG in DIR that was removed before the execveat" },
	{ "exec-args", "COUNT SIZE PROG", 3, 3, run_exec_args,
	  "becomes PROG with COUNT arguments of SIZE bytes, each beginning with its number in six digits" },
	{ "exec-border", "PROG [SIZE]", 1, 2, run_exec_border,
	  "becomes PROG with one argument of SIZE (100) bytes; it, the path and argv each end right before an unmapped page" },
	{ 0 },
};
