import Glibc

/// Bytes that grow: what formats write into and sinks write out. Used again and again, it stops allocating.
package struct TextBuffer: ~Copyable {
    private var area: UnsafeMutableRawBufferPointer
    package private(set) var count = 0

    package init(capacity: Int = 64 << 10) {
        area = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { area.deallocate() }

    /// What was written; valid until the next change.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(area)[..<count])
    }

    package mutating func clear() { count = 0 }

    /// Takes back what was written behind `count`.
    package mutating func truncate(to count: Int) { self.count = min(count, self.count) }

    /// Makes room for `extra` more bytes.
    @inline(__always)
    package mutating func reserve(_ extra: Int) {
        if count + extra > area.count { grow(extra) }
    }

    private mutating func grow(_ extra: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * area.count, count + extra),
            alignment: 16
        )
        larger.copyMemory(from: bytes)
        area.deallocate()
        area = larger
    }

    /// The end of what was written. Room must have been reserved.
    @inline(__always)
    private var end: UnsafeMutablePointer<UInt8> {
        (area.baseAddress.unsafelyUnwrapped + count).assumingMemoryBound(to: UInt8.self)
    }

    /// The last byte that was written; 0 when nothing was.
    @inline(__always)
    package var last: UInt8 { count == 0 ? 0 : end[-1] }

    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        end.pointee = byte
        count += 1
    }

    @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        memcpy(end, from, bytes.count)
        count += bytes.count
    }

    @inline(__always)
    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Puts a value's own bytes over those that stand at `position`, all of which must be there.
    package mutating func replace(at position: Int, with value: some BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes in
            precondition(position >= 0 && position + bytes.count <= count)
            UnsafeMutableRawBufferPointer(rebasing: area[position..<position + bytes.count]).copyMemory(from: bytes)
        }
    }

    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// As its bytes, the most significant one first; as many as its width has.
    package mutating func append(bigEndian number: UInt64, width: Int = 8) {
        reserve(width)
        for index in 0..<width {
            end[index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * (width - 1 - index)))
        }
        count += width
    }

    /// Writes a number over what stands at `position`, the most significant byte first.
    package mutating func replace(at position: Int, bigEndian number: UInt32) {
        precondition(position + 4 <= count)
        area.storeBytes(of: number.bigEndian, toByteOffset: position, as: UInt32.self)
    }

    /// In decimal.
    package mutating func append(_ number: UInt64) {
        reserve(20)
        if number < 10 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number))
        } else {
            append(number, digits: Self.digits(number))
        }
    }

    package mutating func append(_ number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(number.magnitude)
    }

    /// In decimal with leading zeros; two digits a step.
    package mutating func append(_ number: UInt64, digits: Int) {
        reserve(digits)
        let end = end
        var rest = number
        var position = digits
        while position >= 2 {
            position -= 2
            let pair = Int(truncatingIfNeeded: rest % 100)
            rest /= 100
            end[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair / 10)
            end[position + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair % 10)
        }
        if position == 1 { end[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10) }
        count += digits
    }

    private static func digits(_ number: UInt64) -> Int {
        var digits = 1
        var limit: UInt64 = 10
        while number >= limit {
            digits += 1
            let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
            if overflow { break }
            limit = next
        }
        return digits
    }

    /// In another base, without leading zeros.
    package mutating func append(_ number: UInt64, base: UInt64) {
        var digits = 1
        var rest = number
        while rest >= base {
            rest /= base
            digits += 1
        }
        reserve(digits)
        rest = number
        for position in stride(from: count + digits - 1, through: count, by: -1) {
            let digit = UInt8(truncatingIfNeeded: rest % base)
            area[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            rest /= base
        }
        count += digits
    }
}
