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

#define RETURNS 1 /* BPF_F_UPROBE_MULTI_RETURN */

/* The part of union bpf_attr that BPF_LINK_CREATE reads for such a link; libbpf's headers may be older than it. */
struct multi_link {
	uint32_t program;
	uint32_t target;
	uint32_t attach_type;
	uint32_t flags;
	uint64_t path;
	uint64_t offsets;
	uint64_t reference_counters;
	uint64_t cookies;
	uint32_t count;
	uint32_t multi_flags;
	uint32_t pid;
	uint32_t pad;
};

static int link_create(int program, const char *path, uint64_t offset)
{
	struct multi_link link = {
		.program = program,
		.attach_type = CLIBBPF_UPROBE_MULTI,
		.path = (uint64_t)(uintptr_t)path,
		.offsets = (uint64_t)(uintptr_t)&offset,
		.count = 1,
		.multi_flags = RETURNS,
	};
	int descriptor = syscall(SYS_bpf, BPF_LINK_CREATE, &link, sizeof(link));

	return descriptor < 0 ? -errno : descriptor;
}

int clibbpf_link_return(int program, int file, uint64_t offset)
{
	char path[32];

	/* the file itself, in whatever mount namespace it is, and whoever has taken its name since */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return link_create(program, path, offset);
}

int clibbpf_try_uprobe_multi(void)
{
	/* r0 = 0; exit */
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = CLIBBPF_UPROBE_MULTI);
	int program = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "try", "GPL", nothing, sizeof(nothing) / sizeof(*nothing),
				    &options);
	int result;

	if (program < 0)
		return program;
	/* a folder can have no functions, and who says so has understood the rest */
	result = link_create(program, "/", 0);
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
