/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls that have begun and not returned, kept by thread until they do.
 *
 * A call that cannot be kept, for want of room, is told at once, without its return. One that never returns stays until
 * user space finds that its thread is gone, or its image, and tells it.
 */
#ifndef MARTLET_PENDING_H
#define MARTLET_PENDING_H

#include "call.h"

#define PENDING_ITEMS 3584

struct pending_call {
	struct mt_pending head;
	u8 items[PENDING_ITEMS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct mt_pending_key);
	__type(value, struct pending_call);
} pending SEC(".maps");

/* What is built there is as long as the value, and behind what is in use. */
static __always_inline struct pending_call *pending_room(struct call_scratch *call)
{
	return (void *)&call->record.items[ITEMS_LIMIT];
}

/* Puts what was kept back into the scratch buffer. */
static __always_inline void pending_restore(struct call_scratch *call, const struct pending_call *kept)
{
	u32 used = kept->head.used;

	__builtin_memcpy(call->alive, kept->head.alive, sizeof(kept->head.alive));
	__builtin_memcpy(call->arguments, kept->head.arguments, sizeof(kept->head.arguments));
	__builtin_memcpy(&call->record.call, &kept->head.call, sizeof(kept->head.call));
	asm volatile("" : "+r"(used));
	if (used > PENDING_ITEMS || bpf_probe_read_kernel(call->record.items, used, kept->items))
		used = 0;
	call->used = used;
	call->function = kept->head.function;
	for (u32 slot = 0; slot < MT_SLOTS_MAX; slot++) {
		call->numbers[slot * ASPECTS] = kept->head.numbers[slot];
		text_at(call, slot, kept->head.texts[slot].offset, kept->head.texts[slot].length);
	}
}

/* A call that is not kept, and whose return must not be taken for that of the one above it. */
static __always_inline void pending_inner(struct mt_image *image)
{
	struct mt_pending_key key = { .thread = bpf_get_current_pid_tgid(), .generation = image->generation };
	struct pending_call *kept = bpf_map_lookup_elem(&pending, &key);

	if (kept)
		kept->head.inner++;
}

/*
 * Keeps the call. False when there is one to tell at once, without its return, which is then in the scratch buffer:
 * this one, when it cannot be kept; the thread's one before, when its return was missed or it is below this one.
 */
static __noinline bool pending_keep(struct call_scratch *call, struct mt_image *image)
{
	struct mt_pending_key key = { .thread = bpf_get_current_pid_tgid(), .generation = image->generation };
	struct pending_call *kept = pending_room(call), *before;
	u32 used = call->used;

	if (used > PENDING_ITEMS) {
		pending_inner(image);
		return false;
	}
	kept->head.began = bpf_ktime_get_boot_ns();
	kept->head.used = used;
	kept->head.function = call->function;
	kept->head.inner = 0;
	for (u32 slot = 0; slot < MT_SLOTS_MAX; slot++) {
		kept->head.numbers[slot] = call->numbers[slot * ASPECTS];
		kept->head.texts[slot].offset = call->texts[slot].offset;
		kept->head.texts[slot].length = call->texts[slot].length;
	}
	__builtin_memcpy(kept->head.alive, call->alive, sizeof(kept->head.alive));
	__builtin_memcpy(kept->head.arguments, call->arguments, sizeof(kept->head.arguments));
	__builtin_memcpy(&kept->head.call, &call->record.call, sizeof(kept->head.call));
	asm volatile("" : "+r"(used));
	if (used > PENDING_ITEMS || bpf_probe_read_kernel(kept->items, used, call->record.items))
		return false;
	before = bpf_map_lookup_elem(&pending, &key);
	if (!before)
		return !bpf_map_update_elem(&pending, &key, kept, BPF_ANY);
	pending_restore(call, before);
	bpf_map_update_elem(&pending, &key, kept, BPF_ANY);
	return false;
}

/* Puts a kept call back into the scratch buffer; false when it is not this one that returns. */
static __noinline bool pending_take(struct call_scratch *call, struct mt_image *image)
{
	struct mt_pending_key key = { .thread = bpf_get_current_pid_tgid(), .generation = image->generation };
	struct pending_call *kept = bpf_map_lookup_elem(&pending, &key);

	if (!kept)
		return false;
	if (kept->head.inner) {
		kept->head.inner--;
		return false;
	}
	pending_restore(call, kept);
	call->record.call.duration = bpf_ktime_get_boot_ns() - kept->head.began;
	bpf_map_delete_elem(&pending, &key);
	return true;
}

#endif /* MARTLET_PENDING_H */
