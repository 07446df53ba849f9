import BPF
import CPrivileges
import Glibc

/// What the kernel has, as far as privileges depend on it.
package struct KernelAbilities: Sendable, Equatable {
    /// Hooks on functions of files by links of the kernel's own: since Linux 6.6.
    package var hasUprobeLinks: Bool
    /// Maps count against RLIMIT_MEMLOCK: before Linux 5.11.
    package var countsLockedMemory: Bool
    /// How many CPUs it may have: tables are made for each.
    package var cpus: Int
    /// The version of Landlock; nil where there is none, or it is not active.
    package var landlock: Int?

    package init(hasUprobeLinks: Bool = true, countsLockedMemory: Bool = false, cpus: Int = 1, landlock: Int? = nil) {
        self.hasUprobeLinks = hasUprobeLinks
        self.countsLockedMemory = countsLockedMemory
        self.cpus = cpus
        self.landlock = landlock
    }
}

extension KernelAbilities {
    /// Those of the running kernel, found out by trying.
    package static func current() -> KernelAbilities {
        var names = utsname()
        uname(&names)
        let text = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let release = numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
        let version = cprivileges_landlock_version()
        return KernelAbilities(
            // Who may not try is told by the version.
            hasUprobeLinks: BPFFeature.uprobeMulti.probe().map { $0.errno == EPERM && release >= (6, 6) } ?? true,
            countsLockedMemory: release > (0, 0) && release < (5, 11),
            cpus: possibleCPUs,
            landlock: version > 0 ? Int(version) : nil
        )
    }
}
