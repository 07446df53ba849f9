/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the program of a policy's hook is made from: its shape, which is read-only data, so that the verifier takes out
 * what this hook does not do; and the layout of the maps that hold what can change while it runs.
 */
#ifndef MARTLET_HOOK_H
#define MARTLET_HOOK_H

#include "martlet_call.h"
#include "martlet_wire.h"

#define MT_SLOTS_MAX 32 /* values that the policies of one hook read, all together */
#define MT_ARGUMENTS_MAX 12 /* of a function that are looked at */
#define MT_WAY_MAX 16 /* steps from an argument to what is meant */
#define MT_PLANES_MAX 64 /* conditions, those that share a lookup counted once */
#define MT_STEPS_MAX 128 /* values read and conditions checked */
#define MT_OPERATIONS_MAX 256 /* of all expressions */
#define MT_EXPRESSION_MAX 64 /* operations of one */
#define MT_EXPRESSION_DEPTH 16 /* numbers that one keeps at a time */
#define MT_WORDS_MAX 16 /* 64 selectors each */
#define MT_ROWS_MAX (64 * MT_WORDS_MAX)
#define MT_ABOUT_MAX 4096 /* bytes of items that a selector says of itself */
#define MT_FUNCTION_ITEM 528 /* an item with a name of the kernel's KSYM_NAME_LEN */
#define MT_ROW_COUNTS_MAX 16384 /* selectors at hooks, of all policies */

/* Where the way to a value begins. */
enum mt_origin {
	MT_ORIGIN_ARGUMENT = 0, /* of the function, or of the raw tracepoint */
	MT_ORIGIN_CONTEXT = 1, /* the program's context: a tracepoint's record, saved registers */
	MT_ORIGIN_TASK = 2, /* current */
	MT_ORIGIN_RETURN = 3,
	MT_ORIGIN_CONSTANT = 4, /* of the reading itself */
	MT_ORIGIN_REGISTER = 5, /* base + (scaled << shift) + constant, of saved registers */
};

/* How what lies at its end is read. */
enum mt_read {
	MT_READ_NOTHING = 0,
	MT_READ_NUMBER = 1, /* width bytes: of the argument itself, or of memory behind a way */
	MT_READ_STRING = 2, /* a pointer to text that ends with a NUL */
	MT_READ_FILENAME = 3, /* struct filename * */
	MT_READ_NET_DEVICE = 4,
	MT_READ_BUFFER = 5, /* a pointer to as many bytes as the size says, or, without one, capacity */
	MT_READ_IOVEC = 6, /* struct iovec *, as many as the size says */
	MT_READ_IOV_ITER = 7,
	MT_READ_FIXED = 8, /* capacity bytes behind the way */
	MT_READ_DATA_LOC = 9, /* a tracepoint's text by offset and length */
	MT_READ_FD = 10,
	MT_READ_FILE = 11,
	MT_READ_PATH = 12, /* struct path * */
	MT_READ_DENTRY = 13,
	MT_READ_KIOCB = 14,
	MT_READ_BINPRM = 15,
	MT_READ_SOCK = 16,
	MT_READ_SOCKET = 17,
	MT_READ_SKB = 18,
	MT_READ_SOCKADDR = 19,
	MT_READ_SOCKADDR_UN = 20,
	MT_READ_CREDENTIALS = 21,
	MT_READ_USER_NAMESPACE = 22,
	MT_READ_CAPABILITY_SET = 23, /* kernel_cap_t *, or itself behind a way */
	MT_READ_CRED_INHERITABLE = 24, /* struct cred * */
	MT_READ_CRED_PERMITTED = 25,
	MT_READ_CRED_EFFECTIVE = 26,
	MT_READ_BPF_ATTR = 27,
	MT_READ_BPF_PROG = 28,
	MT_READ_BPF_MAP = 29,
	MT_READ_PERF_EVENT = 30,
	MT_READ_LOAD_INFO = 31,
	MT_READ_MODULE = 32,
	MT_READ_SYSCALL = 33,
};

/* The way to a value: add the offset; then, for a load, go on with the pointer that lies there. */
struct mt_way_step {
	mt_u32 offset;
	mt_u32 is_load;
};

#define MT_READING_SIGNED 0x1
#define MT_READING_USER 0x2 /* the pointer is to user memory */
#define MT_READING_AT_RETURN 0x4 /* read when the function returns */

#define MT_SIZE_IN_CONTEXT 0xff

struct mt_reading {
	mt_u8 origin; /* enum mt_origin */
	mt_u8 index; /* of the argument */
	mt_u8 read; /* enum mt_read */
	mt_u8 width; /* bytes of a number */
	mt_u8 value; /* enum mt_item_type: how it is told */
	mt_u8 flags; /* MT_READING_… */
	mt_u8 way_length;
	mt_u8 size_index; /* the argument that says how long it is, plus 1; 0: none; MT_SIZE_IN_CONTEXT */
	mt_u32 capacity; /* bytes that are kept at most */
	mt_u32 size_width; /* bytes of the argument that says how long it is */
	mt_u32 size_offset; /* of it in the context, where size_index is MT_SIZE_IN_CONTEXT */
	mt_u16 base; /* of the register in the context */
	mt_u8 scaled; /* which of the context's words is added 1 << shift times, plus 1; 0: none */
	mt_u8 shift;
	mt_u64 constant;
	struct mt_way_step way[MT_WAY_MAX];
};

/* What a condition compares. Numbers below 256 are slot * 8 + enum mt_aspect. */
enum mt_aspect {
	MT_ASPECT_VALUE = 0, /* a number; a text; a path */
	MT_ASPECT_FAMILY = 1,
	MT_ASPECT_PROTOCOL = 2,
	MT_ASPECT_STATE = 3,
	MT_ASPECT_SPORT = 4,
	MT_ASPECT_DPORT = 5,
	MT_ASPECT_SADDR = 6, /* also: the address of a sockaddr */
	MT_ASPECT_DADDR = 7,
	/* of a path or file, in place of the above */
	MT_ASPECT_FILE_TYPE = 1,
};

enum mt_source {
	MT_SOURCE_PROCESS = 256, /* tgid */
	MT_SOURCE_NS_PROCESS = 257, /* tgid in its own namespace */
	MT_SOURCE_BINARY = 258, /* text */
	MT_SOURCE_PARENT_BINARY = 259, /* text */
	MT_SOURCE_CGROUP = 260, /* it and those above it: the first that hits counts */
	MT_SOURCE_EFFECTIVE = 261,
	MT_SOURCE_PERMITTED = 262,
	MT_SOURCE_INHERITABLE = 263,
	MT_SOURCE_IN_HOST_USER_NS = 264, /* 1 or 0 */
	/* bits of what is not as it was when the process was executed */
	MT_SOURCE_CHANGED_EFFECTIVE = 265,
	MT_SOURCE_CHANGED_PERMITTED = 266,
	MT_SOURCE_CHANGED_INHERITABLE = 267,
	MT_SOURCE_CHANGED_NAMESPACES = 268, /* by enum mt_namespace_kind */
	MT_SOURCE_NAMESPACE = 272, /* plus the position in enum mt_namespace_kind */
	MT_SOURCE_GAINED = 288, /* capabilities; plus nothing: its two slots stand in the plane */
	MT_SOURCE_ANCESTRY = 289, /* tgids of the process and its ancestors: the first that hits counts */
	MT_SOURCE_LINEAGE = 290, /* binaries of the process and its ancestors */
	MT_SOURCE_EXPRESSION = 291, /* the number that operations give; the plane says where they begin */
};

enum mt_namespace_kind {
	MT_NS_UTS = 0,
	MT_NS_IPC = 1,
	MT_NS_MNT = 2,
	MT_NS_PID = 3,
	MT_NS_PID_FOR_CHILDREN = 4,
	MT_NS_NET = 5,
	MT_NS_TIME = 6,
	MT_NS_TIME_FOR_CHILDREN = 7,
	MT_NS_CGROUP = 8,
	MT_NS_USER = 9,
};

/* How a condition looks its value up; the kind of its map. */
enum mt_lookup {
	MT_LOOKUP_NUMBER = 0, /* hash of u64 */
	MT_LOOKUP_RANGE = 1, /* longest prefix of the number, most significant byte first */
	MT_LOOKUP_BITS = 2, /* array of 64: which rows ask for a bit */
	MT_LOOKUP_TEXT = 3, /* hash by size class */
	MT_LOOKUP_PREFIX = 4, /* longest prefix */
	MT_LOOKUP_POSTFIX = 5, /* longest prefix of the text turned round */
	MT_LOOKUP_ADDRESS = 6, /* longest prefix, IPv4 and IPv6 */
	MT_LOOKUP_SUBSTRING = 7, /* an automaton: hash of state and byte */
	MT_LOOKUP_GROUP = 8, /* hash of control groups, changed in place as containers come and go */
};

#define MT_TEXT_CLASSES 7 /* 24, 56, 120, 248, 504, 1016 and 4096 bytes */
#define MT_AFFIX_MAX 256 /* bytes of a beginning or an end */
#define MT_PLANE_MAPS 8 /* maps of one plane: size classes; 0 and 1: IPv4 and IPv6 */

/*
 * A plane: for each row at most one condition on a source, all by one kind of lookup. A row is satisfied by
 * (hits ^ negated) | absent.
 */
struct mt_plane {
	mt_u16 source;
	mt_u8 lookup; /* enum mt_lookup */
	mt_u8 flags; /* MT_PLANE_… */
	mt_u16 other; /* MT_SOURCE_GAINED: slots of old << 8 | new; EXPRESSION: its first operation */
	mt_u16 maps; /* MT_LOOKUP_TEXT: which classes there are, a bit each; ADDRESS: 1 IPv4, 2 IPv6 */
};

#define MT_PLANE_AT_RETURN 0x1
#define MT_PLANE_SIGNED 0x2 /* of ranges: compared as signed numbers */
#define MT_PLANE_FOLDS 0x4 /* of substrings: large letters are as small ones */

/* An expression is a list of these, for a stack of numbers; what is left on it is its value. */
enum mt_operator {
	MT_OPERATOR_END = 0,
	MT_OPERATOR_NUMBER = 1, /* on top: the operand */
	MT_OPERATOR_VALUE = 2, /* on top: the number of the slot that the operand names */
	/* of the number on top */
	MT_OPERATOR_IS_ZERO = 3,
	MT_OPERATOR_NEGATIVE = 4,
	MT_OPERATOR_COMPLEMENT = 5,
	MT_OPERATOR_INT32 = 6,
	MT_OPERATOR_UINT32 = 7,
	/* of the two on top, in place of both: the upper one is the right one */
	MT_OPERATOR_ADD = 8,
	MT_OPERATOR_SUBTRACT = 9,
	MT_OPERATOR_AND = 10,
	MT_OPERATOR_OR = 11,
	MT_OPERATOR_XOR = 12,
	MT_OPERATOR_EQUAL = 13,
	MT_OPERATOR_LESS = 14,
	MT_OPERATOR_LESS_SIGNED = 15,
};

struct mt_operation {
	mt_u64 code; /* enum mt_operator */
	mt_u64 operand;
};

/* Steps are done in their order: 0 ends them, below 0x80 it is a reading by its slot plus 1, from 0x80 on a plane. */
#define MT_STEP_PLANE 0x80

struct mt_shape {
	mt_u32 hook; /* its number, which records have */
	mt_u32 kind; /* enum mt_kind of its records */
	mt_u32 words; /* of 64 rows each */
	mt_u32 arguments; /* bits: the function's arguments that are read */
	mt_u32 flags; /* MT_SHAPE_… */
	mt_u32 about_capacity; /* bytes of items behind each row, a multiple of 8 */
	mt_u32 returned; /* which of its context's words has what an fexit program's function returned */
	mt_u8 steps[MT_STEPS_MAX]; /* at entry */
	mt_u8 return_steps[MT_STEPS_MAX];
	struct mt_plane planes[MT_PLANES_MAX];
	struct mt_reading readings[MT_SLOTS_MAX];
	struct mt_operation operations[MT_OPERATIONS_MAX];
};

#define MT_SHAPE_RETURNS 0x1 /* entry waits for return */
#define MT_SHAPE_RATES 0x2 /* there are rows with a rate */
#define MT_SHAPE_MIXED 0x4 /* entry waits for return, and not for all rows */

/*
 * What can change while the program runs: its image, an array of one element: struct mt_image, then words of bits: the
 * rows there are, those that wait for the return, then for each plane the rows without a condition in it ("absent") and those whose condition must not
 * hold ("negated"). Planes find their maps in slots of their bank; the other bank is where the next image is made ready.
 */
struct mt_image {
	mt_u32 bank; /* 0 or 1 */
	mt_u32 pad;
	mt_u64 generation; /* of all images of the agent */
};

/* Where words of a plane begin, in words behind struct mt_image. */
#define MT_IMAGE_WAITING(words) (words)
#define MT_IMAGE_ABSENT(plane, words) ((2 + 2 * (plane)) * (words))
#define MT_IMAGE_NEGATED(plane, words) ((3 + 2 * (plane)) * (words))

/*
 * A row: the selector of a policy at this hook, and, behind it, the items that it says of itself. Rows of one policy
 * stand one behind another.
 */
struct mt_row {
	mt_u32 next; /* the first row of the next policy: the first that matches decides */
	mt_u32 flags; /* MT_ROW_… */
	mt_u64 rate; /* ns between two events; 0: all */
	mt_u32 scope; /* enum mt_scope */
	mt_u32 about_length;
	mt_u32 counter; /* its element of the counters */
	mt_u32 shows; /* slots that its events show, a bit each */
	mt_u64 id; /* never another row's */
	/* whose changes it is about: a bit for each kind of namespace, and for each set of capabilities, effective first */
	mt_u32 namespaces;
	mt_u32 sets;
};

#define MT_ROW_POST 0x1
#define MT_ROW_CHANGES 0x2 /* it tells of what a thread has once */

/* A call that has begun: what is kept of it until it returns. Items follow. */
struct mt_pending_key {
	mt_u64 thread; /* tgid << 32 | tid */
	mt_u64 generation; /* of the image by which it was looked at: that of its hook alone */
};

struct mt_pending {
	mt_u64 began;
	mt_u32 used; /* bytes of items */
	mt_u32 function;
	mt_u32 inner; /* calls of the thread below this one, that are not told and have not returned */
	mt_u32 pad;
	mt_u64 alive[MT_WORDS_MAX]; /* rows whose conditions have held so far */
	mt_u64 numbers[MT_SLOTS_MAX];
	struct mt_str texts[MT_SLOTS_MAX];
	mt_u64 arguments[MT_ARGUMENTS_MAX]; /* what is read of them when it returns */
	struct mt_call call;
};

/* One of a hook's functions. */
struct mt_function {
	mt_u32 length; /* of items and payloads, a multiple of 8 */
	mt_u32 pad;
	mt_u8 item[MT_FUNCTION_ITEM]; /* MT_ITEM_FUNCTION; of a uprobe MT_ITEM_OFFSET behind it */
};

enum mt_scope { MT_SCOPE_THREAD = 0, MT_SCOPE_PROCESS = 1, MT_SCOPE_GLOBAL = 2 };

/* How often a selector matched; what it then did. */
struct mt_row_counts {
	mt_u64 matched;
	mt_u64 posted;
	mt_u64 suppressed; /* by its rate limit */
};

#endif /* MARTLET_HOOK_H */
