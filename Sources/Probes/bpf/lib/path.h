/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The path of a file as its dentries and mounts spell it, from the root of its mount namespace.
 *
 * The walk goes from the file upwards and fills a buffer from its end. A rename moves a dentry's d_seq; when one of
 * those that were passed has moved by the end of the walk, the path may never have existed, so the walk begins anew,
 * and when its steps are used up gives none. (rename_lock would tell sooner, but kernels without CONFIG_KALLSYMS_ALL
 * do not tell where it is.)
 *
 * All its state lives in a map value, and walking, checking and beginning anew are steps of one loop: so all states
 * of an iteration are one to the verifier. The loop is a global function that is told a number and no pointer (5.10
 * takes nothing else), so that it is verified once, and not again for each state of each caller.
 */
#ifndef MARTLET_PATH_H
#define MARTLET_PATH_H

#include "kernel.h"
#include "martlet_wire.h"
#include "versions.h"

#define PATH_CAPACITY 4096
#define PATH_COMPONENTS 128 /* a power of two; beyond, the path is cut at its beginning */
#define NAME_CAPACITY 256
/* enough to walk and check the longest path, or to try a usual one some twenty times */
#define WALK_STEPS 184
#define CHECKS_PER_STEP 4
/* enough of a dentry for all that a step reads, in one call */
#define DENTRY_HEAD 128

enum walk_phase { WALK_CLIMB, WALK_CHECK, WALK_DONE };

struct path_walk {
	struct vfsmount *first_mount;
	struct dentry *first_dentry;
	struct dentry *dentry;
	struct mount *mount;
	struct dentry *mount_root;
	u32 position; /* of the first byte in text */
	u32 depth;
	u32 marks;
	u32 phase;
	u32 checked;
	u32 pad;
	struct dentry *passed[PATH_COMPONENTS];
	u32 sequences[PATH_COMPONENTS];
	u8 head[DENTRY_HEAD];
	char text[PATH_CAPACITY + NAME_CAPACITY];
};

/* One per scratch buffer, by the same number; max_entries is set with theirs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct path_walk);
} walks SEC(".maps");

#define HEAD(walk, type, field) (*(type *)((walk)->head + bpf_core_field_offset(struct dentry, field)))
#define HEAD_NAME(walk, type, field) \
	(*(type *)((walk)->head + bpf_core_field_offset(struct dentry, d_name) + bpf_core_field_offset(struct qstr, field)))

static __always_inline struct mount *mount_of(struct vfsmount *vfsmount)
{
	return (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline void path_begin(struct path_walk *walk)
{
	struct vfsmount *vfsmount = walk->first_mount;

	walk->dentry = walk->first_dentry;
	walk->mount = mount_of(vfsmount);
	walk->mount_root = BPF_CORE_READ(vfsmount, mnt_root);
	walk->position = PATH_CAPACITY;
	walk->depth = 0;
	walk->marks = 0;
	walk->checked = 0;
	walk->phase = WALK_CLIMB;
}

/* The climb is over: at the top of the mount tree, at a dentry that hangs in no tree, or for want of room. */
static __always_inline void path_end(struct path_walk *walk, u32 marks)
{
	walk->marks |= marks;
	walk->phase = WALK_CHECK;
}

/* What is above a mount that is attached nowhere. */
static __always_inline u32 path_detached(struct path_walk *walk, u32 otherwise)
{
	struct mount *mount = walk->mount;
	u64 namespace = (u64)BPF_CORE_READ(mount, mnt_ns);

	if (namespace >= (u64)-MAX_ERRNO)
		return MT_MARK_PSEUDO; /* MNT_NS_INTERNAL: mounted by the kernel for itself */
	return namespace ? otherwise : MT_MARK_UNRESOLVED;
}

static __always_inline void path_cross_mount(struct path_walk *walk)
{
	struct mount *mount = walk->mount;
	struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

	if (parent == mount) {
		path_end(walk, path_detached(walk, 0));
		return;
	}
	walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	walk->mount_root = BPF_CORE_READ(parent, mnt.mnt_root);
	walk->mount = parent;
}

/* One component upwards. */
static __always_inline void path_climb(struct path_walk *walk)
{
	struct dentry *parent;
	u32 length, position, depth;

	if (walk->dentry == walk->mount_root) {
		path_cross_mount(walk);
		return;
	}
	/* with lock debugging a dentry's lock is so large that its name lies beyond */
	if (bpf_core_field_offset(struct dentry, d_name) + sizeof(struct qstr) > DENTRY_HEAD ||
	    bpf_probe_read_kernel(walk->head, DENTRY_HEAD, walk->dentry)) {
		path_end(walk, MT_MARK_UNRESOLVED);
		return;
	}
	parent = HEAD(walk, struct dentry *, d_parent);
	length = HEAD_NAME(walk, u32, len);
	position = walk->position;
	depth = walk->depth;
	if (depth >= PATH_COMPONENTS || length >= NAME_CAPACITY || position > PATH_CAPACITY || position < length + 1) {
		path_end(walk, MT_MARK_TRUNCATED);
		return;
	}
	if (!depth && parent != walk->dentry && !HEAD(walk, void *, d_hash.pprev))
		walk->marks |= MT_MARK_DELETED;
	walk->passed[depth] = walk->dentry;
	walk->sequences[depth] = HEAD(walk, u32, d_seq);
	walk->depth = depth + 1;

	if (!length) { /* a pipe's or socket's: it hangs in no tree */
		path_end(walk, path_detached(walk, MT_MARK_UNRESOLVED));
		return;
	}
	position = (position - length) & (PATH_CAPACITY - 1);
	asm volatile("" : "+r"(length)); /* keep the bound where the verifier looks for it */
	length &= NAME_CAPACITY - 1;
	if (bpf_probe_read_kernel(&walk->text[position], length, HEAD_NAME(walk, void *, name))) {
		path_end(walk, MT_MARK_UNRESOLVED);
		return;
	}
	if (parent == walk->dentry) { /* a root, yet not of its mount */
		walk->position = position;
		path_end(walk, path_detached(walk, MT_MARK_UNRESOLVED));
		return;
	}
	position = (position - 1) & (PATH_CAPACITY - 1);
	walk->text[position] = '/';
	walk->position = position;
	walk->dentry = parent;
}

/* A few of the dentries that were passed: have they stayed where they were? */
static __always_inline void path_check(struct path_walk *walk)
{
	u32 now, index = walk->checked;
	struct dentry *dentry;

	for (int i = 0; i < CHECKS_PER_STEP; i++, index++) {
		if (index >= walk->depth) {
			walk->phase = WALK_DONE;
			return;
		}
		index &= PATH_COMPONENTS - 1;
		dentry = walk->passed[index];
		/* odd: a rename was under way when it was read */
		if (bpf_core_read(&now, sizeof(now), &dentry->d_seq) || now != walk->sequences[index] || now & 1) {
			path_begin(walk);
			return;
		}
	}
	walk->checked = index;
}

/* 1 at the end of the walk. */
static __noinline int path_step(struct path_walk *walk)
{
	if (walk->phase == WALK_CLIMB)
		path_climb(walk);
	else
		path_check(walk);
	return walk->phase == WALK_DONE;
}

/* Walks from where first_mount and first_dentry say. */
__noinline int path_run(u32 slot)
{
	struct path_walk *walk = bpf_map_lookup_elem(&walks, &slot);

	if (!walk)
		return 0;
	path_begin(walk);
	if (REPEAT(WALK_STEPS, path_step(walk)))
		return 0;
	walk->position = PATH_CAPACITY;
	walk->marks = MT_MARK_RACED;
	return 0;
}

/* Fills all of found but its text, which stays in the walk that is returned. */
static __always_inline struct path_walk *path_walk(u32 slot, const struct path *path, struct inode *inode,
						   struct mt_path *found)
{
	struct path_walk *walk = bpf_map_lookup_elem(&walks, &slot);

	if (!walk)
		return NULL;
	walk->first_mount = path->mnt;
	walk->first_dentry = path->dentry;
	path_run(slot);
	if (walk->position == PATH_CAPACITY && !walk->marks) {
		walk->position = PATH_CAPACITY - 1;
		walk->text[PATH_CAPACITY - 1] = '/';
	}
	found->inode = BPF_CORE_READ(inode, i_ino);
	found->device = BPF_CORE_READ(inode, i_sb, s_dev);
	found->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	found->mode = BPF_CORE_READ(inode, i_mode);
	found->marks = walk->marks;
	found->text.offset = 0;
	found->text.length = 0;
	return walk;
}

/* Copies the text of a finished walk; its length. */
static __always_inline u32 path_copy(const struct path_walk *walk, char *to)
{
	u32 position = walk->position;
	u32 length;

	if (position >= PATH_CAPACITY)
		return 0;
	length = PATH_CAPACITY - position;
	if (bpf_probe_read_kernel(to, length, &walk->text[position]))
		return 0;
	return length;
}

#endif /* MARTLET_PATH_H */
