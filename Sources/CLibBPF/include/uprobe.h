/* SPDX-License-Identifier: Apache-2.0 */
/* Programs on the functions of a file, by the two ways that kernels have. */
#ifndef CLIBBPF_UPROBE_H
#define CLIBBPF_UPROBE_H

#include <stdbool.h>
#include <stdint.h>

/* In the kernel's enum bpf_attach_type since 6.6; the system's headers may be older. */
#define CLIBBPF_TRACE_UPROBE_MULTI 48

/*
 * Links a program to many places of a file, in one process or, with 0, in all. libbpf can since 1.3, which is newer than
 * what stable distributions have. The link's descriptor, or -errno.
 */
int clibbpf_link_uprobes(int program, const char *path, const uint64_t *offsets, const uint64_t *counters,
			 const uint64_t *cookies, uint32_t count, uint32_t process, bool at_return);

/* Whether this kernel has such links: 0, or -errno. */
int clibbpf_try_uprobe_multi(void);

/* Has program run on a perf event; 0, or -errno. */
int clibbpf_event_attach(int event, int program);

/*
 * The attacher: a process that keeps CAP_SYS_ADMIN alone and makes perf events on functions' returns for who holds the
 * socket; it ends when that is closed. Forks, and the child makes system calls only. The socket, or -errno.
 */
int clibbpf_attacher_start(void);

/* Has the attacher make a perf event on the return of the function at offset of file; its descriptor, or -errno. */
int clibbpf_attacher_event(int socket, int file, uint64_t offset);

#endif
