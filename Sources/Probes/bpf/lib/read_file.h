/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values that are files: paths as their dentries and mounts spell them, and what their inodes say.
 */
#ifndef MARTLET_READ_FILE_H
#define MARTLET_READ_FILE_H

#include "call.h"
#include "file.h"
#include "objects.h"
#include "path.h"

static __always_inline void file_close(struct call_scratch *call, u32 slot, struct path_walk *walk,
				       struct mt_path *found, u32 descriptor)
{
	struct mt_item *item = item_next(call);
	struct mt_file *file = (void *)(item + 1);
	u32 offset = call->used + sizeof(*item) + sizeof(*file), length;

	if (!item)
		return;
	file->inode = found->inode;
	file->device = found->device;
	file->magic = found->magic;
	file->mode = found->mode;
	file->marks = found->marks;
	length = path_copy(walk, (char *)(file + 1));
	call->numbers[bounded_slot(slot) * ASPECTS + MT_ASPECT_FILE_TYPE] = found->mode & S_IFMT;
	text_at(call, slot, offset, length);
	item_close(call, value_type(slot), slot, 0, sizeof(*file) + length, descriptor);
}

/* The inode is the dentry's, unless another one is given. */
static __noinline int read_path(struct call_scratch *call, u32 slot, u64 from, struct inode *inode, u32 descriptor)
{
	struct mt_path found = {};
	struct path_walk *walk;
	struct path path = {};

	if (!from || bpf_probe_read_kernel(&path, sizeof(path), (void *)from) || !path.dentry)
		return value_unreadable(call, slot, 0);
	if (!inode)
		inode = BPF_CORE_READ(path.dentry, d_inode);
	walk = path_walk(call->slot, &path, inode, &found);
	if (walk)
		file_close(call, slot, walk, &found, descriptor);
	return 0;
}

/* Before 6.7 the file below an overlay's has the overlay's path, and only its inode is its own. */
static __always_inline int read_file(struct call_scratch *call, u32 slot, u64 from, u32 descriptor)
{
	struct file *file = (void *)from;

	if (!file)
		return value_unreadable(call, slot, 0);
	return read_path(call, slot, (u64)&file->f_path, BPF_CORE_READ(file, f_inode), descriptor);
}

/* A dentry knows no mount: the path is that within its file system. */
static __noinline int read_dentry(struct call_scratch *call, u32 slot, u64 dentry)
{
	struct path path = { .dentry = (void *)dentry };
	struct mt_path found = {};
	struct path_walk *walk;

	if (!dentry)
		return value_unreadable(call, slot, 0);
	walk = path_walk(call->slot, &path, BPF_CORE_READ(path.dentry, d_inode), &found);
	if (!walk)
		return 0;
	/* the walk ended at a root that no mount is known of, whose name is a slash of its own */
	found.marks &= ~(MT_MARK_UNRESOLVED | MT_MARK_PSEUDO);
	if (walk->position < PATH_CAPACITY - 1)
		walk->position++;
	file_close(call, slot, walk, &found, 0);
	return 0;
}

#endif /* MARTLET_READ_FILE_H */
