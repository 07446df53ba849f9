/// Where metrics are told.
package struct MetricsOptions: Sendable, Equatable {
    /// A unix socket.
    package enum Socket: Sendable, Equatable {
        /// `metrics.sock` in the folder of the control socket.
        case besideControl
        case path(String)
        case none
    }

    package var socket = Socket.besideControl
    /// A TCP port of this machine alone; nil: none.
    package var address: LoopbackAddress?

    package static let standardSocket = "/run/martlet/metrics.sock"

    package init() {}

    /// The unix socket's path, beside this control socket; nil: there is none.
    package func path(control: String) -> String? {
        switch socket {
        case .besideControl: control.prefix(through: control.lastIndex(of: "/") ?? control.startIndex) + "metrics.sock"
        case .path(let path): path
        case .none: nil
        }
    }
}
