import Probes

/// Which ways to functions of the kernel there are, found out by trying.
enum KernelFunctions {
    /// By kprobe, kprobe.multi or fentry.
    static let canBeHooked = [Upgrade.kprobeMulti, .kprobe, .fentry].contains { upgrade in
        if case .works = upgrade.attempt() { true } else { false }
    }

    /// Whether functions of programs can be.
    static let ofProgramsCanBeHooked = if case .works = Upgrade.uprobe.attempt() { true } else { false }

    /// How often each name stands among those of functions.
    static let counts: [String: Int] = {
        var counts: [String: Int] = [:]
        let text = (try? Child.run("cat", "/proc/kallsyms").outcome.output) ?? ""
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count > 2, let kind = words[1].first, "tTwW".utf8.contains(kind) else { continue }
            let name = words[2].prefix { $0 != UInt8(ascii: "\t") }
            counts[String(decoding: name, as: UTF8.self), default: 0] += 1
        }
        return counts
    }()
}
