import ArgumentParser

/// How commands end, after sysexits(3) where there is more to say than that something failed: docs/api.md lists them.
enum ExitStatus {
    /// Nobody listens on the control socket.
    static let unavailable = ExitCode(69)
    /// Another agent is there already.
    static let taken = ExitCode(75)
    /// Not permitted.
    static let notPermitted = ExitCode(77)
    /// The configuration is wrong.
    static let configuration = ExitCode(78)
}
