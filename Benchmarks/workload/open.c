/* Opening files, in all the ways that an audit agent can get wrong. */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* PATH_MAX less the NUL: the longest string that the kernel takes. */
#define LONGEST_PATH 4095

/* An empty file, made without an open. */
static void make_file(const char *path)
{
	if (mknod(path, S_IFREG | 0644, 0))
		die(path);
}

static void close_or_die(long fd, const char *what)
{
	if (fd < 0)
		die(what);
	close((int)fd);
}

/*
 * Loops
 */

static int run_open(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT64_MAX);
	uint64_t start = now_ns();

	(void)argc;
	for (uint64_t i = 0; i < n; i++)
		open_once(AT_FDCWD, argv[1], O_RDONLY);
	report_loop("open", n, now_ns() - start);
	return 0;
}

/* In portions of a millisecond: what is late is made up for. */
static int run_open_rate(int argc, char **argv)
{
	const uint64_t rate = number(argv[0], 10000000), seconds = number(argv[1], 3600);
	const uint64_t total = rate * seconds, start = now_ns();
	uint64_t done = 0;

	(void)argc;
	while (done < total) {
		uint64_t due = (now_ns() - start) * rate / 1000000000;

		for (; done < due && done < total; done++)
			open_once(AT_FDCWD, argv[2], O_RDONLY);
		usleep(1000);
	}
	report_loop("open-rate", total, now_ns() - start);
	return 0;
}

static int run_open_fail(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT64_MAX);
	uint64_t start = now_ns();

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		if (raw_openat(AT_FDCWD, argv[1], O_RDONLY, 0) >= 0)
			fail("%s can be opened", argv[1]);
		if (errno != ENOENT)
			die(argv[1]);
	}
	report_loop("open-fail", n, now_ns() - start);
	return 0;
}

/* Sleeping takes the kernel tens of microseconds: shorter pauses spin. */
static void pause_ns(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
	uint64_t end;

	if (!ns)
		return;
	if (ns >= 100000) {
		while (nanosleep(&t, &t) && errno == EINTR)
			;
		return;
	}
	end = now_ns() + ns;
	while (now_ns() < end)
		;
}

static int run_stop_after(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT64_MAX);
	uint64_t gap = 0;
	uint64_t start;

	if (argc == 3 || (argc == 4 && strcmp(argv[2], "--pause-ns")))
		fail("usage: stop-after N PATH [--pause-ns NS]");
	if (argc == 4)
		gap = number(argv[3], UINT64_MAX);
	prctl(PR_SET_TIMERSLACK, 1);
	start = now_ns();
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			pause_ns(gap);
		open_once(AT_FDCWD, argv[1], O_RDONLY);
	}
	report_loop("stop-after", n, now_ns() - start);
	return 0;
}

static uint64_t opens_by_open(const char *path, uint64_t n)
{
#ifdef SYS_open
	for (uint64_t i = 0; i < n; i++)
		close_or_die(syscall(SYS_open, path, O_RDONLY, 0), path);
	return n;
#else
	(void)path, (void)n;
	return 0;
#endif
}

static uint64_t opens_by_openat2(const char *path, uint64_t n)
{
	struct open_how how = { .flags = O_RDONLY };

	for (uint64_t i = 0; i < n; i++)
		close_or_die(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)), path);
	return n;
}

static uint64_t opens_by_creat(const char *path, uint64_t n)
{
#ifdef SYS_creat
	int existed = !faccessat(AT_FDCWD, path, F_OK, 0);

	for (uint64_t i = 0; i < n; i++)
		close_or_die(syscall(SYS_creat, path, 0600), path);
	if (!existed && n)
		unlink(path);
	return n;
#else
	(void)path, (void)n;
	return 0;
#endif
}

static int run_opens(int argc, char **argv)
{
	uint64_t n = number(argv[1], UINT32_MAX);
	uint64_t by_open, by_openat2, by_creat;

	(void)argc;
	by_open = opens_by_open(argv[0], n);
	for (uint64_t i = 0; i < n; i++)
		open_once(AT_FDCWD, argv[0], O_RDONLY);
	by_openat2 = opens_by_openat2(argv[0], n);
	by_creat = opens_by_creat(argv[2], n);
	report("cmd=opens open=%" PRIu64 " openat=%" PRIu64 " openat2=%" PRIu64 " creat=%" PRIu64 " total=%" PRIu64,
	       by_open, n, by_openat2, by_creat, by_open + n + by_openat2 + by_creat);
	return 0;
}

/*
 * Paths that are hard to read
 */

/* The same file by a path of exactly LONGEST_PATH bytes, of "./" and at most one "//". */
static int run_open_long(int argc, char **argv)
{
	const char *path = argc ? argv[0] : "/etc/hostname";
	size_t length = strlen(path), at = 0;
	char longest[LONGEST_PATH + 1];

	if (path[0] != '/' || length > LONGEST_PATH)
		fail("'%s' is not an absolute path of at most %d bytes", path, LONGEST_PATH);
	longest[at++] = '/';
	if ((LONGEST_PATH - length) % 2)
		longest[at++] = '/';
	while (at + length <= LONGEST_PATH) {
		longest[at++] = '.';
		longest[at++] = '/';
	}
	strcpy(longest + at, path + 1);
	if (strlen(longest) != LONGEST_PATH)
		fail("made a path of %zu bytes", strlen(longest));
	open_once(AT_FDCWD, longest, O_RDONLY);
	report("cmd=open-long opens=1 bytes=%d path=%s", LONGEST_PATH, path);
	return 0;
}

#define DEEP_COMPONENTS 160
#define DEEP_NAME "directory-%03d-of-a-path-that-no-buffer-holds"

/* The way down is by chdir, which opens nothing: the only open is the one that counts. */
static void go_down(void)
{
	char name[64];

	for (int i = 0; i < DEEP_COMPONENTS; i++) {
		snprintf(name, sizeof(name), DEEP_NAME, i);
		if (mkdirat(AT_FDCWD, name, 0700))
			die(name);
		if (chdir(name))
			die(name);
	}
}

static void go_up(void)
{
	char name[64];

	for (int i = DEEP_COMPONENTS - 1; i >= 0; i--) {
		snprintf(name, sizeof(name), DEEP_NAME, i);
		if (chdir(".."))
			die("..");
		if (unlinkat(AT_FDCWD, name, AT_REMOVEDIR))
			die(name);
	}
}

static int run_open_deep(int argc, char **argv)
{
	char name[64];
	size_t above;
	int fd, error;

	(void)argc;
	if (chdir(argv[0]))
		die(argv[0]);
	above = strlen(realpath(".", NULL));
	go_down();
	make_file("leaf");
	fd = raw_openat(AT_FDCWD, "leaf", O_RDONLY, 0);
	error = errno;
	unlink("leaf");
	go_up();
	if (fd < 0) {
		errno = error;
		die("leaf");
	}
	report("cmd=open-deep opens=1 components_below=%d bytes=%zu", DEEP_COMPONENTS + 1,
	       above + DEEP_COMPONENTS * (1 + (size_t)snprintf(name, sizeof(name), DEEP_NAME, 0)) + strlen("/leaf"));
	return 0;
}

static int run_open_bytes(int argc, char **argv)
{
	static const char name[] = "bytes-\xff\xfe-\n-\x1b-\"-\\-end";
	int fd;

	(void)argc;
	if (chdir(argv[0]))
		die(argv[0]);
	make_file(name);
	fd = raw_openat(AT_FDCWD, name, O_RDONLY, 0);
	unlink(name);
	close_or_die(fd, "the file");
	printf("cmd=open-bytes opens=1 name_hex=");
	for (const char *c = name; *c; c++)
		printf("%02x", (unsigned char)*c);
	report("%s", "");
	return 0;
}

#ifdef __x86_64__
static void no_int80(int signal)
{
	(void)signal;
	static const char text[] = "workload: skipped: this kernel has no int 0x80\n";

	(void)!write(2, text, sizeof(text) - 1);
	_exit(EXIT_SKIP);
}

static int run_open_int80(int argc, char **argv)
{
	size_t size = strlen(argv[0]) + 1;
	char *low = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result = 5;	/* __NR_open of the 32-bit table */

	(void)argc;
	if (low == MAP_FAILED)
		die("mmap");
	memcpy(low, argv[0], size);
	signal(SIGSEGV, no_int80);
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(low), "c"(O_RDONLY), "d"(0)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	result = (int)result;
	if (result == -ENOSYS)
		skip("this kernel has no int 0x80");
	if (result < 0) {
		errno = (int)-result;
		die(argv[0]);
	}
	close((int)result);
	report("cmd=open-int80 opens=1 path=%s", argv[0]);
	return 0;
}
#else
static int run_open_int80(int argc, char **argv)
{
	(void)argc, (void)argv;
	skip("int 0x80 is of x86");
}
#endif

static int run_open_border(int argc, char **argv)
{
	size_t size = strlen(argv[0]) + 1;

	(void)argc;
	open_once(AT_FDCWD, at_border(argv[0], size), O_RDONLY);
	report("cmd=open-border opens=1 bytes=%zu path=%s", size - 1, argv[0]);
	return 0;
}

static int run_open_relative(int argc, char **argv)
{
	int directory = raw_openat(AT_FDCWD, argv[0], O_RDONLY | O_DIRECTORY, 0);

	(void)argc;
	if (directory < 0)
		die(argv[0]);
	open_once(directory, argv[1], O_RDONLY);
	report("cmd=open-relative opens=1 directory_opens=1 dirfd=%d", directory);
	return 0;
}

/*
 * Flags and modes
 */

struct flag_case {
	const char *name;
	int flags;
	mode_t mode;
	int error;
};

static const struct flag_case flag_cases[] = {
	{ "create", O_CREAT | O_EXCL | O_WRONLY, 0640, 0 },
	{ "exists", O_CREAT | O_EXCL | O_WRONLY, 0600, EEXIST },
	{ "path", O_PATH, 0, 0 },
	{ "append", O_RDWR | O_APPEND, 0, 0 },
	{ "nofollow", O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0, 0 },
	{ "truncate", O_WRONLY | O_TRUNC, 0, 0 },
	{ "directory", O_RDONLY | O_DIRECTORY, 0, ENOTDIR },
	{ "sync", O_RDWR | O_SYNC | O_NONBLOCK, 0, 0 },
};

#define FLAG_CASES (sizeof(flag_cases) / sizeof(flag_cases[0]))

static int try_flags(const struct flag_case *c, const char *path)
{
	int fd = raw_openat(AT_FDCWD, path, c->flags, c->mode);
	int error = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	if (error != c->error) {
		unlink(path);
		fail("%s: open for '%s' gave '%s' and not '%s'", path, c->name,
		     strerror(error), strerror(c->error));
	}
	return error;
}

static int run_open_flags(int argc, char **argv)
{
	int failed = 0;

	(void)argc;
	umask(0);
	for (size_t i = 0; i < FLAG_CASES; i++)
		failed += try_flags(&flag_cases[i], argv[0]) != 0;
	unlink(argv[0]);
	printf("cmd=open-flags opens=%zu failed=%d", FLAG_CASES, failed);
	for (size_t i = 0; i < FLAG_CASES; i++)
		printf(" %s=0x%x,0%o,%d", flag_cases[i].name, (unsigned int)flag_cases[i].flags,
		       (unsigned int)flag_cases[i].mode, flag_cases[i].error);
	report("%s", "");
	return 0;
}

/*
 * A path that changes while it is being read: DIR/race-a/inner/file becomes
 * DIR/race-b/inner/file and back, and is opened by the descriptor of "inner".
 */

struct race {
	atomic_bool stop;
	int directory;
	uint64_t renames;
};

static void *rename_forth_and_back(void *argument)
{
	struct race *race = argument;

	while (!atomic_load_explicit(&race->stop, memory_order_relaxed)) {
		if (renameat(race->directory, "race-a", race->directory, "race-b"))
			die("race-a");
		if (renameat(race->directory, "race-b", race->directory, "race-a"))
			die("race-b");
		race->renames += 2;
	}
	return NULL;
}

static int directory_at(int directory, const char *name)
{
	int fd = raw_openat(directory, name, O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		die(name);
	return fd;
}

static int run_rename_race(int argc, char **argv)
{
	uint64_t duration = number(argv[0], 86400) * 1000000000;
	struct race race = { .directory = directory_at(AT_FDCWD, argv[1]) };
	uint64_t opens = 0, start;
	pthread_t renamer;
	int inner;

	(void)argc;
	if (mkdirat(race.directory, "race-a", 0700) || mkdirat(race.directory, "race-a/inner", 0700) ||
	    mknodat(race.directory, "race-a/inner/file", S_IFREG | 0600, 0))
		die(argv[1]);
	inner = directory_at(race.directory, "race-a/inner");
	errno = pthread_create(&renamer, NULL, rename_forth_and_back, &race);
	if (errno)
		die("pthread_create");

	start = now_ns();
	while (now_ns() - start < duration) {
		open_once(inner, "file", O_RDONLY);
		opens++;
	}
	atomic_store(&race.stop, true);
	pthread_join(renamer, NULL);

	if (unlinkat(inner, "file", 0) || unlinkat(race.directory, "race-a/inner", AT_REMOVEDIR) ||
	    unlinkat(race.directory, "race-a", AT_REMOVEDIR))
		die("removing race-a");
	report("cmd=rename-race opens=%" PRIu64 " renames=%" PRIu64 " directory_opens=2", opens, race.renames);
	return 0;
}

const struct command open_commands[] = {
	{ "open", "N PATH", 2, 2, run_open,
	  "N times openat(AT_FDCWD, PATH, O_RDONLY) and close" },
	{ "open-rate", "N SECONDS PATH", 3, 3, run_open_rate,
	  "N times a second openat(AT_FDCWD, PATH, O_RDONLY) and close, for so many seconds" },
	{ "stop-after", "N PATH [--pause-ns NS]", 2, 4, run_stop_after,
	  "exactly N opens, with a pause between each two" },
	{ "opens", "PATH N TEMPFILE", 3, 3, run_opens,
	  "N of each of open, openat, openat2 of PATH and creat of TEMPFILE (truncated; removed if it is new), as raw calls" },
	{ "open-raw", "PATH N TEMPFILE", 3, 3, run_opens,
	  "another name for opens" },
	{ "open-fail", "N PATH", 2, 2, run_open_fail,
	  "N opens that fail with ENOENT" },
	{ "open-long", "[PATH]", 0, 1, run_open_long,
	  "opens PATH (/etc/hostname) by a name of exactly 4095 bytes" },
	{ "open-deep", "DIR", 1, 1, run_open_deep,
	  "opens 'leaf' in a directory with more than 128 components and 4096 bytes above it, by a relative name" },
	{ "open-bytes", "DIR", 1, 1, run_open_bytes,
	  "opens a file whose name has invalid UTF-8, a newline, ESC, a quote and a backslash" },
	{ "open-int80", "PATH", 1, 1, run_open_int80,
	  "32-bit open by int 0x80 from 64-bit code (x86-64; elsewhere exits 77)" },
	{ "open-border", "PATH", 1, 1, run_open_border,
	  "opens PATH from a string that ends right before an unmapped page" },
	{ "open-relative", "DIR NAME", 2, 2, run_open_relative,
	  "opens NAME relative to a descriptor of DIR" },
	{ "open-flags", "PATH", 1, 1, run_open_flags,
	  "creates PATH, opens it with many flags, removes it; prints NAME=FLAGS,MODE,ERRNO in order" },
	{ "rename-race", "SECONDS DIR", 2, 2, run_rename_race,
	  "one thread renames DIR/race-a to race-b and back, another opens inner/file in it by descriptor" },
	{ 0 },
};
