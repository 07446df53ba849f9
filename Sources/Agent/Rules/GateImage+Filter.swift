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
        byPath.insert(.open)
        // A filter takes the name that was asked for where there is no path.
        pathless.insert(.open)
    }
}
