import BPF
import CWire
import Glibc

/// One loaded program of a hook, with its own maps; unloaded when it goes.
package final class HookProgram {
    package let point: HookPoint
    package let shape: HookShape
    let loaded: BPFLoaded<HookSkeleton>
    private var bank: UInt32 = 0
    /// Of the maps of the image.
    private var imageMemory = 0
    /// Of control groups, by plane: they change in place.
    private var groups: [Int: GroupMap] = [:]

    /// Has the kernel verify the program; nothing runs yet.
    ///
    /// - Throws: with the decisive lines of the verifier's log.
    package init(_ point: HookPoint, _ shape: HookShape, maps: HookMaps) throws(BPFError) {
        self.point = point
        self.shape = shape
        loaded = try Self.object(point, shape, maps).load()
        try nameFunctions()
    }

    /// All that the program is made of, before the kernel sees it.
    static func object(
        _ point: HookPoint,
        _ shape: HookShape,
        _ maps: HookMaps
    ) throws(BPFError) -> BPFObject<HookSkeleton> {
        let object = try BPFObject(HookSkeleton.self)
        let entry = entry(point.attachment)
        let exit = shape.waitsForReturn ? exit(point.attachment) : nil
        for program in HookSkeleton.Program.allCases {
            object.setLoads(program, program == entry || program == exit)
        }
        for program in [entry, exit].compactMap({ $0 }) {
            if let target = point.target { try object.setTarget(program, target) }
            if program == .call_uprobe_multi || program == .return_uprobe_multi {
                object.setAttachesToManyUprobes(program)
            }
        }
        let data = try object.readOnlyData
        data.own_tgid = maps.ownTgid
        data.pool_mask = maps.poolMask
        data.preemptible = Preemption.isPossible
        data.hold_sending = point.attachment.isPreemptible && !Preemption.isPossible && Preemption.isHeldInUprobes
        data.looks_at_changes = shape.looksAtChanges
        data.shape.copyBytes(from: shape.bytes)
        try size(object, shape, point)
        try maps.share(
            with: object,
            waitsForReturn: shape.waitsForReturn && exit != nil,
            looksAtBinaries: shape.planes.contains { mt_source(UInt32($0.source)).isBinary },
            looksAtChanges: shape.looksAtChanges
        )
        return object
    }

    private static func entry(_ attachment: HookPoint.Attachment) -> HookSkeleton.Program {
        switch attachment {
        case .fentry: .call_fentry
        case .kprobeMulti: .call_kprobe_multi
        case .kprobe: .call_kprobe
        case .lsm: .call_lsm
        case .tracepoint: .call_tracepoint
        case .rawTracepoint: .call_raw_tracepoint
        case .syscallExit: .call_syscall_exit
        case .syscallEnter: .call_syscall_enter
        case .uprobe: HookPoint.attachesToManyUprobes ? .call_uprobe_multi : .call_uprobe
        }
    }

    private static func exit(_ attachment: HookPoint.Attachment) -> HookSkeleton.Program? {
        switch attachment {
        case .fentry: .return_fexit
        case .kprobeMulti: .return_kprobe_multi
        case .kprobe: .return_kprobe
        case .uprobe: HookPoint.attachesToManyUprobes ? .return_uprobe_multi : .return_uprobe
        case .lsm, .tracepoint, .rawTracepoint, .syscallExit, .syscallEnter: nil
        }
    }

    /// Sets the sizes that depend on the shape, and leaves out the maps that it has no use for.
    private static func size(
        _ object: borrowing BPFObject<HookSkeleton>,
        _ shape: HookShape,
        _ point: HookPoint
    ) throws(BPFError) {
        let used = Set(shape.tables.joined().map(\.map))
        for map in HookSkeleton.Map.planes {
            guard used.contains(map) else {
                try object.setCreates(map, false)
                continue
            }
            try object.setInnerValueSize(map, 8 * (map == .substrings ? 1 + shape.words : shape.words))
        }
        try object.setInnerValueSize(.rows, MemoryLayout<mt_row>.size + shape.aboutCapacity)
        try object.setInnerValueSize(.images, MemoryLayout<mt_image>.size + 8 * shape.imageWords)
        try object.setMaxEntries(.functions, point.functions.count)
        if point.attachment.isSystemCall {
            try object.setMaxEntries(.calls, point.functions.count)
        } else {
            try object.setCreates(.calls, false)
            try object.setCreates(.following, false)
        }
    }

    private func nameFunctions() throws(BPFError) {
        let functions = try loaded.map(.functions)
        for (index, function) in point.functions.enumerated() {
            let position = withUnsafeBytes(of: UInt32(index)) { Array($0) }
            try functions.set(key: position, value: function.item)
            if point.attachment.isSystemCall {
                let number = withUnsafeBytes(of: function.number) { Array($0) }
                try loaded.map(.calls).set(key: number, value: position)
            }
        }
    }

    /// What runs when a call begins.
    var entryProgram: BPFProgram {
        get throws(BPFError) { try loaded.program(Self.entry(point.attachment)) }
    }

    /// What runs when it returns, if that is waited for.
    var exitProgram: BPFProgram? {
        get throws(BPFError) {
            guard shape.waitsForReturn, let exit = Self.exit(point.attachment) else { return nil }
            return try loaded.program(exit)
        }
    }

    /// Where the next hook on a system call is found.
    package func setFollowing(_ number: UInt32, _ next: HookProgram?) throws(BPFError) {
        let map = try loaded.map(.following)
        if let next { try map.set(number, program: try next.entryProgram) } else { try map.clear(number) }
    }

    /// Makes an image the one that the program goes by, without a gap; calls that are under way end by the old one.
    ///
    /// - Parameter generation: greater than that of any image before.
    package func publish(_ image: HookImage, generation: UInt64) throws(BPFError) {
        let next = bank ^ 1
        var memory = 0
        var groups: [Int: GroupMap] = [:]
        for table in image.tables {
            if table.kind == .groups {
                groups[table.plane] = try GroupMap(table, words: shape.words)
                if let map = groups[table.plane] {
                    try loaded.map(.groups).set(slot(table, next), map: map.reference.descriptor)
                }
            } else {
                memory += try fill(table, next)
            }
        }
        for (plane, kinds) in shape.tables.enumerated() {
            for kind in kinds where !image.tables.contains(where: { $0.plane == plane && $0.kind == kind }) {
                try loaded.map(kind.map).clear(next * UInt32(MT_PLANES_MAX) + UInt32(plane))
            }
        }
        let rows = try BPFNewMap(
            .hash,
            name: "rows",
            key: 4,
            value: MemoryLayout<mt_row>.size + shape.aboutCapacity,
            count: image.rows.count
        )
        for (index, row) in image.rows.enumerated() {
            var about = row.about
            about += repeatElement(0, count: shape.aboutCapacity - about.count)
            try rows.reference.set(key: index.bytes32, value: withUnsafeBytes(of: row.row) { Array($0) } + about)
        }
        try loaded.map(.rows).set(next, map: rows.reference.descriptor)
        var head = mt_image()
        head.bank = next
        head.generation = generation
        let now = try BPFNewMap(
            .array,
            name: "image",
            key: 4,
            value: MemoryLayout<mt_image>.size + 8 * shape.imageWords,
            count: 1
        )
        let words = image.words.withUnsafeBytes { Array($0) }
        try now.reference.set(key: 0.bytes32, value: withUnsafeBytes(of: head) { Array($0) } + words)
        // The kernel waits here until no program uses the old image any more (maybe_wait_bpf_programs), so that its bank
        // is free for the next one.
        try loaded.map(.images).set(0, map: now.reference.descriptor)
        bank = next
        self.groups = groups
        imageMemory = memory + rows.reference.memory + now.reference.memory
    }

    /// Returns how much it takes in the kernel.
    private func fill(_ table: HookImage.Table, _ bank: UInt32) throws(BPFError) -> Int {
        let map = try BPFNewMap(
            table.kind.form,
            name: table.kind.map.rawValue,
            key: table.kind.keySize,
            value: 8 * (table.kind == .substrings ? 1 + shape.words : shape.words),
            count: table.kind == .bits ? 64 : max(1, table.entries.count)
        )
        for entry in table.entries {
            try map.reference.set(key: entry.key, value: entry.rows.withUnsafeBytes { Array($0) })
        }
        try loaded.map(table.kind.map).set(slot(table, bank), map: map.reference.descriptor)
        return map.reference.memory
    }

    private func slot(_ table: HookImage.Table, _ bank: UInt32) -> UInt32 {
        bank * UInt32(MT_PLANES_MAX) + UInt32(table.plane)
    }

    /// Has a control group lead to these rows of a plane from now on; nil: to none.
    package func set(group: UInt64, plane: Int, rows: [UInt64]?) throws(BPFError) {
        try groups[plane]?.set(group, rows)
    }

    /// Bytes that it takes in the kernel, what all hooks share left out.
    package func memory() throws(BPFError) -> Int {
        var sum = imageMemory
        for program in [try entryProgram, try exitProgram].compactMap({ $0 }) { sum += program.memory }
        for map in HookSkeleton.Map.allCases where HookMaps.isOwn(map) {
            let map = try loaded.map(map)
            if map.descriptor >= 0 { sum += map.memory }
        }
        return sum
    }

    /// How many instructions the verifier looked at, by program; nil where the kernel does not tell.
    package func verifiedInstructions() throws(BPFError) -> [(name: String, count: UInt32?)] {
        var list: [(name: String, count: UInt32?)] = []
        for program in [try entryProgram, try exitProgram].compactMap({ $0 }) {
            list.append((program.name, try program.information.verifiedInstructions))
        }
        return list
    }
}

extension HookShape {
    /// Words behind the head of an image.
    var imageWords: Int { words * (2 + 2 * planes.count) }

    /// Whether processes are compared with what they had before.
    fileprivate var looksAtChanges: Bool { planes.contains { mt_source(UInt32($0.source)).isChange } }
}

extension HookPoint.Attachment {
    /// Whether it is reached by the number of a system call.
    package var isSystemCall: Bool { self == .syscallExit || self == .syscallEnter }

    /// Whether another task may take the CPU while the program runs, on kernels that do not let it elsewhere.
    fileprivate var isPreemptible: Bool { self == .fentry || self == .lsm || self == .uprobe }
}

extension HookPoint.Function {
    /// What events show of it: items, as many bytes as a program keeps of them.
    package var about: [UInt8] {
        let place = offset.map { Self.item(MT_ITEM_OFFSET, withUnsafeBytes(of: $0) { Array($0) }) } ?? []
        let text = name.utf8.prefix(Int(MT_FUNCTION_ITEM) - MemoryLayout<mt_item>.size - place.count)
        return Self.item(MT_ITEM_FUNCTION, Array(text)) + place
    }

    /// As the program has it.
    var item: [UInt8] {
        var function = mt_function()
        let items = about
        function.length = UInt32(items.count)
        withUnsafeMutableBytes(of: &function.item) { $0.copyBytes(from: items) }
        return withUnsafeBytes(of: function) { Array($0) }
    }

    /// An item and its payload, up to where the next one begins.
    private static func item(_ type: mt_item_type, _ payload: [UInt8]) -> [UInt8] {
        var item = mt_item()
        item.type = UInt16(type.rawValue)
        item.length = UInt32(payload.count)
        let padding = [UInt8](repeating: 0, count: -payload.count & 7)
        return withUnsafeBytes(of: item) { Array($0) } + payload + padding
    }
}

extension mt_source {
    fileprivate var isBinary: Bool {
        self == MT_SOURCE_BINARY || self == MT_SOURCE_PARENT_BINARY || self == MT_SOURCE_LINEAGE
    }

    fileprivate var isChange: Bool {
        (MT_SOURCE_CHANGED_EFFECTIVE.rawValue...MT_SOURCE_CHANGED_NAMESPACES.rawValue).contains(rawValue)
    }
}

extension Int {
    fileprivate var bytes32: [UInt8] { withUnsafeBytes(of: UInt32(self)) { Array($0) } }
}

extension HookSkeleton.Map {
    /// Those that a plane may have.
    fileprivate static let planes: [HookSkeleton.Map] = [
        .numbers, .groups, .ranges, .bits, .affixes, .substrings, .addresses_4, .addresses_6, .texts_24, .texts_56,
        .texts_120,
        .texts_248,
        .texts_504, .texts_1016, .texts_4096,
    ]
}

extension HookImage.Table.Kind {
    fileprivate var map: HookSkeleton.Map {
        switch self {
        case .numbers: .numbers
        case .groups: .groups
        case .ranges: .ranges
        case .affixes: .affixes
        case .bits: .bits
        case .substrings: .substrings
        case .addresses4: .addresses_4
        case .addresses6: .addresses_6
        case .texts(let size):
            [.texts_24, .texts_56, .texts_120, .texts_248, .texts_504, .texts_1016, .texts_4096][size]
        }
    }

    fileprivate var form: BPFNewMap.Kind {
        switch self {
        case .numbers, .texts, .substrings: .hash
        case .groups: .lazyHash
        case .bits: .array
        case .ranges, .affixes, .addresses4, .addresses6: .longestPrefix
        }
    }
}
