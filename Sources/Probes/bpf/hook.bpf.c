// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program of a policy's hook, once for each way to attach it; one of them is loaded. All policies that watch the
 * same place share it: it reads what they want to know, as far as their conditions need it, and then the rest.
 */
#define TYPED CURRENT_IS_TYPED
#include "lib/call.h"
#include "lib/filter.h"
#include "lib/pending.h"
#include "lib/reading.h"
#include "lib/rows.h"
#include "lib/syscall.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline bool is_own(void)
{
	return bpf_get_current_pid_tgid() >> 32 == own_tgid;
}

/* A buffer, with its CPU held; NULL when none is free, which is counted. */
static __always_inline struct call_scratch *call_begin(u64 context)
{
	struct call_scratch *call;

	hold_cpu();
	call = scratch_take();
	if (!call) {
		release_cpu();
		return NULL;
	}
	call->context = context;
	call->used = 0;
	call->compat = 0;
	call->function = 0;
	return call;
}

static __always_inline void call_end(struct call_scratch *call)
{
	add_u32(&call->busy, -1);
	release_cpu();
}

static __always_inline void record_start(struct call_scratch *call)
{
	struct mt_call *record = &call->record.call;
	u32 marks = record->marks; /* of what was read already */

	__builtin_memset(record, 0, sizeof(*record));
	record->marks = marks;
	record_begin(&record->header, shape.kind, current_task());
	record->hook = shape.hook;
	if (call->compat)
		record->marks |= MT_CALL_COMPAT;
}

/* Reads and checks, in the order of the shape; false as soon as no row is left. */
#define STEPS(call, image, order)                                                          \
	({                                                                                 \
		bool left_ = true;                                                         \
                                                                                           \
		for (u32 i_ = 0; i_ < MT_STEPS_MAX; i_++) {                                \
			u32 step_ = shape.order[i_];                                       \
                                                                                           \
			if (!step_)                                                        \
				break;                                                     \
			if (step_ < MT_STEP_PLANE) {                                       \
				read_slot(call, step_ - 1);                                \
			} else if (!plane_check(call, step_ - MT_STEP_PLANE, image)) {     \
				left_ = false;                                             \
				break;                                                     \
			}                                                                  \
		}                                                                          \
		left_;                                                                     \
	})

/* The call begins: arguments are there. */
static __noinline int call_entered(struct call_scratch *call)
{
	struct mt_image *image = image_now();

	if (!image)
		return 0;
	call->record.call.marks = 0;
	for (u32 word = 0; word < MT_WORDS_MAX; word++) {
		if (word >= shape.words)
			break;
		call->alive[word] = IMAGE_WORDS(image)[word];
	}
	if (!STEPS(call, image, steps)) {
		if (shape.flags & MT_SHAPE_RETURNS)
			pending_inner(image);
		return 0;
	}
	record_start(call);
	if (shape.flags & MT_SHAPE_RETURNS) {
		if (shape.flags & MT_SHAPE_MIXED && !rows_part(call, image)) {
			pending_inner(image);
			return 0;
		}
		if (pending_keep(call, image))
			return 0;
		call->record.call.marks |= MT_CALL_NO_RETURN;
	}
	rows_do(call, image->bank);
	return 0;
}

/* It returns: what it was called with was kept. */
static __noinline int call_returned(struct call_scratch *call)
{
	struct mt_image *image = image_now();

	if (image && pending_take(call, image) && STEPS(call, image, return_steps))
		rows_do(call, image->bank);
	return 0;
}

#define TAKE(index, expression)                         \
	if (shape.arguments & 1 << (index))             \
	call->arguments[index] = (expression)

static __always_inline void take_registers(struct call_scratch *call, struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	TAKE(0, regs->di);
	TAKE(1, regs->si);
	TAKE(2, regs->dx);
	TAKE(3, regs->cx);
	TAKE(4, regs->r8);
	TAKE(5, regs->r9);
#elif defined(__TARGET_ARCH_arm64)
	TAKE(0, regs->regs[0]);
	TAKE(1, regs->regs[1]);
	TAKE(2, regs->regs[2]);
	TAKE(3, regs->regs[3]);
	TAKE(4, regs->regs[4]);
	TAKE(5, regs->regs[5]);
	TAKE(6, regs->regs[6]);
	TAKE(7, regs->regs[7]);
#endif
}

static __always_inline u64 returned_value(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->ax;
#elif defined(__TARGET_ARCH_arm64)
	return regs->regs[0];
#endif
}

/*
 * A trampoline's context has the arguments as words; the verifier knows how many. Loads are written out, or clang makes
 * one of several, from an address that is computed, which the verifier does not allow here.
 */
#define WORD(words, offset)                                                                    \
	({                                                                                     \
		u64 word_;                                                                     \
                                                                                               \
		asm volatile("%0 = *(u64 *)(%1 + " #offset ")" : "=r"(word_) : "r"(words));    \
		word_;                                                                         \
	})

static __always_inline void take_words(struct call_scratch *call, u64 *words)
{
	TAKE(0, WORD(words, 0));
	TAKE(1, WORD(words, 8));
	TAKE(2, WORD(words, 16));
	TAKE(3, WORD(words, 24));
	TAKE(4, WORD(words, 32));
	TAKE(5, WORD(words, 40));
	TAKE(6, WORD(words, 48));
	TAKE(7, WORD(words, 56));
	TAKE(8, WORD(words, 64));
	TAKE(9, WORD(words, 72));
	TAKE(10, WORD(words, 80));
	TAKE(11, WORD(words, 88));
}

static __always_inline u64 returned_word(u64 *words)
{
	switch (shape.returned) {
	case 0:
		return WORD(words, 0);
	case 1:
		return WORD(words, 8);
	case 2:
		return WORD(words, 16);
	case 3:
		return WORD(words, 24);
	case 4:
		return WORD(words, 32);
	case 5:
		return WORD(words, 40);
	case 6:
		return WORD(words, 48);
	case 7:
		return WORD(words, 56);
	case 8:
		return WORD(words, 64);
	case 9:
		return WORD(words, 72);
	case 10:
		return WORD(words, 80);
	case 11:
		return WORD(words, 88);
	default:
		return WORD(words, 96);
	}
}

static __always_inline int registers_entered(struct pt_regs *regs, u32 function)
{
	struct call_scratch *call;

	if (is_own())
		return 0;
	call = call_begin((u64)regs);
	if (!call)
		return 0;
	call->function = function;
	take_registers(call, regs);
	call_entered(call);
	call_end(call);
	return 0;
}

static __always_inline int registers_returned(struct pt_regs *regs)
{
	struct call_scratch *call;

	if (is_own())
		return 0;
	call = call_begin((u64)regs);
	if (!call)
		return 0;
	call->returned = returned_value(regs);
	call_returned(call);
	call_end(call);
	return 0;
}

SEC("kprobe")
int call_kprobe(struct pt_regs *ctx)
{
	return registers_entered(ctx, 0);
}

SEC("kretprobe")
int return_kprobe(struct pt_regs *ctx)
{
	return registers_returned(ctx);
}

SEC("kprobe.multi")
int call_kprobe_multi(struct pt_regs *ctx)
{
	return registers_entered(ctx, bpf_get_attach_cookie(ctx));
}

SEC("kretprobe.multi")
int return_kprobe_multi(struct pt_regs *ctx)
{
	return registers_returned(ctx);
}

SEC("uprobe")
int call_uprobe(struct pt_regs *ctx)
{
	return registers_entered(ctx, 0);
}

SEC("uretprobe")
int return_uprobe(struct pt_regs *ctx)
{
	return registers_returned(ctx);
}

SEC("uprobe")
int call_uprobe_multi(struct pt_regs *ctx)
{
	return registers_entered(ctx, bpf_get_attach_cookie(ctx));
}

SEC("uretprobe")
int return_uprobe_multi(struct pt_regs *ctx)
{
	return registers_returned(ctx);
}

static __always_inline int words_entered(u64 *words)
{
	struct call_scratch *call;

	if (is_own())
		return 0;
	call = call_begin((u64)words);
	if (!call)
		return 0;
	take_words(call, words);
	call_entered(call);
	call_end(call);
	return 0;
}

SEC("fentry")
int call_fentry(u64 *ctx)
{
	return words_entered(ctx);
}

SEC("fexit")
int return_fexit(u64 *ctx)
{
	struct call_scratch *call;

	if (is_own())
		return 0;
	call = call_begin((u64)ctx);
	if (!call)
		return 0;
	call->returned = returned_word(ctx);
	call_returned(call);
	call_end(call);
	return 0;
}

SEC("lsm")
int call_lsm(u64 *ctx)
{
	return words_entered(ctx);
}

SEC("raw_tp")
int call_raw_tracepoint(u64 *ctx)
{
	return words_entered(ctx);
}

SEC("tp")
int call_tracepoint(void *ctx)
{
	struct call_scratch *call;

	if (is_own())
		return 0;
	call = call_begin((u64)ctx);
	if (!call)
		return 0;
	call_entered(call);
	call_end(call);
	return 0;
}

/* By number, 32-bit ones with SYSCALL_COMPAT added: which of the functions it is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, u32);
} calls SEC(".maps");

/* Other hooks on the same call, by its number. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SYSCALLS_MAX);
	__type(key, u32);
	__type(value, u32);
} following SEC(".maps");

static __always_inline u32 syscall_seen(struct pt_regs *regs, u64 returned)
{
	struct syscall seen = {};
	struct call_scratch *call;
	u32 *function;
	u64 number;

	syscall_read(regs, &seen);
	number = seen.number | (seen.compat ? SYSCALL_COMPAT : 0);
	function = bpf_map_lookup_elem(&calls, &number);
	if (!function || is_own())
		return seen.number;
	/* a new process returns from the call that made it, too */
	if (!returned && syscall_makes_process(&seen))
		return seen.number;
	call = call_begin((u64)regs);
	if (!call)
		return seen.number;
	call->function = *function;
	call->compat = seen.compat;
	call->returned = returned;
	for (u32 i = 0; i < 6; i++)
		call->arguments[i] = seen.args[i];
	call_entered(call);
	call_end(call);
	return seen.number;
}

SEC("tp_btf/sys_enter")
int call_syscall_enter(u64 *ctx)
{
	bpf_tail_call(ctx, &following, syscall_seen((struct pt_regs *)ctx[0], 0));
	return 0;
}

SEC("tp_btf/sys_exit")
int call_syscall_exit(u64 *ctx)
{
	bpf_tail_call(ctx, &following, syscall_seen((struct pt_regs *)ctx[0], ctx[1]));
	return 0;
}
