/* SPDX-License-Identifier: Apache-2.0 */
/* Linux' own calls, which Swift's Glibc module leaves out. */
#ifndef CLINUX_H
#define CLINUX_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

/* openat(directory, "", flags, mode), whatever the C library thinks of these arguments; the result or -errno. */
long clinux_openat_nothing(int directory, int flags, int mode);

/* Blocks the signals in the calling thread and its future ones, and returns a descriptor that they arrive at. */
int clinux_signalfd(const int *signals, int count);

/* The next signal that arrived at the descriptor, or 0. */
int clinux_next_signal(int descriptor);

/* A child that has a child of its own; both have ended when this returns. */
void clinux_fork_twice(void);

/* A child that connects to itself on the loopback; it has ended when this returns. */
void clinux_connect_to_itself(void);

/* A child that tries to connect to a port of the loopback where nobody listens; it has ended when this returns. */
void clinux_connect_to_nobody(void);

/* A child's child in namespaces of its own that opens the host's root; all have ended when this returns. */
void clinux_break_out(void);

/* Does nothing: something to put a uprobe on. */
void clinux_probe_target(void);

/* Where the file that this process runs has clinux_probe_target(), or -1. */
long clinux_probe_target_offset(void);

/* The security modules that are active, as LSM_ID_* in ids, at most count; how many, or -errno (before 6.8: -ENOSYS). */
int clinux_lsm_list(unsigned long long *ids, unsigned int count);

/* O_PATH: a descriptor of a file that is not opened. */
#define CLINUX_O_PATH 010000000

/* POSIX_SPAWN_SETSID: in a session of its own, without a terminal. */
#define CLINUX_SPAWN_SETSID 0x80

/* Whether the file lies on an overlay of file systems. */
int clinux_is_on_overlay(int descriptor);

/* Opens path below the directory as if that were the root, for symbolic links too; the descriptor or -errno. */
int clinux_open_in_root(int directory, const char *path, int flags);

/* What SO_PEERCRED tells: struct ucred, which the C library hides without _GNU_SOURCE. */
struct clinux_peer {
	int pid;
	unsigned int uid;
	unsigned int gid;
};

/* getsockopt: the supplementary groups of a peer (4.13); the C library does not know it yet. */
#define CLINUX_SO_PEERGROUPS 59

#endif
