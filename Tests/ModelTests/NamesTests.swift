import Foundation
import Model
import Testing

@Suite struct NamesTests {
    @Test func signalsHaveTheirKernelNames() {
        #expect(Names.signal(9)?.description == "SIGKILL")
        #expect(Names.signal(SIGSYS)?.description == "SIGSYS")
        for number in Int32(1)...31 { #expect(Names.signal(number)?.description.hasPrefix("SIG") == true) }
        for number in [Int32.min, -1, 0, 32, 64, 127] { #expect(Names.signal(number) == nil) }
    }

    @Test(arguments: [(1, "EPERM"), (2, "ENOENT"), (13, "EACCES"), (20, "ENOTDIR"), (40, "ELOOP"), (122, "EDQUOT")])
    func errorsHaveTheirNames(number: Int32, name: String) {
        #expect(Names.errno(number)?.description == name)
    }

    /// What open(2), openat2(2) and execve(2) are documented to give.
    @Test func everyErrorOfOpenAndExecHasAName() {
        let documented: [Int32] = [
            E2BIG, EACCES, EAGAIN, EBADF, EBUSY, EDQUOT, EEXIST, EFAULT, EFBIG, EINTR, EINVAL, EIO, EISDIR, ELIBBAD,
            ELOOP,
            EMFILE, ENAMETOOLONG, ENFILE, ENODEV, ENOENT, ENOEXEC, ENOMEM, ENOSPC, ENOTDIR, ENXIO, EOPNOTSUPP,
            EOVERFLOW,
            EPERM, EROFS, ETXTBSY, EXDEV, ENOSYS,
        ]
        for number in documented { #expect(Names.errno(number) != nil, "\(number)") }
    }

    @Test func aNumberThatIsNoErrorHasNoName() {
        for number in [Int32.min, -2, 0, 511, 517, 4096, .max] { #expect(Names.errno(number) == nil) }
    }
}
