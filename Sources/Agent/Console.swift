import Glibc

/// What the agent says beside its events: always on standard error, a line at a time.
package enum Console {
    package static func writeError(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
