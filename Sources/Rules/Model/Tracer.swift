import Formats
import Model

/// Where events come from, as rules name it: a kind of event, or one of bpfd's tracers.
package struct Tracer: Sendable, Hashable {
    package let name: String
    package let kinds: [EventKind]

    /// All that there are: bpfd's `exec` and `open` are kinds of the same name.
    package static let all: [Tracer] = {
        let kinds = EventKind.allCases.filter { $0.hasProcess && $0 != .snapshot }
        let own = kinds.map { Tracer(name: "\($0.name)", kinds: [$0]) }
        let further = BPFDTracer.allCases.map { Tracer(bpfd: $0) }
        return own + further.filter { tracer in !own.contains { $0.name == tracer.name } }
    }()

    /// The one of this name.
    package static func named(_ name: String) -> Tracer? { all.first { $0.name == name } }

    init(name: String, kinds: [EventKind]) {
        self.name = name
        self.kinds = kinds
    }

    /// What one of bpfd's tracers sees: its `exec` takes executions that failed, too.
    init(bpfd tracer: BPFDTracer) {
        self.init(name: "\(tracer.name)", kinds: EventKind.allCases.filter(tracer.kinds.contains))
    }
}
