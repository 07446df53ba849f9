import Formats
import Glibc
import Model

/// Writes events to a descriptor that is open already: standard output.
package final class StreamSink: Sink, @unchecked Sendable {
    private let descriptor: Int32
    private let mayBlock: Bool
    private var writer: EventWriter

    package init(descriptor: Int32, writer: consuming EventWriter) {
        self.descriptor = descriptor
        self.writer = writer
        mayBlock = DescriptorWriter.mayBlock(descriptor)
    }

    package func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
        var result = SinkResult.written
        writer.write(batch) { bytes, events in
            let whole = { (count: Int) in events.lowerBound + DescriptorWriter.lines(bytes, within: count) }
            switch DescriptorWriter.write(bytes, to: descriptor, mayBlock: mayBlock, isUrgent: isUrgent) {
            case .all: return true
            case .abandoned(let count): result = .abandoned(after: whole(count))
            case .failed(let count, EPIPE): result = .closed(after: whole(count))
            case .failed(let count, let error):
                _ = DescriptorWriter.cutBack(bytes, written: count, descriptor)
                let failure = SinkFailure("standard output: \(String(cString: strerror(error)))")
                result = .failed(after: whole(count), failure)
            }
            return false
        }
        return result
    }

    package func reopen() {}
}
