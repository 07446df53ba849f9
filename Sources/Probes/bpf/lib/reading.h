/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One value: the way to it, and what lies at its end. Which of all this a hook does is known when it is verified.
 */
#ifndef MARTLET_READING_H
#define MARTLET_READING_H

#include "read_file.h"
#include "read_object.h"
#include "read_socket.h"
#include "read_text.h"
#include "syscall.h"

static __always_inline u64 narrowed(u64 value, u32 width, bool is_signed)
{
	u32 spare = 64 - 8 * width;

	if (width >= 8)
		return value;
	value <<= spare;
	return is_signed ? (u64)((s64)value >> spare) : value >> spare;
}

static __always_inline int number_close(struct call_scratch *call, u32 slot, u64 value, u32 detail)
{
	struct mt_item *item = item_next(call);

	if (!item)
		return 0;
	call->numbers[bounded_slot(slot) * ASPECTS] = value;
	text_at(call, slot, call->used + sizeof(*item), sizeof(u64));
	*(u64 *)(item + 1) = value;
	item_close(call, value_type(slot), slot, 0, sizeof(u64), detail);
	return 0;
}

/* The context of a program on registers is not the process' to choose, whatever they hold. */
static __always_inline u64 saved_register(struct call_scratch *call, u32 offset)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)call->context + offset);
	return value;
}

static __always_inline u64 sum_of_registers(struct call_scratch *call, u32 slot)
{
	u64 sum = saved_register(call, shape.readings[slot].base) + shape.readings[slot].constant;
	u32 scaled = shape.readings[slot].scaled;

	if (scaled)
		sum += saved_register(call, (scaled - 1) * sizeof(u64)) << (shape.readings[slot].shift & 3);
	return sum;
}

/* Where the way begins. */
static __always_inline u64 origin_of(struct call_scratch *call, u32 slot)
{
	u32 index = shape.readings[slot].index;

	switch (shape.readings[slot].origin) {
	case MT_ORIGIN_CONTEXT:
		return call->context;
	case MT_ORIGIN_TASK:
		return (u64)bpf_get_current_task();
	case MT_ORIGIN_RETURN:
		return call->returned;
	case MT_ORIGIN_CONSTANT:
		return shape.readings[slot].constant;
	case MT_ORIGIN_REGISTER:
		return sum_of_registers(call, slot);
	default:
		return index < CALL_ARGUMENTS ? call->arguments[index] : 0;
	}
}

/* A number is the argument itself, or lies at the end of the way. */
static __always_inline bool number_at(struct call_scratch *call, u32 slot, u64 *value)
{
	u32 width = shape.readings[slot].width;

	if (shape.readings[slot].way_length) {
		u64 address = *value;

		*value = 0;
		if (width > 8 || read_memory(call, value, width, address))
			return false;
	}
	*value = narrowed(*value, width, shape.readings[slot].flags & MT_READING_SIGNED);
	return true;
}

static __always_inline int read_number(struct call_scratch *call, u32 slot, u64 value)
{
	if (!number_at(call, slot, &value))
		return value_unreadable(call, slot, 0);
	return number_close(call, slot, value, 0);
}

/* Conditions tell the tables apart by a bit above the number. */
static __always_inline int read_syscall(struct call_scratch *call, u32 slot, u64 value)
{
	bool compat = is_compat();

	if (!number_at(call, slot, &value))
		return value_unreadable(call, slot, 0);
	number_close(call, slot, value, compat);
	if (compat)
		call->numbers[bounded_slot(slot) * ASPECTS] |= SYSCALL_COMPAT;
	return 0;
}

static __always_inline int read_fd(struct call_scratch *call, u32 slot, u64 value)
{
	if (!number_at(call, slot, &value))
		return value_unreadable(call, slot, 0);
	return read_file(call, slot, (u64)file_of(value), (u32)value + 1);
}

static __always_inline int read_capabilities(struct call_scratch *call, u32 slot, u64 from)
{
	u64 value = 0;

	if (!from || read_memory(call, &value, sizeof(value), from))
		return value_unreadable(call, slot, 0);
	return number_close(call, slot, value, 0);
}

/* How long a value is by another argument; what the policy asks for at most, when none says it. */
static __always_inline u64 size_of(struct call_scratch *call, u32 slot)
{
	u32 index = shape.readings[slot].size_index;

	if (index == MT_SIZE_IN_CONTEXT) {
		u32 width = shape.readings[slot].size_width;
		u64 size = 0;

		if (width <= 8)
			bpf_probe_read_kernel(&size, width, (void *)call->context + shape.readings[slot].size_offset);
		return size;
	}
	if (!index || index > CALL_ARGUMENTS)
		return shape.readings[slot].capacity;
	return narrowed(call->arguments[index - 1], shape.readings[slot].size_width, false);
}

/* A pointer that a struct has, by its offset there; 0 behind a NULL. */
static __always_inline u64 behind(u64 from, u32 offset)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)from + offset);
	return value;
}

static __noinline int read_slot(struct call_scratch *call, u32 slot)
{
	u64 value;

	if (slot >= MT_SLOTS_MAX)
		return 0;
	/* until it is read, there is nothing for conditions to look at */
	text_at(call, slot, 0, 0);
	/* a record and saved registers lie in the kernel, whatever they point to */
	call->user = shape.readings[slot].origin != MT_ORIGIN_CONTEXT && shape.readings[slot].flags & MT_READING_USER;
	value = origin_of(call, slot);
	for (u32 step = 0; step < MT_WAY_MAX; step++) {
		if (step >= shape.readings[slot].way_length)
			break;
		value += shape.readings[slot].way[step].offset;
		if (!shape.readings[slot].way[step].is_load)
			continue;
		if (read_memory(call, &value, sizeof(value), value))
			return value_unreadable(call, slot, step + 1);
		call->user = shape.readings[slot].flags & MT_READING_USER;
	}
	switch (shape.readings[slot].read) {
	case MT_READ_NUMBER:
		return read_number(call, slot, value);
	case MT_READ_SYSCALL:
		return read_syscall(call, slot, value);
	case MT_READ_STRING:
		return read_string(call, slot, value);
	case MT_READ_FILENAME:
		return read_string(call, slot, behind(value, bpf_core_field_offset(struct filename, name)));
	case MT_READ_NET_DEVICE:
		return read_string(call, slot, value + bpf_core_field_offset(struct net_device, name));
	case MT_READ_DATA_LOC:
		return read_data_loc(call, slot, value);
	case MT_READ_BUFFER:
	case MT_READ_FIXED:
		return read_bytes(call, slot, value, size_of(call, slot));
	case MT_READ_IOVEC:
		return read_vectors(call, slot, value, size_of(call, slot));
	case MT_READ_IOV_ITER:
		return read_iov_iter(call, slot, value);
	case MT_READ_FD:
		return read_fd(call, slot, value);
	case MT_READ_FILE:
		return read_file(call, slot, value, 0);
	case MT_READ_KIOCB:
		return read_file(call, slot, behind(value, bpf_core_field_offset(struct kiocb, ki_filp)), 0);
	case MT_READ_BINPRM:
		return read_file(call, slot, behind(value, bpf_core_field_offset(struct linux_binprm, file)), 0);
	case MT_READ_PATH:
		return read_path(call, slot, value, NULL, 0);
	case MT_READ_DENTRY:
		return read_dentry(call, slot, value);
	case MT_READ_SOCK:
		return read_sock(call, slot, value);
	case MT_READ_SOCKET:
		return read_sock(call, slot, behind(value, bpf_core_field_offset(struct socket, sk)));
	case MT_READ_SKB:
		return read_skb(call, slot, value);
	case MT_READ_SOCKADDR:
		return read_sockaddr(call, slot, value);
	case MT_READ_SOCKADDR_UN:
		return read_sockaddr_un(call, slot, value);
	case MT_READ_CREDENTIALS:
		return read_credentials(call, slot, value);
	case MT_READ_USER_NAMESPACE:
		return read_user_namespace(call, slot, value);
	case MT_READ_CAPABILITY_SET:
		return read_capabilities(call, slot, value);
	case MT_READ_CRED_INHERITABLE:
		return read_capabilities(call, slot, value + bpf_core_field_offset(struct cred, cap_inheritable));
	case MT_READ_CRED_PERMITTED:
		return read_capabilities(call, slot, value + bpf_core_field_offset(struct cred, cap_permitted));
	case MT_READ_CRED_EFFECTIVE:
		return read_capabilities(call, slot, value + bpf_core_field_offset(struct cred, cap_effective));
	case MT_READ_BPF_ATTR:
		return read_bpf_attr(call, slot, value);
	case MT_READ_BPF_PROG:
		return read_bpf_prog(call, slot, value);
	case MT_READ_BPF_MAP:
		return read_bpf_map(call, slot, value);
	case MT_READ_PERF_EVENT:
		return read_perf_event(call, slot, value);
	case MT_READ_MODULE:
		return read_module(call, slot, value);
	case MT_READ_LOAD_INFO:
		return read_load_info(call, slot, value);
	default:
		return 0;
	}
}

#endif /* MARTLET_READING_H */
