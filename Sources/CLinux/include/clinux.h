/* SPDX-License-Identifier: Apache-2.0 */
/* Linux' own calls, which Swift's Glibc module leaves out. */
#ifndef CLINUX_H
#define CLINUX_H

#include <sys/epoll.h>
#include <sys/signalfd.h>

/* openat(directory, "", flags, mode), whatever the C library thinks of these arguments; the result or -errno. */
long clinux_openat_nothing(int directory, int flags, int mode);

/* Blocks the signals in the calling thread and its future ones, and returns a descriptor that they arrive at. */
int clinux_signalfd(const int *signals, int count);

/* The next signal that arrived at the descriptor, or 0. */
int clinux_next_signal(int descriptor);

/* O_PATH: a descriptor of a file that is not opened. */
#define CLINUX_O_PATH 010000000

/* Whether the file lies on an overlay of file systems. */
int clinux_is_on_overlay(int descriptor);

/* Opens path below the directory as if that were the root, for symbolic links too; the descriptor or -errno. */
int clinux_open_in_root(int directory, const char *path, int flags);

#endif
