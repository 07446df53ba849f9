/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a filled scratch buffer to the reader: lanes, sequence numbers, counts, wake-ups.
 */
#ifndef MARTLET_RECORD_H
#define MARTLET_RECORD_H

#include "kernel.h"
#include "martlet_wire.h"
#include "versions.h"

/* The life-cycle lane: nothing else may fill it, so no flood elsewhere costs a fork, an exec or an exit. */
#define LANE_LIFE_CYCLE 0
#define LANES_MAX 65

/* Programs on one CPU nest at most this deep while they hold a scratch buffer. */
#define SCRATCH_DEPTH 2

/* A sleeping reader is woken at most this often per CPU; awake, it looks again by itself for longer than this. */
#define WAKE_INTERVAL_NS 5000000

/* The agent itself, which must not watch its own doing. */
const volatile u32 own_tgid = 0;
/* Lanes 1 to pool_mask + 1 are chosen by a hash of the tgid. */
const volatile u32 pool_mask = 0;

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, LANES_MAX);
	__type(key, u32);
	__array(values, struct ring);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2 * MT_KIND_COUNT);
	__type(key, u32);
	__type(value, struct mt_counts);
} counters SEC(".maps");

/*
 * Declares the map "scratch" of an object: max_entries becomes SCRATCH_DEPTH per possible CPU before it is loaded.
 * value_type begins with busy and slot, its own number.
 */
#define DEFINE_SCRATCH(value_type)                                  \
	struct {                                                    \
		__uint(type, BPF_MAP_TYPE_ARRAY);                   \
		__uint(max_entries, SCRATCH_DEPTH);                 \
		__type(key, u32);                                   \
		__type(value, value_type);                          \
	} scratch SEC(".maps");                                     \
                                                                    \
	static __always_inline value_type *scratch_take(u32 kind)   \
	{                                                           \
		u32 slot = bpf_get_smp_processor_id() * SCRATCH_DEPTH; \
		value_type *buffer;                                 \
                                                                    \
		for (int depth = 0; depth < SCRATCH_DEPTH; depth++, slot++) { \
			buffer = bpf_map_lookup_elem(&scratch, &slot); \
			if (buffer && !buffer->busy) {              \
				buffer->busy = 1;                   \
				buffer->slot = slot;                \
				return buffer;                      \
			}                                           \
		}                                                   \
		record_drop(kind, MT_DROP_SCRATCH_BUSY);            \
		return NULL;                                        \
	}

static __always_inline u32 pool_lane(u32 tgid)
{
	return 1 + ((tgid * 2654435761u >> 16) & pool_mask);
}

/* What is counted on this CPU while one record is. */
struct tally {
	volatile struct mt_counts *cpu;
	volatile struct mt_counts *kind;
	u64 sequence;
};

/*
 * Counts a record that was due; false when even that cannot be. A program that a change of a connection's state runs in
 * an interrupt may find another one of this CPU at counting, and then counts beside it: an addition takes three
 * instructions.
 */
static __always_inline bool tally_begin(struct tally *tally, u32 kind)
{
	u32 none = MT_KIND_NONE;
	u64 beside = 0;

	tally->cpu = bpf_map_lookup_elem(&counters, &none);
	if (tally->cpu && tally->cpu->counting) {
		none += MT_KIND_COUNT;
		kind += MT_KIND_COUNT;
		beside = MT_SEQUENCE_BESIDE;
		tally->cpu = bpf_map_lookup_elem(&counters, &none);
	}
	tally->kind = bpf_map_lookup_elem(&counters, &kind);
	if (!tally->cpu || !tally->kind)
		return false;
	tally->cpu->counting = 1;
	tally->kind->produced++;
	tally->sequence = ++tally->cpu->produced | beside;
	return true;
}

static __always_inline void tally_end(struct tally *tally)
{
	tally->cpu->counting = 0;
}

/* Counts a record that was due and did not even come to be written. */
static __always_inline void record_drop(u32 kind, u32 reason)
{
	struct tally tally;

	if (!tally_begin(&tally, kind))
		return;
	tally.kind->dropped[reason]++;
	tally_end(&tally);
}

static __always_inline u32 euid_of(struct task_struct *task)
{
	struct cred *cred = READ(task, cred);

	return cred ? READ(cred, euid.val) : 0;
}

/* Who: current, its process and credentials, for a record about current, which is task. */
static __always_inline void record_begin(struct mt_header *header, u32 kind, struct task_struct *task)
{
	u64 ids = bpf_get_current_pid_tgid();

	header->kind = kind;
	header->flags = 0;
	header->tgid = ids >> 32;
	header->tid = (u32)ids;
	header->execs = READ(task, self_exec_id);
	header->uid = euid_of(task);
	header->start = READ(task, group_leader, start_boottime);
	header->cgroup = bpf_get_current_cgroup_id();
}

/* Sends length bytes. The time is taken here, last, so that records of a lane are as good as sorted. */
static __always_inline void record_send(struct mt_header *header, u32 kind, u32 length, u32 lane)
{
	u64 wake = BPF_RB_NO_WAKEUP;
	struct tally tally;
	void *ring;

	if (!tally_begin(&tally, kind))
		return;
	header->length = length;
	header->cpu = bpf_get_smp_processor_id();
	header->sequence = tally.sequence;
	header->time = bpf_ktime_get_boot_ns();
	if (header->time - tally.cpu->woken > WAKE_INTERVAL_NS)
		wake = BPF_RB_FORCE_WAKEUP;

	ring = bpf_map_lookup_elem(&rings, &lane);
	if (!ring || bpf_ringbuf_output(ring, header, length, wake))
		tally.kind->dropped[MT_DROP_RING_FULL]++;
	else if (wake == BPF_RB_FORCE_WAKEUP)
		tally.cpu->woken = header->time;
	tally_end(&tally);
}

#endif /* MARTLET_RECORD_H */
