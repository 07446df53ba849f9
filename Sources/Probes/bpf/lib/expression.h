/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that conditions compute of several values. Operations are read-only data, so that to the verifier each
 * expression is straight code.
 */
#ifndef MARTLET_EXPRESSION_H
#define MARTLET_EXPRESSION_H

#include "call.h"

static __always_inline u64 operate_on_one(u64 code, u64 number)
{
	switch (code) {
	case MT_OPERATOR_IS_ZERO:
		return !number;
	case MT_OPERATOR_NEGATIVE:
		return -number;
	case MT_OPERATOR_COMPLEMENT:
		return ~number;
	case MT_OPERATOR_INT32:
		return (s64)(number << 32) >> 32;
	default:
		return number << 32 >> 32;
	}
}

static __always_inline u64 operate_on_two(u64 code, u64 left, u64 right)
{
	switch (code) {
	case MT_OPERATOR_ADD:
		return left + right;
	case MT_OPERATOR_SUBTRACT:
		return left - right;
	case MT_OPERATOR_AND:
		return left & right;
	case MT_OPERATOR_OR:
		return left | right;
	case MT_OPERATOR_XOR:
		return left ^ right;
	case MT_OPERATOR_EQUAL:
		return left == right;
	case MT_OPERATOR_LESS:
		return left < right;
	default:
		return (s64)left < (s64)right;
	}
}

/* Leaves the value at the bottom of the stack; 0 when a value of it could not be read. */
static __noinline int expression_evaluate(struct call_scratch *call, u32 first)
{
	u64 *stack = call->stack;
	u32 top = 0;

	for (u32 i = 0; i < MT_EXPRESSION_MAX; i++) {
		u32 at = first + i, slot;
		u64 code;

		if (at >= MT_OPERATIONS_MAX)
			break;
		code = shape.operations[at].code;
		if (code == MT_OPERATOR_END)
			break;
		if (code == MT_OPERATOR_NUMBER) {
			stack[top++ % MT_EXPRESSION_DEPTH] = shape.operations[at].operand;
		} else if (code == MT_OPERATOR_VALUE) {
			slot = shape.operations[at].operand % MT_SLOTS_MAX;
			if (!call->texts[slot].offset)
				return 0;
			stack[top++ % MT_EXPRESSION_DEPTH] = call->numbers[slot * ASPECTS];
		} else if (code < MT_OPERATOR_ADD) {
			u32 one = (top - 1) % MT_EXPRESSION_DEPTH;

			stack[one] = operate_on_one(code, stack[one]);
		} else {
			u32 right = (top - 1) % MT_EXPRESSION_DEPTH, left = (top - 2) % MT_EXPRESSION_DEPTH;

			stack[left] = operate_on_two(code, stack[left], stack[right]);
			top--;
		}
	}
	return 1;
}

#endif /* MARTLET_EXPRESSION_H */
