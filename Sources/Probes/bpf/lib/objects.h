/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Of the kernel's types, what only packets and arguments of policies' hooks are: see kernel.h.
 */
#ifndef MARTLET_OBJECTS_H
#define MARTLET_OBJECTS_H

#include "kernel.h"

#define AF_UNIX 1
#define IPPROTO_UDP 17
#define IPPROTO_SCTP 132
#define IPPROTO_UDPLITE 136

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct filename {
	const char *name;
};

struct net_device {
	char name[16];
	possible_net_t nd_net;
};

struct kiocb {
	struct file *ki_filp;
};

struct sock___marks {
	u32 sk_mark;
	u32 sk_priority;
};

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	u32 len;
	u32 priority;
	u32 hash;
	u32 mark;
	__be16 protocol;
	u16 transport_header;
	u16 network_header;
	u32 tail; /* from head */
	unsigned char *head, *data;
};

struct user_namespace___owner {
	int level;
	kuid_t owner;
	kgid_t group;
	struct ns_common ns;
};

enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC };

struct bpf_prog_aux {
	char name[16];
};

struct bpf_prog {
	enum bpf_prog_type type; /* relocations tell enums from numbers */
	u32 len;
	struct bpf_prog_aux *aux;
};

struct bpf_map {
	enum bpf_map_type map_type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	char name[16];
};

struct perf_event_attr {
	u32 type;
	u64 config;
	u64 kprobe_func;
	u64 probe_offset;
};

struct perf_event {
	struct perf_event_attr attr;
};

struct module {
	char name[56];
	bool sig_ok; /* with CONFIG_MODULE_SIG */
	unsigned long taints;
};

struct load_info {
	const char *name;
	bool sig_ok;
};

struct iov_iter {
	u8 iter_type;
	u64 iov_offset;
	u64 count;
	struct iovec *iov;
};

struct iovec {
	void *iov_base;
	u64 iov_len;
};

#pragma clang attribute pop

#endif /* MARTLET_OBJECTS_H */
