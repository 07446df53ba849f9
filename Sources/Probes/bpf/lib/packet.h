/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands in a packet. Only its linear part is looked at, and only as far as it is filled: what lies behind is
 * whatever was in that memory before.
 */
#ifndef MARTLET_PACKET_H
#define MARTLET_PACKET_H

#include "kernel.h"
#include "objects.h"

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPV6_HEADER 40
#define NEXT_HOPOPTS 0
#define NEXT_ROUTING 43
#define NEXT_FRAGMENT 44
#define NEXT_AUTH 51
#define NEXT_DEST 60
/* extension headers of IPv6 that are passed */
#define EXTENSIONS_MAX 4

struct packet_ipv4 {
	u8 version_length;
	u8 tos;
	__be16 total, id, fragment;
	u8 ttl;
	u8 protocol;
	u16 checksum;
	u8 saddr[4];
	u8 daddr[4];
};

struct packet_ipv6 {
	u8 version_class;
	u8 flow[3];
	__be16 length;
	u8 next;
	u8 hops;
	u8 saddr[16];
	u8 daddr[16];
};

struct packet_tcp {
	__be16 sport, dport;
	__be32 seq, ack_seq;
	u8 offset; /* the upper half: words */
	u8 flags;
	__be16 window, checksum, urgent;
};

/* A packet's memory; places are counted from head. */
struct packet {
	u64 head;
	u32 network;
	u32 tail; /* of the linear part */
	u32 end; /* of the whole packet, wherever its bytes are */
	u32 transport; /* 0: not here, but in the first fragment of what was sent */
};

static __always_inline void packet_begin(struct packet *packet, struct sk_buff *skb)
{
	packet->head = (u64)BPF_CORE_READ(skb, head);
	packet->network = BPF_CORE_READ(skb, network_header);
	packet->tail = BPF_CORE_READ(skb, tail);
	packet->end = (u64)BPF_CORE_READ(skb, data) - packet->head + BPF_CORE_READ(skb, len);
	packet->transport = 0;
}

static __always_inline bool packet_read(const struct packet *packet, u32 at, void *to, u32 size)
{
	return at + size <= packet->tail && !bpf_probe_read_kernel(to, size, (void *)(packet->head + at));
}

/* Whether the packet is an IPv4 one of TCP; finds its TCP header by what the IP header says, which alone is sure. */
static __always_inline bool packet_is_tcp4(struct packet *packet, struct packet_ipv4 *ip)
{
	u32 words;

	if (!packet_read(packet, packet->network, ip, sizeof(*ip)))
		return false;
	words = ip->version_length & 15;
	if (ip->version_length >> 4 != 4 || words < 5 || ip->protocol != IPPROTO_TCP)
		return false;
	if (ip->total) /* otherwise longer than it can say */
		packet->end = packet->network + __builtin_bswap16(ip->total);
	if (!(__builtin_bswap16(ip->fragment) & 0x1fff))
		packet->transport = packet->network + words * 4;
	return true;
}

/* The same of IPv6. */
static __always_inline bool packet_is_tcp6(struct packet *packet, struct packet_ipv6 *ip)
{
	bool is_first = true;
	u8 extension[4];
	u32 at, next;

	if (!packet_read(packet, packet->network, ip, sizeof(*ip)) || ip->version_class >> 4 != 6)
		return false;
	at = packet->network + IPV6_HEADER;
	if (ip->length)
		packet->end = at + __builtin_bswap16(ip->length);
	next = ip->next;
	for (int i = 0; i < EXTENSIONS_MAX && next != IPPROTO_TCP; i++) {
		if (next != NEXT_HOPOPTS && next != NEXT_ROUTING && next != NEXT_FRAGMENT && next != NEXT_AUTH &&
		    next != NEXT_DEST)
			return false;
		if (!packet_read(packet, at, extension, sizeof(extension)))
			return false;
		if (next == NEXT_FRAGMENT) {
			is_first = !(extension[2] | (extension[3] & 0xf8));
			at += 8;
		} else {
			at += next == NEXT_AUTH ? (extension[1] + 2) * 4 : (extension[1] + 1) * 8;
		}
		next = extension[0];
		if (!is_first)
			break;
	}
	if (next != IPPROTO_TCP)
		return false;
	if (is_first)
		packet->transport = at;
	return true;
}

#endif /* MARTLET_PACKET_H */
