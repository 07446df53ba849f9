import CWire

/// In which order a hook reads and checks: what is cheap and may end it comes first, what nobody checks comes last.
struct HookSteps {
    private(set) var entry: [UInt8] = []
    private(set) var exit: [UInt8] = []

    /// - Parameter isWhole: all is there at once, what was returned too.
    init(_ readings: [Reading], _ planes: [mt_plane], _ operations: [mt_operation] = [], isWhole: Bool) {
        var isDone = [Bool](repeating: false, count: readings.count)
        var isChecked = [Bool](repeating: false, count: planes.count)

        func slots(_ plane: mt_plane) -> [Int] {
            if plane.source < UInt16(MT_SLOTS_MAX * 8) { return [Int(plane.source) / 8] }
            if plane.source == UInt16(MT_SOURCE_GAINED.rawValue) {
                return [Int(plane.other >> 8), Int(plane.other & 0xff)]
            }
            if plane.source == UInt16(MT_SOURCE_EXPRESSION.rawValue) {
                return OperationList.slots(operations[Int(plane.other)...])
            }
            return []
        }

        func isLate(_ reading: Reading) -> Bool { reading.isAtReturn && !isWhole }

        func isLate(_ plane: mt_plane) -> Bool {
            plane.flags & UInt8(MT_PLANE_AT_RETURN) != 0 || slots(plane).contains { isLate(readings[$0]) }
        }

        func cost(_ plane: mt_plane) -> Int {
            let reading = slots(plane).filter { !isDone[$0] }.reduce(0) { $0 + readings[$1].cost }
            return reading + plane.cost
        }

        func steps(late: Bool) -> [UInt8] {
            var list: [UInt8] = []
            while let next = planes.indices.filter({ !isChecked[$0] && isLate(planes[$0]) == late })
                .min(by: { cost(planes[$0]) < cost(planes[$1]) })
            {
                for slot in slots(planes[next]) where !isDone[slot] {
                    list.append(UInt8(slot + 1))
                    isDone[slot] = true
                }
                list.append(UInt8(Int(MT_STEP_PLANE) + next))
                isChecked[next] = true
            }
            for slot in readings.indices where !isDone[slot] && isLate(readings[slot]) == late {
                list.append(UInt8(slot + 1))
                isDone[slot] = true
            }
            return list
        }

        entry = steps(late: false)
        exit = steps(late: true)
    }
}

extension mt_plane {
    /// How much work a lookup is, roughly.
    fileprivate var cost: Int {
        let source = mt_source(UInt32(source))
        if source == MT_SOURCE_LINEAGE { return 60 }
        if source == MT_SOURCE_BINARY || source == MT_SOURCE_PARENT_BINARY { return 8 }
        if source == MT_SOURCE_ANCESTRY { return 15 }
        if source == MT_SOURCE_CHANGED_NAMESPACES { return 20 }
        switch mt_lookup(UInt32(lookup)) {
        case MT_LOOKUP_NUMBER, MT_LOOKUP_RANGE: return 1
        case MT_LOOKUP_POSTFIX: return 6
        default: return 3
        }
    }
}
