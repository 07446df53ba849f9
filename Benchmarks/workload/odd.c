/* Opens of what is no file in a folder, and calls whose arguments cannot be read. */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* No process has anything here. */
#define NOWHERE ((void *)(uintptr_t)8)

static int run_openat2_how(int argc, char **argv)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_NO_SYMLINKS };
	long fd = syscall(SYS_openat2, AT_FDCWD, argv[0], &how, sizeof(how));

	(void)argc;
	if (fd < 0)
		die(argv[0]);
	close((int)fd);
	if (syscall(SYS_openat2, AT_FDCWD, argv[0], NOWHERE, sizeof(how)) != -1 || errno != EFAULT)
		fail("openat2 with unreadable arguments did not fail with EFAULT");
	report("cmd=openat2-how opens=1 failed=1");
	return 0;
}

static int run_open_nowhere(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (raw_openat(AT_FDCWD, NOWHERE, O_RDONLY, 0) != -1 || errno != EFAULT)
		fail("openat with an unreadable name did not fail with EFAULT");
	report("cmd=open-nowhere failed=1");
	return 0;
}

static int run_open_chroot(int argc, char **argv)
{
	(void)argc;
	if (chroot(argv[0]) || chdir("/"))
		die(argv[0]);
	open_once(AT_FDCWD, argv[1], O_RDONLY);
	report("cmd=open-chroot opens=1");
	return 0;
}

static int run_open_pipe(int argc, char **argv)
{
	int ends[2];

	(void)argc, (void)argv;
	if (pipe(ends) || dup2(ends[0], 0))
		die("pipe");
	open_once(AT_FDCWD, "/proc/self/fd/0", O_RDONLY);
	report("cmd=open-pipe opens=1");
	return 0;
}

static int run_execveat_fail(int argc, char **argv)
{
	int directory = raw_openat(AT_FDCWD, argv[0], O_PATH | O_DIRECTORY, 0);

	(void)argc;
	if (directory < 0)
		die(argv[0]);
	if (syscall(SYS_execveat, directory, argv[1], argv, environ, 0) != -1 || errno != ENOENT)
		die(argv[1]);
	report("cmd=execveat-fail failed=1 dirfd=%d", directory);
	return 0;
}

const struct command odd_commands[] = {
	{ "openat2-how", "PATH", 1, 1, run_openat2_how,
	  "opens PATH by openat2 with RESOLVE_NO_SYMLINKS, then fails to with arguments that cannot be read" },
	{ "open-nowhere", "", 0, 0, run_open_nowhere,
	  "fails to open a name that cannot be read" },
	{ "open-chroot", "DIR PATH", 2, 2, run_open_chroot,
	  "opens PATH with DIR as its root (root)" },
	{ "open-pipe", "", 0, 0, run_open_pipe,
	  "opens /proc/self/fd/0, which is a pipe" },
	{ "execveat-fail", "DIR NAME", 2, 2, run_execveat_fail,
	  "fails to run NAME, which is not in DIR" },
	{ 0 },
};
