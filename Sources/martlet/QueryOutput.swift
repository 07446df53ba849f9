import Agent
import Formats
import Glibc
import Outputs

/// Writes what a query finds to standard output, a piece at a time.
struct QueryOutput: ~Copyable {
    /// Nobody reads any more.
    struct ReaderLeft: Error {}
    /// Standard output took no more.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    private static let piece = 64 << 10

    /// Writes rows and returns how many there were.
    mutating func write(_ rows: StoreRows, asJSON: Bool) throws -> Int {
        var buffer = TextBuffer()
        var table = RowTable(columns: rows.columns, width: Self.terminalWidth)
        var count = 0
        while try rows.next() {
            count += 1
            if asJSON { rows.writeJSON(to: &buffer) } else { table.add(rows, to: &buffer) }
            if buffer.count > Self.piece { try flush(&buffer) }
        }
        if !asJSON { table.finish(to: &buffer) }
        try flush(&buffer)
        return count
    }

    /// Writes events as JSON lines and returns how many there were.
    mutating func writeEvents(_ reader: StoreReader, _ selection: StoreSelection) throws -> Int {
        var format = JSONFormat(node: "")
        var count = 0
        var failure: (any Error)?
        try StoreQuery.run(reader, selection) { event in
            format.write(event)
            count += 1
            guard format.bytes.count > Self.piece else { return true }
            do { try Self.write(format.bytes) } catch { failure = error }
            format.clear()
            return failure == nil
        }
        if let failure { throw failure }
        try Self.write(format.bytes)
        return count
    }

    private func flush(_ buffer: inout TextBuffer) throws {
        try Self.write(buffer.bytes)
        buffer.clear()
    }

    private static func write(_ bytes: UnsafeRawBufferPointer) throws {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(STDOUT_FILENO, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0, errno == EINTR {
                if StoreReader.isInterrupted.load(ordering: .relaxed) { throw ReaderLeft() }
                continue
            }
            guard count >= 0 else {
                if errno == EPIPE || errno == EIO { throw ReaderLeft() }
                throw Refused(description: "standard output: \(String(cString: strerror(errno)))")
            }
            written += count
        }
    }

    /// Nil when standard output is no terminal: then nothing is cut.
    private static var terminalWidth: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}
