/* SPDX-License-Identifier: Apache-2.0 */
/* Programs on the return of a function in a file, by the two ways that kernels have. */
#ifndef CLIBBPF_UPROBE_H
#define CLIBBPF_UPROBE_H

#include <stdint.h>

/* BPF_TRACE_UPROBE_MULTI, which a program for such a link must expect when it is loaded. Since Linux 6.6. */
#define CLIBBPF_UPROBE_MULTI 48

/* Whether this kernel has such links: 0, or -errno. */
int clibbpf_try_uprobe_multi(void);

/* A link that runs program when the function at offset of file (any descriptor, O_PATH will do) returns; or -errno. */
int clibbpf_link_return(int program, int file, uint64_t offset);

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
