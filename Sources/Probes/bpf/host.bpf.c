// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run by the agent itself: what the kernel calls a file that user space holds, which some file systems tell otherwise.
 */
#define TYPED false
#include "lib/file.h"

char LICENSE[] SEC("license") = "GPL";

u32 descriptor = 0;
u64 inode_number = 0;
u32 device = 0;

SEC("raw_tp")
int file_numbers(void *ctx)
{
	struct file *file = file_of(descriptor);
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	inode_number = BPF_CORE_READ(inode, i_ino);
	device = BPF_CORE_READ(inode, i_sb, s_dev);
	return 0;
}
