import CWire

/// What a hook's program is made from, and all of its programs that share a design: see `struct mt_shape`.
package struct HookShape: Sendable {
    /// The agent's number of the hook.
    package var hook: UInt32 = 0
    /// Of its records.
    package var kind: UInt32 = 0
    /// Of 64 rows each.
    package var words = 1
    /// Which arguments of the function are read, a bit each.
    package var arguments: UInt32 = 0
    /// Whether a call is told when it returns.
    package var waitsForReturn = false
    /// Whether that is so for some rows and not for others.
    package var isMixed = false
    /// Whether any row tells only so many events in a time.
    package var limitsRates = false
    /// Bytes of items behind each row, a multiple of 8.
    package var aboutCapacity = 8
    /// How many arguments the function has, behind which fexit has what it returned.
    package var returned = 0
    package var steps: [UInt8] = []
    package var returnSteps: [UInt8] = []
    package var planes: [mt_plane] = []
    package var readings: [mt_reading] = []
    /// Of all expressions, one behind another, each with its end.
    package var operations: [mt_operation] = []
    /// The maps that there are, by plane.
    package var tables: [Set<HookImage.Table.Kind>] = []

    package init() {}

    /// Its bytes.
    package var bytes: [UInt8] {
        var shape = mt_shape()
        shape.hook = hook
        shape.kind = kind
        shape.words = UInt32(words)
        shape.arguments = arguments
        shape.flags = (waitsForReturn ? UInt32(MT_SHAPE_RETURNS) : 0)
        shape.flags |= (isMixed ? UInt32(MT_SHAPE_MIXED) : 0) | (limitsRates ? UInt32(MT_SHAPE_RATES) : 0)
        shape.about_capacity = UInt32(aboutCapacity)
        shape.returned = UInt32(returned)
        withUnsafeMutableBytes(of: &shape.steps) { $0.copyBytes(from: steps) }
        withUnsafeMutableBytes(of: &shape.return_steps) { $0.copyBytes(from: returnSteps) }
        withUnsafeMutableBytes(of: &shape.planes) { area in planes.withUnsafeBytes { area.copyMemory(from: $0) } }
        withUnsafeMutableBytes(of: &shape.readings) { area in readings.withUnsafeBytes { area.copyMemory(from: $0) } }
        withUnsafeMutableBytes(of: &shape.operations) { area in
            operations.withUnsafeBytes { area.copyMemory(from: $0) }
        }
        return withUnsafeBytes(of: &shape) { Array($0) }
    }
}

extension HookShape: Equatable {
    package static func == (left: HookShape, right: HookShape) -> Bool {
        left.bytes == right.bytes && left.tables == right.tables
    }
}
