// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP packets that the kernel drops, on their way in or out.
 */
#define TYPED false
#include "lib/packet.h"
#include "lib/tcp.h"

char LICENSE[] SEC("license") = "GPL";

/* What this kernel calls its reasons: written by user space before the program is attached. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MT_DROP_REASONS);
	__type(key, u32);
	__type(value, char[MT_DROP_REASON_NAME]);
} drop_reasons SEC(".maps");

/* Addresses, and what the TCP header says as far as it is there; false when it is no TCP packet. */
static __always_inline bool drop_packet(struct mt_tcp_drop *drop, struct sk_buff *skb, u16 protocol)
{
	struct packet packet;
	struct packet_tcp tcp;
	u32 begin;

	packet_begin(&packet, skb);
	if (protocol == __builtin_bswap16(ETH_P_IP)) {
		struct packet_ipv4 ip;

		if (!packet_is_tcp4(&packet, &ip))
			return false;
		drop->family = AF_INET;
		__builtin_memcpy(drop->saddr, ip.saddr, sizeof(ip.saddr));
		__builtin_memcpy(drop->daddr, ip.daddr, sizeof(ip.daddr));
	} else {
		struct packet_ipv6 ip;

		if (!packet_is_tcp6(&packet, &ip))
			return false;
		drop->family = AF_INET6;
		__builtin_memcpy(drop->saddr, ip.saddr, sizeof(ip.saddr));
		__builtin_memcpy(drop->daddr, ip.daddr, sizeof(ip.daddr));
	}
	if (!packet.transport || !packet_read(&packet, packet.transport, &tcp, sizeof(tcp))) {
		drop->marks |= MT_TCP_DROP_NO_HEADER;
		return true;
	}
	drop->sport = __builtin_bswap16(tcp.sport);
	drop->dport = __builtin_bswap16(tcp.dport);
	drop->seq = __builtin_bswap32(tcp.seq);
	drop->flags = tcp.flags;
	begin = packet.transport + (tcp.offset >> 4) * 4;
	if (packet.end > begin)
		drop->payload = packet.end - begin;
	return true;
}

/* The socket's state and owner, where the packet had come to one, or came from one. */
static __always_inline void drop_socket(struct mt_tcp_drop *drop, struct sock *sk)
{
	u16 family = READ(sk, __sk_common.skc_family);
	struct socket_owner *owner = NULL;
	u64 holder = (u64)sk;
	u8 state;

	if (sk && (family == AF_INET || family == AF_INET6)) {
		state = READ(sk, __sk_common.skc_state);
		/* both of these are shorter than a socket, and TCP's alone */
		if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV || is_tcp(sk)) {
			drop->state = state;
			drop->socket = holder;
			drop->netns = READ(sk, __sk_common.skc_net.net, ns.inum);
			if (state == TCP_NEW_SYN_RECV)
				holder = (u64)READ(sk, __sk_common.skc_listener);
			owner = bpf_map_lookup_elem(&socket_owners, &holder);
		}
	}
	tcp_set_owner(&drop->header, owner);
}

static __always_inline void drop_record(u64 *ctx, struct sk_buff *skb, u16 protocol)
{
	struct sock *sk = drop_receiver_of(ctx);
	struct mt_tcp_drop drop = {};
	u32 reason = drop_reason_of(ctx);
	struct sock *sender = BPF_CORE_READ(skb, sk);
	char *name;

	if (!drop_packet(&drop, skb, protocol))
		return;
	record_begin(&drop.header, MT_KIND_TCP_DROP, current_task());
	drop.cpu_tgid = drop.header.tgid;
	drop.cpu_tid = drop.header.tid;
	drop.cpu_start = drop.header.start;
	bpf_get_current_comm(drop.cpu_comm, sizeof(drop.cpu_comm));
	drop_socket(&drop, sk ? sk : sender);
	/* where a packet of a socket waits in order, other things lie in dev's place */
	if (!drop.netns && !sender)
		drop.netns = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
	drop.reason = reason;
	name = bpf_map_lookup_elem(&drop_reasons, &reason);
	if (name)
		__builtin_memcpy(drop.reason_name, name, sizeof(drop.reason_name));
	if (gate_rejects_network(MT_KIND_TCP_DROP, drop.family, drop.saddr, drop.sport, drop.daddr, drop.dport))
		return;
	if (drop.header.tgid != own_tgid)
		record_send(&drop.header, MT_KIND_TCP_DROP, sizeof(drop), pool_lane(drop.cpu_tgid));
}

SEC("tp_btf/kfree_skb")
int tcp_drop(u64 *ctx)
{
	struct sk_buff *skb = (void *)ctx[0];
	u16 protocol = skb->protocol;

	if (protocol != __builtin_bswap16(ETH_P_IP) && protocol != __builtin_bswap16(ETH_P_IPV6))
		return 0;
	if (drop_is_none(drop_reason_of(ctx)))
		return 0;
	hold_cpu();
	drop_record(ctx, skb, protocol);
	release_cpu();
	return 0;
}
