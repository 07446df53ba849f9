/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "uprobe.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int clibbpf_link_uprobes(int program, const char *path, const uint64_t *offsets, const uint64_t *counters,
			 const uint64_t *cookies, uint32_t count, uint32_t process, bool at_return)
{
	/* union bpf_attr of BPF_LINK_CREATE, as of 6.6 */
	const struct {
		uint32_t program, target, attach_type, flags;
		uint64_t path, offsets, reference_counters, cookies;
		uint32_t count, uprobe_flags, process, rest;
	} attributes = {
		.program = program,
		.attach_type = CLIBBPF_TRACE_UPROBE_MULTI,
		.path = (uintptr_t)path,
		.offsets = (uintptr_t)offsets,
		.reference_counters = (uintptr_t)counters,
		.cookies = (uintptr_t)cookies,
		.count = count,
		.uprobe_flags = at_return,
		.process = process,
	};
	long link = syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));

	return link < 0 ? -errno : (int)link;
}

int clibbpf_try_uprobe_multi(void)
{
	/* r0 = 0; exit */
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = CLIBBPF_TRACE_UPROBE_MULTI);
	int program = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "try", "GPL", nothing, sizeof(nothing) / sizeof(*nothing),
				    &options);
	const uint64_t nowhere = 0;
	int result;

	if (program < 0)
		return program;
	/* a folder can have no functions, and who says so has understood the rest */
	result = clibbpf_link_uprobes(program, "/", &nowhere, NULL, NULL, 1, 0, true);
	if (result >= 0)
		close(result);
	close(program);
	return result == -EBADF || result >= 0 ? 0 : result;
}

int clibbpf_event_attach(int event, int program)
{
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program) || ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return 0;
}
