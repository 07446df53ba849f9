/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernels that the programs know of, each with its reason and when it can go.
 */
#ifndef MARTLET_VERSIONS_H
#define MARTLET_VERSIONS_H

#include "kernel.h"

/* The current task, with its type since 5.11: see TYPED. The untyped one can go with 5.10. */
enum bpf_func_id___current {
	BPF_FUNC_get_current_task_btf = 158,
};

#define CURRENT_IS_TYPED bpf_core_enum_value_exists(enum bpf_func_id___current, BPF_FUNC_get_current_task_btf)

static __always_inline struct task_struct *current_task(void)
{
	if (CURRENT_IS_TYPED)
		return bpf_get_current_task_btf();
	return (void *)bpf_get_current_task();
}

/*
 * 6.15 put kernfs_node.parent behind RCU as __parent (633488947ef6 "kernfs: Use RCU to access kernfs_node::parent.").
 * The old name can go with the last supported kernel before it.
 */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *kernfs_parent_of(struct kernfs_node *kn)
{
	struct kernfs_node___rcu *rcu = (void *)kn;

	if (bpf_core_field_exists(rcu->__parent))
		return BPF_CORE_READ(rcu, __parent);
	return BPF_CORE_READ(kn, parent);
}

/*
 * 6.4 has number iterators: the verifier looks at the body of a loop until nothing new comes of it, and not once for
 * each round. The bounded loop can go with the last supported kernel before it.
 */
struct bpf_iter_num {
	u64 opaque;
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym __weak;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym __weak;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym __weak;

/* Takes step until it gives 1, rounds times at most; whether it did. */
#define REPEAT(rounds, step)                                             \
	({                                                               \
		bool ended_ = false;                                     \
                                                                         \
		if (bpf_core_type_exists(struct bpf_iter_num)) {         \
			struct bpf_iter_num round_;                      \
                                                                         \
			bpf_iter_num_new(&round_, 0, rounds);            \
			while (!ended_ && bpf_iter_num_next(&round_))    \
				ended_ = step;                           \
			bpf_iter_num_destroy(&round_);                   \
		} else {                                                 \
			for (int i_ = 0; !ended_ && i_ < (rounds); i_++) \
				ended_ = step;                           \
		}                                                        \
		ended_;                                                  \
	})

/* A kernel without CONFIG_AUDIT has no loginuid. Stays: it is a matter of configuration. */
static __always_inline u32 loginuid_of(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->loginuid))
		return (u32)-1;
	return READ(task, loginuid.val);
}

/*
 * 7.0 lets tasks be preempted inside a program on a tracepoint. Whoever runs meanwhile on that CPU would find our
 * counters half changed and the same scratch buffer free. So the body of each program holds its CPU, by functions that
 * exist since 6.10; the loader says whether that is needed. (That the kernel leaves out the other's run of the same
 * program cannot be helped: it counts it.)
 */
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

const volatile bool preemptible = false;

static __always_inline void hold_cpu(void)
{
	if (preemptible)
		bpf_preempt_disable();
}

static __always_inline void release_cpu(void)
{
	if (preemptible)
		bpf_preempt_enable();
}

/*
 * 6.16 tells the tracepoint sched_process_exit whether the thread is the last one of its process. Before, it has to be
 * worked out; that can go with the last supported kernel before it.
 */
struct trace_event_raw_sched_process_exit {
	bool group_dead;
} __attribute__((preserve_access_index));

static __always_inline bool exit_tells_group_dead(void)
{
	return bpf_core_field_exists(struct trace_event_raw_sched_process_exit, group_dead);
}

/*
 * The tracepoint kfree_skb tells why since 5.17 (c504e5c2f964 "net: skb: introduce kfree_skb_reason()"), and since 6.11
 * which socket the packet had come to (c53795d48ee8 "net: add rx_sk to trace_kfree_skb"); before, a packet that comes in
 * mostly names none. Each check can go with the last supported kernel before it.
 */
enum skb_drop_reason {
	SKB_CONSUMED = 1,
};

struct trace_event_raw_kfree_skb {
	void *rx_sk;
	enum skb_drop_reason reason; /* relocations tell enums from numbers */
} __attribute__((preserve_access_index));

static __always_inline u32 drop_reason_of(u64 *ctx)
{
	if (bpf_core_field_exists(struct trace_event_raw_kfree_skb, reason))
		return ctx[2];
	return 0;
}

/* Some later kernels have a reason for packets that were of use. */
static __always_inline bool drop_is_none(u32 reason)
{
	return bpf_core_enum_value_exists(enum skb_drop_reason, SKB_CONSUMED) &&
	       reason == bpf_core_enum_value(enum skb_drop_reason, SKB_CONSUMED);
}

/*
 * Not typed: it may be NULL, which 6.11 and 6.12 do not know of the argument (838a10bd2ebf "bpf: Augment raw_tp arguments
 * with PTR_MAYBE_NULL"), and so would leave out a comparison with NULL.
 */
static __always_inline struct sock *drop_receiver_of(u64 *ctx)
{
	struct sock *sk = NULL;

	if (bpf_core_field_exists(struct trace_event_raw_kfree_skb, rx_sk))
		bpf_probe_read_kernel(&sk, sizeof(sk), &ctx[3]);
	return sk;
}

/*
 * A mount namespace that is nobody's, of mounts that are not attached: without a number before 6.17, with one for all of
 * them since (the enum's). The first can go with the last supported kernel before it.
 */
enum init_ns_ino {
	MNT_NS_ANON_INO = 1, /* whatever: the kernel's own is put in its place */
};

static __always_inline bool is_anonymous(u32 inum)
{
	if (bpf_core_enum_value_exists(enum init_ns_ino, MNT_NS_ANON_INO) &&
	    inum == (u32)bpf_core_enum_value(enum init_ns_ino, MNT_NS_ANON_INO))
		return true;
	return !inum;
}

/*
 * Before 6.13 an empty string of user space counted as nothing, not even its terminator. Can go with the last supported
 * kernel before it.
 */
static __always_inline long read_user_string(char *to, u32 size, const void *from)
{
	long length = bpf_probe_read_user_str(to, size, from);

	return length ? length : 1; /* the terminator is there */
}

/*
 * Additions that other CPUs and programs see whole. Written out, because what clang makes of its builtins depends on its
 * version, and 5.10 knows this instruction alone; that can go with it.
 */
static __always_inline void add_u64(u64 *to, u64 value)
{
	asm volatile("lock *(u64 *)(%0 + 0) += %1" : : "r"(to), "r"(value) : "memory");
}

static __always_inline void add_u32(u32 *to, u32 value)
{
	asm volatile("lock *(u32 *)(%0 + 0) += %1" : : "r"(to), "r"(value) : "memory");
}

#endif /* MARTLET_VERSIONS_H */
