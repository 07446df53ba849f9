/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "clibbpf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
