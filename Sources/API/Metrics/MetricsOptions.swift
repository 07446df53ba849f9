/// Where metrics are told.
package struct MetricsOptions: Sendable, Equatable {
    /// A unix socket; nil: none.
    package var socket: String? = Self.standardSocket
    /// A TCP port of this machine alone; nil: none.
    package var address: LoopbackAddress?

    package static let standardSocket = "/run/martlet/metrics.sock"

    package init() {}
}
