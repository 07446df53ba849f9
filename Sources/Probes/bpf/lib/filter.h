/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter engine. A row is a selector of a policy; a plane is one condition of each row, all looked up at once: the
 * value that the hook sees leads to the bits of the rows that ask for it. So the work does not grow with the number of
 * policies, but for one more word of bits for each 64 rows.
 */
#ifndef MARTLET_FILTER_H
#define MARTLET_FILTER_H

#include "cgroup.h"
#include "expression.h"
#include "image.h"
#include "objects.h"
#include "subject.h"

/*
 * Takes out the rows whose condition in this plane does not hold; whether there are any left. masks: the rows that ask
 * for what was found; NULL: none.
 */
static __always_inline bool plane_apply(struct call_scratch *call, u32 plane, struct mt_image *image, const u64 *masks)
{
	u64 *words = IMAGE_WORDS(image);
	u64 left = 0;

	for (u32 word = 0; word < MT_WORDS_MAX; word++) {
		u64 hits;

		if (word >= shape.words)
			break;
		hits = masks ? masks[word] : 0;
		hits ^= words[MT_IMAGE_NEGATED(plane, shape.words) + word];
		hits |= words[MT_IMAGE_ABSENT(plane, shape.words) + word];
		left |= call->alive[word] &= hits;
	}
	return left;
}

static __always_inline void hits_clear(struct call_scratch *call)
{
	for (u32 word = 0; word < MT_WORDS_MAX; word++) {
		if (word >= shape.words)
			break;
		call->hits[word] = 0;
	}
}

static __always_inline void hits_add(struct call_scratch *call, const u64 *masks)
{
	for (u32 word = 0; masks && word < MT_WORDS_MAX; word++) {
		if (word >= shape.words)
			break;
		call->hits[word] |= masks[word];
	}
}

static __always_inline u32 plane_slot(u32 plane, struct mt_image *image)
{
	return (image->bank & 1) * MT_PLANES_MAX + plane;
}

#define PLANE_LOOKUP(maps, slot, key)                                  \
	({                                                             \
		u32 slot_ = slot;                                      \
		void *map_ = bpf_map_lookup_elem(&(maps), &slot_);     \
		map_ ? bpf_map_lookup_elem(map_, key) : NULL;          \
	})

static __always_inline const u64 *number_lookup(u32 slot, u64 value)
{
	return PLANE_LOOKUP(numbers, slot, &value);
}

struct range_key {
	u32 bits;
	u32 high, low;
};

static __always_inline const u64 *range_lookup(u32 plane, u32 slot, u64 value)
{
	struct range_key key = { .bits = 64 };

	/* so that negative numbers come before the others */
	if (shape.planes[plane].flags & MT_PLANE_SIGNED)
		value ^= 1ULL << 63;
	key.high = __builtin_bswap32(value >> 32);
	key.low = __builtin_bswap32(value);
	return PLANE_LOOKUP(ranges, slot, &key);
}

/* Which rows ask for any of these bits. */
static __noinline int bits_lookup(struct call_scratch *call, u32 slot, u64 value)
{
	void *map = bpf_map_lookup_elem(&bits, &slot);

	hits_clear(call);
	if (!map)
		return 0;
	for (u32 bit = 0; bit < 64; bit++) {
		u32 key = bit; /* the verifier loses count of what has an address */

		if (value >> bit & 1)
			hits_add(call, bpf_map_lookup_elem(map, &key));
	}
	return 0;
}

/* The text as a key of so many bytes, zeroes behind it, and the rows that ask for it. */
#define TEXT_LOOKUP(maps, capacity)                                                  \
	({                                                                           \
		__builtin_memset(&call->key, 0, sizeof(u64));                        \
		bpf_probe_read_kernel(call->key.text, capacity, nothing);            \
		asm volatile("" : "+r"(length));                                     \
		if (length <= (capacity))                                            \
			bpf_probe_read_kernel(call->key.text, length, text);         \
		call->key.length = length;                                           \
		PLANE_LOOKUP(maps, slot, &call->key);                                \
	})

const char nothing[PATH_CAPACITY] = {};

static __always_inline const u64 *text_lookup(struct call_scratch *call, u32 plane, u32 slot, const void *text,
					      u32 length)
{
	u32 classes = shape.planes[plane].maps;

	if (length <= 24)
		return classes & 1 << 0 ? TEXT_LOOKUP(texts_24, 24) : NULL;
	if (length <= 56)
		return classes & 1 << 1 ? TEXT_LOOKUP(texts_56, 56) : NULL;
	if (length <= 120)
		return classes & 1 << 2 ? TEXT_LOOKUP(texts_120, 120) : NULL;
	if (length <= 248)
		return classes & 1 << 3 ? TEXT_LOOKUP(texts_248, 248) : NULL;
	if (length <= 504)
		return classes & 1 << 4 ? TEXT_LOOKUP(texts_504, 504) : NULL;
	if (length <= 1016)
		return classes & 1 << 5 ? TEXT_LOOKUP(texts_1016, 1016) : NULL;
	if (length <= 4096)
		return classes & 1 << 6 ? TEXT_LOOKUP(texts_4096, 4096) : NULL;
	return NULL;
}

static __always_inline const u64 *prefix_lookup(struct call_scratch *call, u32 slot, const void *text, u32 length)
{
	if (length > MT_AFFIX_MAX)
		length = MT_AFFIX_MAX;
	asm volatile("" : "+r"(length));
	if (length > MT_AFFIX_MAX || bpf_probe_read_kernel(call->affix.data, length, text))
		return NULL;
	call->affix.bits = length * 8;
	return PLANE_LOOKUP(affixes, slot, &call->affix);
}

/* The end of the text, turned round. */
static __always_inline const u64 *postfix_lookup(struct call_scratch *call, u32 slot, const void *text, u32 length)
{
	u32 kept = length < MT_AFFIX_MAX ? length : MT_AFFIX_MAX;

	asm volatile("" : "+r"(kept));
	if (kept > MT_AFFIX_MAX || bpf_probe_read_kernel(call->key.text, kept, text + (length - kept)))
		return NULL;
	for (u32 i = 0; i < MT_AFFIX_MAX; i++) {
		if (i >= kept)
			break;
		call->affix.data[i] = call->key.text[(kept - 1 - i) & (MT_AFFIX_MAX - 1)];
	}
	call->affix.bits = kept * 8;
	return PLANE_LOOKUP(affixes, slot, &call->affix);
}

/* Without number iterators the verifier remembers each branch of each round, of some 8,000 at most. */
#define SCAN_ROUNDS (bpf_core_type_exists(struct bpf_iter_num) ? PATH_CAPACITY : 1024)

struct substring_value {
	u64 next;
	u64 rows[1];
};

/* One byte of the text that lies in the key's buffer; 1 behind the last one. */
static __noinline int scan_step(struct call_scratch *call)
{
	u32 position = call->scan.position, byte, key;
	struct substring_value *found;

	if (position >= call->scan.end)
		return 1;
	call->scan.position = position + 1;
	byte = (u8)call->key.text[position & (PATH_CAPACITY - 1)];
	byte += (byte - 'A' < 26) * call->scan.folds;
	key = call->scan.state << 8 | byte;
	call->scan.state = 0;
	found = PLANE_LOOKUP(substrings, call->scan.slot, &key);
	if (found) {
		call->scan.state = found->next;
		hits_add(call, found->rows);
	}
	return 0;
}

/* The rows that ask for anything that the text has in it, as far as SCAN_ROUNDS go. */
static __always_inline const u64 *substring_lookup(struct call_scratch *call, u32 plane, u32 slot, const void *text,
						   u32 length)
{
	hits_clear(call);
	if (length > PATH_CAPACITY)
		length = PATH_CAPACITY;
	asm volatile("" : "+r"(length));
	if (length > PATH_CAPACITY || bpf_probe_read_kernel(call->key.text, length, text))
		return NULL;
	call->scan.slot = slot;
	call->scan.state = 0;
	call->scan.position = 0;
	call->scan.end = length;
	call->scan.folds = shape.planes[plane].flags & MT_PLANE_FOLDS ? 'a' - 'A' : 0;
	REPEAT(SCAN_ROUNDS, scan_step(call));
	return call->hits;
}

struct address_key {
	u32 bits;
	u32 words[4];
};

/*
 * Which rows ask for an address; an IPv4 address that comes as an IPv6 one is both. A function of its own: verifiers lose the
 * plane's number beside the key.
 */
static __noinline int address_lookup(struct call_scratch *call, u32 maps, u32 slot, const void *from, u64 family)
{
	struct address_key key = {};

	hits_clear(call);
	if (bpf_probe_read_kernel(key.words, 16, from))
		return 0;
	if (family == AF_INET6 && maps & 2) {
		key.bits = 128;
		hits_add(call, PLANE_LOOKUP(addresses_6, slot, &key));
	}
	if (family == AF_INET6 && !(key.words[0] | key.words[1]) && key.words[2] == __builtin_bswap32(0xffff)) {
		key.words[0] = key.words[3];
		family = AF_INET;
	}
	if (family == AF_INET && maps & 1) {
		key.bits = 32;
		hits_add(call, PLANE_LOOKUP(addresses_4, slot, &key));
	}
	return 0;
}

static __noinline int number_plane(struct call_scratch *call, u32 plane, struct mt_image *image, u64 value)
{
	u32 slot = plane_slot(plane, image);

	switch (shape.planes[plane].lookup) {
	case MT_LOOKUP_NUMBER:
		return plane_apply(call, plane, image, number_lookup(slot, value));
	case MT_LOOKUP_RANGE:
		return plane_apply(call, plane, image, range_lookup(plane, slot, value));
	default:
		bits_lookup(call, slot, value);
		return plane_apply(call, plane, image, call->hits);
	}
}

static __always_inline const u64 *affix_or_text(struct call_scratch *call, u32 plane, u32 slot, const void *text,
						u32 length)
{
	switch (shape.planes[plane].lookup) {
	case MT_LOOKUP_TEXT:
		return text_lookup(call, plane, slot, text, length);
	case MT_LOOKUP_PREFIX:
		return prefix_lookup(call, slot, text, length);
	case MT_LOOKUP_SUBSTRING:
		return substring_lookup(call, plane, slot, text, length);
	default:
		return postfix_lookup(call, slot, text, length);
	}
}

static __noinline int text_plane(struct call_scratch *call, u32 plane, struct mt_image *image, const void *text,
				 u32 length)
{
	if (length > ITEM_MAX)
		return plane_apply(call, plane, image, NULL);
	return plane_apply(call, plane, image, affix_or_text(call, plane, plane_slot(plane, image), text, length));
}

/* The group of the process, and those that it lies in: a container's may have others in it. */
static __noinline int group_plane(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	u32 slot = plane_slot(plane, image), hierarchy;
	struct kernfs_node *node = cgroup_node(current_task(), &hierarchy);

	hits_clear(call);
	for (u32 level = 0; node && level < CGROUP_DEPTH; level++) {
		u64 key = group_key(node, hierarchy);

		hits_add(call, PLANE_LOOKUP(groups, slot, &key));
		node = kernfs_parent_of(node);
	}
	return plane_apply(call, plane, image, call->hits);
}

/* Ancestors: the first of them is the process itself. */
static __noinline int ancestry_plane(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u32 slot = plane_slot(plane, image);

	hits_clear(call);
	for (u32 level = 0; level < ANCESTORS; level++) {
		u32 tgid = BPF_CORE_READ(task, tgid);

		if (!tgid)
			break;
		hits_add(call, number_lookup(slot, tgid));
		task = BPF_CORE_READ(task, real_parent);
	}
	return plane_apply(call, plane, image, call->hits);
}

static __noinline int lineage_plane(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u32 slot = plane_slot(plane, image);

	hits_clear(call);
	for (u32 level = 0; level < ANCESTORS; level++) {
		if (!BPF_CORE_READ(task, tgid))
			break;
		binary_of(call, task);
		if (call->binary_length)
			hits_add(call, affix_or_text(call, plane, slot, call->binary, call->binary_length));
		task = BPF_CORE_READ(task, real_parent);
	}
	return plane_apply(call, plane, image, call->hits);
}

static __noinline int binary_plane(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (shape.planes[plane].source == MT_SOURCE_PARENT_BINARY)
		task = BPF_CORE_READ(task, real_parent);
	binary_of(call, task);
	if (!call->binary_length)
		return plane_apply(call, plane, image, NULL);
	return text_plane(call, plane, image, call->binary, call->binary_length);
}

/* A condition on a value that was read; one that could not be is like none. */
static __noinline int value_plane(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	u32 source = shape.planes[plane].source, slot = source / ASPECTS, aspect = source % ASPECTS;
	u32 offset = call->texts[slot].offset;
	const u8 *at;

	if (!offset || offset > ITEMS_LIMIT + sizeof(struct mt_item) + sizeof(struct mt_file))
		return plane_apply(call, plane, image, NULL);
	at = &call->record.items[offset];
	switch (shape.planes[plane].lookup) {
	case MT_LOOKUP_NUMBER:
	case MT_LOOKUP_RANGE:
	case MT_LOOKUP_BITS:
		return number_plane(call, plane, image, call->numbers[source]);
	case MT_LOOKUP_ADDRESS:
		if (aspect == MT_ASPECT_SADDR)
			at += __builtin_offsetof(struct mt_endpoints, saddr);
		else
			at += __builtin_offsetof(struct mt_endpoints, daddr);
		address_lookup(call, shape.planes[plane].maps, plane_slot(plane, image), at,
			       call->numbers[slot * ASPECTS + MT_ASPECT_FAMILY]);
		return plane_apply(call, plane, image, call->hits);
	default:
		return text_plane(call, plane, image, at, call->texts[slot].length);
	}
}

static __noinline int expression_plane(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	if (!expression_evaluate(call, shape.planes[plane].other))
		return plane_apply(call, plane, image, NULL);
	return number_plane(call, plane, image, call->stack[0]);
}

/* Capabilities that one set has and another has not; of a set that could not be read nothing is known. */
static __noinline int gained_plane(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	u32 other = shape.planes[plane].other, old = other >> 8 & (MT_SLOTS_MAX - 1), now = other & (MT_SLOTS_MAX - 1);

	if (!call->texts[old].offset || !call->texts[now].offset)
		return plane_apply(call, plane, image, NULL);
	return number_plane(call, plane, image, call->numbers[now * ASPECTS] & ~call->numbers[old * ASPECTS]);
}

/* Checks one plane; 0 when no row is left. */
static __noinline int plane_check(struct call_scratch *call, u32 plane, struct mt_image *image)
{
	u32 source;

	if (plane >= MT_PLANES_MAX)
		return 0;
	source = shape.planes[plane].source;
	if (source < MT_SLOTS_MAX * ASPECTS)
		return value_plane(call, plane, image);
	switch (source) {
	case MT_SOURCE_BINARY:
	case MT_SOURCE_PARENT_BINARY:
		return binary_plane(call, plane, image);
	case MT_SOURCE_CGROUP:
		return group_plane(call, plane, image);
	case MT_SOURCE_ANCESTRY:
		return ancestry_plane(call, plane, image);
	case MT_SOURCE_LINEAGE:
		return lineage_plane(call, plane, image);
	case MT_SOURCE_EXPRESSION:
		return expression_plane(call, plane, image);
	case MT_SOURCE_GAINED:
		return gained_plane(call, plane, image);
	default:
		return number_plane(call, plane, image,
				    subject_number(call, source, (void *)bpf_get_current_task()));
	}
}

#endif /* MARTLET_FILTER_H */
