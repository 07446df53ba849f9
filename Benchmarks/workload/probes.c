/* USDT probes, written out here so that their arguments lie where tests want them. */
#define _GNU_SOURCE
#include "workload.h"

/* The kernel counts here who watches the probe "counted". */
__attribute__((section(".probes"), used)) volatile unsigned short workload_counted_semaphore;

/* The linker keeps the note's sections; so that it moves with the code, it says where this one is. */
__asm__(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
	".weak _.stapsdt.base\n"
	".hidden _.stapsdt.base\n"
	"_.stapsdt.base: .space 1\n"
	".size _.stapsdt.base, 1\n"
	".popsection\n");

/* A note of type 3 of stapsdt: address, base, semaphore; provider, name, arguments. */
#define PROBE(name, semaphore, text, ...)                             \
	__asm__ volatile("990: nop\n"                                 \
			 ".pushsection .note.stapsdt,\"\",\"note\"\n" \
			 ".balign 4\n"                                \
			 ".4byte 992f-991f, 994f-993f, 3\n"           \
			 "991: .asciz \"stapsdt\"\n"                  \
			 "992: .balign 4\n"                           \
			 "993: .8byte 990b, _.stapsdt.base, " semaphore "\n" \
			 ".asciz \"workload\"\n"                      \
			 ".asciz \"" name "\"\n"                      \
			 ".asciz \"" text "\"\n"                      \
			 "994: .balign 4\n"                           \
			 ".popsection\n"                              \
			 : : __VA_ARGS__ : "memory")

struct pair {
	long first;
	const char *text;
};

/* Constant, register, memory, a text in a register and in memory, a number without its sign, a constant as a length. */
static __attribute__((noinline)) void pass(int number, const char *text)
{
	struct pair pair = { .first = 1000 + number, .text = text };

	PROBE("passed", "0", "-4@%0 -4@%1 8@%2 8@%3 8@%4 4@%1 4@%5", "n"(-5), "r"(-number), "m"(pair.first), "r"(text),
	      "m"(pair.text), "n"(4));
}

/* One probe at two places, whose arguments lie apart. */
static __attribute__((noinline)) void pass_two(int number)
{
	volatile int kept = number;

	PROBE("two", "0", "-4@%0", "r"(number));
	PROBE("two", "0", "-4@%0", "m"(kept));
}

/* An element of an array, by base, index and scale. */
static __attribute__((noinline)) void pass_element(uint64_t number)
{
	static uint32_t array[8] = { 100, 101, 102, 103, 104, 105, 106, 107 };

#if defined(__x86_64__)
	PROBE("element", "0", "4@(%0,%1,4) 4@4(%0,%1,4)", "r"(array), "r"(number), "m"(array));
#elif defined(__aarch64__)
	PROBE("element", "0", "4@[%0, %1, lsl 2] 4@[%0, 4]", "r"(array), "r"(number), "m"(array));
#endif
}

static int run_probes(int argc, char **argv)
{
	const uint64_t count = number(argv[0], 1u << 30);
	const char *text = argc > 1 ? argv[1] : "";
	uint64_t counted = 0;

	for (uint64_t i = 0; i < count; i++) {
		pass((int)i, text);
		pass_two((int)i);
		pass_element(i & 3);
		if (workload_counted_semaphore) {
			counted++;
			PROBE("counted", "workload_counted_semaphore", "8@%0", "r"(i));
		}
	}
	report("cmd=probes ops=%llu counted=%llu", (unsigned long long)count, (unsigned long long)counted);
	return 0;
}

const struct command probe_commands[] = {
	{ "probes", "COUNT [TEXT]", 1, 2, run_probes,
	  "passes its USDT probes (provider workload: passed, two, element, counted), each so often; counted when watched" },
	{ 0 },
};
