import Engine

/// Where the daemon is asked, and by whom.
package struct ControlOptions: Sendable, Equatable {
    package static let standardSocket = "/run/martlet/martlet.sock"

    /// The control socket.
    package var socket = Self.standardSocket
    /// Whose members may read; nil: group martlet, where there is one.
    package var readGroup: GroupName?
    /// Whose members may read and change; nil: nobody's.
    package var changeGroup: GroupName?

    package init() {}
}
