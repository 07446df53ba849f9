/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The records that kernel programs write and the daemon reads: one header, both sides.
 *
 * A record is a fixed header, a typed body, then strings that the body names by offset (from the start of the
 * record) and length (without a terminator). A string whose offset is 0 was not captured. All numbers are in host
 * byte order; every struct is laid out without holes, so that no kernel stack byte ever leaves the kernel.
 */
#ifndef MARTLET_WIRE_H
#define MARTLET_WIRE_H

#ifdef __bpf__
typedef unsigned char mt_u8;
typedef unsigned short mt_u16;
typedef unsigned int mt_u32;
typedef int mt_s32;
typedef unsigned long long mt_u64;
#else
#include <stdint.h>
typedef uint8_t mt_u8;
typedef uint16_t mt_u16;
typedef uint32_t mt_u32;
typedef int32_t mt_s32;
typedef uint64_t mt_u64;
#endif

/* What a record says. Numbers are part of the record file format: append, never renumber. */
enum mt_kind {
	MT_KIND_NONE = 0,
	MT_KIND_FORK = 1,
	MT_KIND_EXEC = 2,
	MT_KIND_EXEC_FAILED = 3,
	MT_KIND_EXIT = 4,
	MT_KIND_OPEN = 5,
	MT_KIND_HEARTBEAT = 6,
	/* a process that already ran when the agent started */
	MT_KIND_SNAPSHOT = 7,
	/* made by the collector, so that a recording holds all that the pipeline was fed */
	MT_KIND_CLOCK = 8,
	MT_KIND_LOSS = 9,
	MT_KIND_TCP = 10,
	MT_KIND_SHELL = 11,
	/* made by the collector: what a container engine says of a container */
	MT_KIND_CONTAINER = 12,
	/* calls that policies ask for: martlet_call.h */
	MT_KIND_KPROBE = 13,
	MT_KIND_TRACEPOINT = 14,
	MT_KIND_UPROBE = 15,
	MT_KIND_USDT = 16,
	MT_KIND_LSM = 17,
	/* files that are mapped to be executed, as a policy asks */
	MT_KIND_LOADER = 18,
	MT_KIND_TCP_DROP = 19,
	MT_KIND_BREAKOUT = 20,
	MT_KIND_COUNT = 21,
};

/* Why a record that was due did not arrive. */
enum mt_drop {
	/* the lane had no room */
	MT_DROP_RING_FULL = 0,
	/* every scratch buffer of this CPU was in use by a program that was interrupted */
	MT_DROP_SCRATCH_BUSY = 1,
	/* a map had no room for the state that the record needs */
	MT_DROP_MAP_FULL = 2,
	/* what only user space can count */
	MT_DROP_REENTERED = 3,
	MT_DROP_DECODE = 4,
	MT_DROP_QUEUE_FULL = 5,
	MT_DROP_SINK_FAILED = 6,
	MT_DROP_SPOOL_LIMIT = 7,
	MT_DROP_SPOOL_DAMAGED = 8,
	MT_DROP_KILLED = 9,
	MT_DROP_COUNT = 10,
};

/* The reasons below this one are counted in the kernel. */
#define MT_DROP_KERNEL_COUNT 3

/* mt_header.flags */
#define MT_FLAG_LATE 0x1 /* arrived after the hold: out of order, otherwise whole */
#define MT_FLAG_ANY_EXECUTION 0x2 /* execs is not known: of whatever the process runs */

struct mt_str {
	mt_u32 offset;
	mt_u32 length;
};

struct mt_header {
	mt_u32 length; /* of the whole record, strings included */
	mt_u16 kind;
	mt_u16 flags;
	mt_u16 cpu;
	mt_u16 execs; /* how often the task had executed a program, its ancestors included: which execution this is of */
	mt_u32 uid; /* effective, at the event */
	mt_u32 tgid;
	mt_u32 tid;
	mt_u64 sequence; /* per CPU; a gap is a lost record */
	mt_u64 time; /* CLOCK_BOOTTIME, ns */
	mt_u64 start; /* of the process, CLOCK_BOOTTIME, ns: (tgid, start) names it for good */
	mt_u64 cgroup; /* id in the v2 hierarchy */
};

struct mt_fork {
	struct mt_header header; /* of the child; time is that of the fork */
	mt_u64 parent_start;
	mt_u64 caller_start;
	mt_u32 parent_tgid;
	mt_u32 caller_tgid; /* whose copy the child is: not its parent after CLONE_PARENT */
	char comm[16];
};

struct mt_exit {
	struct mt_header header;
	mt_s32 status; /* as wait(2) gives it */
	mt_u32 pad;
	char comm[16];
};

/* What is odd about a path or a string that was read. */
#define MT_MARK_TRUNCATED 0x1 /* longer than what could be kept: the end of it is there */
#define MT_MARK_UNRESOLVED 0x2 /* its mount is attached nowhere, or memory could not be read */
#define MT_MARK_RACED 0x4 /* renamed while it was being read, time and again: no path is given */
#define MT_MARK_DELETED 0x8 /* no directory names it any more */
#define MT_MARK_PSEUDO 0x10 /* lives on a mount of the kernel's own: a pipe, a socket, a memfd */

struct mt_path {
	struct mt_str text; /* from the root of the mount namespace; a pseudo file's bare name */
	mt_u64 inode;
	mt_u32 device; /* the kernel's dev_t: major << 20 | minor */
	mt_u32 magic; /* of the file system */
	mt_u32 mode; /* type and permissions */
	mt_u32 marks;
};

#define MT_OPEN_NAME_TRUNCATED 0x1
#define MT_OPEN_NAME_UNREADABLE 0x2
#define MT_OPEN_HOW_UNREADABLE 0x4 /* openat2: flags, mode and resolve are absent */
#define MT_OPEN_COMPAT 0x8 /* by a 32-bit system call */

/* MT_EXECUTED: of a breakout alone, whose flags, mode, resolve, dfd and result are absent then */
enum mt_open_call { MT_OPEN = 0, MT_OPENAT = 1, MT_OPENAT2 = 2, MT_CREAT = 3, MT_EXECUTED = 4 };

struct mt_open {
	struct mt_header header;
	mt_u64 flags;
	mt_u64 resolve; /* openat2's RESOLVE_… */
	mt_u32 mode;
	mt_s32 dfd;
	mt_s32 result; /* the new descriptor, or -errno */
	mt_u16 call; /* enum mt_open_call */
	mt_u16 marks; /* MT_OPEN_… */
	struct mt_str name; /* as the caller gave it */
	struct mt_path path; /* what was opened; absent when nothing was */
};

/* How a process in a container came to a file that is not the container's. */
enum mt_breakout_way {
	MT_BREAKOUT_NAMESPACE = 1, /* it lies in another mount namespace */
	MT_BREAKOUT_BIND = 2, /* a system directory of the host is mounted in the container's own */
};

struct mt_breakout {
	struct mt_open open;
	mt_u32 way; /* enum mt_breakout_way */
	mt_u32 mnt_ns; /* the file's: inode number; 0: not known */
};

struct mt_credentials {
	mt_u32 uid, gid, suid, sgid, euid, egid, fsuid, fsgid;
	mt_u32 securebits, loginuid;
	mt_u64 inheritable, permitted, effective, bounding, ambient;
};

/* inode numbers of /proc/PID/ns/…; 0 where the kernel has no such namespace */
struct mt_namespaces {
	mt_u32 uts, ipc, mnt, pid, pid_for_children, net, time, time_for_children, cgroup, user;
};

#define MT_PROCESS_ARGS_TRUNCATED 0x1
#define MT_PROCESS_ARGS_UNREADABLE 0x2
#define MT_PROCESS_UPPER_LAYER 0x4 /* the binary is in the upper layer of an overlay: not from the image */
#define MT_PROCESS_NO_NEW_PRIVS 0x8
#define MT_PROCESS_SCRIPT 0x10 /* interpreter is set, and differs from filename */
#define MT_PROCESS_KTHREAD 0x20
#define MT_PROCESS_FROM_PROC 0x40 /* args were read from /proc at start: the process may have rewritten them */
#define MT_PROCESS_CGROUP_TRUNCATED 0x80
#define MT_PROCESS_ENV_TRUNCATED 0x100
#define MT_PROCESS_NO_FILE 0x200 /* there is no binary: a kernel thread, or a process on its way out */

/* MT_KIND_EXEC, and MT_KIND_SNAPSHOT where header.time is that of the snapshot */
struct mt_process {
	struct mt_header header;
	mt_u64 parent_start;
	mt_u32 parent_tgid;
	mt_u32 old_tid; /* the thread that called execve, when it was not the leader */
	mt_u32 argc;
	mt_u32 envc;
	mt_u32 marks; /* MT_PROCESS_… */
	mt_u32 ns_tgid; /* in the process' own pid namespace */
	struct mt_credentials credentials;
	struct mt_namespaces namespaces;
	mt_u32 seccomp; /* 0 disabled, 1 strict, 2 filter */
	mt_u32 links; /* of the binary; 0: deleted or a memfd */
	char comm[16];
	struct mt_path binary; /* the file that runs: for a script, its interpreter */
	struct mt_path cwd;
	struct mt_str filename; /* as execve was given it; a script's own name */
	struct mt_str interpreter; /* as the script names it */
	struct mt_str args; /* argv, each with a NUL behind it */
	struct mt_str env; /* NAME=value of the allowed names, each with a NUL behind it */
	struct mt_str cgroup;
	struct mt_str tty;
};

struct mt_exec_failed {
	struct mt_header header;
	mt_s32 result; /* -errno */
	mt_s32 dfd; /* execveat; AT_FDCWD otherwise */
	mt_u32 flags; /* execveat's */
	mt_u32 argc;
	mt_u32 marks; /* MT_PROCESS_ARGS_…, MT_OPEN_NAME_… << 16 */
	mt_u32 pad;
	struct mt_str filename;
	struct mt_str args;
};

/* What is known of a socket, beside what it always has, and what is odd about it. */
#define MT_TCP_HAS_SOCKET 0x1 /* a file stands for it: inode, uid, gid and socket_state are told */
#define MT_TCP_HAS_COUNTERS 0x2
#define MT_TCP_HAS_RESULT 0x4
#define MT_TCP_MPTCP 0x8 /* a subflow of a multipath connection, or such a connection itself */
#define MT_TCP_V4_MAPPED 0x10 /* an IPv6 socket that talks IPv4 */
#define MT_TCP_OWNER_LOST 0x20 /* there was no room to remember who owns it */

/* What the record is about. */
enum mt_tcp_call { MT_TCP_STATE = 0, MT_TCP_CONNECT = 1, MT_TCP_ACCEPT = 2, MT_TCP_SNAPSHOT = 3 };

/* The header's process is the owner's, whoever was on the CPU; its tgid is 0 where the owner is not known. */
struct mt_tcp {
	struct mt_header header;
	mt_u64 socket; /* the kernel's address of it */
	mt_u64 cookie; /* 0: none was given to it yet */
	mt_u64 inode;
	mt_u64 cpu_start; /* of the process that was on the CPU */
	mt_u64 bytes_sent; /* counters: when the connection closes */
	mt_u64 bytes_received;
	mt_u64 bytes_retransmitted;
	mt_u32 retransmits;
	mt_u32 rtt; /* smoothed, µs */
	mt_u32 cpu_tgid;
	mt_u32 cpu_tid;
	char cpu_comm[16];
	mt_u32 netns;
	mt_u32 uid;
	mt_u32 gid;
	mt_s32 result; /* accept's new descriptor, connect's -errno */
	mt_s32 error; /* what broke the connection, an errno; 0: nothing */
	mt_u32 marks; /* MT_TCP_… */
	mt_u16 family; /* 2: an address is in the first four bytes; 10 */
	mt_u16 protocol; /* IPPROTO_TCP or IPPROTO_MPTCP */
	mt_u16 sport; /* host byte order; 0: none yet */
	mt_u16 dport;
	mt_u8 saddr[16];
	mt_u8 daddr[16];
	mt_u8 old_state; /* the kernel's numbers, include/net/tcp_states.h */
	mt_u8 new_state;
	mt_u8 socket_state; /* SS_…, include/uapi/linux/net.h */
	mt_u8 call; /* enum mt_tcp_call */
	mt_u32 pad;
};

#define MT_TCP_DROP_NO_HEADER 0x1 /* a later fragment, or a header that lies apart: ports, seq, flags and payload are absent */

#define MT_DROP_REASONS 512 /* as many of the kernel's own reasons have a name */
#define MT_DROP_REASON_NAME 32 /* bytes, the terminator included */

/* The header's process is the owner of the socket; its tgid is 0 where there is none, or it is not known. */
struct mt_tcp_drop {
	struct mt_header header;
	mt_u64 socket; /* the kernel's address of it; 0: none */
	mt_u64 cpu_start; /* of the process that was on the CPU */
	mt_u32 cpu_tgid;
	mt_u32 cpu_tid;
	char cpu_comm[16];
	mt_u32 netns; /* 0: not known */
	mt_u32 reason; /* enum skb_drop_reason of the kernel; 0: it does not tell */
	mt_u32 seq;
	mt_u32 payload; /* bytes behind the TCP header */
	mt_u32 marks; /* MT_TCP_DROP_… */
	mt_u16 family; /* 2: an address is in the first four bytes; 10 */
	mt_u16 sport; /* host byte order */
	mt_u16 dport;
	mt_u8 flags; /* the TCP header's, FIN lowest */
	mt_u8 state; /* of the socket, include/net/tcp_states.h; 0: none */
	mt_u32 pad;
	mt_u8 saddr[16];
	mt_u8 daddr[16];
	char reason_name[MT_DROP_REASON_NAME]; /* without SKB_DROP_REASON_ */
};

#define MT_SHELL_TRUNCATED 0x1 /* longer than the limit: its beginning is there */
#define MT_SHELL_UNREADABLE 0x2 /* its memory, or what follows the part that is there, could not be read */

struct mt_shell {
	struct mt_header header;
	struct mt_str line; /* without a terminator; empty when nothing was typed */
	mt_u32 marks; /* MT_SHELL_… */
	mt_u32 pad;
};

struct mt_heartbeat {
	struct mt_header header;
	mt_u32 lane;
	mt_u32 number;
};

/* The wall clock at header.time, so that a recording is replayed with the times of its day. */
struct mt_clock {
	struct mt_header header;
	mt_u64 wall; /* CLOCK_REALTIME - CLOCK_BOOTTIME, ns */
};

struct mt_loss {
	struct mt_header header;
	mt_u32 kind; /* of what was lost; MT_KIND_NONE: not known */
	mt_u32 reason; /* enum mt_drop */
	mt_u64 count; /* since the last record of this kind and reason */
};

#define MT_CONTAINER_LABELS_TRUNCATED 0x1 /* there were more labels, or longer ones, than are kept */

enum mt_engine { MT_ENGINE_DOCKER = 1, MT_ENGINE_PODMAN = 2, MT_ENGINE_CONTAINERD = 3, MT_ENGINE_CRIO = 4 };

/* What a container engine answered when it was asked about a container. */
struct mt_container {
	struct mt_header header;
	mt_u32 engine; /* enum mt_engine */
	mt_u32 marks; /* MT_CONTAINER_… */
	mt_u32 user; /* whose rootless engine answered; 0 is the system's */
	mt_u32 pad;
	struct mt_str id;
	struct mt_str name; /* as the engine calls it */
	struct mt_str image; /* as the user named it */
	struct mt_str image_id;
	struct mt_str pod; /* of Kubernetes, or podman's */
	struct mt_str pod_namespace;
	struct mt_str pod_container; /* what the pod calls the container */
	struct mt_str labels; /* NAME=value, each with a NUL behind it */
};

/*
 * One element per CPU and kind of the map "counters". Element MT_KIND_NONE counts the whole CPU. The same again from
 * MT_KIND_COUNT on, for programs that interrupt one that is counting.
 */
struct mt_counts {
	mt_u64 produced; /* records that were due, those below included; of MT_KIND_NONE: the sequence */
	mt_u64 dropped[MT_DROP_KERNEL_COUNT];
	mt_u64 woken; /* of MT_KIND_NONE: when this CPU last woke the reader */
	mt_u64 counting; /* of MT_KIND_NONE: a program is between its first and its last addition */
};

/* What is kept back in the kernel, a bit for each kind: the one element of the map "gate". */
struct mt_gate {
	mt_u32 by_process; /* what nobody wants of an execution: "verdicts" */
	mt_u32 by_start;   /* the same of one that has just begun: "gate_names" */
	mt_u32 by_path;    /* nobody wants it but for a path that begins with one of "gate_paths" */
	mt_u32 pathless;   /* nobody wants it where there is no path */
	mt_u32 by_network; /* nobody wants it but for an address or a port of "gate_networks" */
	mt_u32 generation; /* verdicts of another one are of other rules */
};

/* How many verdicts there is room for: a power of two. */
#define MT_VERDICTS 65536

/*
 * What of an execution nobody wants: an element of the maps "verdicts" and "inherited", by the last bits of its tgid. One word,
 * so that it is read and written at once: a bit for each kind, and above these whose it is.
 */
static inline mt_u64 mt_verdict(mt_u64 start, mt_u16 execs, mt_u32 generation, mt_u32 unwanted)
{
	mt_u64 whose = (start ^ (mt_u64)generation << 32 ^ (mt_u64)execs << 48) * 0x9e3779b97f4a7c15ULL;

	return (whose >> 32 << 32) | unwanted;
}

/* What the kernel looks up of an execution that begins: a key of "gate_names", whose value are the kinds that are wanted. */
enum mt_gate_subject {
	MT_GATE_COMM,
	MT_GATE_BINARY,
	MT_GATE_UID,
	MT_GATE_PID,
};

#define MT_GATE_TEXT 252

struct mt_gate_name {
	mt_u32 subject;
	char text[MT_GATE_TEXT]; /* zeroes behind it; a number: its bytes as they lie */
};

/* Keys of the tries "gate_paths" and "gate_networks", whose values are the kinds that are wanted. */
struct mt_gate_path {
	mt_u32 bits;
	char text[MT_GATE_TEXT];
};

/* What the trie is asked about, in the first byte of its keys. */
enum mt_gate_end {
	MT_GATE_SPORT,
	MT_GATE_DPORT,
	MT_GATE_SADDR4,
	MT_GATE_SADDR6,
	MT_GATE_DADDR4,
	MT_GATE_DADDR6,
};

struct mt_gate_network {
	mt_u32 bits; /* of what follows */
	mt_u8 end;
	mt_u8 data[19]; /* a port or an address as it is sent, zeroes behind it */
};

/* In the sequence number of a record that was counted beside another one. */
#define MT_SEQUENCE_BESIDE (1ULL << 63)

/* The agent opens this directory descriptor, which cannot exist, to send itself a heartbeat through every stage. */
#define MT_HEARTBEAT_DFD 0x6d740000

#endif /* MARTLET_WIRE_H */
