/*
 * Counts allocations: LD_PRELOAD it into a dynamic program, which asks for the number by mallocs_count().
 *
 * glibc's own allocator is reached by its internal names, so that no dlsym, which allocates, is needed to find it.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *area, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_uint_fast64_t allocations;

static void count(void)
{
	atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
}

uint64_t mallocs_count(void)
{
	return atomic_load_explicit(&allocations, memory_order_relaxed);
}

void *malloc(size_t size)
{
	count();
	return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	count();
	return __libc_calloc(number, size);
}

void *realloc(void *area, size_t size)
{
	count();
	return __libc_realloc(area, size);
}

void *memalign(size_t alignment, size_t size)
{
	count();
	return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **area, size_t alignment, size_t size)
{
	void *found = memalign(alignment, size);

	if (!found)
		return ENOMEM;
	*area = found;
	return 0;
}
