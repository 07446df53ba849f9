import Agent
import Foundation
import Glibc
import MartletV1

/// Prints what a daemon sends, until there is enough or nobody reads any more. Used by one task.
final class EventPrinter: @unchecked Sendable {
    private var rest: Int?

    /// - Parameter count: how many events are enough.
    init(count: Int?) { rest = count }

    /// False: no more are wanted.
    func print(_ message: Martlet_V1_StreamEventsResponse) -> Bool {
        switch message.content {
        case .batch(let batch): return print(batch)
        case .dropped(let dropped):
            Console.writeError("martlet: \(dropped.count) events are missing here: they were not taken in time")
            return write(dropped.lines)
        case .started, nil: return true
        }
    }

    private func print(_ batch: Martlet_V1_EventBatch) -> Bool {
        guard let wanted = rest else { return write(batch.lines) }
        rest = wanted - Int(batch.count)
        guard wanted < Int(batch.count) else { return write(batch.lines) && wanted > Int(batch.count) }
        _ = write(Self.lines(batch.lines, wanted))
        return false
    }

    /// The first so many lines.
    private static func lines(_ text: Data, _ count: Int) -> Data {
        var end = text.startIndex
        for _ in 0..<count {
            guard let newline = text[end...].firstIndex(of: UInt8(ascii: "\n")) else { return text }
            end = newline + 1
        }
        return text[..<end]
    }

    private func write(_ text: Data) -> Bool {
        text.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(STDOUT_FILENO, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if count < 0, errno == EAGAIN {
                    var wanted = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                    poll(&wanted, 1, -1)
                    continue
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }
}
