import Engine
import Filters
import Model
import Probes

extension GateImage {
    /// Keeps back opens of paths that a filter does not choose, unless rules choose paths already.
    mutating func narrow(by filter: EventFilter) {
        let beginnings = filter.paths.map(\.beginning)
        guard !beginnings.isEmpty, !beginnings.contains([]), !byPath.contains(.open) else { return }
        var tables = GateTables()
        for beginning in beginnings { tables.add(path: beginning, .open) }
        paths = tables.image.paths
        // Not where there is no path: then a filter goes by the name that was asked for.
        byPath.insert(.open)
    }
}
