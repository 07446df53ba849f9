/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "clibbpf.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void (*log_handler)(int, const char *);

static int log_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *message = NULL;
	/* a verifier's log comes as one message of any length, and its end is what matters */
	int length = vasprintf(&message, format, arguments);

	if (log_handler && length > 0)
		log_handler(level, message);
	if (length >= 0)
		free(message);
	return length;
}

void clibbpf_set_log(void (*handler)(int, const char *))
{
	log_handler = handler;
	libbpf_set_print(log_print);
}

int clibbpf_ring_create(const char *name, uint32_t bytes)
{
	return bpf_map_create(BPF_MAP_TYPE_RINGBUF, name, 0, 0, bytes, NULL);
}

int64_t clibbpf_run(int program)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int error = bpf_prog_test_run_opts(program, &options);

	return error ? -errno : (int64_t)options.retval;
}

static bool has_sys_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	return !syscall(SYS_capget, &header, data) && data[0].effective & 1u << CAP_SYS_ADMIN;
}

void clibbpf_forget_modules(struct bpf_object *object)
{
	struct bpf_program *program = bpf_object__next_program(object, NULL);

	/* the first search among the modules fails, and libbpf does not search again; programs of any type will do */
	if (program && !has_sys_admin())
		bpf_program__set_attach_target(program, 0, "no function has this name");
}

int clibbpf_try_iterator(void)
{
	/* r0 = 0; exit */
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_ITER);
	int id = libbpf_find_vmlinux_btf_id("task", BPF_TRACE_ITER);
	int program;

	if (id < 0)
		return id;
	options.attach_btf_id = id;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "try", "GPL", nothing, sizeof(nothing) / sizeof(*nothing), &options);
	if (program < 0)
		return program;
	close(program);
	return 0;
}

int clibbpf_map_create(uint32_t type, const char *name, uint32_t key_size, uint32_t value_size, uint32_t max_entries,
		       uint32_t flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);

	return bpf_map_create(type, name, key_size, value_size, max_entries, &options);
}

struct bpf_link *clibbpf_attach_kprobes(const struct bpf_program *program, const char **names,
					const uint64_t *cookies, size_t count, bool at_return)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, options, .syms = names, .cookies = cookies, .cnt = count,
		    .retprobe = at_return);

	return bpf_program__attach_kprobe_multi_opts(program, NULL, &options);
}

int64_t clibbpf_next_program(uint32_t id)
{
	uint32_t next = 0;
	int error = bpf_prog_get_next_id(id, &next);

	return !error ? (int64_t)next : error == -ENOENT ? 0 : error;
}

int clibbpf_effective_capabilities(uint64_t *mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return -errno;
	*mask = data[0].effective | (uint64_t)data[1].effective << 32;
	return 0;
}
