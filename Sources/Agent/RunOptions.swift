import API
import Collector
import Engine
import Formats
import Outputs
import Probes

/// What one run of the agent is to do.
package struct RunOptions: Sendable {
    package var probes = ProbeSettings()
    package var filter = EventFilter()
    /// The policies that it begins with.
    package var policies = PolicySettings()
    /// The rules that it begins with.
    package var rules = RuleSettings()
    package var format = EventFormat.compact
    package var colored = false
    /// Where events go: each gets all of them.
    package var outputs = [OutputTarget.standardOutput]
    package var rotation = Rotation()
    package var storeLimits = StoreLimits()
    /// Where and how events wait for outputs that are away.
    package var spool = SpoolSettings()
    /// Whether files and stores have a spool as well, and not databases alone.
    package var spoolsAll = false
    /// What happens when an output fails.
    package var retries = RetryPolicy.degrade
    /// Whose tables and habits are kept to.
    package var compatibility: Compatibility?
    /// Days that a database keeps; 0: all.
    package var postgresDays: UInt32 = 30
    /// Where raw records are kept.
    package var record: String?
    /// Seconds; nil: until a signal.
    package var duration: Double?
    /// How many events to write before ending.
    package var count: Int?
    /// Which engines tell the names of containers; nil: none is asked.
    package var engines: EngineSockets? = EngineSockets()
    /// For a daemon.
    package var control = ControlOptions()
    /// Whom the agent runs as; nil: as it was started, with all that it was given.
    package var identity: UserIdentity?
    /// Where metrics are told, by whoever tells them.
    package var metrics = MetricsOptions()
    /// Whether the kernel measures what programs cost.
    package var measuresPrograms = false
    package var summary = true
    package var node = Machine.name

    package init() {}

    /// Whether events wait on disk for an output.
    var hasSpool: Bool {
        spool.size > 0 && outputs.contains { $0.isDatabase || spoolsAll && ($0.isFile || $0.isStore) }
    }
}
