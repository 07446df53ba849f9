/// C that tests share.
enum CSource {
    /// What libbpf's headers would give, so that the tests need no package of the system.
    static let prelude = """
        #define SEC(name) __attribute__((section(name), used))
        #define __uint(name, value) int (*name)[value]
        typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32;
        typedef unsigned long long __u64; typedef signed char __s8; typedef short __s16; typedef long long __s64;

        """

    static let everything = """
        struct pair { __u8 small; __u64 large; };
        struct { __uint(type, 27); __uint(max_entries, 4096); } rings SEC(".maps");
        struct { __uint(type, 2); __uint(max_entries, 1); } in SEC(".maps");
        const volatile __u32 limit = 4;
        const volatile struct pair pair;
        __u64 count = 7;
        volatile _Bool ready;
        SEC("tp/one") int one(void *context) { return limit + pair.large; }
        SEC("tp/two") int repeat(void *context) { count++; return ready; }
        """
}
