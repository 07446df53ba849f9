/* SPDX-License-Identifier: Apache-2.0 */
/* The system's libbpf, and the little of it and of the kernel's memory protocol that Swift cannot say by itself. */
#ifndef CLIBBPF_H
#define CLIBBPF_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "uprobe.h"
#include <stdbool.h>
#include <stdint.h>

/* Sends libbpf's messages, formatted, to handler: level is enum libbpf_print_level. */
void clibbpf_set_log(void (*handler)(int level, const char *message));

/* One map element per call is all that variadic macros leave us: bpf_map_create's options, spelled out. */
int clibbpf_ring_create(const char *name, uint32_t bytes);

/* Runs a raw tracepoint program once in the calling thread; its result, or -errno. */
int64_t clibbpf_run(int program);

/* Loads an iterator program that does nothing; 0, or -errno. */
int clibbpf_try_iterator(void);

/*
 * Has libbpf believe that no kernel module has types of its own. It looks there for whatever it does not find in the
 * kernel's own, and fails an object for it where the caller may not list them, which takes CAP_SYS_ADMIN. Does nothing
 * for a caller who may.
 */
void clibbpf_forget_modules(struct bpf_object *object);

/* bpf_program__attach_kprobe_multi_opts by names; libbpf looks at its options' padding, which Swift does not clear. */
struct bpf_link *clibbpf_attach_kprobes(const struct bpf_program *program, const char **names,
					const uint64_t *cookies, size_t count, bool at_return);

/* bpf_map_create without a type of its own in BTF; a descriptor, or -errno. */
int clibbpf_map_create(uint32_t type, const char *name, uint32_t key_size, uint32_t value_size, uint32_t max_entries,
		       uint32_t flags);

/* The number of the next loaded program, or 0 at the end, or -errno. */
int64_t clibbpf_next_program(uint32_t id);

/* The shared positions of a ring buffer: the kernel stores with release, we load with acquire, and the reverse. */
static inline uint64_t clibbpf_load_acquire(const void *at) { return __atomic_load_n((const uint64_t *)at, __ATOMIC_ACQUIRE); }
static inline uint32_t clibbpf_load_acquire32(const void *at) { return __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE); }
static inline void clibbpf_store_release(void *at, uint64_t value) { __atomic_store_n((uint64_t *)at, value, __ATOMIC_RELEASE); }

/* The capabilities that this thread has in effect, a bit for each; 0, or -errno. */
int clibbpf_effective_capabilities(uint64_t *mask);

#endif
