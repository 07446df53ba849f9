/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a descriptor to its file, and from a file to its socket.
 */
#ifndef MARTLET_FILE_H
#define MARTLET_FILE_H

#include "kernel.h"
#include "versions.h"

/* The file behind one of current's descriptors, or NULL; not typed. */
static __always_inline struct file *file_of(int fd)
{
	struct task_struct *task = current_task();
	struct fdtable *table = READ(task, files, fdt);
	struct file *file = NULL;

	if (table && fd >= 0 && (u32)fd < READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), READ(table, fd) + fd);
	return file;
}

/* The socket that a file stands for, or NULL; not typed. */
static __always_inline struct sock *socket_of(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct socket *socket;

	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFSOCK ||
	    BPF_CORE_READ(inode, i_sb, s_magic) != SOCKFS_MAGIC)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

#endif /* MARTLET_FILE_H */
