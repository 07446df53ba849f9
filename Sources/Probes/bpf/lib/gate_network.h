/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether anybody wants what happens between two addresses and ports.
 */
#ifndef MARTLET_GATE_NETWORK_H
#define MARTLET_GATE_NETWORK_H

#include "gate.h"

static __always_inline u32 gate_port_kinds(u8 end, u16 port)
{
	struct mt_gate_network key = { .bits = 8 + 16, .end = end };
	u32 *kinds;

	key.data[0] = port >> 8;
	key.data[1] = port;
	kinds = bpf_map_lookup_elem(&gate_networks, &key);
	return kinds ? *kinds : 0;
}

static __always_inline u32 gate_address_kinds(u8 end, const u8 *address, bool is_v6)
{
	struct mt_gate_network key = { .bits = 8 + (is_v6 ? 128 : 32), .end = end + is_v6 };
	u32 *kinds;

	if (is_v6)
		__builtin_memcpy(key.data, address, 16);
	else
		__builtin_memcpy(key.data, address, 4);
	kinds = bpf_map_lookup_elem(&gate_networks, &key);
	return kinds ? *kinds : 0;
}

/* Whether nobody wants events of this kind between these ends. */
static __always_inline bool gate_rejects_network(u32 kind, u32 family, const u8 *saddr, u16 sport, const u8 *daddr,
						 u16 dport)
{
	const volatile struct mt_gate *now = gate_now();
	bool is_v6 = family == AF_INET6;
	u32 kinds;

	if (!now || !(now->by_network & 1u << kind))
		return false;
	kinds = gate_port_kinds(MT_GATE_SPORT, sport) | gate_port_kinds(MT_GATE_DPORT, dport);
	kinds |= gate_address_kinds(MT_GATE_SADDR4, saddr, is_v6) | gate_address_kinds(MT_GATE_DADDR4, daddr, is_v6);
	return !(kinds & 1u << kind);
}

#endif /* MARTLET_GATE_NETWORK_H */
