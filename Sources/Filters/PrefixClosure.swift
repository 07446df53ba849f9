import Probes

extension BitPrefix {
    /// Whether all that begins like this begins like the other one as well.
    func begins(with other: BitPrefix) -> Bool {
        guard other.bits <= bits else { return false }
        let whole = other.bits / 8
        guard bytes.prefix(whole).elementsEqual(other.bytes.prefix(whole)) else { return false }
        let rest = other.bits % 8
        return rest == 0 || (bytes[whole] ^ other.bytes[whole]) >> UInt8(8 - rest) == 0
    }
}

extension Dictionary where Key == BitPrefix {
    /// The kernel finds the longest prefix alone: so each one gets the values of those that it begins with, too.
    func closed(_ add: (inout Value, Value) -> Void) -> [(key: BitPrefix, value: Value)] {
        let sorted = self.sorted { left, right in
            left.key.bytes == right.key.bytes
                ? left.key.bits < right.key.bits : left.key.bytes.lexicographicallyPrecedes(right.key.bytes)
        }
        var above: [(key: BitPrefix, value: Value)] = []
        return sorted.map { key, own in
            while let last = above.last, !key.begins(with: last.key) { above.removeLast() }
            var value = own
            if let last = above.last { add(&value, last.value) }
            above.append((key, value))
            return (key: key, value: value)
        }
    }
}
