import Model
import Probes

/// A container, and the control groups by which its processes are known in the kernel.
package struct KnownContainer {
    package let container: Container
    /// As `group_key` of `lib/cgroup.h` makes them.
    package let groups: [UInt64]

    package init(_ container: Container, groups: [UInt64]) {
        self.container = container
        self.groups = groups
    }
}

/// The conditions of one hook on pods and containers, whose maps change as containers come and go.
struct WorkloadPlanes {
    /// One of them.
    struct Plane {
        /// Its number in the hook's shape.
        let plane: Int
        fileprivate var uses: [(row: Int, scope: WorkloadScope, isNegated: Bool)] = []
    }

    private(set) var planes: [Plane] = []
    private let words: Int

    var isEmpty: Bool { planes.isEmpty }

    init(words: Int) { self.words = words }

    mutating func add(_ scope: WorkloadScope, plane: Int, row: Int, isNegated: Bool) {
        if planes.last?.plane != plane { planes.append(Plane(plane: plane)) }
        planes[planes.count - 1].uses.append((row, scope, isNegated))
    }

    /// The rows of a plane that a container hits; nil: none.
    func rows(_ plane: Plane, _ container: Container) -> [UInt64]? {
        var rows = [UInt64](repeating: 0, count: words)
        // Where the host is meant too, those that are not meant are looked for, and must not be there.
        for use in plane.uses where use.scope.selects(container) != use.isNegated {
            rows[use.row >> 6] |= 1 << UInt64(use.row & 63)
        }
        return rows.contains { $0 != 0 } ? rows : nil
    }

    /// The maps as of now.
    func tables(_ containers: some Sequence<KnownContainer>) -> [HookImage.Table] {
        planes.map { plane in
            var entries: [(key: [UInt8], rows: [UInt64])] = []
            for known in containers {
                guard let rows = rows(plane, known.container) else { continue }
                for group in known.groups { entries.append((withUnsafeBytes(of: group) { Array($0) }, rows)) }
            }
            return HookImage.Table(plane: plane.plane, kind: .groups, entries: entries)
        }
    }
}
