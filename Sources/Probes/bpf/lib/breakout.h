/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a file is outside of the container of the process that reaches it.
 *
 * Where a file is, its mount says: the way to it may have led through /proc/PID/root, a descriptor that was left open, or
 * a directory of the host that was mounted into the container.
 */
#ifndef MARTLET_BREAKOUT_H
#define MARTLET_BREAKOUT_H

#define OPEN_MORE   \
	u32 way;    \
	u32 mnt_ns;

#include "cgroup.h"
#include "open.h"

#define CONTAINER_ID 64 /* hexadecimal digits */
#define GROUPS_ABOVE 8
#define GROUP_NAME 128

/* The mount namespace that is no container's. */
const volatile u32 host_mnt_ns = 0;

struct host_directory {
	u64 inode;
	u32 device;
	u32 pad;
};

/* The host's system directories: written by user space before the programs are attached. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct host_directory);
	__type(value, u8);
} host_directories SEC(".maps");

static __always_inline bool is_hexadecimal(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/*
 * Whether a control group is named after a container: its whole id, behind whatever the engine calls itself. The one of
 * a container's monitor is not the container's.
 */
static __always_inline int group_is_container(struct open_scratch *buffer, struct kernfs_node *node)
{
	const char *name = BPF_CORE_READ(node, name);
	long length = bpf_probe_read_kernel_str(buffer->record.strings, GROUP_NAME, name) - 1;
	char id[CONTAINER_ID], end[6], before[7];

	if (length < CONTAINER_ID || length >= GROUP_NAME)
		return 0;
	if (bpf_probe_read_kernel(end, sizeof(end), name + length - sizeof(end)))
		return 0;
	if (end[0] == '.' && end[1] == 's' && end[2] == 'c' && end[3] == 'o' && end[4] == 'p' && end[5] == 'e')
		length -= sizeof(end);
	if (length < CONTAINER_ID)
		return 0;
	length -= CONTAINER_ID;
	if (bpf_probe_read_kernel(id, sizeof(id), name + length))
		return 0;
	for (int i = 0; i < CONTAINER_ID; i++) {
		if (!is_hexadecimal(id[i]))
			return 0;
	}
	if (length < (long)sizeof(before) ||
	    bpf_probe_read_kernel(before, sizeof(before), name + length - sizeof(before)))
		return 1;
	return !(before[0] == 'c' && before[1] == 'o' && before[2] == 'n' && before[3] == 'm' && before[4] == 'o' &&
		 before[5] == 'n' && before[6] == '-');
}

/*
 * Whether current is in a container: in a pid namespace of its own, or in a control group with a container's id. Global,
 * so that it is verified once: see path.h.
 */
__noinline int in_container(u32 slot)
{
	struct open_scratch *buffer = bpf_map_lookup_elem(&scratch, &slot);
	struct task_struct *task = current_task();
	struct kernfs_node *node;
	u32 hierarchy;

	if (READ(task, thread_pid, level))
		return 1;
	node = cgroup_node(task, &hierarchy);
	for (int i = 0; i < GROUPS_ABOVE && node && buffer; i++) {
		if (group_is_container(buffer, node))
			return 1;
		node = kernfs_parent_of(node);
	}
	return 0;
}

/*
 * An engine's process that has entered the container and still runs the engine's program: it is of the container when
 * its parent is.
 */
static __always_inline bool is_engine(const struct mnt_namespace *own)
{
	struct task_struct *task = current_task();
	struct task_struct *parent = READ(task, real_parent);
	struct file *program = READ(task, mm, exe_file);
	struct mount *mount = mount_of(BPF_CORE_READ(program, f_path.mnt));

	if (BPF_CORE_READ(mount, mnt_ns) == own)
		return false;
	return BPF_CORE_READ(parent, nsproxy, mnt_ns) != own;
}

/* How current, outside of the host's mount namespace, came to the file: 0 when it lies where the container's files do. */
static __always_inline u32 breakout_way(struct file *file, const struct mnt_namespace *own, u32 *inum)
{
	struct mount *mount = mount_of(BPF_CORE_READ(file, f_path.mnt));
	struct mnt_namespace *namespace = BPF_CORE_READ(mount, mnt_ns);
	struct host_directory top = {};
	struct inode *inode;

	*inum = 0;
	/* attached nowhere, or mounted by the kernel for itself */
	if (!namespace || (u64)namespace >= (u64)-MAX_ERRNO)
		return 0;
	*inum = BPF_CORE_READ(namespace, ns.inum);
	if (namespace != own)
		return is_anonymous(*inum) ? 0 : MT_BREAKOUT_NAMESPACE;
	inode = BPF_CORE_READ(mount, mnt.mnt_root, d_inode);
	top.inode = BPF_CORE_READ(inode, i_ino);
	top.device = BPF_CORE_READ(inode, i_sb, s_dev);
	return bpf_map_lookup_elem(&host_directories, &top) ? MT_BREAKOUT_BIND : 0;
}

/* Current's mount namespace; NULL when it is the host's, as most processes' is. */
static __always_inline struct mnt_namespace *foreign_namespace(void)
{
	struct task_struct *task = current_task();
	struct mnt_namespace *own = READ(task, nsproxy, mnt_ns);

	return own && READ(own, ns.inum) != host_mnt_ns ? own : NULL;
}

/* Sends what is there, with used bytes of strings. */
static __always_inline void breakout_send(struct open_scratch *buffer, u32 used)
{
	asm volatile("" : "+r"(used)); /* keep the bound where the verifier looks for it */
	if (used <= sizeof(buffer->record.strings))
		record_send(&buffer->record.open.header, MT_KIND_BREAKOUT, OPEN_STRINGS + used,
			    pool_lane(buffer->record.open.header.tgid));
}

#endif /* MARTLET_BREAKOUT_H */
