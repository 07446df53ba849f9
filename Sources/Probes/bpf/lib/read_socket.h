/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values that have addresses: sockets, packets, addresses themselves.
 */
#ifndef MARTLET_READ_SOCKET_H
#define MARTLET_READ_SOCKET_H

#include "call.h"
#include "objects.h"
#include "packet.h"

/* Where the addresses stand in the item, for conditions. */
static __always_inline void endpoints_close(struct call_scratch *call, u32 slot, struct mt_endpoints *ends)
{
	u64 *numbers = &call->numbers[bounded_slot(slot) * ASPECTS];

	numbers[MT_ASPECT_FAMILY] = ends->family;
	numbers[MT_ASPECT_PROTOCOL] = ends->protocol;
	numbers[MT_ASPECT_STATE] = ends->state;
	numbers[MT_ASPECT_SPORT] = ends->sport;
	numbers[MT_ASPECT_DPORT] = ends->dport;
	text_at(call, slot, call->used + sizeof(struct mt_item), sizeof(*ends));
	item_close(call, value_type(slot), slot, 0, sizeof(*ends), 0);
}

static __always_inline struct mt_endpoints *endpoints_begin(struct call_scratch *call)
{
	struct mt_item *item = item_next(call);

	if (!item)
		return NULL;
	__builtin_memset(item + 1, 0, sizeof(struct mt_endpoints));
	return (void *)(item + 1);
}

static __noinline int read_sock(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_endpoints *ends = endpoints_begin(call);
	struct sock___marks *marks = (void *)from;
	struct sock *sk = (void *)from;
	struct sock_common *common = &sk->__sk_common;

	if (!ends)
		return 0;
	if (!from || bpf_core_read(&ends->family, sizeof(ends->family), &common->skc_family))
		return value_unreadable(call, slot, 0);
	ends->address = from;
	ends->type = BPF_CORE_READ(sk, sk_type);
	ends->protocol = BPF_CORE_READ(sk, sk_protocol);
	ends->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	ends->mark = BPF_CORE_READ(marks, sk_mark);
	ends->priority = BPF_CORE_READ(marks, sk_priority);
	ends->sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	ends->dport = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (ends->family == AF_INET6) {
		bpf_core_read(ends->saddr, 16, &common->skc_v6_rcv_saddr);
		bpf_core_read(ends->daddr, 16, &common->skc_v6_daddr);
	} else if (ends->family == AF_INET) {
		bpf_core_read(ends->saddr, 4, &common->skc_rcv_saddr);
		bpf_core_read(ends->daddr, 4, &common->skc_daddr);
	} else {
		ends->sport = ends->dport = 0;
	}
	endpoints_close(call, slot, ends);
	return 0;
}

static __always_inline bool has_ports(u32 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_UDPLITE;
}

static __noinline int read_skb(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_endpoints *ends = endpoints_begin(call);
	struct sk_buff *skb = (void *)from;
	struct packet_ipv4 v4 = {};
	struct packet_ipv6 v6 = {};
	u16 transport, ports[2] = {};
	u64 head, begin;

	if (!ends)
		return 0;
	head = (u64)BPF_CORE_READ(skb, head);
	if (!head)
		return value_unreadable(call, slot, 0);
	begin = head + BPF_CORE_READ(skb, network_header);
	transport = BPF_CORE_READ(skb, transport_header);
	ends->length = BPF_CORE_READ(skb, len);
	ends->hash = BPF_CORE_READ(skb, hash);
	ends->mark = BPF_CORE_READ(skb, mark);
	ends->priority = BPF_CORE_READ(skb, priority);
	ends->ethernet = __builtin_bswap16(BPF_CORE_READ(skb, protocol));
	if (bpf_probe_read_kernel(&v4, sizeof(v4), (void *)begin))
		return value_unreadable(call, slot, 0);
	if (v4.version_length >> 4 == 4) {
		ends->family = AF_INET;
		ends->protocol = v4.protocol;
		__builtin_memcpy(ends->saddr, v4.saddr, 4);
		__builtin_memcpy(ends->daddr, v4.daddr, 4);
		begin += (v4.version_length & 15) * 4;
	} else if (v4.version_length >> 4 == 6 && !bpf_probe_read_kernel(&v6, sizeof(v6), (void *)begin)) {
		ends->family = AF_INET6;
		ends->protocol = v6.next;
		__builtin_memcpy(ends->saddr, v6.saddr, 16);
		__builtin_memcpy(ends->daddr, v6.daddr, 16);
		begin += IPV6_HEADER;
	}
	if (transport != (u16)~0)
		begin = head + transport;
	if (has_ports(ends->protocol) && !bpf_probe_read_kernel(ports, sizeof(ports), (void *)begin)) {
		ends->sport = __builtin_bswap16(ports[0]);
		ends->dport = __builtin_bswap16(ports[1]);
	}
	endpoints_close(call, slot, ends);
	return 0;
}

struct address_in {
	u16 family;
	__be16 port;
	u8 v4[4];
	u8 v6[16];
};

static __noinline int read_sockaddr(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_endpoints *ends = endpoints_begin(call);
	struct address_in address = {};

	if (!ends)
		return 0;
	/* as long as the shorter kind; the longer one is read when it is one */
	if (!from || read_memory(call, &address, 2, from))
		return value_unreadable(call, slot, 0);
	ends->family = address.family;
	if (address.family == AF_INET || address.family == AF_INET6) {
		if (read_memory(call, &address, address.family == AF_INET ? 8 : sizeof(address), from))
			return value_unreadable(call, slot, 0);
		ends->sport = __builtin_bswap16(address.port);
		if (address.family == AF_INET)
			__builtin_memcpy(ends->saddr, address.v4, 4);
		else
			__builtin_memcpy(ends->saddr, address.v6, 16);
	}
	endpoints_close(call, slot, ends);
	return 0;
}

#define UNIX_PATH_MAX 108

/* The path of a socket in the file system; @ before the name of one that lives elsewhere. */
static __noinline int read_sockaddr_un(struct call_scratch *call, u32 slot, u64 from)
{
	struct mt_item *item = item_next(call);
	u32 offset = call->used + sizeof(*item);
	char *to = (void *)(item + 1);
	u16 family = 0;
	long length;
	char first = 0;

	if (!item)
		return 0;
	if (!from || read_memory(call, &family, sizeof(family), from) || read_memory(call, &first, 1, from + 2))
		return value_unreadable(call, slot, 0);
	call->numbers[bounded_slot(slot) * ASPECTS + MT_ASPECT_FAMILY] = family;
	if (family != AF_UNIX) {
		length = 1;
	} else if (first) {
		length = reads_kernel(call, from) ? bpf_probe_read_kernel_str(to, UNIX_PATH_MAX + 1, (void *)(from + 2))
					 : read_user_string(to, UNIX_PATH_MAX + 1, (void *)(from + 2));
	} else {
		*to = '@';
		length = reads_kernel(call, from) ? bpf_probe_read_kernel_str(to + 1, UNIX_PATH_MAX, (void *)(from + 3))
					 : read_user_string(to + 1, UNIX_PATH_MAX, (void *)(from + 3));
		length = length <= 1 ? 1 : length + 1; /* it was bound to no name */
	}
	if (length <= 0 || length > UNIX_PATH_MAX + 1)
		return value_unreadable(call, slot, 0);
	text_at(call, slot, offset, length - 1);
	item_close(call, value_type(slot), slot, 0, length - 1, family);
	return 0;
}

#endif /* MARTLET_READ_SOCKET_H */
