/// SHA-1 and SHA-2 (FIPS 180-4) of bytes that come piece by piece; a package would bring all of BoringSSL for it.
struct SecureHash {
    private enum Form {
        case sha1, words32, words64
    }

    private let form: Form
    /// Bytes of the state that are told.
    private let size: Int
    private var state: [UInt64]
    /// Bytes so far.
    private var count = 0
    /// Those that are no whole block yet.
    private var rest: [UInt8] = []
    private var schedule = [UInt64](repeating: 0, count: 80)

    /// `sha1`, `sha256`, `sha384` or `sha512`; nil for another one.
    init?(_ algorithm: String) {
        let roots = Self.squareRoots
        switch algorithm {
        case "sha1":
            (form, size) = (.sha1, 20)
            state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        case "sha256": (form, size, state) = (.words32, 32, roots.prefix(8).map { $0 >> 32 })
        case "sha384": (form, size, state) = (.words64, 48, Array(roots.suffix(8)))
        case "sha512": (form, size, state) = (.words64, 64, Array(roots.prefix(8)))
        default: return nil
        }
    }

    private var block: Int { form == .words64 ? 128 : 64 }

    mutating func add(_ bytes: [UInt8]) {
        count += bytes.count
        let bytes = rest.isEmpty ? bytes : rest + bytes
        var at = 0
        while bytes.count - at >= block {
            step(bytes, at)
            at += block
        }
        rest = Array(bytes[at...])
    }

    /// The digest of all that was added, in small hexadecimal digits.
    mutating func finish() -> String {
        let bits = UInt64(count) * 8
        let length = block / 8
        var end: [UInt8] = [0x80]
        end += repeatElement(0, count: (2 * block - length - 1 - count % block) % block)
        // Of the length no file fills more than the last eight bytes.
        end += repeatElement(0, count: length - 8)
        end += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
        add(end)
        let width = form == .words64 ? 8 : 4
        let bytes = state.flatMap { word in
            (0..<width).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * (width - 1 - $0))) }
        }
        return bytes.prefix(size).hexadecimal
    }

    private mutating func step(_ bytes: [UInt8], _ at: Int) {
        let width = form == .words64 ? 8 : 4
        for index in 0..<16 {
            var word: UInt64 = 0
            for byte in 0..<width { word = word << 8 | UInt64(bytes[at + index * width + byte]) }
            schedule[index] = word
        }
        switch form {
        case .sha1: stepOfSHA1()
        case .words32: stepOfSHA2(UInt32.self, rounds: 64, (7, 18, 3), (17, 19, 10), (6, 11, 25), (2, 13, 22))
        case .words64: stepOfSHA2(UInt64.self, rounds: 80, (1, 8, 7), (19, 61, 6), (14, 18, 41), (28, 34, 39))
        }
    }

    private mutating func stepOfSHA1() {
        var words = schedule.map { UInt32(truncatingIfNeeded: $0) }
        for index in 16..<80 {
            words[index] = (words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]).rotated(
                left: 1
            )
        }
        let old = state.map { UInt32(truncatingIfNeeded: $0) }
        var (a, b, c, d, e) = (old[0], old[1], old[2], old[3], old[4])
        for index in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch index / 20 {
                case 0: (b & c | ~b & d, 0x5a82_7999)
                case 1: (b ^ c ^ d, 0x6ed9_eba1)
                case 2: (b & c | b & d | c & d, 0x8f1b_bcdc)
                default: (b ^ c ^ d, 0xca62_c1d6)
                }
            let next = a.rotated(left: 5) &+ mixed &+ e &+ constant &+ words[index]
            (a, b, c, d, e) = (next, a, b.rotated(left: 30), c, d)
        }
        for (index, word) in [a, b, c, d, e].enumerated() { state[index] = UInt64(old[index] &+ word) }
    }

    /// The two functions of the schedule end in a shift, the two of the rounds in a third rotation.
    private mutating func stepOfSHA2<Word: FixedWidthInteger & UnsignedInteger>(
        _: Word.Type,
        rounds: Int,
        _ first: (Int, Int, Int),
        _ second: (Int, Int, Int),
        _ third: (Int, Int, Int),
        _ fourth: (Int, Int, Int)
    ) {
        var words = schedule.map { Word(truncatingIfNeeded: $0) }
        for index in 16..<rounds {
            let (early, late) = (words[index - 15], words[index - 2])
            let one = early.rotated(right: first.0) ^ early.rotated(right: first.1) ^ early >> Word(first.2)
            let two = late.rotated(right: second.0) ^ late.rotated(right: second.1) ^ late >> Word(second.2)
            words[index] = words[index - 16] &+ one &+ words[index - 7] &+ two
        }
        let old = state.map { Word(truncatingIfNeeded: $0) }
        var (a, b, c, d, e, f, g, h) = (old[0], old[1], old[2], old[3], old[4], old[5], old[6], old[7])
        for index in 0..<rounds {
            let constant = Word(truncatingIfNeeded: Self.roundConstants[index] >> UInt64(64 - Word.bitWidth))
            let one = e.rotated(right: third.0) ^ e.rotated(right: third.1) ^ e.rotated(right: third.2)
            let two = a.rotated(right: fourth.0) ^ a.rotated(right: fourth.1) ^ a.rotated(right: fourth.2)
            let added = h &+ one &+ (e & f ^ ~e & g) &+ constant &+ words[index]
            (h, g, f, e) = (g, f, e, d &+ added)
            (d, c, b, a) = (c, b, a, added &+ two &+ (a & b ^ a & c ^ b & c))
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] = UInt64(old[index] &+ word) }
    }
}

extension Collection<UInt8> {
    /// In small hexadecimal digits, two for each byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension FixedWidthInteger {
    @inline(__always)
    fileprivate func rotated(right count: Int) -> Self { self &>> Self(count) | self &<< Self(Self.bitWidth - count) }

    @inline(__always)
    fileprivate func rotated(left count: Int) -> Self { rotated(right: Self.bitWidth - count) }
}
