/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A system call seen when it returns: its number and arguments are still in the registers that were saved at entry,
 * and the memory behind its pointers has just been read by the kernel, so it is mapped.
 *
 * The registers come as a typed pointer, because a load costs nothing here and a call to read them 35 ns, which every
 * system call of the machine would pay.
 */
#ifndef MARTLET_SYSCALL_H
#define MARTLET_SYSCALL_H

#include "kernel.h"
#include "versions.h"

#define SYSCALLS_MAX 1024
/* tells the 32-bit table's numbers from the others, where both are meant */
#define SYSCALL_COMPAT (1ULL << 32)

struct syscall {
	u64 number;
	u64 args[6];
	bool compat; /* 32-bit: another table of numbers, other registers */
};

#if defined(__TARGET_ARCH_x86)

#define TS_COMPAT 0x2

#define NATIVE_OPEN 2
#define NATIVE_CREAT 85
#define NATIVE_OPENAT 257
#define NATIVE_OPENAT2 437
#define NATIVE_EXECVE 59
#define NATIVE_EXECVEAT 322
#define COMPAT_OPEN 5
#define COMPAT_CREAT 8
#define COMPAT_OPENAT 295
#define COMPAT_OPENAT2 437
#define COMPAT_EXECVE 11
#define COMPAT_EXECVEAT 358
#define NATIVE_CONNECT 42
#define NATIVE_CLONE 56
#define NATIVE_FORK 57
#define NATIVE_VFORK 58
#define COMPAT_CLONE 120
#define COMPAT_FORK 2
#define COMPAT_VFORK 190
#define NATIVE_ACCEPT 43
#define NATIVE_ACCEPT4 288
#define COMPAT_CONNECT 362
#define COMPAT_ACCEPT 1024 /* a part of socketcall */
#define COMPAT_ACCEPT4 364

/* Whether the system call that current is in is a 32-bit one. */
static __always_inline bool is_compat(void)
{
	struct task_struct *task = current_task();

	return READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline u64 syscall_number(struct pt_regs *regs)
{
	return regs->orig_ax;
}

static __always_inline void syscall_read(struct pt_regs *regs, struct syscall *call)
{
	call->number = regs->orig_ax;
	call->compat = is_compat();
	if (call->compat) {
		call->args[0] = (u32)regs->bx;
		call->args[1] = (u32)regs->cx;
		call->args[2] = (u32)regs->dx;
		call->args[3] = (u32)regs->si;
		call->args[4] = (u32)regs->di;
		call->args[5] = (u32)regs->bp;
	} else {
		call->args[0] = regs->di;
		call->args[1] = regs->si;
		call->args[2] = regs->dx;
		call->args[3] = regs->r10;
		call->args[4] = regs->r8;
		call->args[5] = regs->r9;
	}
}

#elif defined(__TARGET_ARCH_arm64)

#define TIF_32BIT 22

#define NATIVE_OPEN 1024 /* arm64 has neither: numbers that never come */
#define NATIVE_CREAT 1025
#define NATIVE_OPENAT 56
#define NATIVE_OPENAT2 437
#define NATIVE_EXECVE 221
#define NATIVE_EXECVEAT 281
#define COMPAT_OPEN 5
#define COMPAT_CREAT 8
#define COMPAT_OPENAT 322
#define COMPAT_OPENAT2 437
#define COMPAT_EXECVE 11
#define COMPAT_EXECVEAT 387
#define NATIVE_CONNECT 203
#define NATIVE_CLONE 220
#define NATIVE_FORK 1026 /* arm64 has neither */
#define NATIVE_VFORK 1027
#define COMPAT_CLONE 120
#define COMPAT_FORK 2
#define COMPAT_VFORK 190
#define NATIVE_ACCEPT 202
#define NATIVE_ACCEPT4 242
#define COMPAT_CONNECT 283
#define COMPAT_ACCEPT 285
#define COMPAT_ACCEPT4 366

static __always_inline bool is_compat(void)
{
	struct task_struct *task = current_task();

	return READ(task, thread_info.flags) & (1UL << TIF_32BIT);
}

static __always_inline u64 syscall_number(struct pt_regs *regs)
{
	return (u32)regs->syscallno;
}

static __always_inline void syscall_read(struct pt_regs *regs, struct syscall *call)
{
	call->number = syscall_number(regs);
	call->compat = is_compat();
	call->args[0] = regs->orig_x0; /* x0 holds the result by now */
	call->args[1] = regs->regs[1];
	call->args[2] = regs->regs[2];
	call->args[3] = regs->regs[3];
	call->args[4] = regs->regs[4];
	call->args[5] = regs->regs[5];
}

#endif

static __always_inline bool syscall_is(const struct syscall *call, u32 native, u32 compat)
{
	return call->number == (call->compat ? compat : native);
}

#define CLONE3 435 /* in every table */

static __always_inline bool syscall_makes_process(const struct syscall *call)
{
	return syscall_is(call, NATIVE_CLONE, COMPAT_CLONE) || syscall_is(call, NATIVE_FORK, COMPAT_FORK) ||
	       syscall_is(call, NATIVE_VFORK, COMPAT_VFORK) || syscall_is(call, CLONE3, CLONE3);
}

#endif /* MARTLET_SYSCALL_H */
