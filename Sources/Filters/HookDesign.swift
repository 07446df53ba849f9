import CWire
import Model
import Probes

/// A hook's program and maps, from all that policies want of it: pure.
package struct HookDesign: Sendable {
    /// Why requests cannot share a program.
    package enum Problem: Error, Equatable, CustomStringConvertible {
        case values(Int)
        case conditions(Int)
        case selectors(Int)
        case words(String, Int)
        case operations(Int)

        package var description: String {
            switch self {
            case .values(let count):
                "its policies read \(count) different values here, and a hook can read \(MT_SLOTS_MAX)"
            case .conditions(let count):
                "the conditions of its policies take \(count) lookups here, and a hook can do \(MT_PLANES_MAX)"
            case .selectors(let count):
                "its policies have \(count) selectors here, and a hook can have \(MT_ROWS_MAX)"
            case .words(let policy, let count):
                "message, tags and labels of policy \(policy) have \(count) bytes here, and may have \(MT_ABOUT_MAX)"
            case .operations(let count):
                "the expressions of its policies take \(count) operations here, and a hook can do \(MT_OPERATIONS_MAX)"
            }
        }
    }

    /// A request and the counters of its rows.
    package struct Part: Sendable {
        package let request: HookRequest
        package let counters: [UInt32]
        /// The first of its rows' numbers, which no other rows ever have.
        package let id: UInt64

        package init(_ request: HookRequest, counters: [UInt32], id: UInt64 = 0) {
            self.request = request
            self.counters = counters
            self.id = id
        }
    }

    package let shape: HookShape
    package let image: HookImage
    let workloads: WorkloadPlanes

    private struct Plane: Hashable {
        let source: UInt16
        let other: UInt16
        let lookup: UInt8
        let flags: UInt8
        /// A row's first condition of this kind, its second, …
        let turn: Int
    }

    private struct Use {
        let row: Int
        let condition: Condition
    }

    /// - Parameters:
    ///   - parts: all for one point; none may be empty of rows: `HookRequest.effectiveRows`.
    ///   - containers: those that are known now.
    package init(hook: UInt32, _ parts: [Part], containers: [KnownContainer] = []) throws(Problem) {
        var slots: [Reading: Int] = [:]
        var readings: [Reading] = []
        var planes: [Plane: Int] = [:]
        var order: [Plane] = []
        var uses: [[Use]] = []
        var rows: [HookImage.Row] = []
        var expressions = OperationList()
        let isWhole = parts.first.map { $0.request.point.attachment.seesReturn } ?? false
        for part in parts {
            let request = part.request
            var own: [Int] = []
            for reading in request.readings {
                if slots[reading] == nil {
                    slots[reading] = readings.count
                    readings.append(reading)
                }
                own.append(slots[reading] ?? 0)
            }
            let first = rows.count
            let next = first + request.effectiveRows.count
            for (index, row) in request.effectiveRows.enumerated() {
                var turns: [Plane: Int] = [:]
                for condition in row.conditions {
                    let (source, other) = condition.source.wire(own, &expressions)
                    var flags = condition.isSigned ? UInt8(MT_PLANE_SIGNED) : 0
                    if condition.ignoresCase { flags |= UInt8(MT_PLANE_FOLDS) }
                    if condition.isAtReturn, !isWhole { flags |= UInt8(MT_PLANE_AT_RETURN) }
                    func plane(_ turn: Int) -> Plane {
                        Plane(
                            source: source,
                            other: other,
                            lookup: UInt8(condition.lookup.rawValue),
                            flags: flags,
                            turn: turn
                        )
                    }
                    let turn = turns[plane(0), default: 0]
                    turns[plane(0)] = turn + 1
                    let key = plane(turn)
                    if planes[key] == nil {
                        planes[key] = order.count
                        order.append(key)
                        uses.append([])
                    }
                    uses[planes[key] ?? 0].append(Use(row: first + index, condition: condition))
                }
                let about = AboutItems(request, row: index, label: row.label, slots: own).bytes
                guard about.count <= MT_ABOUT_MAX else { throw .words(request.policy, about.count) }
                var wire = mt_row()
                wire.next = UInt32(next)
                wire.flags = row.posts ? UInt32(MT_ROW_POST) : 0
                for condition in row.conditions where !condition.isNegated { wire.add(changesOf: condition) }
                wire.rate = row.rate
                wire.scope = row.scope.rawValue
                wire.about_length = UInt32(about.count)
                wire.counter = part.counters[index]
                wire.id = part.id + UInt64(index)
                wire.shows = request.shown.reduce(0) { $0 | 1 << UInt32(own[$1.reading]) }
                rows.append(HookImage.Row(wire, about: about))
            }
        }
        guard readings.count <= MT_SLOTS_MAX else { throw .values(readings.count) }
        guard order.count <= MT_PLANES_MAX else { throw .conditions(order.count) }
        guard rows.count <= MT_ROWS_MAX else { throw .selectors(rows.count) }
        let operations = expressions.operations
        guard operations.count <= MT_OPERATIONS_MAX else { throw .operations(operations.count) }

        var words = 1
        while 64 * words < rows.count { words *= 2 }
        workloads = Self.workloads(uses, words)
        var tables = Self.tables(uses, words)
        for table in workloads.tables(containers) { tables[table.plane].append(table) }
        let waiting = parts.flatMap { part in
            part.request.effectiveRows.map { _ in part.request.waitsForReturn && !isWhole }
        }
        let imageWords = Self.words(rows.count, waiting: waiting, uses, words)
        image = HookImage(words: imageWords, rows: rows, tables: tables.flatMap { $0 })
        shape = Self.shape(hook, parts, readings, order, operations, tables, words, rows, isWhole)
    }

    private static func workloads(_ uses: [[Use]], _ words: Int) -> WorkloadPlanes {
        var planes = WorkloadPlanes(words: words)
        for (plane, uses) in uses.enumerated() {
            for use in uses {
                guard case .workloads(let scope) = use.condition.test else { continue }
                planes.add(scope, plane: plane, row: use.row, isNegated: use.condition.isNegated)
            }
        }
        return planes
    }

    private static func tables(_ uses: [[Use]], _ words: Int) -> [[HookImage.Table]] {
        uses.enumerated().map { plane, uses in
            var tables = PlaneTables(words: words)
            for use in uses { tables.add(use.condition.keys, row: use.row) }
            let made = tables.made(plane: plane)
            // The program looks there whether or not anything can be found.
            guard made.isEmpty, let kind = uses.first?.condition.table else { return made }
            return [HookImage.Table(plane: plane, kind: kind, entries: [])]
        }
    }

    private static func words(_ rows: Int, waiting: [Bool], _ uses: [[Use]], _ words: Int) -> [UInt64] {
        func bits(_ rows: some Sequence<Int>) -> [UInt64] {
            rows.reduce(into: [UInt64](repeating: 0, count: words)) { $0[$1 >> 6] |= 1 << UInt64($1 & 63) }
        }
        let all = bits(0..<rows)
        var list = all + bits(waiting.indices.filter { waiting[$0] })
        for plane in uses {
            var absent = all
            var negated = [UInt64](repeating: 0, count: words)
            for use in plane {
                let bit: UInt64 = 1 << UInt64(use.row & 63)
                absent[use.row >> 6] &= ~bit
                if use.condition.isNegated { negated[use.row >> 6] |= bit }
            }
            list += absent + negated
        }
        return list
    }

    private static func shape(
        _ hook: UInt32,
        _ parts: [Part],
        _ readings: [Reading],
        _ order: [Plane],
        _ operations: [mt_operation],
        _ tables: [[HookImage.Table]],
        _ words: Int,
        _ rows: [HookImage.Row],
        _ isWhole: Bool
    ) -> HookShape {
        var shape = HookShape()
        shape.hook = hook
        shape.kind = UInt32(parts.first?.request.kind.rawValue ?? 0)
        shape.words = words
        shape.readings = readings.map(\.wire)
        shape.operations = operations
        shape.arguments = readings.reduce(0) { $0 | $1.arguments }
        shape.waitsForReturn = !isWhole && parts.contains { $0.request.waitsForReturn }
        shape.isMixed = shape.waitsForReturn && parts.contains { !$0.request.waitsForReturn }
        shape.limitsRates = rows.contains { $0.row.rate > 0 }
        shape.returned = parts.compactMap(\.request.argumentCount).first ?? 0
        // In steps, so that what policies say of themselves does not make a new program of the same hook so often.
        let longest = rows.map(\.about.count).max() ?? 0
        shape.aboutCapacity = min(Int(MT_ABOUT_MAX), max(128, (longest + 127) & ~127))
        shape.tables = tables.map { Set($0.map(\.kind)) }
        shape.planes = zip(order, tables).map { plane, tables in
            var wire = mt_plane()
            wire.source = plane.source
            wire.other = plane.other
            wire.lookup = plane.lookup
            wire.flags = plane.flags
            for table in tables {
                switch table.kind {
                case .texts(let size): wire.maps |= 1 << UInt16(size)
                case .addresses4: wire.maps |= 1
                case .addresses6: wire.maps |= 2
                case .numbers, .ranges, .affixes, .bits, .substrings, .groups: break
                }
            }
            return wire
        }
        let steps = HookSteps(readings, shape.planes, operations, isWhole: isWhole)
        shape.steps = steps.entry
        shape.returnSteps = steps.exit
        return shape
    }
}

extension HookRequest {
    /// Its selectors; without any, every call is told.
    package var effectiveRows: [Row] { rows.isEmpty ? [Row()] : rows }
}

extension HookPoint.Attachment {
    /// Whether arguments and result are there at once.
    var seesReturn: Bool { self == .syscallExit }
}

extension Condition.Source {
    /// Its number, and what else the plane says.
    fileprivate func wire(_ slots: [Int], _ expressions: inout OperationList) -> (UInt16, UInt16) {
        switch self {
        case .value(let reading, let aspect): (UInt16(slots[reading] * 8) + UInt16(aspect.wire.rawValue), 0)
        case .gained(let old, let new):
            (UInt16(MT_SOURCE_GAINED.rawValue), UInt16(slots[old]) << 8 | UInt16(slots[new]))
        case .expression(let expression):
            (
                UInt16(MT_SOURCE_EXPRESSION.rawValue),
                UInt16(clamping: expressions.place(of: expression.moved(to: slots)))
            )
        case .process: (UInt16(MT_SOURCE_PROCESS.rawValue), 0)
        case .namespacedProcess: (UInt16(MT_SOURCE_NS_PROCESS.rawValue), 0)
        case .ancestry: (UInt16(MT_SOURCE_ANCESTRY.rawValue), 0)
        case .binary: (UInt16(MT_SOURCE_BINARY.rawValue), 0)
        case .parentBinary: (UInt16(MT_SOURCE_PARENT_BINARY.rawValue), 0)
        case .lineage: (UInt16(MT_SOURCE_LINEAGE.rawValue), 0)
        case .cgroup: (UInt16(MT_SOURCE_CGROUP.rawValue), 0)
        case .effective: (UInt16(MT_SOURCE_EFFECTIVE.rawValue), 0)
        case .permitted: (UInt16(MT_SOURCE_PERMITTED.rawValue), 0)
        case .inheritable: (UInt16(MT_SOURCE_INHERITABLE.rawValue), 0)
        case .isInHostUserNamespace: (UInt16(MT_SOURCE_IN_HOST_USER_NS.rawValue), 0)
        case .changedNamespaces: (UInt16(MT_SOURCE_CHANGED_NAMESPACES.rawValue), 0)
        case .changedEffective: (UInt16(MT_SOURCE_CHANGED_EFFECTIVE.rawValue), 0)
        case .changedPermitted: (UInt16(MT_SOURCE_CHANGED_PERMITTED.rawValue), 0)
        case .changedInheritable: (UInt16(MT_SOURCE_CHANGED_INHERITABLE.rawValue), 0)
        case .namespace(let kind): (UInt16(MT_SOURCE_NAMESPACE.rawValue) + UInt16(kind), 0)
        }
    }

    /// The readings that must have been done.
    var readings: [Int] {
        switch self {
        case .value(let reading, _): [reading]
        case .gained(let old, let new): [old, new]
        case .expression(let expression): expression.readings
        default: []
        }
    }
}

extension Condition.Aspect {
    fileprivate var wire: mt_aspect {
        switch self {
        case .whole: MT_ASPECT_VALUE
        case .fileType: MT_ASPECT_FILE_TYPE
        case .family: MT_ASPECT_FAMILY
        case .networkProtocol: MT_ASPECT_PROTOCOL
        case .state: MT_ASPECT_STATE
        case .sourcePort: MT_ASPECT_SPORT
        case .destinationPort: MT_ASPECT_DPORT
        case .sourceAddress: MT_ASPECT_SADDR
        case .destinationAddress: MT_ASPECT_DADDR
        }
    }
}

extension mt_row {
    /// Notes what a condition on changes is about.
    fileprivate mutating func add(changesOf condition: Condition) {
        switch (condition.source, condition.test) {
        case (.changedNamespaces, .bits(let kinds)): namespaces |= UInt32(truncatingIfNeeded: kinds)
        case (.changedEffective, _): sets |= 1
        case (.changedPermitted, _): sets |= 2
        case (.changedInheritable, _): sets |= 4
        default: return
        }
        flags |= UInt32(MT_ROW_CHANGES)
    }
}
