// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of every TCP connection and listener: each change of its state.
 */
#define TYPED CURRENT_IS_TYPED
#include "lib/tcp.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * What comes in is a copy of its listener until its first transition is over; so it still stands where the listener
 * stands in the list of the sockets of a port, and the list leads back. Exact also where several processes listen on
 * one port.
 */
static __always_inline u64 listener_of(struct sock *child)
{
	struct hlist_node **place = READ(child, __sk_common.skc_bind_node.pprev);
	struct hlist_node *node = NULL;

	bpf_probe_read_kernel(&node, sizeof(node), place);
	return (u64)node - bpf_core_field_offset(struct sock, __sk_common.skc_bind_node);
}

/* Whether current is in a system call on the socket, and not just under an interrupt that is about it. */
static __always_inline bool current_holds(struct sock *sk)
{
	return READ(sk, sk_lock.owned) && !(READ(current_task(), flags) & PF_KTHREAD);
}

static __always_inline void tcp_owner(struct mt_tcp *tcp, struct sock *sk)
{
	struct socket_owner *known = bpf_map_lookup_elem(&socket_owners, &tcp->socket);
	struct socket_owner owner = {};
	u64 listener;

	/* who destroys the socket of another (ss -K) holds it as well */
	if (current_holds(sk) && !(known && tcp->new_state == TCP_CLOSE)) {
		owner.tgid = tcp->header.tgid;
		owner.start = tcp->header.start;
		if (tcp->new_state != TCP_CLOSE &&
		    (!known || known->tgid != owner.tgid || known->start != owner.start))
			tcp_remember(tcp, &owner, BPF_ANY);
	} else if (tcp->old_state == TCP_LISTEN && tcp->new_state == TCP_SYN_RECV) {
		listener = listener_of(sk);
		known = bpf_map_lookup_elem(&socket_owners, &listener);
		if (known) {
			owner = *known;
			tcp_remember(tcp, &owner, BPF_ANY);
		} else {
			/* of a socket that was here before, and whose end was not seen */
			bpf_map_delete_elem(&socket_owners, &tcp->socket);
		}
		tcp_set_owner(&tcp->header, known ? &owner : NULL);
	} else {
		if (known)
			owner = *known;
		tcp_set_owner(&tcp->header, known ? &owner : NULL);
	}
	if (tcp->new_state == TCP_CLOSE && known)
		bpf_map_delete_elem(&socket_owners, &tcp->socket);
}

static __always_inline void tcp_record(struct sock *sk, u8 old_state, u8 new_state)
{
	struct mt_tcp tcp = {};

	record_begin(&tcp.header, MT_KIND_TCP, current_task());
	tcp_on_cpu(&tcp);
	tcp.call = MT_TCP_STATE;
	tcp.old_state = old_state;
	tcp.new_state = new_state;
	tcp_describe(&tcp, sk);
	if (new_state == TCP_CLOSE) {
		tcp.error = READ(sk, sk_err);
		if (old_state != TCP_LISTEN)
			tcp_counters(&tcp, sk);
	}
	tcp_owner(&tcp, sk);
	if (tcp.header.tgid != own_tgid && !tcp_unwanted(&tcp))
		record_send(&tcp.header, MT_KIND_TCP, sizeof(tcp), pool_lane(tcp.cpu_tgid));
}

SEC("tp_btf/inet_sock_set_state")
int tcp_state(u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];

	if (!is_tcp(sk))
		return 0;
	hold_cpu();
	tcp_record(sk, ctx[1], ctx[2]);
	release_cpu();
	return 0;
}
