import Foundation
import Model

/// The kernel's numbers of control groups, by their paths in the hierarchies that are mounted here.
package struct ControlGroups {
    /// Where a hierarchy is mounted, and what tells its groups from those of others.
    private struct Hierarchy {
        let mount: String
        /// As in `lib/cgroup.h`.
        let number: UInt64
    }

    private let hierarchies: [Hierarchy]

    /// - Parameter mounts: what `/proc/self/mountinfo` has.
    package init(mounts: String) {
        var found: [UInt64: String] = [:]
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let separator = fields.firstIndex(of: "-"), fields.count > separator + 3, separator > 5,
                // A group below the hierarchy's root: paths would be other ones.
                fields[3] == "/"
            else { continue }
            let options = fields[separator + 3].split(separator: ",")
            let number: UInt64
            switch fields[separator + 1] {
            case "cgroup2": number = 0
            case "cgroup" where options.contains("memory"): number = 1
            case "cgroup" where options.contains("pids"): number = 2
            default: continue
            }
            if found[number] == nil { found[number] = String(fields[4]) }
        }
        hierarchies = found.map { Hierarchy(mount: $0.value, number: $0.key) }
    }

    /// Those that are mounted now.
    init() { self.init(mounts: (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? "") }

    /// Whether there is no hierarchy to look into.
    var isEmpty: Bool { hierarchies.isEmpty }

    /// The numbers of a group; none: it is gone, or its hierarchy is not mounted here.
    package func keys(of group: Bytes) -> [UInt64] {
        let path = String(decoding: group.buffer, as: UTF8.self)
        return hierarchies.compactMap { hierarchy in
            var status = stat()
            guard stat(hierarchy.mount + path, &status) == 0 else { return nil }
            return UInt64(status.st_ino) ^ hierarchy.number << 62
        }
    }
}
