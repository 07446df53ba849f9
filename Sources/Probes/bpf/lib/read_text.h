/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values that are text or bytes.
 */
#ifndef MARTLET_READ_TEXT_H
#define MARTLET_READ_TEXT_H

#include "call.h"
#include "objects.h"

#define STRING_CAPACITY 4097
#define VECTORS 16
#define PAGE 4096 /* the smallest there is */

/* Text up to its NUL, from user or kernel memory. */
static __noinline int read_string(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_item *item = item_next(call);
	u32 offset = call->used + sizeof(*item);
	long length;

	if (!item)
		return 0;
	if (reads_kernel(call, from))
		length = bpf_probe_read_kernel_str(item + 1, STRING_CAPACITY, (void *)from);
	else
		length = read_user_string((void *)(item + 1), STRING_CAPACITY, (void *)from);
	if (length <= 0 || length > STRING_CAPACITY)
		return value_unreadable(call, slot, 0);
	text_at(call, slot, offset, length - 1);
	item_close(call, value_type(slot), slot, length == STRING_CAPACITY ? MT_VALUE_TRUNCATED : 0,
		   length - 1, 0);
	return 0;
}

/*
 * So many bytes, ITEM_MAX at most: said once more right where they are read, since verifiers before 6.4 lose the bound on
 * the way there.
 */
static __always_inline long read_bounded(struct call_scratch *call, void *to, u32 size, u64 from)
{
	asm volatile("" : "+r"(size));
	if (size > ITEM_MAX)
		return -1;
	return read_memory(call, to, size, from);
}

/* length bytes, of which as many are kept as there is room for, or as the policy asks for. */
static __noinline int read_bytes(struct call_scratch *call, u32 slot, u64 from, u64 length)
{
	struct mt_item *item = item_next(call);
	u32 offset = call->used + sizeof(*item), kept = length, marks = 0;

	if (!item)
		return 0;
	if (length > shape.readings[slot].capacity) {
		kept = shape.readings[slot].capacity;
		marks = MT_VALUE_TRUNCATED;
	}
	if (kept > ITEM_MAX)
		kept = ITEM_MAX;
	if (kept && read_bounded(call, item + 1, kept, from)) {
		/* what is said to be longer than the memory that is there: as far as its page goes */
		u32 page = PAGE - (from & (PAGE - 1));

		if (kept <= page || read_bounded(call, item + 1, page, from))
			return value_unreadable(call, slot, 0);
		kept = page;
		marks = MT_VALUE_TRUNCATED;
	}
	text_at(call, slot, offset, kept);
	item_close(call, value_type(slot), slot, marks, kept, length > (u32)-1 ? (u32)-1 : length);
	return 0;
}

/* One more vector. What was kept so far lies in the call, so that the ways through earlier ones are one to verifiers. */
static __noinline int vector_add(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_item *item = item_next(call);
	u32 kept = call->vectors.kept, room = shape.readings[bounded_slot(slot)].capacity, length;
	struct iovec vector = {};

	if (!item || read_memory(call, &vector, sizeof(vector), from))
		return -1;
	call->vectors.whole += vector.iov_len;
	if (room > ITEM_MAX / 2)
		room = ITEM_MAX / 2;
	if (kept > room)
		kept = room;
	length = vector.iov_len;
	if (vector.iov_len > room - kept) {
		length = room - kept;
		call->vectors.marks = MT_VALUE_TRUNCATED;
	}
	call->vectors.kept = kept + length;
	asm volatile("" : "+r"(length), "+r"(kept)); /* keep the bounds where the verifier looks for them */
	if (length > ITEM_MAX / 2 || kept > ITEM_MAX / 2)
		return -1;
	return length ? read_memory(call, (void *)(item + 1) + kept, length, (u64)vector.iov_base) : 0;
}

/* The bytes that several vectors point to, as one. */
static __noinline int read_vectors(struct call_scratch *call, u32 slot, u64 from, u64 count)
{
	u32 kept;
	u64 whole;

	call->vectors.kept = 0;
	call->vectors.marks = count > VECTORS ? MT_VALUE_TRUNCATED : 0;
	call->vectors.whole = 0;
	for (u32 i = 0; i < VECTORS; i++) {
		if (i >= count)
			break;
		if (vector_add(call, slot, from + i * sizeof(struct iovec)))
			return value_unreadable(call, slot, 0);
	}
	kept = call->vectors.kept;
	whole = call->vectors.whole;
	text_at(call, slot, call->used + sizeof(struct mt_item), kept);
	item_close(call, value_type(slot), slot, call->vectors.marks, kept, whole > (u32)-1 ? (u32)-1 : whole);
	return 0;
}

/*
 * What an iov_iter is over: before 5.14 it says so by bits of "type", since 6.0 it may be one buffer, and since 6.4 its
 * vectors have another name (de4f5fed3f23 "iov_iter: add iter_iovec() helper"). The old names can go with the last
 * supported kernels before these.
 */
enum iter_type {
	ITER_IOVEC = 0x7ffd,
	ITER_KVEC = 0x7ffe,
	ITER_UBUF = 0x7fff,
};

struct iov_iter___bits {
	u32 type;
} __attribute__((preserve_access_index));

#define OLD_IOVEC 4
#define OLD_KVEC 8

struct iov_iter___new {
	struct iovec *__iov;
	void *ubuf;
} __attribute__((preserve_access_index));

static __always_inline bool has_vectors(struct iov_iter *iter)
{
	struct iov_iter___bits *bits = (void *)iter;
	u8 type;

	if (!bpf_core_field_exists(iter->iter_type))
		return BPF_CORE_READ(bits, type) & (OLD_IOVEC | OLD_KVEC);
	type = BPF_CORE_READ(iter, iter_type);
	return type == bpf_core_enum_value(enum iter_type, ITER_IOVEC) ||
	       type == bpf_core_enum_value(enum iter_type, ITER_KVEC);
}

/* The first of the buffers. */
static __noinline int read_iov_iter(struct call_scratch *call, u32 slot, u64 from)
{
	struct iov_iter *iter = (void *)from;
	struct iov_iter___new *now = (void *)from;
	u64 offset, count;
	struct iovec first = {}, *vectors;

	if (!from)
		return value_unreadable(call, slot, 0);
	offset = BPF_CORE_READ(iter, iov_offset);
	count = BPF_CORE_READ(iter, count);
	if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
	    BPF_CORE_READ(iter, iter_type) == bpf_core_enum_value(enum iter_type, ITER_UBUF))
		return read_bytes(call, slot, (u64)BPF_CORE_READ(now, ubuf) + offset, count);
	if (!has_vectors(iter))
		return value_unreadable(call, slot, 0);
	vectors = bpf_core_field_exists(now->__iov) ? BPF_CORE_READ(now, __iov) : BPF_CORE_READ(iter, iov);
	if (bpf_probe_read_kernel(&first, sizeof(first), vectors) || first.iov_len < offset)
		return value_unreadable(call, slot, 0);
	if (count > first.iov_len - offset)
		count = first.iov_len - offset;
	return read_bytes(call, slot, (u64)first.iov_base + offset, count);
}

/* A tracepoint's text: where it begins in the record, and its length, terminator included. */
static __always_inline int read_data_loc(struct call_scratch *call, u32 slot, u64 from)
{
	u32 location = 0;

	if (bpf_probe_read_kernel(&location, sizeof(location), (void *)from))
		return value_unreadable(call, slot, 0);
	return read_string(call, slot, call->context + (location & 0xffff));
}

#endif /* MARTLET_READ_TEXT_H */
