/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving up what a process may do, for good. All of it is a matter of single threads in Linux: call these while there
 * is one, so that all later ones inherit it. Each returns 0 or -errno unless it says otherwise; nothing of Martlet here.
 */
#ifndef CPRIVILEGES_H
#define CPRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How many threads this process has, or -errno. */
int cprivileges_thread_count(void);

/* Raises RLIMIT_MEMLOCK as far as it goes; the limit in bytes, UINT64_MAX for none. */
uint64_t cprivileges_raise_memlock(void);

/* identity.c */

/* The capabilities that this thread may put into effect, as bits by their number. */
int cprivileges_permitted(uint64_t *mask);

/* Empties the bounding set and locks the securebits, both as far as CAP_SETPCAP allows it. */
int cprivileges_bound(void);

/* Becomes a user for good, and keeps the permitted capabilities. */
int cprivileges_become(uid_t user, gid_t group, const gid_t *groups, size_t count);

/* Keeps these capabilities permitted and in effect, and none that a program would inherit. */
int cprivileges_keep(uint64_t mask);

/* No program that is executed gains anything, and nobody of the same user can look into this process. */
int cprivileges_seal(void);

/* seccomp.c */

/* What a filter lets through beside what every agent needs. */
struct cprivileges_calls {
	/* sockets of the Internet, not only of this machine */
	bool internet;
};

/* Has the kernel refuse, with EPERM, all system calls that an agent does not need. For all threads. */
int cprivileges_filter_agent(const struct cprivileges_calls *calls);

/* landlock.c */

/* 0 or -errno: -ENOSYS and -EOPNOTSUPP where the kernel has no Landlock; otherwise its version. */
int cprivileges_landlock_version(void);

/* What may be done in spite of Landlock. Descriptors are of O_PATH. */
struct cprivileges_places {
	/* folders in which files may be made, written, renamed and removed */
	const int *folders;
	size_t folder_count;
	/* files, pipes and devices that may be written */
	const int *files;
	size_t file_count;
	/* TCP ports that may be listened on */
	const uint16_t *ports;
	size_t port_count;
	/* whether abstract unix sockets outside may be spoken to */
	bool abstract_sockets;
};

/* Nothing else may be written, executed, listened on, connected to by TCP or signalled. The version, or -errno. */
int cprivileges_landlock(const struct cprivileges_places *places);

/* message.c */

/* Sends one byte string, with a descriptor when there is one. */
int cprivileges_send(int socket, const void *bytes, size_t length, int descriptor);

/* Receives one of exactly this length, and a descriptor or -1; -EPIPE: the other side has gone. */
int cprivileges_receive(int socket, void *bytes, size_t length, int *descriptor);

/* helper.c */

/* A process of its own that keeps a capability, which the agent then need not keep. */
struct cprivileges_helper {
	/* as ps shows it */
	const char *name;
	/* as bits; all others are given up */
	uint64_t capabilities;
	/* whom it becomes; -1: stays who it is */
	uid_t user;
	gid_t group;
	/* the system calls that it needs beside those of every helper, and what to test of their arguments */
	const struct cprivileges_rule *rules;
	size_t rule_count;
	/* it executes programs: there is no filter, and standard error stays the agent's, for what they have to say */
	bool executes;
	/* answers one message, until it returns something else than 0 */
	int (*serve)(int socket, const void *context);
	const void *context;
};

/* A system call; with a mask, only where (argument & mask) == value. */
struct cprivileges_rule {
	int call;
	unsigned int argument;
	uint64_t mask, value;
};

/*
 * Starts a helper, whose life ends with the socket that this returns. Forks twice: best before there is a second
 * thread. The socket, or -errno; and the helper's number, unless pid is NULL.
 */
int cprivileges_helper_start(const struct cprivileges_helper *helper, pid_t *pid);

/* connector.c */

/*
 * A helper that connects to unix sockets at fixed paths, a %u in which stands for a user's number, where root or that
 * user listens. No link may be the last part of a path, nor any part of one with a %u: -ELOOP. It keeps
 * CAP_DAC_OVERRIDE. The socket, or -errno.
 */
int cprivileges_connector_start(const char *const *paths, size_t count, uid_t user, gid_t group);

/*
 * A connection to the path of this number, which does not block; -errno otherwise. *peer: who listens there, or
 * UINT32_MAX when nobody does; -EPERM with another number: that is not whose socket it should be.
 */
int cprivileges_connector_connect(int socket, uint32_t path, uint32_t user, uint32_t *peer);

/* looker.c */

/* What of another process a looker opens. */
enum cprivileges_look {
	/* the file that it executes */
	CPRIVILEGES_LOOK_EXE,
	/* the list of what it has mapped */
	CPRIVILEGES_LOOK_MAPS,
	/* a file that it has mapped, by the name below map_files */
	CPRIVILEGES_LOOK_MAPPED,
	/* a file below its root */
	CPRIVILEGES_LOOK_ROOT,
	/* nothing: the number of its mount namespace is told */
	CPRIVILEGES_LOOK_MOUNTS,
};

#define CPRIVILEGES_LOOK_PATH 4096

/*
 * A helper that opens, to be read, programs and libraries of other processes: what they execute, and files whose own
 * names, not those of links to them, begin with one of these. Other files are refused with -ENOEXEC. It keeps
 * CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. The socket, or -errno; and its number.
 */
int cprivileges_looker_start(const char *const *names, size_t count, uid_t user, gid_t group, pid_t *pid);

/* The descriptor, or -errno; of CPRIVILEGES_LOOK_MOUNTS 0, and the number. */
int cprivileges_looker_open(int socket, uint32_t what, uint32_t tgid, const char *path, uint64_t *number);

/* launcher.c */

/*
 * A helper that executes one program, as this user, without any capability and with no way to one. It has the agent's
 * environment, but HOME where it becomes another user. When the socket is closed, the program has 10 s to end, and is then
 * killed. The socket, or -errno.
 */
int cprivileges_launcher_start(const char *path, char *const *arguments, uid_t user, gid_t group);

/*
 * Executes the program: one end of a stream socket is its descriptor 3, the other one is returned. -errno when it cannot
 * be executed. What was launched before is killed. For one thread at a time.
 */
int cprivileges_launcher_launch(int socket);

#endif
