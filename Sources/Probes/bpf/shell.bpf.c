// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line typed into a shell: what readline returns, in bash or in the library of that name.
 *
 * The line is read a page at a time, so that one whose end cannot be read is told as far as it can be.
 */
#define TYPED false
#include "lib/gate.h"
#include "lib/record.h"
#include "lib/versions.h"

char LICENSE[] SEC("license") = "GPL";

const volatile u32 line_limit = 32768;

#define PAGE 4096 /* the smallest there is: a border of larger pages is one of these, too */
#define LINE_CAPACITY 65536
#define LINE_STEPS (LINE_CAPACITY / PAGE + 2)

struct shell_scratch {
	u32 busy;
	u32 slot;
	u32 used; /* bytes of the line */
	u32 pad;
	u64 next; /* where the rest of it lies in the shell's memory */
	struct {
		struct mt_shell shell;
		/* the last page may begin just before the capacity; a terminator is put behind it */
		char line[LINE_CAPACITY + PAGE + 1];
	} record;
};

DEFINE_SCRATCH(struct shell_scratch)

static __always_inline u64 returned(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->ax;
#elif defined(__TARGET_ARCH_arm64)
	return regs->regs[0];
#endif
}

/* What is left of the page; 1 at the end. */
static __noinline int line_step(struct shell_scratch *buffer)
{
	u32 used = buffer->used, room = PAGE - (buffer->next & (PAGE - 1));
	long length;
	char *to;

	if (used > LINE_CAPACITY || used > line_limit) {
		buffer->record.shell.marks |= MT_SHELL_TRUNCATED;
		return 1;
	}
	to = &buffer->record.line[used];
	asm volatile("" : "+r"(room)); /* keep the bound where the verifier looks for it */
	if (room > PAGE || bpf_probe_read_user(to, room, (void *)buffer->next)) {
		buffer->record.shell.marks |= MT_SHELL_UNREADABLE;
		return 1;
	}
	to[room] = 0;
	/* copied onto itself, only to be measured */
	length = bpf_probe_read_kernel_str(to, room + 1, to) - 1;
	if (length < 0)
		return 1;
	buffer->used = used + length;
	buffer->next += length;
	return length < room;
}

static __always_inline void shell_record(struct shell_scratch *buffer, u64 line)
{
	struct mt_shell *shell = &buffer->record.shell;
	u32 length;

	__builtin_memset(shell, 0, sizeof(*shell));
	record_begin(&shell->header, MT_KIND_SHELL, current_task());
	buffer->used = 0;
	buffer->next = line;
	if (!REPEAT(LINE_STEPS, line_step(buffer)))
		shell->marks |= MT_SHELL_TRUNCATED;
	length = buffer->used;
	if (length > line_limit) {
		length = line_limit;
		shell->marks |= MT_SHELL_TRUNCATED;
	}
	/* nothing at all could be read: then there is no line, rather than an empty one */
	if (length || !(shell->marks & MT_SHELL_UNREADABLE)) {
		shell->line.offset = sizeof(*shell);
		shell->line.length = length;
	}
	if (length <= LINE_CAPACITY)
		record_send(&shell->header, MT_KIND_SHELL, sizeof(*shell) + length, pool_lane(shell->header.tgid));
}

SEC("uretprobe")
int shell_line(struct pt_regs *ctx)
{
	u64 line = returned(ctx);
	struct shell_scratch *buffer;

	if (!line) /* the end of input */
		return 0;
	if (gate_rejects(MT_KIND_SHELL))
		return 0;
	hold_cpu();
	buffer = scratch_take(MT_KIND_SHELL);
	if (buffer) {
		shell_record(buffer, line);
		buffer->busy = 0;
	}
	release_cpu();
	return 0;
}
