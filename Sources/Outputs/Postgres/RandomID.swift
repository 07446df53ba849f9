import Formats

/// Random UUIDs (version 4).
enum RandomID {
    static func write(to buffer: inout TextBuffer) {
        // Of the bits that are not random, four tell the version, two the variant.
        let high = UInt64.random(in: 0 ... .max) & ~0xf000 | 0x4000
        let low = UInt64.random(in: 0 ... .max) & ~(3 << 62) | 1 << 63
        for (word, hyphens) in [(high, [8, 12]), (low, [0, 4])] {
            for digit in 0..<16 {
                if hyphens.contains(digit) { buffer.append(UInt8(ascii: "-")) }
                buffer.append(word >> UInt64(60 - 4 * digit) & 15, base: 16)
            }
        }
    }
}
