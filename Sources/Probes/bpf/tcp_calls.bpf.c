// SPDX-License-Identifier: GPL-2.0-only
/*
 * accept and accept4 when they return a connection, and connect when it fails: who owns what came in, and what never
 * came to be.
 */
#define TYPED false
#include "lib/file.h"
#include "lib/syscall.h"
#include "lib/tcp.h"

char LICENSE[] SEC("license") = "GPL";

struct sockaddr {
	u16 family;
	__be16 port;
	u32 v4; /* of IPv6: flowinfo */
	u8 v6[16];
	u32 scope;
};

static __always_inline void tcp_record(struct mt_tcp *tcp, struct sock *sk, u8 call, int result)
{
	record_begin(&tcp->header, MT_KIND_TCP, current_task());
	tcp_on_cpu(tcp);
	tcp->call = call;
	tcp->result = result;
	tcp->marks = MT_TCP_HAS_RESULT;
	tcp->old_state = tcp->new_state = READ(sk, __sk_common.skc_state);
	tcp_describe(tcp, sk);
}

static __always_inline void accepted(struct sock *sk, int fd)
{
	struct mt_tcp tcp = {};
	struct socket_owner owner = {};

	tcp_record(&tcp, sk, MT_TCP_ACCEPT, fd);
	owner.tgid = tcp.header.tgid;
	owner.start = tcp.header.start;
	if (tcp.new_state != TCP_CLOSE)
		tcp_remember(&tcp, &owner, BPF_ANY);
	if (!tcp_unwanted(&tcp))
		record_send(&tcp.header, MT_KIND_TCP, sizeof(tcp), pool_lane(tcp.header.tgid));
}

static __always_inline bool is_v4_mapped(const u8 *address)
{
	const u32 *words = (const void *)address;

	return !(words[0] | words[1]) && words[2] == __builtin_bswap32(0xffff);
}

/* Not yet, already, or begun anew after a signal: none of these is a failure. */
static __always_inline bool connect_failed(int result)
{
	return result < 0 && result != -EINPROGRESS && result != -EALREADY && result != -EISCONN &&
	       !(result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK);
}

/* The socket has forgotten where it was to go: the caller still knows. */
static __always_inline void not_connected(struct sock *sk, const struct syscall *call, int result)
{
	struct mt_tcp tcp = {};
	struct sockaddr to = {};
	u32 length = call->args[2];

	tcp_record(&tcp, sk, MT_TCP_CONNECT, result);
	if (length > sizeof(to))
		length = sizeof(to);
	if (!bpf_probe_read_user(&to, length, (void *)call->args[1])) {
		tcp.dport = __builtin_bswap16(to.port);
		if (to.family == AF_INET6 && is_v4_mapped(to.v6)) {
			tcp.family = AF_INET;
			tcp.marks |= MT_TCP_V4_MAPPED;
			__builtin_memset(tcp.saddr, 0, sizeof(tcp.saddr));
			__builtin_memcpy(tcp.daddr, to.v6 + 12, 4);
		} else if (to.family == AF_INET6 && tcp.family == AF_INET6)
			__builtin_memcpy(tcp.daddr, to.v6, sizeof(to.v6));
		else if (to.family == AF_INET && tcp.family == AF_INET)
			__builtin_memcpy(tcp.daddr, &to.v4, sizeof(to.v4));
		else
			tcp.dport = 0;
	}
	if (!tcp_unwanted(&tcp))
		record_send(&tcp.header, MT_KIND_TCP, sizeof(tcp), pool_lane(tcp.header.tgid));
}

static __always_inline void call_seen(const struct syscall *call, int result)
{
	bool connects = syscall_is(call, NATIVE_CONNECT, COMPAT_CONNECT);
	struct file *file = file_of(connects ? (int)call->args[0] : result);
	struct sock *sk = file ? socket_of(file) : NULL;

	if (!sk || !is_tcp(sk))
		return;
	if (connects)
		not_connected(sk, call, result);
	else
		accepted(sk, result);
}

SEC("tp_btf/sys_exit")
int tcp_call_exit(u64 *ctx)
{
	struct syscall call = {};
	int result = ctx[1];

	if (bpf_get_current_pid_tgid() >> 32 == own_tgid)
		return 0;
	syscall_read((struct pt_regs *)ctx[0], &call);
	/* the other table's numbers lead here as well */
	if (syscall_is(&call, NATIVE_CONNECT, COMPAT_CONNECT)) {
		/* one that is still under way will tell by its state */
		if (!connect_failed(result))
			return 0;
	} else if (!(syscall_is(&call, NATIVE_ACCEPT, COMPAT_ACCEPT) ||
		     syscall_is(&call, NATIVE_ACCEPT4, COMPAT_ACCEPT4)) || result < 0) {
		return 0;
	}
	hold_cpu();
	call_seen(&call, result);
	release_cpu();
	return 0;
}
