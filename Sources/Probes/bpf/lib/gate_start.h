/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What nobody wants of an execution that has just begun, before user space has heard of it: by its names alone, or
 * because a fork goes on with what its parent ran.
 */
#ifndef MARTLET_GATE_START_H
#define MARTLET_GATE_START_H

#include "gate.h"

/* The kinds that are wanted of who has this name. Apart, because the key takes half of the stack. */
static __noinline u32 gate_name_kinds(u32 subject, const void *text, u32 length)
{
	struct mt_gate_name key = { .subject = subject };
	u32 *kinds;

	asm volatile("" : "+r"(length)); /* keep the bound where the verifier looks for it */
	/* too long to be looked up */
	if (length > MT_GATE_TEXT || bpf_probe_read_kernel(key.text, length, text))
		return ~0u;
	kinds = bpf_map_lookup_elem(&gate_names, &key);
	return kinds ? *kinds : 0;
}

static __always_inline void gate_note(const struct mt_header *header, u32 generation, u32 unwanted, u32 of_copies)
{
	u32 slot = header->tgid & (MT_VERDICTS - 1);
	volatile u64 *place = bpf_map_lookup_elem(&verdicts, &slot);

	if (place)
		*place = mt_verdict(header->start, header->execs, generation, unwanted);
	place = bpf_map_lookup_elem(&inherited, &slot);
	if (place)
		*place = mt_verdict(header->start, header->execs, generation, of_copies);
}

#endif /* MARTLET_GATE_START_H */
