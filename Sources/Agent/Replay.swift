import Collector
import Engine
import Glibc
import Logging
import Model
import Outputs

/// Runs a recording through the pipeline, on any machine and without privileges, with the bytes that it had live.
package enum Replay {
    /// Returns the books, and the error that the recording ended with, if it did.
    package static func run(
        _ path: String,
        _ options: RunOptions,
        logger: Logger
    ) throws(AgentError) -> (books: Ledger, error: RecordingError?) {
        let begun = BootClock.now()
        var reader: RecordingReader
        do { reader = try RecordingReader(path: path) } catch { throw .recording(error) }
        signal(SIGPIPE, SIG_IGN)
        let sink = try makeSink(options, node: reader.node, logger)
        let pool = EventBatchPool()
        var builder = EventBuilder(node: reader.node)
        var engine = Engine(filter: options.filter, count: options.count)
        var failure: RecordingError?
        do {
            var more = true
            while more, !engine.isDone, !sink.isReaderGone {
                let batch = pool.take()
                more = try reader.next { builder.accept($0, into: batch) }
                engine.process(batch)
                sink.offer(batch)
            }
        } catch {
            failure = error
        }
        sink.close(within: nil)
        var ledger = Ledger()
        ledger.produced = builder.built
        ledger.written = sink.counts.delivered
        ledger.filtered = engine.filtered
        ledger.lost[nil, .decode] = builder.refused
        for kind in EventKind.allCases { ledger.lost[kind, .sinkFailed] = sink.counts.failed[kind] }
        ledger.readerLeft = sink.isReaderGone
        ledger.late = builder.late
        ledger.seconds = Double(BootClock.now() - begun) / 1e9
        return (ledger, failure)
    }

    private static func makeSink(_ options: RunOptions, node: String, _ logger: Logger) throws(AgentError) -> SinkRunner
    {
        let writer = options.format.makeWriter(node: node, colored: options.colored)
        let name = options.output ?? "standard output"
        guard let path = options.output else {
            return SinkRunner(
                StreamSink(descriptor: STDOUT_FILENO, writer: writer),
                name: name,
                waits: true,
                logger: logger
            )
        }
        do {
            let sink = try FileSink(path: path, rotation: options.rotation, writer: writer)
            return SinkRunner(sink, name: name, waits: true, logger: logger)
        } catch {
            throw .output(error)
        }
    }
}
