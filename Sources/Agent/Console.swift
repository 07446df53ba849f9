import Glibc

/// What the agent says beside its events: always on standard error, a line at a time.
package enum Console {
    package static func writeError(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    /// Takes the numbers of the standard streams that were closed, so that no file of ours gets one and what is meant
    /// for the terminal. Writing to them fails, as it should. Call it first.
    package static func reserveStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
    }
}
