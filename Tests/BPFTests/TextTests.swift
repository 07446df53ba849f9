import BPF
import Testing

@Suite struct TextTests {
    @Test func `Text ends at the first NUL, and never fills its last byte`() {
        #expect(BPFText<16>("bash").description == "bash")
        #expect(BPFText<4>("bash").description == "bas")
        #expect(BPFText<4>().description == "")
        #expect(MemoryLayout<BPFText<16>>.size == 16)
    }

    @Test func `Equal texts are equal keys`() {
        #expect(BPFText<16>("true") == BPFText<16>("true"))
        #expect(BPFText<16>("true") != BPFText<16>("tru"))
        #expect(Set([BPFText<8>("a"), BPFText<8>("b"), BPFText<8>("a")]).count == 2)
        var other = BPFText<8>("a")
        other.bytes[7] = 1
        #expect(other.description == "a")
        #expect(other != BPFText<8>("a"))
    }

    @Test func `Bytes that are not UTF-8 are replaced`() {
        var text = BPFText<4>("ab")
        text.bytes[1] = 0xff
        #expect(text.description == "a\u{FFFD}")
    }
}
