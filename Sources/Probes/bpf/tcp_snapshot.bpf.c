// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connections and listeners that there are when the agent starts: those that a process holds, in whatever network
 * namespace, by its descriptors; then those that nobody holds any more, in the agent's own.
 *
 * The hooks are on already: a socket that they have told of is not told again.
 */
#define TYPED false
#include "lib/file.h"
#include "lib/tcp.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline void found(struct mt_tcp *tcp, struct sock *sk)
{
	tcp->header.kind = MT_KIND_TCP;
	tcp->header.length = sizeof(*tcp);
	tcp->header.time = bpf_ktime_get_boot_ns();
	tcp->header.flags = MT_FLAG_ANY_EXECUTION;
	tcp->call = MT_TCP_SNAPSHOT;
	tcp->old_state = tcp->new_state = READ(sk, __sk_common.skc_state);
	tcp_describe(tcp, sk);
}

SEC("iter/task_file")
int tcp_held(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket_owner owner = {};
	struct mt_tcp tcp = {};
	struct sock *sk;

	if (!task || !file)
		return 0;
	sk = socket_of(file);
	if (!sk || !is_tcp(sk))
		return 0;
	found(&tcp, sk);
	/* neither connected nor listening: nothing to tell, and nothing has begun */
	if (tcp.new_state == TCP_CLOSE)
		return 0;
	owner.tgid = READ(task, tgid);
	owner.start = READ(task, group_leader, start_boottime);
	/* another process holds it as well, or a hook was first */
	if (bpf_map_lookup_elem(&socket_owners, &tcp.socket))
		return 0;
	tcp_remember(&tcp, &owner, BPF_NOEXIST);
	tcp_set_owner(&tcp.header, &owner);
	if (owner.tgid != own_tgid)
		bpf_seq_write(ctx->meta->seq, &tcp, sizeof(tcp));
	return 0;
}

SEC("iter/tcp")
int tcp_orphans(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	struct mt_tcp tcp = {};
	struct tcp_sock *full;
	struct sock *sk;

	if (!common)
		return 0;
	/* requests and TIME_WAIT are no full sockets */
	full = bpf_skc_to_tcp_sock(common);
	if (!full)
		return 0;
	sk = (struct sock *)full;
	found(&tcp, sk);
	if (tcp.new_state == TCP_CLOSE || tcp.marks & MT_TCP_HAS_SOCKET ||
	    bpf_map_lookup_elem(&socket_owners, &tcp.socket))
		return 0;
	bpf_seq_write(ctx->meta->seq, &tcp, sizeof(tcp));
	return 0;
}
