/*
 * Exact work for tests and benchmarks: each subcommand does a known number of
 * things and says so on one line of KEY=VALUE pairs.  Needs nothing but libc.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

/* The exit code of "cannot be done on this machine", as automake has it. */
#define EXIT_SKIP 77

struct command {
	const char *name;
	const char *arguments;
	int least;			/* number of arguments */
	int most;			/* -1: no limit */
	int (*run)(int argc, char **argv);	/* argv[0] is the first argument */
	const char *doc;
};

/* Each family's table ends with an entry without a name. */
extern const struct command open_commands[];
extern const struct command lines_commands[];
extern const struct command exec_commands[];
extern const struct command process_commands[];
extern const struct command odd_commands[];
extern const struct command state_commands[];
extern const struct command tcp_commands[];
extern const struct command shell_commands[];
extern const struct command thread_commands[];
extern const struct command calls_commands[];
extern const struct command probe_commands[];

extern char **environ;

/* perror and exit 1 */
noreturn void die(const char *what);
/* a message of our own and exit 1 */
noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
noreturn void skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The number in text, whole and at most max; anything else is the end. */
uint64_t number(const char *text, uint64_t max);

uint64_t now_ns(void);

/*
 * One line, flushed.  Lines that are printed before an exec or an exit have to
 * be out by then.
 */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "cmd=NAME ops=N ns_per_op=X elapsed_ns=Y" */
void report_loop(const char *name, uint64_t ops, uint64_t elapsed_ns);

/*
 * A copy of size bytes that ends on the last byte before an unmapped page: who
 * reads one byte more faults.
 */
void *at_border(const void *bytes, size_t size);

/* By raw system call: libc adds flags of its own and picks other calls. */
int raw_openat(int dirfd, const char *path, int flags, mode_t mode);
/* Opens and closes, or dies. */
void open_once(int dirfd, const char *path, int flags);

/* Waits for one child and returns its wait status. */
int wait_for(pid_t pid);
/* Waits for one child and dies unless it exited with code. */
void expect_exit(pid_t pid, int code);

#endif
