/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether anybody wants what happens to a path, by how it begins.
 */
#ifndef MARTLET_GATE_PATH_H
#define MARTLET_GATE_PATH_H

#include "gate.h"

/* Whether nobody wants events of this kind that have no path. */
static __always_inline bool gate_rejects_pathless(u32 kind)
{
	const volatile struct mt_gate *now = gate_now();

	return now && now->pathless & 1u << kind;
}

/* Apart, because the key takes half of the stack. */
static __noinline u32 gate_path_kinds(const char *text, u32 length)
{
	struct mt_gate_path key = {};
	u32 *kinds;

	if (length > MT_GATE_TEXT)
		length = MT_GATE_TEXT;
	asm volatile("" : "+r"(length)); /* keep the bound where the verifier looks for it */
	if (length > MT_GATE_TEXT || bpf_probe_read_kernel(key.text, length, text))
		return ~0u;
	key.bits = length * 8;
	kinds = bpf_map_lookup_elem(&gate_paths, &key);
	return kinds ? *kinds : 0;
}

/* Whether nobody wants events of this kind that are about this path of the record. */
static __always_inline bool gate_rejects_path(u32 kind, const void *record, const struct mt_path *path)
{
	const volatile struct mt_gate *now = gate_now();

	if (!now || !(now->by_path & 1u << kind))
		return false;
	/* what has no place among the others is named otherwise by user space */
	if (path->marks & MT_MARK_PSEUDO)
		return false;
	if (!path->text.offset)
		return now->pathless & 1u << kind;
	return !(gate_path_kinds(record + path->text.offset, path->text.length) & 1u << kind);
}

#endif /* MARTLET_GATE_PATH_H */
