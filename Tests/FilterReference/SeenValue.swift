import Filters

/// What a call shows of one source.
package enum SeenValue: Sendable {
    /// As 64 bits, sign-extended.
    case number(UInt64)
    case text([UInt8])
    /// 4 or 16 bytes in network order.
    case address([UInt8])
    /// Of a process and its ancestors: one must fit.
    case numbers([UInt64])
    case texts([[UInt8]])
}
