import CWire

extension Reading {
    /// As the kernel program has it.
    var wire: mt_reading {
        var wire = mt_reading()
        switch origin {
        case .argument(let index):
            wire.origin = UInt8(MT_ORIGIN_ARGUMENT.rawValue)
            wire.index = UInt8(index)
        case .context: wire.origin = UInt8(MT_ORIGIN_CONTEXT.rawValue)
        case .task: wire.origin = UInt8(MT_ORIGIN_TASK.rawValue)
        case .returned: wire.origin = UInt8(MT_ORIGIN_RETURN.rawValue)
        case .constant(let value):
            wire.origin = UInt8(MT_ORIGIN_CONSTANT.rawValue)
            wire.constant = value
        case .register(let sum):
            wire.origin = UInt8(MT_ORIGIN_REGISTER.rawValue)
            wire.base = UInt16(sum.offset)
            wire.scaled = sum.index.map { UInt8($0 / 8 + 1) } ?? 0
            wire.shift = UInt8(sum.shift)
            wire.constant = UInt64(bitPattern: sum.displacement)
        }
        wire.read = UInt8(read.rawValue)
        wire.width = UInt8(width)
        wire.value = UInt8(value.rawValue)
        if isSigned { wire.flags |= UInt8(MT_READING_SIGNED) }
        if isUser { wire.flags |= UInt8(MT_READING_USER) }
        if isAtReturn { wire.flags |= UInt8(MT_READING_AT_RETURN) }
        wire.way_length = UInt8(way.count)
        if let size {
            wire.size_index = UInt8(origin.hasSizesInContext ? Int(MT_SIZE_IN_CONTEXT) : size.argument + 1)
            wire.size_offset = UInt32(origin.hasSizesInContext ? size.argument : 0)
        }
        wire.size_width = UInt32(size?.width ?? 0)
        wire.capacity = UInt32(capacity)
        withUnsafeMutableBytes(of: &wire.way) { area in
            let steps = area.bindMemory(to: mt_way_step.self)
            for (index, step) in way.enumerated() {
                steps[index] = mt_way_step(offset: UInt32(step.offset), is_load: step.isLoad ? 1 : 0)
            }
        }
        return wire
    }

    /// The function's arguments that it needs, a bit each.
    var arguments: UInt32 {
        var bits: UInt32 = 0
        if case .argument(let index) = origin { bits |= 1 << UInt32(index) }
        if let size, !origin.hasSizesInContext { bits |= 1 << UInt32(size.argument) }
        return bits
    }

    /// How much work it is, roughly: what is cheap comes first.
    var cost: Int {
        switch read {
        case MT_READ_FD, MT_READ_FILE, MT_READ_PATH, MT_READ_DENTRY, MT_READ_KIOCB, MT_READ_BINPRM: 20
        case MT_READ_NUMBER, MT_READ_SYSCALL, MT_READ_CAPABILITY_SET: 1
        case MT_READ_BUFFER, MT_READ_IOVEC, MT_READ_IOV_ITER: 5
        default: 3
        }
    }
}
