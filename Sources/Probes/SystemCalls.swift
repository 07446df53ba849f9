/// The numbers at which the dispatcher must look for a program: of this architecture's calls, and of its 32-bit ones.
///
/// The same numbers as in `lib/syscall.h`; a number may mean another call in the other table, which the programs check.
enum SystemCalls {
    #if arch(arm64)
        static let open: [UInt32] = [56, 437, 5, 8, 322]
        static let exec: [UInt32] = [221, 281, 11, 387]
        static let tcp: [UInt32] = [203, 202, 242, 283, 285, 366]
    #else
        static let open: [UInt32] = [2, 85, 257, 437, 5, 8, 295]
        static let exec: [UInt32] = [59, 322, 11, 358]
        static let tcp: [UInt32] = [42, 43, 288, 362, 364]
    #endif
}
