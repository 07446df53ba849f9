/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "clibbpf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
