/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process is: identity, credentials, namespaces, binary, working directory, control group.
 *
 * Serves the exec program, where the task is current, and the snapshot, where it is another one.
 */
#ifndef MARTLET_PROCESS_H
#define MARTLET_PROCESS_H

#include "cgroup.h"
#include "kernel.h"
#include "martlet_wire.h"
#include "path.h"
#include "record.h"
#include "versions.h"

#define FILENAME_CAPACITY 4097
#define INTERPRETER_CAPACITY 257
#define CGROUP_CAPACITY 1024
#define TTY_CAPACITY 64
#define ENV_CAPACITY 8192
/* all that is appended before the arguments */
#define STRINGS_CAPACITY \
	(FILENAME_CAPACITY + INTERPRETER_CAPACITY + 2 * PATH_CAPACITY + CGROUP_CAPACITY + TTY_CAPACITY + ENV_CAPACITY)
#define ARGS_CAPACITY 65536

struct process_scratch {
	u32 busy;
	u32 slot;
	u32 used; /* bytes of strings */
	u32 pad;
	struct {
		struct mt_process process;
		/* the last piece may begin just before STRINGS_CAPACITY */
		char strings[STRINGS_CAPACITY + ARGS_CAPACITY];
	} record;
	/* a control group's names, from the leaf to the root */
	struct kernfs_node *nodes[CGROUP_DEPTH];
	u64 env_next, env_end;
	u32 env_inside;
	u32 env_limit;
};

/* The place of the next piece, or NULL when there is none left: never with the capacities above. */
static __always_inline char *strings_end(struct process_scratch *buffer)
{
	u32 used = buffer->used;

	if (used >= STRINGS_CAPACITY)
		return NULL;
	return &buffer->record.strings[used];
}

static __always_inline void strings_take(struct process_scratch *buffer, struct mt_str *string, u32 length, u32 room)
{
	string->offset = sizeof(struct mt_process) + buffer->used;
	string->length = length;
	buffer->used += room;
}

static __noinline int process_string(struct process_scratch *buffer, struct mt_str *string, const char *from)
{
	char *to = strings_end(buffer);
	long length;

	if (!to)
		return 0;
	length = bpf_probe_read_kernel_str(to, FILENAME_CAPACITY, from);
	if (length > 0)
		strings_take(buffer, string, length - 1, length);
	return 0;
}

static __noinline int process_path(struct process_scratch *buffer, struct mt_path *found, const struct path *at)
{
	struct path path = {};
	struct path_walk *walk;
	struct inode *inode;
	u32 length;
	char *to;

	bpf_probe_read_kernel(&path, sizeof(path), at);
	if (!path.dentry) {
		found->marks = MT_MARK_UNRESOLVED;
		return 0;
	}
	inode = BPF_CORE_READ(path.dentry, d_inode);
	walk = path_walk(buffer->slot, &path, inode, found);
	to = strings_end(buffer);
	if (!walk || !to)
		return 0;
	length = path_copy(walk, to);
	if (length)
		strings_take(buffer, &found->text, length, length);
	return 0;
}

/* In an overlay's inode the dentry of the upper layer follows the VFS' own part, since 4.0 and in every version. */
static __always_inline bool in_upper_layer(struct inode *inode)
{
	void *upper = NULL;

	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	return upper;
}

static __always_inline void process_binary(struct process_scratch *buffer, struct file *file)
{
	struct mt_process *process = &buffer->record.process;
	struct inode *inode;

	if (!file) {
		process->marks |= MT_PROCESS_NO_FILE;
		return;
	}
	process_path(buffer, &process->binary, (void *)file + bpf_core_field_offset(struct file, f_path));
	inode = READ(file, f_inode);
	process->links = READ(inode, i_nlink);
	if (process->binary.magic == OVERLAYFS_SUPER_MAGIC && in_upper_layer(inode))
		process->marks |= MT_PROCESS_UPPER_LAYER;
}

static __always_inline void process_credentials(struct mt_process *process, struct task_struct *task)
{
	struct mt_credentials *to = &process->credentials;
	struct cred *cred = READ(task, cred);

	if (!cred)
		return;
	to->uid = READ(cred, uid.val);
	to->gid = READ(cred, gid.val);
	to->suid = READ(cred, suid.val);
	to->sgid = READ(cred, sgid.val);
	to->euid = READ(cred, euid.val);
	to->egid = READ(cred, egid.val);
	to->fsuid = READ(cred, fsuid.val);
	to->fsgid = READ(cred, fsgid.val);
	to->securebits = READ(cred, securebits);
	to->loginuid = loginuid_of(task);
	bpf_core_read(&to->inheritable, sizeof(u64), &cred->cap_inheritable);
	bpf_core_read(&to->permitted, sizeof(u64), &cred->cap_permitted);
	bpf_core_read(&to->effective, sizeof(u64), &cred->cap_effective);
	bpf_core_read(&to->bounding, sizeof(u64), &cred->cap_bset);
	bpf_core_read(&to->ambient, sizeof(u64), &cred->cap_ambient);
	process->namespaces.user = READ(cred, user_ns, ns.inum);
}

static __always_inline void process_namespaces(struct mt_process *process, struct task_struct *task)
{
	struct mt_namespaces *to = &process->namespaces;
	struct nsproxy *proxy = READ(task, nsproxy);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	to->uts = READ(proxy, uts_ns, ns.inum);
	to->ipc = READ(proxy, ipc_ns, ns.inum);
	to->mnt = READ(proxy, mnt_ns, ns.inum);
	to->pid_for_children = READ(proxy, pid_ns_for_children, ns.inum);
	to->net = READ(proxy, net_ns, ns.inum);
	if (bpf_core_field_exists(proxy->time_ns)) {
		to->time = READ(proxy, time_ns, ns.inum);
		to->time_for_children = READ(proxy, time_ns_for_children, ns.inum);
	}
	to->cgroup = READ(proxy, cgroup_ns, ns.inum);
	bpf_core_read(&upid, sizeof(upid), (void *)&pid->numbers + level * bpf_core_type_size(struct upid));
	to->pid = BPF_CORE_READ(upid.ns, ns.inum);
	process->ns_tgid = upid.nr;
}

static __noinline int process_cgroup(struct process_scratch *buffer, struct task_struct *task)
{
	struct mt_process *process = &buffer->record.process;
	struct kernfs_node *node, *parent;
	u32 hierarchy, depth = 0, begin = buffer->used, end;
	char *to;
	long length;

	node = cgroup_node(task, &hierarchy);
	for (; depth < CGROUP_DEPTH; depth++) {
		parent = kernfs_parent_of(node);
		if (!parent)
			break;
		buffer->nodes[depth & (CGROUP_DEPTH - 1)] = node;
		node = parent;
	}
	if (kernfs_parent_of(node))
		process->marks |= MT_PROCESS_CGROUP_TRUNCATED;
	for (int i = CGROUP_DEPTH - 1; i >= 0; i--) {
		if ((u32)i >= depth)
			continue;
		to = strings_end(buffer);
		if (!to || buffer->used - begin + NAME_CAPACITY > CGROUP_CAPACITY) {
			process->marks |= MT_PROCESS_CGROUP_TRUNCATED;
			break;
		}
		*to = '/';
		node = buffer->nodes[i];
		length = bpf_probe_read_kernel_str(to + 1, NAME_CAPACITY, BPF_CORE_READ(node, name));
		if (length > 0)
			buffer->used += length; /* the next slash takes the terminator's place */
	}
	if (buffer->used == begin) {
		to = strings_end(buffer);
		if (to)
			*to = '/';
		buffer->used++;
	}
	end = buffer->used;
	process->cgroup.offset = sizeof(*process) + begin;
	process->cgroup.length = end - begin;
	return 0;
}

/* All but the header, the arguments and what only execve knows. */
static __always_inline void process_describe(struct process_scratch *buffer, struct task_struct *task,
					     struct file *binary)
{
	struct mt_process *process = &buffer->record.process;
	struct task_struct *parent = READ(task, real_parent);
	struct fs_struct *fs = READ(task, fs);
	struct tty_struct *tty = READ(task, signal, tty);

	process->parent_tgid = READ(parent, tgid);
	process->parent_start = READ(parent, group_leader, start_boottime);
	if (READ(task, atomic_flags) & (1UL << PFA_NO_NEW_PRIVS))
		process->marks |= MT_PROCESS_NO_NEW_PRIVS;
	if (READ(task, flags) & PF_KTHREAD)
		process->marks |= MT_PROCESS_KTHREAD;
	if (bpf_core_field_exists(task->seccomp.mode))
		process->seccomp = READ(task, seccomp.mode);
	bpf_core_read(&process->comm, sizeof(process->comm), &task->comm);
	process_credentials(process, task);
	process_namespaces(process, task);
	process_binary(buffer, binary);
	if (fs)
		process_path(buffer, &process->cwd, (void *)fs + bpf_core_field_offset(struct fs_struct, pwd));
	else
		process->cwd.marks = MT_MARK_UNRESOLVED;
	process_cgroup(buffer, task);
	if (tty)
		process_string(buffer, &process->tty, (void *)tty + bpf_core_field_offset(struct tty_struct, name));
}

static __always_inline void process_clear(struct process_scratch *buffer)
{
	__builtin_memset(&buffer->record.process, 0, sizeof(buffer->record.process));
	buffer->used = 0;
}

#endif /* MARTLET_PROCESS_H */
