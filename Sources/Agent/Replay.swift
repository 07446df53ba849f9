import Collector
import Engine
import Glibc
import Logging
import Model
import Outputs
import Rules

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
        let outputs: OutputGroup
        do {
            let origin = StreamOrigin(node: reader.node, boot: Machine.bootID, start: BootClock.now())
            let launchers = try Helpers.launchers(options)
            outputs = try OutputGroup(options, origin: origin, waits: true, launchers: launchers, logger)
        } catch {
            throw .output(error)
        }
        let pool = EventBatchPool()
        var builder = EventBuilder(node: reader.node)
        var engine = Engine(filter: options.filter, count: options.count)
        let rules: RuleSet
        do { rules = try options.rules.read(logger).set } catch { throw .input(error) }
        let matcher = RuleMatcher(rules)
        var failure: RecordingError?
        do {
            var more = true
            while more, !engine.isDone, !outputs.isReaderGone, outputs.exhaustion == nil {
                let batch = pool.take()
                more = try reader.next { builder.accept($0, into: batch) }
                matcher.process(batch)
                engine.process(batch)
                outputs.offer(batch)
            }
        } catch {
            failure = error
        }
        outputs.close(within: nil)
        var ledger = Ledger()
        ledger.produced = builder.built
        ledger.filtered = engine.filtered + matcher.unwanted
        ledger.lost[nil, .decode] = builder.refused
        outputs.account(in: &ledger)
        ledger.late = builder.late
        ledger.seconds = Double(BootClock.now() - begun) / 1e9
        return (ledger, failure)
    }
}
