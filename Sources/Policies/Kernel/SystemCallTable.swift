/// The numbers of system calls.
package struct SystemCallTable: Sendable {
    /// An architecture.
    package enum Machine: Sendable {
        case x86_64, arm64
    }

    /// A call of one of the machine's tables.
    package struct Call: Sendable, Hashable {
        /// Its name as programs know it, such as `openat`.
        package let name: String
        /// With `1 << 32` added for the table of 32-bit programs.
        package let number: UInt64
        /// What the kernel calls its function.
        package let symbol: String

        /// Whether it is one that 32-bit programs call.
        package var isCompatible: Bool { number >> 32 != 0 }
        /// Whether it does not come back to who called it, at least not when all goes well.
        package var returns: Bool {
            !["execve", "execveat", "exit", "exit_group", "rt_sigreturn", "sigreturn"].contains(name)
        }
        /// Whether it changes what its process is or may: its namespaces, users, groups and capabilities.
        package var changesProcess: Bool { Self.changing.contains(name) }

        private static let changing: Set<String> = [
            "setns", "unshare", "capset", "prctl", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
            "setfsuid", "setfsgid", "setgroups", "setuid32", "setgid32", "setreuid32", "setregid32", "setresuid32",
            "setresgid32", "setfsuid32", "setfsgid32", "setgroups32",
        ]
    }

    /// Which machine's they are.
    package let machine: Machine
    private let native: [String: UInt32]
    private let compatible: [String: UInt32]

    /// Those of a machine.
    package init(_ machine: Machine) {
        self.machine = machine
        switch machine {
        case .x86_64: (native, compatible) = (SystemCallNumbers.x86_64, SystemCallNumbers.i386)
        // What 32-bit programs call there is Arm's own table, which this machine's headers do not have.
        case .arm64: (native, compatible) = (SystemCallNumbers.arm64, [:])
        }
    }

    /// Those of the machine that this runs on.
    package static var own: SystemCallTable {
        #if arch(arm64)
            SystemCallTable(.arm64)
        #else
            SystemCallTable(.x86_64)
        #endif
    }

    /// All calls of the machine's own table, in the order of their numbers.
    package var all: [Call] {
        native.sorted { $0.value < $1.value }.map { call($0.key, $0.value, isCompatible: false) }
    }

    /// The names that policies have for the machine's own calls, in no order.
    package var names: [String] { native.keys.map { "sys_\($0)" } }

    /// The call that a policy names: `sys_openat`, `__x64_sys_openat`, `i386/sys_openat`; nil where there is none.
    package func call(_ text: String) -> Call? {
        var (name, isCompatible) = (Substring(text), false)
        if let slash = name.firstIndex(of: "/") {
            switch name[..<slash] {
            case "i386", "arm32": isCompatible = true
            case "x64", "x86_64", "arm64": break
            default: return nil
            }
            name = name[name.index(after: slash)...]
        }
        if name.hasPrefix("__ia32_") { isCompatible = true }
        for prefix in ["__x64_", "__ia32_", "__arm64_"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        if name.hasPrefix("compat_") { (name, isCompatible) = (name.dropFirst(7), true) }
        guard name.hasPrefix("sys_") else { return nil }
        let short = String(name.dropFirst(4))
        let table = isCompatible ? compatible : native
        for candidate in [short, isCompatible ? nil : Self.functions[short]].compactMap(\.self) {
            if let number = table[candidate] { return call(candidate, number, isCompatible: isCompatible) }
        }
        return nil
    }

    /// Functions whose calls programs know by another name.
    private static let functions = [
        "newstat": "stat", "newlstat": "lstat", "newfstat": "fstat", "newuname": "uname", "umount": "umount2",
        "sendfile64": "sendfile", "fadvise64_64": "fadvise64",
    ]

    private func call(_ name: String, _ number: UInt32, isCompatible: Bool) -> Call {
        let function = isCompatible ? name : Self.functions.first { $0.value == name }?.key ?? name
        let prefix =
            switch (machine, isCompatible) {
            case (.x86_64, false): "__x64_sys_"
            case (.x86_64, true): "__ia32_sys_"
            case (.arm64, _): "__arm64_sys_"
            }
        return Call(name: name, number: UInt64(number) | (isCompatible ? 1 << 32 : 0), symbol: prefix + function)
    }
}
