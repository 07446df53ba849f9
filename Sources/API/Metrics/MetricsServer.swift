import Collector
import Glibc
import Logging
import NIOCore

/// Tells metrics by HTTP: `GET /metrics`, on a unix socket and, when asked, on a TCP port of this machine alone.
///
/// Made and stopped by one thread, other than the loop's.
package final class MetricsServer {
    private let sockets: MetricsSockets
    private let site: MetricsSite
    private var isStopped = false

    /// Begins to answer at `start`.
    ///
    /// - Throws: when there is no thread or descriptor for it.
    package init(
        _ sockets: MetricsSockets,
        control: any AgentControl,
        times: MetricsTimes = MetricsTimes(),
        logger: Logger
    ) throws(LoopFailure) {
        self.sockets = sockets
        let executor = try GRPCLoop.get()
        site = MetricsSite(StatusDesk(control, executor, patience: times.patience), executor.loop, times, logger)
    }

    deinit { stop() }

    /// Begins to answer, on the loop.
    package func start() { site.open(sockets.descriptors) }

    /// Closes what listens, and all connections.
    package func stop() {
        guard !isStopped else { return }
        isStopped = true
        site.close()
        sockets.close()
    }
}
