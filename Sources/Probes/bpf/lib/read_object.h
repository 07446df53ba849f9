/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values that are other objects of the kernel: credentials, BPF programs and maps, modules.
 */
#ifndef MARTLET_READ_OBJECT_H
#define MARTLET_READ_OBJECT_H

#include "call.h"
#include "objects.h"

static __always_inline void user_namespace_fill(struct mt_user_namespace *to, struct user_namespace___owner *from)
{
	to->level = BPF_CORE_READ(from, level);
	to->uid = BPF_CORE_READ(from, owner.val);
	to->gid = BPF_CORE_READ(from, group.val);
	to->inode = BPF_CORE_READ(from, ns.inum);
}

static __noinline int read_user_namespace(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_item *item = item_next(call);

	if (!item)
		return 0;
	if (!from)
		return value_unreadable(call, slot, 0);
	user_namespace_fill((void *)(item + 1), (void *)from);
	item_close(call, value_type(slot), slot, 0, sizeof(struct mt_user_namespace), 0);
	return 0;
}

static __noinline int read_credentials(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_item *item = item_next(call);
	struct mt_credentials_value *value = (void *)(item + 1);
	struct cred *cred = (void *)from;
	struct mt_credentials *to;

	if (!item)
		return 0;
	to = &value->credentials;
	__builtin_memset(value, 0, sizeof(*value));
	if (!from || bpf_core_read(&to->uid, sizeof(u32), &cred->uid))
		return value_unreadable(call, slot, 0);
	to->gid = BPF_CORE_READ(cred, gid.val);
	to->suid = BPF_CORE_READ(cred, suid.val);
	to->sgid = BPF_CORE_READ(cred, sgid.val);
	to->euid = BPF_CORE_READ(cred, euid.val);
	to->egid = BPF_CORE_READ(cred, egid.val);
	to->fsuid = BPF_CORE_READ(cred, fsuid.val);
	to->fsgid = BPF_CORE_READ(cred, fsgid.val);
	to->securebits = BPF_CORE_READ(cred, securebits);
	bpf_core_read(&to->inheritable, sizeof(u64), &cred->cap_inheritable);
	bpf_core_read(&to->permitted, sizeof(u64), &cred->cap_permitted);
	bpf_core_read(&to->effective, sizeof(u64), &cred->cap_effective);
	bpf_core_read(&to->bounding, sizeof(u64), &cred->cap_bset);
	bpf_core_read(&to->ambient, sizeof(u64), &cred->cap_ambient);
	user_namespace_fill(&value->namespace_, (void *)BPF_CORE_READ(cred, user_ns));
	item_close(call, value_type(slot), slot, 0, sizeof(*value), 0);
	return 0;
}

static __always_inline struct mt_bpf_object *bpf_object_begin(struct mt_item *item)
{
	__builtin_memset(item + 1, 0, sizeof(struct mt_bpf_object));
	return (void *)(item + 1);
}

/* What BPF_PROG_LOAD is called with; these fields stand there for good. */
static __noinline int read_bpf_attr(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_item *item = item_next(call);
	struct mt_bpf_object *to;

	if (!item)
		return 0;
	to = bpf_object_begin(item);
	if (!from || read_memory(call, &to->type, 8, from)) /* type and number of instructions */
		return value_unreadable(call, slot, 0);
	read_memory(call, to->name, sizeof(to->name), from + 48);
	item_close(call, value_type(slot), slot, 0, sizeof(*to), 0);
	return 0;
}

static __noinline int read_bpf_prog(struct call_scratch *call, u32 slot, u64 from)
{
	struct bpf_prog *prog = (void *)from;
	struct mt_item *item = item_next(call);
	struct mt_bpf_object *to;
	struct bpf_prog_aux *aux;

	if (!item)
		return 0;
	to = bpf_object_begin(item);
	if (!from || bpf_core_read(&to->type, sizeof(u32), &prog->type))
		return value_unreadable(call, slot, 0);
	to->instructions = BPF_CORE_READ(prog, len);
	aux = BPF_CORE_READ(prog, aux);
	bpf_core_read(to->name, sizeof(to->name), &aux->name);
	item_close(call, value_type(slot), slot, 0, sizeof(*to), 0);
	return 0;
}

static __noinline int read_bpf_map(struct call_scratch *call, u32 slot, u64 from)
{
	struct bpf_map *map = (void *)from;
	struct mt_item *item = item_next(call);
	struct mt_bpf_object *to;

	if (!item)
		return 0;
	to = bpf_object_begin(item);
	if (!from || bpf_core_read(&to->type, sizeof(u32), &map->map_type))
		return value_unreadable(call, slot, 0);
	to->key_size = BPF_CORE_READ(map, key_size);
	to->value_size = BPF_CORE_READ(map, value_size);
	to->max_entries = BPF_CORE_READ(map, max_entries);
	bpf_core_read(to->name, sizeof(to->name), &map->name);
	item_close(call, value_type(slot), slot, 0, sizeof(*to), 0);
	return 0;
}

static __noinline int read_perf_event(struct call_scratch *call, u32 slot, u64 from)
{
	struct perf_event *event = (void *)from;
	struct mt_item *item = item_next(call);
	struct mt_perf_event *to = (void *)(item + 1);

	if (!item)
		return 0;
	__builtin_memset(to, 0, sizeof(*to));
	if (!from || bpf_core_read(&to->type, sizeof(u32), &event->attr.type))
		return value_unreadable(call, slot, 0);
	to->config = BPF_CORE_READ(event, attr.config);
	to->probe_offset = BPF_CORE_READ(event, attr.probe_offset);
	/* there only for events of kprobes, whose type is none of the first six */
	if (to->type > 5) {
		u64 name = BPF_CORE_READ(event, attr.kprobe_func);

		if (name && !is_kernel(name))
			bpf_probe_read_user_str(to->function, sizeof(to->function), (void *)name);
	}
	item_close(call, value_type(slot), slot, 0, sizeof(*to), 0);
	return 0;
}

static __always_inline struct mt_module *module_begin(struct mt_item *item)
{
	__builtin_memset(item + 1, 0, sizeof(struct mt_module));
	return (void *)(item + 1);
}

static __noinline int read_module(struct call_scratch *call, u32 slot, u64 from)
{
	struct module *module = (void *)from;
	struct mt_item *item = item_next(call);
	struct mt_module *to;

	if (!item)
		return 0;
	to = module_begin(item);
	if (!from || bpf_core_read(to->name, 56, &module->name))
		return value_unreadable(call, slot, 0);
	to->taints = BPF_CORE_READ(module, taints);
	if (bpf_core_field_exists(module->sig_ok))
		to->signature = BPF_CORE_READ(module, sig_ok) ? 2 : 1;
	item_close(call, value_type(slot), slot, 0, sizeof(*to), 0);
	return 0;
}

static __noinline int read_load_info(struct call_scratch *call, u32 slot, u64 from)
{
	struct load_info *info = (void *)from;
	struct mt_item *item = item_next(call);
	struct mt_module *to;

	if (!item)
		return 0;
	to = module_begin(item);
	if (!from)
		return value_unreadable(call, slot, 0);
	bpf_probe_read_kernel_str(to->name, sizeof(to->name), BPF_CORE_READ(info, name));
	if (bpf_core_field_exists(info->sig_ok))
		to->signature = BPF_CORE_READ(info, sig_ok) ? 2 : 1;
	item_close(call, value_type(slot), slot, 0, sizeof(*to), 0);
	return 0;
}

#endif /* MARTLET_READ_OBJECT_H */
