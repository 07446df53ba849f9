/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rows do whose conditions all held: of each policy the first one counts.
 */
#ifndef MARTLET_ROWS_H
#define MARTLET_ROWS_H

#include "image.h"
#include "subject.h"

/* By mt_row.counter: shared by all hooks. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MT_ROW_COUNTS_MAX);
	__type(key, u32);
	__type(value, struct mt_row_counts);
} row_counts SEC(".maps");

struct rate_key {
	u64 who; /* thread, process or nobody */
	u64 what; /* a digest of the values */
	u64 row;
};

/* When a row last told such an event. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct rate_key);
	__type(value, u64);
} rates SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct mt_function);
} functions SEC(".maps");

#define DIGEST_WORDS 5

/* Adds the next value to the digest, if the row shows it; what there is so far lies in the call: see lib/call.h. */
static __noinline int digest_step(struct call_scratch *call)
{
	u32 slot = call->digest.slot++ & (MT_SLOTS_MAX - 1);
	u32 offset = call->texts[slot].offset, length = call->texts[slot].length;

	if (!(call->digest.shows >> slot & 1))
		return 0;
	if (offset > ITEMS_LIMIT + sizeof(struct mt_item) + sizeof(struct mt_file))
		return 0;
	call->digest.value = (call->digest.value ^ length) * 0x100000001b3;
	for (u32 i = 0; i < DIGEST_WORDS; i++) {
		u64 value;

		if (i * 8 >= length)
			break;
		value = (call->digest.value ^ *(u64 *)&call->record.items[offset + i * 8]) * 0x100000001b3;
		call->digest.value = value ^ value >> 29;
	}
	return 0;
}

/* Of the first 40 bytes of each value that the row shows. */
static __always_inline u64 values_digest(struct call_scratch *call, u32 shows)
{
	call->digest.value = 0xcbf29ce484222325;
	call->digest.slot = 0;
	call->digest.shows = shows;
	REPEAT(MT_SLOTS_MAX, digest_step(call));
	return call->digest.value;
}

/* Whether the row has told such an event too short a time ago. */
static __noinline int rate_exceeded(struct call_scratch *call, struct mt_row *row)
{
	u64 ids = bpf_get_current_pid_tgid(), now = bpf_ktime_get_boot_ns(), *last;
	struct rate_key key = { .row = row->id, .what = values_digest(call, row->shows) };

	if (row->scope == MT_SCOPE_THREAD)
		key.who = ids;
	else if (row->scope == MT_SCOPE_PROCESS)
		key.who = ids >> 32;
	last = bpf_map_lookup_elem(&rates, &key);
	if (last && now - *last < row->rate)
		return 1;
	bpf_map_update_elem(&rates, &key, &now, BPF_ANY);
	return 0;
}

struct told_key {
	u64 row;
	u64 thread;
};

struct told_state {
	u64 start; /* of the thread */
	u64 execs;
	u64 digest; /* of what it had */
};

/* What a thread had when a row last told of its change: the next event is for another one. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct told_key);
	__type(value, struct told_state);
} told SEC(".maps");

/* Whether there are the maps for it. */
const volatile bool looks_at_changes = false;

static __always_inline void digest_add(struct call_scratch *call, u64 number)
{
	call->digest.value = (call->digest.value ^ number) * 0x100000001b3;
}

static __always_inline void told_now(struct call_scratch *call, struct mt_row *row, struct told_key *key,
				     struct told_state *state)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	call->digest.value = 0xcbf29ce484222325;
	for (u32 kind = 0; kind < BASELINE_NAMESPACES; kind++) {
		if (row->namespaces >> kind & 1)
			digest_add(call, namespace_of(task, kind));
	}
	for (u32 set = 0; set < BASELINE_SETS; set++) {
		if (row->sets >> set & 1)
			digest_add(call, capabilities_of(task, set));
	}
	key->row = row->id;
	key->thread = bpf_get_current_pid_tgid();
	state->start = BPF_CORE_READ(task, start_boottime);
	state->execs = BPF_CORE_READ(task, self_exec_id);
	state->digest = call->digest.value;
}

/* Whether the row has told of what the thread has now. */
static __noinline int change_known(struct call_scratch *call, struct mt_row *row)
{
	struct told_state now, *known;
	struct told_key key;

	told_now(call, row, &key, &now);
	known = bpf_map_lookup_elem(&told, &key);
	return known && known->start == now.start && known->execs == now.execs && known->digest == now.digest;
}

static __noinline int change_told(struct call_scratch *call, struct mt_row *row)
{
	struct told_state now;
	struct told_key key;

	told_now(call, row, &key, &now);
	bpf_map_update_elem(&told, &key, &now, BPF_ANY);
	return 0;
}

/* Items that stand ready, behind what is there; used stays, so that the next row puts its own there. */
static __always_inline u32 about_append(struct call_scratch *call, u32 used, const void *from, u32 length, u32 most)
{
	if (used > ITEMS_END + MT_ABOUT_MAX)
		return used;
	asm volatile("" : "+r"(length));
	if (length > most)
		return used;
	if (bpf_probe_read_kernel(&call->record.items[used], length, from))
		return used;
	return used + length;
}

static __noinline int row_post(struct call_scratch *call, u32 index, struct mt_row *row)
{
	struct mt_call *record = &call->record.call;
	u32 begin = call->used, used = begin, function = call->function;
	struct mt_function *name = bpf_map_lookup_elem(&functions, &function);

	used = about_append(call, used, row + 1, row->about_length, shape.about_capacity);
	if (name)
		used = about_append(call, used, name->item, name->length, MT_FUNCTION_ITEM);
	record->row = index;
	record->actions = MT_ACTION_POST;
	record->values.offset = sizeof(*record);
	record->values.length = begin;
	record->about.offset = sizeof(*record) + begin;
	record->about.length = used - begin;
	if (used > sizeof(call->record.items))
		return 0;
	sending_begin();
	record_send(&record->header, shape.kind, sizeof(*record) + used, pool_lane(record->header.tgid));
	sending_end();
	return 0;
}

/* False when it does not decide after all. */
static __always_inline bool row_do(struct call_scratch *call, u32 index, struct mt_row *row)
{
	bool is_change = looks_at_changes && row->flags & MT_ROW_CHANGES && row->flags & MT_ROW_POST;
	u32 counter = row->counter;
	struct mt_row_counts *counts = bpf_map_lookup_elem(&row_counts, &counter);

	if (is_change && change_known(call, row))
		return false;
	if (counts)
		add_u64(&counts->matched, 1);
	if (!(row->flags & MT_ROW_POST))
		return true;
	if (shape.flags & MT_SHAPE_RATES && row->rate && rate_exceeded(call, row)) {
		if (counts)
			add_u64(&counts->suppressed, 1);
		return true;
	}
	if (counts)
		add_u64(&counts->posted, 1);
	row_post(call, index, row);
	if (is_change)
		change_told(call, row);
	return true;
}

static __always_inline u32 lowest_bit(u64 word)
{
	u32 bit = 0;

	word &= -word;
	for (u32 half = 32; half; half /= 2) {
		u64 low = (1ULL << half) - 1;

		if (!(word & low)) {
			word >>= half;
			bit += half;
		}
	}
	return bit;
}

/* The next policy that has a row left; 1 behind the last one. */
static __noinline int row_step(struct call_scratch *call, u32 bank)
{
	u32 index = call->row, word = index >> 6;
	struct mt_row *row;
	void *map;
	u64 left;

	if (word >= shape.words || word >= MT_WORDS_MAX)
		return 1;
	left = call->alive[word] & ~0ULL << (index & 63);
	if (!left) {
		call->row = (word + 1) << 6;
		return 0;
	}
	index = word << 6 | lowest_bit(left);
	map = bpf_map_lookup_elem(&rows, &bank);
	row = map ? bpf_map_lookup_elem(map, &index) : NULL;
	if (!row)
		return 1;
	call->row = index + 1;
	/* a policy's rows stand one behind another */
	if (row_do(call, index, row) && row->next > index)
		call->row = row->next;
	return 0;
}

static __always_inline void rows_do(struct call_scratch *call, u32 bank)
{
	call->row = 0;
	/* as many policies as rows, and each word is left once */
	REPEAT((int)(shape.words * 65 + 1), row_step(call, bank));
}

/* Has the rows that do not wait for the return do what they do now, and leaves the others; whether there are any. */
static __noinline bool rows_part(struct call_scratch *call, struct mt_image *image)
{
	const u64 *waiting = IMAGE_WORDS(image) + MT_IMAGE_WAITING(shape.words);
	u64 left = 0;

	for (u32 word = 0; word < MT_WORDS_MAX; word++) {
		if (word >= shape.words)
			break;
		left |= call->hits[word] = call->alive[word] & waiting[word];
		call->alive[word] &= ~waiting[word];
	}
	rows_do(call, image->bank);
	for (u32 word = 0; word < MT_WORDS_MAX; word++) {
		if (word >= shape.words)
			break;
		call->alive[word] = call->hits[word];
	}
	return left;
}

#endif /* MARTLET_ROWS_H */
