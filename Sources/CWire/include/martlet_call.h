/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What a policy's hook tells: struct mt_call, then items one behind another.
 *
 * An item is a header and its payload, padded to 8. First those that were read ("values"), in the order in which they
 * were read; then what the policy says of itself ("about"), so that a record stands alone: no table is needed to tell
 * it. Several policies on one hook read into one list of slots; the items MT_ITEM_SHOWS of "about" name those that are
 * the policy's own, in its order.
 */
#ifndef MARTLET_CALL_H
#define MARTLET_CALL_H

#include "martlet_wire.h"

#define MT_CALL_NO_RETURN 0x1 /* it was asked how the call returned, and that was not seen */
#define MT_CALL_VALUES_TRUNCATED 0x2 /* there was no room for all that was to be read */
#define MT_CALL_COMPAT 0x4 /* by a 32-bit system call */

/* What the selector did. A bit each; the number is Tetragon's KprobeAction, less one. */
#define MT_ACTION_POST 0x1

/* MT_KIND_KPROBE, MT_KIND_TRACEPOINT, MT_KIND_UPROBE, MT_KIND_USDT, MT_KIND_LSM, MT_KIND_LOADER */
struct mt_call {
	struct mt_header header;
	mt_u64 duration; /* ns from entry to return; 0: not measured */
	mt_u32 hook; /* the agent's number of the hook */
	mt_u32 row; /* the agent's number of the selector at that hook */
	mt_u32 marks; /* MT_CALL_… */
	mt_u32 actions; /* MT_ACTION_… */
	struct mt_str values; /* items */
	struct mt_str about; /* items */
};

struct mt_item {
	mt_u16 type; /* enum mt_item_type */
	mt_u16 slot; /* of a value: which; otherwise as the type says */
	mt_u32 marks; /* of a value: MT_VALUE_… */
	mt_u32 length; /* of the payload, without padding */
	mt_u32 detail; /* as the type says */
};

enum mt_item_type {
	MT_ITEM_NONE = 0,
	/* what the policy says of itself: texts */
	MT_ITEM_POLICY = 1,
	MT_ITEM_NAMESPACE = 2, /* of the policy, in Kubernetes */
	MT_ITEM_FUNCTION = 3, /* function, LSM hook, tracepoint's event, symbol, probe's name */
	MT_ITEM_GROUP = 4, /* tracepoint's subsystem, probe's provider */
	MT_ITEM_FILE = 5, /* of a uprobe or probe */
	MT_ITEM_MESSAGE = 6,
	MT_ITEM_TAG = 7,
	MT_ITEM_SELECTOR = 8, /* slot: its position in the policy's hook; payload: its label, if it has one */
	/* slot: a value that the policy shows; detail: enum mt_role; payload: its label, if it has one */
	MT_ITEM_SHOWS = 9,
	MT_ITEM_OFFSET = 10, /* u64: of a uprobe, in its file */
	MT_ITEM_BUILD_ID = 11, /* of a file that is mapped; added by the agent */

	/* numbers: u64, sign-extended where the type has a sign */
	MT_VALUE_INT = 32, /* up to 32 bits */
	MT_VALUE_UINT = 33,
	MT_VALUE_LONG = 34,
	MT_VALUE_SIZE = 35, /* u64, size_t */
	MT_VALUE_CAPABILITY = 36,
	MT_VALUE_CAPABILITIES = 37, /* sets of them: u64 */
	MT_VALUE_INHERITABLE = 38,
	MT_VALUE_PERMITTED = 39,
	MT_VALUE_EFFECTIVE = 40,
	MT_VALUE_BPF_COMMAND = 41,
	MT_VALUE_SYSCALL = 42, /* detail: 1 for the 32-bit table */
	/* bytes; detail: how long the whole would be, if that is known */
	MT_VALUE_TEXT = 48,
	MT_VALUE_BYTES = 49,
	/* struct mt_file, then its path */
	MT_VALUE_FILE = 56, /* detail: the descriptor plus 1, where it was one */
	MT_VALUE_PATH = 57,
	MT_VALUE_BINPRM = 58,
	/* struct mt_endpoints */
	MT_VALUE_SOCK = 64,
	MT_VALUE_SKB = 65,
	/* struct mt_endpoints, of which family, saddr and sport count */
	MT_VALUE_SOCKADDR = 66,
	/* bytes of the path, @ before an abstract one */
	MT_VALUE_SOCKADDR_UN = 67,
	MT_VALUE_CREDENTIALS = 72, /* struct mt_credentials_value */
	MT_VALUE_USER_NAMESPACE = 73, /* struct mt_user_namespace */
	MT_VALUE_BPF_ATTR = 80, /* struct mt_bpf_object */
	MT_VALUE_BPF_PROG = 81,
	MT_VALUE_BPF_MAP = 82,
	MT_VALUE_PERF_EVENT = 83, /* struct mt_perf_event */
	MT_VALUE_MODULE = 84, /* struct mt_module */
};

/* Of a MT_ITEM_SHOWS: in which list of the event it stands. */
enum mt_role { MT_ROLE_ARGUMENT = 0, MT_ROLE_DATA = 1, MT_ROLE_RETURN = 2 };

#define MT_VALUE_UNREADABLE 0x1 /* no payload; detail: the step of the way to it that failed, from 1; 0: itself */
#define MT_VALUE_TRUNCATED 0x2 /* longer than what is kept */

struct mt_file {
	mt_u64 inode;
	mt_u32 device; /* the kernel's dev_t: major << 20 | minor */
	mt_u32 magic; /* of the file system */
	mt_u32 mode; /* type and permissions */
	mt_u32 marks; /* MT_MARK_… */
};

struct mt_endpoints {
	/* who talks to whom: the first 40 bytes, by which rate limits tell events apart */
	mt_u8 saddr[16]; /* four bytes for AF_INET */
	mt_u8 daddr[16];
	mt_u16 sport; /* host byte order */
	mt_u16 dport;
	mt_u16 family;
	mt_u16 protocol; /* IPPROTO_… */
	mt_u64 address; /* the kernel's, of the sock */
	mt_u32 mark;
	mt_u32 priority;
	mt_u32 hash; /* skb */
	mt_u32 length; /* skb */
	mt_u32 sec_path_length; /* skb */
	mt_u32 sec_path_outer; /* skb */
	mt_u16 type; /* SOCK_… */
	mt_u16 ethernet; /* skb: ETH_P_…, host byte order */
	mt_u16 state; /* TCP_… */
	mt_u16 pad;
};

struct mt_user_namespace {
	mt_s32 level;
	mt_u32 uid;
	mt_u32 gid;
	mt_u32 inode;
};

struct mt_credentials_value {
	struct mt_credentials credentials; /* loginuid is none of these */
	struct mt_user_namespace namespace_;
};

struct mt_bpf_object {
	mt_u32 type; /* of program or map */
	mt_u32 instructions; /* programs */
	mt_u32 key_size, value_size, max_entries, pad; /* maps */
	char name[16];
};

struct mt_perf_event {
	mt_u64 config;
	mt_u64 probe_offset;
	mt_u32 type;
	mt_u32 pad;
	char function[64];
};

struct mt_module {
	mt_u64 taints;
	mt_u32 signature; /* 0 not known, 1 not good, 2 good */
	mt_u32 pad;
	char name[64];
};

#endif /* MARTLET_CALL_H */
