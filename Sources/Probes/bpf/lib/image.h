/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of a hook that can change while its program runs: its image, and for each plane of each bank the values
 * that conditions look for, each with a bit for every row that asks for it.
 *
 * Maps of maps: a new image is made ready in the other bank and then put in its place by one write. Sizes of values,
 * which depend on the number of rows, are set before the program is loaded.
 */
#ifndef MARTLET_IMAGE_H
#define MARTLET_IMAGE_H

#include "call.h"

#define PLANE_SLOTS (2 * MT_PLANES_MAX)

/* One map of maps: those in it have keys of key_size bytes, and values of a size that is set later. */
#define DEFINE_PLANE_MAPS(name, map_type, key_bytes, flags)     \
	struct name##_inner {                                    \
		__uint(type, map_type);                          \
		__uint(max_entries, 1);                          \
		__uint(key_size, key_bytes);                     \
		__uint(value_size, 8);                           \
		__uint(map_flags, flags);                        \
	};                                                       \
	struct {                                                 \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);        \
		__uint(max_entries, PLANE_SLOTS);                \
		__type(key, u32);                                \
		__array(values, struct name##_inner);            \
	} name SEC(".maps")

DEFINE_PLANE_MAPS(numbers, BPF_MAP_TYPE_HASH, 8, 0);
DEFINE_PLANE_MAPS(groups, BPF_MAP_TYPE_HASH, 8, BPF_F_NO_PREALLOC);
DEFINE_PLANE_MAPS(ranges, BPF_MAP_TYPE_LPM_TRIE, 4 + 8, BPF_F_NO_PREALLOC);
DEFINE_PLANE_MAPS(texts_24, BPF_MAP_TYPE_HASH, 8 + 24, 0);
DEFINE_PLANE_MAPS(texts_56, BPF_MAP_TYPE_HASH, 8 + 56, 0);
DEFINE_PLANE_MAPS(texts_120, BPF_MAP_TYPE_HASH, 8 + 120, 0);
DEFINE_PLANE_MAPS(texts_248, BPF_MAP_TYPE_HASH, 8 + 248, 0);
DEFINE_PLANE_MAPS(texts_504, BPF_MAP_TYPE_HASH, 8 + 504, 0);
DEFINE_PLANE_MAPS(texts_1016, BPF_MAP_TYPE_HASH, 8 + 1016, 0);
DEFINE_PLANE_MAPS(texts_4096, BPF_MAP_TYPE_HASH, 8 + 4096, 0);
DEFINE_PLANE_MAPS(affixes, BPF_MAP_TYPE_LPM_TRIE, 4 + MT_AFFIX_MAX, BPF_F_NO_PREALLOC);
/* The automaton's next state stands before the rows. */
DEFINE_PLANE_MAPS(substrings, BPF_MAP_TYPE_HASH, 4, 0);
DEFINE_PLANE_MAPS(addresses_4, BPF_MAP_TYPE_LPM_TRIE, 4 + 4, BPF_F_NO_PREALLOC);
DEFINE_PLANE_MAPS(addresses_6, BPF_MAP_TYPE_LPM_TRIE, 4 + 16, BPF_F_NO_PREALLOC);

struct bits_inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__uint(value_size, 8);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, PLANE_SLOTS);
	__type(key, u32);
	__array(values, struct bits_inner);
} bits SEC(".maps");

/* A hash, since the arrays in a map of maps must all have as many elements. */
struct rows_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct mt_row));
};

/* By bank. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, u32);
	__array(values, struct rows_inner);
} rows SEC(".maps");

struct image_inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct mt_image));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct image_inner);
} images SEC(".maps");

static __always_inline struct mt_image *image_now(void)
{
	u32 zero = 0;
	void *image = bpf_map_lookup_elem(&images, &zero);

	return image ? bpf_map_lookup_elem(image, &zero) : NULL;
}

#define IMAGE_WORDS(image) ((u64 *)((image) + 1))

#endif /* MARTLET_IMAGE_H */
