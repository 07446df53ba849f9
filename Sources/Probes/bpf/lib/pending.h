/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls that have begun and not returned, kept by thread until they do.
 *
 * A call that cannot be kept, for want of room, is told at once, without its return.
 */
#ifndef MARTLET_PENDING_H
#define MARTLET_PENDING_H

#include "call.h"

#define PENDING_ITEMS 3584

struct pending_key {
	u64 thread; /* tgid and tid */
	u64 generation; /* of the image by which it was looked at: that of its hook alone */
};

struct pending_call {
	u64 began;
	u32 used;
	u32 function;
	u64 alive[MT_WORDS_MAX];
	struct mt_call call;
	u8 items[PENDING_ITEMS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct pending_key);
	__type(value, struct pending_call);
} pending SEC(".maps");

/* Keeps the call; false when it cannot be kept. Its like of the same thread, whose return was missed, comes first. */
static __always_inline bool pending_keep(struct call_scratch *call, struct mt_image *image)
{
	struct pending_key key = { .thread = bpf_get_current_pid_tgid(), .generation = image->generation };
	struct pending_call *kept;
	u32 used = call->used;

	if (used > PENDING_ITEMS)
		return false;
	/* what is built there is as long as the value, and behind what is in use */
	kept = (void *)&call->record.items[ITEMS_LIMIT];
	kept->began = bpf_ktime_get_boot_ns();
	kept->used = used;
	kept->function = call->function;
	__builtin_memcpy(kept->alive, call->alive, sizeof(kept->alive));
	__builtin_memcpy(&kept->call, &call->record.call, sizeof(kept->call));
	asm volatile("" : "+r"(used));
	if (used > PENDING_ITEMS || bpf_probe_read_kernel(kept->items, used, call->record.items))
		return false;
	return !bpf_map_update_elem(&pending, &key, kept, BPF_ANY);
}

/* Puts a kept call back into the scratch buffer; false when there is none. */
static __always_inline bool pending_take(struct call_scratch *call, struct mt_image *image)
{
	struct pending_key key = { .thread = bpf_get_current_pid_tgid(), .generation = image->generation };
	struct pending_call *kept = bpf_map_lookup_elem(&pending, &key);
	u32 used;

	if (!kept)
		return false;
	used = kept->used;
	__builtin_memcpy(call->alive, kept->alive, sizeof(kept->alive));
	__builtin_memcpy(&call->record.call, &kept->call, sizeof(kept->call));
	asm volatile("" : "+r"(used));
	if (used > PENDING_ITEMS || bpf_probe_read_kernel(call->record.items, used, kept->items))
		used = 0;
	call->used = used;
	call->function = kept->function;
	call->record.call.duration = bpf_ktime_get_boot_ns() - kept->began;
	bpf_map_delete_elem(&pending, &key);
	return true;
}

#endif /* MARTLET_PENDING_H */
