/// Where events wait on disk for a sink that is away, how many, and how safe they are.
package struct SpoolSettings: Sendable, Equatable {
    /// When what was written must have reached the disk itself, and not only the kernel's memory.
    package enum Sync: Sendable, Equatable {
        /// When the kernel likes: what waits survives the agent, and not the machine.
        case never
        /// What was not delivered after so many seconds.
        case after(Double)
        /// Before the next batch is taken.
        case always
    }

    /// The folder in which each sink has one of its own.
    package var folder = SpoolSettings.standardFolder
    /// Bytes for each sink; 0: events wait in memory alone.
    package var size = 1 << 30
    /// Seconds after which events are not worth delivering.
    package var age = 7.0 * 86400
    package var sync = Sync.after(1)
    /// Bytes of memory in which the latest events are kept beside the disk, or without it.
    package var memory = 32 << 20

    package init() {}

    /// A segment's size: small enough that the limit is kept well, large enough that files are few.
    var segmentSize: Int { min(16 << 20, max(64 << 10, size / 16)) }

    /// Root's, and that of the user whom an agent becomes.
    package static let machineFolder = "/var/lib/martlet/spool"

    /// Beside the store.
    package static var standardFolder: String {
        let store = StoreFile.standardPath
        return store.prefix(upTo: store.lastIndex(of: "/") ?? store.startIndex) + "/spool"
    }
}
