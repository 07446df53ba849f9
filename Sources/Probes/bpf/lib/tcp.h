/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a TCP socket is, and whose.
 *
 * Half of a connection's transitions happen in an interrupt, on whatever process it hits: so the owner is remembered.
 * A process that holds a socket's lock is in a system call on it, and owns it; a connection that comes in belongs to
 * the owner of the listener until someone accepts it.
 */
#ifndef MARTLET_TCP_H
#define MARTLET_TCP_H

#include "gate_network.h"
#include "kernel.h"
#include "martlet_wire.h"
#include "record.h"
#include "versions.h"

struct socket_owner {
	u64 start;
	u32 tgid;
	u32 pad;
};

/* By the address of the socket, from its first transition to its last. max_entries is a setting. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, struct socket_owner);
} socket_owners SEC(".maps");

static __always_inline bool is_tcp(struct sock *sk)
{
	u16 protocol = READ(sk, sk_protocol), family = READ(sk, __sk_common.skc_family);

	/* raw sockets and other families have protocols of these numbers, too */
	if (READ(sk, sk_type) != SOCK_STREAM || (family != AF_INET && family != AF_INET6))
		return false;
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

static __always_inline void tcp_addresses(struct mt_tcp *tcp, struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;
	struct inet_sock *inet = (void *)sk;

	tcp->family = READ(sk, __sk_common.skc_family);
	/* stays when the port is given back, just before the last transition; comes later when listen chooses one */
	tcp->sport = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport));
	if (!tcp->sport)
		tcp->sport = READ(sk, __sk_common.skc_num);
	tcp->dport = __builtin_bswap16(READ(sk, __sk_common.skc_dport));
	if (tcp->family == AF_INET6) {
		u32 *saddr = (void *)tcp->saddr, *daddr = (void *)tcp->daddr;

		bpf_core_read(tcp->saddr, 16, &common->skc_v6_rcv_saddr);
		bpf_core_read(tcp->daddr, 16, &common->skc_v6_daddr);
		/* ::ffff:a.b.c.d, at either end */
		if (!(daddr[0] | daddr[1]) && daddr[2] == __builtin_bswap32(0xffff)) {
			tcp->marks |= MT_TCP_V4_MAPPED;
			tcp->family = AF_INET;
			daddr[0] = daddr[3];
			saddr[0] = saddr[3];
		} else if (!(saddr[0] | saddr[1]) && saddr[2] == __builtin_bswap32(0xffff)) {
			tcp->marks |= MT_TCP_V4_MAPPED;
			tcp->family = AF_INET;
			saddr[0] = saddr[3];
			daddr[0] = 0;
		}
	} else {
		*(u32 *)tcp->saddr = READ(sk, __sk_common.skc_rcv_saddr);
		*(u32 *)tcp->daddr = READ(sk, __sk_common.skc_daddr);
	}
}

/* All but the header, the states, and who was on the CPU. */
static __always_inline void tcp_describe(struct mt_tcp *tcp, struct sock *sk)
{
	struct socket *socket = READ(sk, sk_socket);
	struct inode *inode = (void *)socket + bpf_core_field_offset(struct socket_alloc, vfs_inode);
	struct tcp_sock *full = (void *)sk;

	tcp->socket = (u64)sk;
	tcp->cookie = READ(sk, __sk_common.skc_cookie.counter);
	tcp->netns = READ(sk, __sk_common.skc_net.net, ns.inum);
	tcp->protocol = READ(sk, sk_protocol);
	tcp_addresses(tcp, sk);
	if (tcp->protocol == IPPROTO_MPTCP ||
	    (bpf_core_field_exists(full->is_mptcp) && BPF_CORE_READ(full, is_mptcp)))
		tcp->marks |= MT_TCP_MPTCP;
	/* none: nobody has accepted it yet, or nobody holds it any more */
	if (socket) {
		tcp->marks |= MT_TCP_HAS_SOCKET;
		tcp->socket_state = READ(socket, state);
		tcp->inode = BPF_CORE_READ(inode, i_ino);
		tcp->uid = BPF_CORE_READ(inode, i_uid.val);
		tcp->gid = BPF_CORE_READ(inode, i_gid.val);
	}
}

static __always_inline void tcp_counters(struct mt_tcp *tcp, struct sock *sk)
{
	struct tcp_sock *full = (void *)sk;

	if (tcp->protocol != IPPROTO_TCP)
		return;
	tcp->bytes_sent = BPF_CORE_READ(full, bytes_sent);
	tcp->bytes_received = BPF_CORE_READ(full, bytes_received);
	tcp->bytes_retransmitted = BPF_CORE_READ(full, bytes_retrans);
	tcp->retransmits = BPF_CORE_READ(full, total_retrans);
	tcp->rtt = BPF_CORE_READ(full, srtt_us) >> 3;
	tcp->marks |= MT_TCP_HAS_COUNTERS;
}

/* Who is on the CPU, which the header says at first; it becomes the owner's later. */
static __always_inline void tcp_on_cpu(struct mt_tcp *tcp)
{
	tcp->cpu_tgid = tcp->header.tgid;
	tcp->cpu_tid = tcp->header.tid;
	tcp->cpu_start = tcp->header.start;
	bpf_get_current_comm(tcp->cpu_comm, sizeof(tcp->cpu_comm));
}

/* Makes the header the owner's; of no process when there is none. */
static __always_inline void tcp_set_owner(struct mt_header *header, const struct socket_owner *owner)
{
	if (owner && owner->tgid == header->tgid && owner->start == header->start)
		return;
	header->tgid = owner ? owner->tgid : 0;
	header->tid = owner ? owner->tgid : 0;
	header->start = owner ? owner->start : 0;
	header->flags |= MT_FLAG_ANY_EXECUTION;
	header->execs = 0;
	header->uid = (u32)-1;
	header->cgroup = 0;
}

static __always_inline void tcp_remember(struct mt_tcp *tcp, const struct socket_owner *owner, u64 flags)
{
	if (bpf_map_update_elem(&socket_owners, &tcp->socket, owner, flags))
		tcp->marks |= MT_TCP_OWNER_LOST;
}

/* Whether nobody wants it: of current, whose execution is known, by its process too. */
static __always_inline bool tcp_unwanted(const struct mt_tcp *tcp)
{
	if (!(tcp->header.flags & MT_FLAG_ANY_EXECUTION) && gate_rejects(MT_KIND_TCP))
		return true;
	return gate_rejects_network(MT_KIND_TCP, tcp->family, tcp->saddr, tcp->sport, tcp->daddr, tcp->dport);
}

#endif /* MARTLET_TCP_H */
