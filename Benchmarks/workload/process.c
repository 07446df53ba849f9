/* System calls, forks, and the ways in which processes end. */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

/* A code that nothing else here exits with, and a prime, so that no shift or mask of it looks right. */
#define FORK_EXIT_CODE 97

static int run_getpid(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT64_MAX);
	uint64_t start = now_ns();

	(void)argc;
	for (uint64_t i = 0; i < n; i++)
		syscall(SYS_getpid);
	report_loop("getpid", n, now_ns() - start);
	return 0;
}

static int run_fork(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT64_MAX);
	uint64_t start = now_ns(), elapsed;

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid)
			_exit(FORK_EXIT_CODE);
		expect_exit(pid, FORK_EXIT_CODE);
	}
	elapsed = now_ns() - start;
	report("cmd=fork ops=%" PRIu64 " exit_code=%d ns_per_op=%.1f elapsed_ns=%" PRIu64,
	       n, FORK_EXIT_CODE, n ? (double)elapsed / (double)n : 0.0, elapsed);
	return 0;
}

static int run_exit(int argc, char **argv)
{
	int code = (int)number(argv[0], 255);

	(void)argc;
	report("cmd=exit pid=%d code=%d", (int)getpid(), code);
	return code;
}

static int run_signal(int argc, char **argv)
{
	int signum = (int)number(argv[0], 64);
	const struct rlimit none = { 0, 0 };
	sigset_t all;

	(void)argc;
	setrlimit(RLIMIT_CORE, &none);		/* the way of dying matters, not the corpse */
	signal(signum, SIG_DFL);		/* fails for SIGKILL, which needs none of it */
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	report("cmd=signal pid=%d signal=%d", (int)getpid(), signum);
	if (kill(getpid(), signum))
		die("kill");
	fail("signal %d does not kill", signum);
}

/*
 * Threads.  They end by the raw system call: in a dynamic program pthread_exit
 * opens libgcc_s, and the last thread's turns into an exit of the whole process.
 */

static noreturn void exit_thread(int code)
{
	for (;;)
		syscall(SYS_exit, code);
}

#define LATE_EXIT_CODE 7

static void *exit_late(void *argument)
{
	(void)argument;
	usleep(200000);		/* by then the leader is a zombie */
	report("cmd=thread-exit pid=%d tid=%ld code=%d", (int)getpid(), syscall(SYS_gettid), LATE_EXIT_CODE);
	exit(LATE_EXIT_CODE);
}

static int run_thread_exit(int argc, char **argv)
{
	pthread_t thread;

	(void)argc, (void)argv;
	errno = pthread_create(&thread, NULL, exit_late, NULL);
	if (errno)
		die("pthread_create");
	exit_thread(3);
}

#define RACE_THREADS 4
#define RACE_LEADER_CODE 3
#define RACE_OTHER_CODE 5

struct gate {
	atomic_int waiting;
	bool by_pthread;
};

/* All leave together once the last one has come. */
static void pass(struct gate *gate)
{
	atomic_fetch_add(&gate->waiting, 1);
	while (atomic_load(&gate->waiting) < RACE_THREADS)
		;
}

static void *race_out(void *argument)
{
	struct gate *gate = argument;

	pass(gate);
	if (gate->by_pthread)
		pthread_exit(NULL);
	exit_thread(RACE_OTHER_CODE);
}

static noreturn void race_process(bool by_pthread)
{
	struct gate gate = { .by_pthread = by_pthread };
	pthread_t thread;

	for (int i = 1; i < RACE_THREADS; i++) {
		errno = pthread_create(&thread, NULL, race_out, &gate);
		if (errno)
			die("pthread_create");
	}
	pass(&gate);
	if (by_pthread)
		pthread_exit(NULL);
	exit_thread(RACE_LEADER_CODE);
}

/*
 * Whose code a process without exit_group ends with depends on the kernel: the
 * leader's on 5.10, that of the last thread to go on newer ones.
 */
static void count_race(int status, uint64_t *zero, uint64_t *leader, uint64_t *other)
{
	if (status == 0)
		++*zero;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == RACE_LEADER_CODE)
		++*leader;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == RACE_OTHER_CODE)
		++*other;
	else
		fail("a process ended with wait status 0x%x", (unsigned int)status);
}

static int run_thread_exit_race(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT32_MAX), zero = 0, leader = 0, other = 0;
	bool by_pthread = argc > 1;

	if (by_pthread && strcmp(argv[1], "--pthread"))
		fail("usage: thread-exit-race N [--pthread]");
	for (uint64_t i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid)
			race_process(by_pthread);
		count_race(wait_for(pid), &zero, &leader, &other);
	}
	if (by_pthread ? zero != n : zero != 0)
		fail("%" PRIu64 " of %" PRIu64 " processes ended with code 0", zero, n);
	report("cmd=thread-exit-race processes=%" PRIu64 " threads=%" PRIu64
	       " exit_%d=%" PRIu64 " exit_%d=%" PRIu64 " exit_0=%" PRIu64,
	       n, n * RACE_THREADS, RACE_LEADER_CODE, leader, RACE_OTHER_CODE, other, zero);
	return 0;
}

/*
 * The same pid, again and again
 */

#define REUSED_PID 4242		/* in the fresh pid namespace */

/* Number i of the processes: "true i", so that a test can tell them apart. */
static noreturn void exec_true(uint64_t i)
{
	char text[24];
	char *arguments[] = { "/bin/true", text, NULL };

	snprintf(text, sizeof(text), "%" PRIu64, i);
	execve(arguments[0], arguments, environ);
	die(arguments[0]);
}

/* A pid that was just free, so that nothing else gets it before the numbers have gone round once. */
static pid_t free_pid(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		_exit(0);
	expect_exit(pid, 0);
	return pid;
}

/* A child with pids of our choice: in this namespace, and in the one around it. */
static pid_t fork_as(pid_t inner, pid_t outer)
{
	pid_t pids[] = { inner, outer };
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)pids,
		.set_tid_size = 2,
	};

	return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

/* A child whose pid is chosen in this namespace only, by the proc file system of it. */
static pid_t fork_after(const char *last_pid)
{
	int fd = open(last_pid, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		die(last_pid);
	if (dprintf(fd, "%d", REUSED_PID - 1) < 0)
		die(last_pid);
	close(fd);
	return fork();
}

/* Process 1 of the fresh namespace. */
static noreturn void reuse_pids(uint64_t n, pid_t outer, const char *last_pid)
{
	for (uint64_t i = 0; i < n; i++) {
		pid_t pid = last_pid ? fork_after(last_pid) : fork_as(REUSED_PID, outer);

		if (pid < 0)
			die(last_pid ? "fork" : "clone3 with set_tid");
		if (!pid)
			exec_true(i);
		if (pid != REUSED_PID)
			fail("process %" PRIu64 " got pid %d", i, (int)pid);
		expect_exit(pid, 0);
	}
	_exit(0);
}

/* A proc of the new namespace, seen by this process and its children only. */
static void mount_proc(const char *directory)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("a private mount namespace");
	if (mount("proc", directory, "proc", 0, NULL))
		die(directory);
}

static int run_pid_reuse(int argc, char **argv)
{
	uint64_t n = number(argv[0], UINT32_MAX);
	char last_pid[4096];
	pid_t outer, pid;

	if (geteuid())
		skip("a pid namespace needs root");
	snprintf(last_pid, sizeof(last_pid), "%s/sys/kernel/ns_last_pid", argc > 1 ? argv[1] : "");
	outer = free_pid();
	if (unshare(CLONE_NEWPID))
		die("unshare");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		if (argc > 1)
			mount_proc(argv[1]);
		reuse_pids(n, outer, argc > 1 ? last_pid : NULL);
	}
	expect_exit(pid, 0);
	report("cmd=pid-reuse processes=%" PRIu64 " pid=%d outer_pid=%d", n, REUSED_PID, argc > 1 ? -1 : (int)outer);
	return 0;
}

const struct command process_commands[] = {
	{ "getpid", "N", 1, 1, run_getpid,
	  "N raw getpid calls: the floor of any cost per system call" },
	{ "fork", "N", 1, 1, run_fork,
	  "N times fork, _exit(97) and wait" },
	{ "exit", "CODE", 1, 1, run_exit,
	  "exits with CODE" },
	{ "signal", "NUM", 1, 1, run_signal,
	  "kills itself with signal NUM, without a core" },
	{ "thread-exit", "", 0, 0, run_thread_exit,
	  "the leader ends with code 3; 0.2 s later another thread ends the process with exit(7)" },
	{ "thread-exit-race", "N [--pthread]", 1, 2, run_thread_exit_race,
	  "N processes whose four threads all end at once, the leader with code 3, the others with 5 (--pthread: all with 0)" },
	{ "pid-reuse", "N [DIR]", 1, 2, run_pid_reuse,
	  "N times '/bin/true I' under one pid, inside a fresh pid namespace and outside (root); "
	  "with DIR, a place for a proc mount, by ns_last_pid, inside only" },
	{ 0 },
};
