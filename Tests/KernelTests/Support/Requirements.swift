import Foundation
import Glibc
import Testing

/// All tests that watch the running kernel, one at a time: they would see each other's losses.
///
/// They run wherever they can, which is as root on a kernel with BTF; elsewhere they say why not.
@Suite(
    .serialized,
    .enabled(if: Machine.canTrace, "needs root and a kernel with BTF"),
    .timeLimit(.minutes(Machine.scale == 1 ? 4 : 20))
)
enum Kernel {}

/// The machine that the tests run on.
enum Machine {
    static let canTrace = geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0

    /// In a virtual machine that is emulated, big numbers are made smaller: MARTLET_TEST_SCALE=100 divides by 100.
    static let scale = max(1, ProcessInfo.processInfo.environment["MARTLET_TEST_SCALE"].flatMap { Int($0) } ?? 1)

    /// A number of things to do, smaller on a slow machine.
    static func scaled(_ count: Int, least: Int = 97) -> Int { scale == 1 ? count : max(least, count / scale) }

    /// Major and minor version.
    static let kernel: (Int, Int) = {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
    }()

    /// Whether there is a module for this kernel that nobody uses.
    static let hasSpareModule: Bool = {
        let outcome = try? Child.run("modprobe", "-n", "dummy").outcome
        return outcome?.code == 0 && access("/sys/module/dummy", F_OK) != 0
    }()

    static func resolved(_ path: String) -> String {
        guard let text = realpath(path, nil) else { return path }
        defer { free(text) }
        return String(cString: text)
    }

    static func contents(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
