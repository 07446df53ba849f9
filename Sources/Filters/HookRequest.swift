import CWire
import Model
import Probes

/// What one policy wants of one hook: its program is made from all requests for the same point.
package struct HookRequest: Sendable {
    /// One selector: conditions that must all hold, and what is done then.
    package struct Row: Sendable {
        /// What it is called, if it is.
        package let label: String?
        /// All must hold; none: always.
        package let conditions: [Condition]
        /// Whether there is an event.
        package let posts: Bool
        /// At most one event in so many nanoseconds; 0: all.
        package let rate: UInt64
        /// For whom events are counted together.
        package let scope: mt_scope

        package init(
            label: String? = nil,
            conditions: [Condition] = [],
            posts: Bool = true,
            rate: UInt64 = 0,
            scope: mt_scope = MT_SCOPE_THREAD
        ) {
            self.label = label
            self.conditions = conditions
            self.posts = posts
            self.rate = rate
            self.scope = scope
        }
    }

    /// Something that events show, in their order.
    package struct Shown: Sendable {
        /// Which of the readings.
        package let reading: Int
        package let role: mt_role
        package let label: String?

        package init(reading: Int, role: mt_role = MT_ROLE_ARGUMENT, label: String? = nil) {
            self.reading = reading
            self.role = role
            self.label = label
        }
    }

    package let point: HookPoint
    /// Of its events: kprobe, tracepoint, uprobe, usdt or lsm.
    package let kind: EventKind
    /// The policy's name, and the Kubernetes namespace of one that has one.
    package let policy: String
    package let namespace: String?
    /// What its events show of the place, beside the function's name.
    package let group: String?
    package let message: String?
    package let tags: [String]
    /// Whether the function's return belongs to the event.
    package let waitsForReturn: Bool
    /// How many arguments the function has; of a trampoline at its return, behind them is what it returned.
    package let argumentCount: Int?
    package let readings: [Reading]
    package let shown: [Shown]
    /// Tried in order: the first that holds decides. None: every call is told.
    package let rows: [Row]

    package init(
        _ point: HookPoint,
        kind: EventKind,
        policy: String,
        namespace: String? = nil,
        group: String? = nil,
        message: String? = nil,
        tags: [String] = [],
        waitsForReturn: Bool = false,
        argumentCount: Int? = nil,
        readings: [Reading] = [],
        shown: [Shown] = [],
        rows: [Row] = []
    ) {
        self.point = point
        self.kind = kind
        self.policy = policy
        self.namespace = namespace
        self.group = group
        self.message = message
        self.tags = tags
        self.waitsForReturn = waitsForReturn
        self.argumentCount = argumentCount
        self.readings = readings
        self.shown = shown
        self.rows = rows
    }
}

extension HookRequest {
    /// Whether it is for some pods or containers, or for all but some.
    package var isForSomeWorkloads: Bool {
        rows.contains { $0.conditions.contains { if case .workloads = $0.test { true } else { false } } }
    }
}
