import CLinux
import Glibc

/// The active Linux security modules, in the kernel's order.
package struct SecurityModules: Sendable, Equatable {
    /// Nil when the kernel does not tell: securityfs is not mounted and lsm_list_modules(2) is not there (before 6.8).
    package let names: [String]?

    /// Of the text of `/sys/kernel/security/lsm`.
    package init(text: String) {
        names = text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty }
    }

    /// Of numbers in `linux/lsm.h`.
    package init(ids: some Sequence<UInt64>) { names = ids.map { Self.names[$0] ?? "lsm-\($0)" } }

    private init() { names = nil }

    /// Asks the running kernel.
    static func current() -> SecurityModules {
        if let text = SystemFile.text("/sys/kernel/security/lsm") { return SecurityModules(text: text) }
        var ids = [UInt64](repeating: 0, count: 64)
        let count = clinux_lsm_list(&ids, UInt32(ids.count))
        return count > 0 ? SecurityModules(ids: ids.prefix(Int(count))) : SecurityModules()
    }

    private static let names: [UInt64: String] = [
        100: "capability", 101: "selinux", 102: "smack", 103: "tomoyo", 104: "apparmor", 105: "yama", 106: "loadpin",
        107: "safesetid", 108: "lockdown", 109: "bpf", 110: "landlock", 111: "ima", 112: "evm", 113: "ipe",
    ]
}
