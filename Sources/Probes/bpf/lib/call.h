/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A call that a policy's hook sees: what it was called with, and the record that grows of it, item by item.
 *
 * All state lives in a map value, so that to the verifier the states after each step are one.
 */
#ifndef MARTLET_CALL_KERNEL_H
#define MARTLET_CALL_KERNEL_H

#include "kernel.h"
#include "martlet_call.h"
#include "martlet_hook.h"
#include "path.h"
#include "record.h"
#include "versions.h"

#define CALL_ARGUMENTS MT_ARGUMENTS_MAX
#define ASPECTS 8
/* an item may begin up to here, and have so many bytes */
#define ITEMS_LIMIT 32768
#define ITEM_MAX 32768
#define ITEMS_END (ITEMS_LIMIT + ITEM_MAX + sizeof(struct mt_item) + 8)
/* and behind them what a row and its function say of themselves */
#define ITEMS_CAPACITY (ITEMS_END + 2 * MT_ABOUT_MAX)

const volatile struct mt_shape shape = {};

/* What conditions look at, where the items have it; offset 0: it could not be read. */
struct call_text {
	u32 offset;
	u32 length;
};

struct text_key {
	u64 length;
	char text[PATH_CAPACITY];
};

struct affix_key {
	u32 bits;
	u8 data[MT_AFFIX_MAX];
};

struct call_scratch {
	u32 busy;
	u32 slot;
	u32 used; /* bytes of items */
	u32 row; /* the first that was not looked at */
	u64 context;
	u64 returned;
	u64 arguments[CALL_ARGUMENTS];
	u32 compat; /* a 32-bit system call */
	u32 user; /* what is being read lies in user memory, whatever the address */
	u32 spare;
	u32 function; /* which of the hook's */
	u64 alive[MT_WORDS_MAX]; /* rows whose conditions have held so far */
	u64 hits[MT_WORDS_MAX]; /* of conditions that look more than once */
	u64 numbers[MT_SLOTS_MAX * ASPECTS]; /* by slot and aspect */
	struct call_text texts[MT_SLOTS_MAX];
	/* the program that a process runs */
	u32 binary_length;
	u32 pad;
	char binary[PATH_CAPACITY];
	struct {
		u32 slot; /* of the automaton */
		u32 state;
		u32 position;
		u32 end;
		u32 folds;
		u32 pad;
	} scan;
	/* several vectors that become one value */
	struct {
		u32 kept;
		u32 marks;
		u64 whole;
	} vectors;
	u64 stack[MT_EXPRESSION_DEPTH]; /* of an expression */
	u64 changed; /* kinds of namespaces */
	struct {
		u64 value;
		u32 slot;
		u32 shows;
	} digest; /* of values, for rate limits; of what a change is told of */
	struct text_key key;
	struct affix_key affix;
	struct {
		struct mt_call call;
		u8 items[ITEMS_CAPACITY];
	} record;
};

/* Programs on trampolines can be preempted by others like them. */
#define CALL_DEPTH 3

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_DEPTH);
	__type(key, u32);
	__type(value, struct call_scratch);
} scratch SEC(".maps");

/*
 * Trampolines' programs can be preempted, and calls of global functions are not allowed while that is forbidden (6.12):
 * so there only sending is held.
 */
const volatile bool hold_sending = false;

static __always_inline void sending_begin(void)
{
	if (hold_sending)
		bpf_preempt_disable();
}

static __always_inline void sending_end(void)
{
	if (hold_sending)
		bpf_preempt_enable();
}

/*
 * A free buffer of this CPU. Who comes between an addition and the look at it goes on to the next one, and so may the
 * first; no two ever have the same. (An exchange, which would do in one step, is no instruction of 5.10.)
 */
static __always_inline struct call_scratch *scratch_take(void)
{
	u32 slot = bpf_get_smp_processor_id() * CALL_DEPTH;
	struct call_scratch *call;

	for (int depth = 0; depth < CALL_DEPTH; depth++, slot++) {
		call = bpf_map_lookup_elem(&scratch, &slot);
		if (!call)
			break;
		add_u32(&call->busy, 1);
		if (*(volatile u32 *)&call->busy == 1) {
			call->slot = slot;
			return call;
		}
		add_u32(&call->busy, -1);
	}
	sending_begin();
	record_drop(shape.kind, MT_DROP_SCRATCH_BUSY);
	sending_end();
	return NULL;
}

/* A slot's bound, once more: verifiers lose it of a number that was put aside together with another one. */
static __always_inline u32 bounded_slot(u32 slot)
{
	asm volatile("" : "+r"(slot));
	return slot & (MT_SLOTS_MAX - 1);
}

/* How a slot's value is told. */
static __always_inline u32 value_type(u32 slot)
{
	return shape.readings[bounded_slot(slot)].value;
}

static __always_inline void text_at(struct call_scratch *call, u32 slot, u32 offset, u32 length)
{
	slot = bounded_slot(slot);
	call->texts[slot].offset = offset;
	call->texts[slot].length = length;
}

/*
 * Addresses of the kernel begin with a one, on x86_64 and on arm64: what a kernel function's argument points to tells by
 * itself. What a process gave must not: it could have any memory of the kernel read.
 */
static __always_inline bool is_kernel(u64 address)
{
	return (s64)address < 0;
}

static __always_inline bool reads_kernel(struct call_scratch *call, u64 address)
{
	return !call->user && is_kernel(address);
}

static __always_inline long read_memory(struct call_scratch *call, void *to, u32 size, u64 from)
{
	if (reads_kernel(call, from))
		return bpf_probe_read_kernel(to, size, (void *)from);
	return bpf_probe_read_user(to, size, (void *)from);
}

/* The place of the next item, or NULL when there is no room. */
static __always_inline struct mt_item *item_next(struct call_scratch *call)
{
	u32 used = call->used;

	if (used > ITEMS_LIMIT) {
		call->record.call.marks |= MT_CALL_VALUES_TRUNCATED;
		return NULL;
	}
	return (void *)&call->record.items[used];
}

/* Closes the item at used, whose payload is there; its padding is cleared, so that nothing older leaves with it. */
static __always_inline void item_close(struct call_scratch *call, u32 type, u32 slot, u32 marks, u32 length,
				       u32 detail)
{
	struct mt_item *item = item_next(call);
	u32 used = call->used, last;
	u64 *end;

	if (!item)
		return;
	/* it may have been put aside, where verifiers before 6.4 lose its bound */
	asm volatile("" : "+r"(length));
	if (length > ITEM_MAX)
		return;
	last = length & ~7u;
	end = (void *)item + sizeof(*item) + last;
	*end &= (1ULL << (length & 7) * 8) - 1; /* little endian, as all that Martlet runs on */
	item->type = type;
	item->slot = slot;
	item->marks = marks;
	item->length = length;
	item->detail = detail;
	call->used = used + sizeof(*item) + ((length + 7) & ~7u);
}

static __always_inline int value_unreadable(struct call_scratch *call, u32 slot, u32 step)
{
	item_close(call, value_type(slot), slot, MT_VALUE_UNREADABLE, 0, step);
	return 0;
}

#endif /* MARTLET_CALL_KERNEL_H */
