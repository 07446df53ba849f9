import BPF
import Foundation
import Testing

/// Objects are embedded as base64 and come out as they went in.
@Suite struct Base64Tests {
    private func decode(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { Base64.decode($0) }
    }

    @Test(arguments: 0..<70) func bytesOfAnyLengthComeBack(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 250) }
        #expect(decode(Data(bytes).base64EncodedString()) == bytes)
    }

    @Test func everyByteComesBack() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(decode(Data(bytes).base64EncodedString()) == bytes)
    }

    @Test func aLiteralComesBack() {
        #expect(Base64.decode("f0VMRg==" as StaticString) == [0x7f, 0x45, 0x4c, 0x46])
        #expect(Base64.decode("" as StaticString) == [])
    }

    @Test func whatIsNotBase64EndsTheText() {
        #expect(decode("TWFu\nTWFu") == Array("Man".utf8))
        #expect(decode("!TWFu") == [])
        #expect(decode("ü") == [])
    }
}
