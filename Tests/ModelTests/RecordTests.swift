import CWire
import Fixtures
import Model
import Testing

@Suite struct RecordTests {
    private let who = Who(7, start: 70)

    private func error(_ bytes: [UInt8]) -> RecordError? {
        bytes.withUnsafeBytes { bytes in
            do throws(RecordError) {
                _ = try Record(bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    /// The same bytes, as long as they say they are.
    private func relabelled(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var bytes = Array(bytes)
        let count = UInt32(bytes.count)
        withUnsafeBytes(of: count) { bytes.replaceSubrange(0..<4, with: $0) }
        return bytes
    }

    @Test(arguments: Records.ofEachKind()) func aGoodRecordOfAnyKindIsTaken(bytes: [UInt8]) {
        #expect(error(bytes) == nil)
    }

    @Test func theFixturesHoldEachKind() {
        let kinds = Records.ofEachKind().map { bytes in bytes.withUnsafeBytes { Record(checked: $0).kind } }
        #expect(Set(kinds) == Set(EventKind.allCases))
    }

    @Test(arguments: Records.ofEachKind()) func aRecordShorterThanItsFixedPartIsShort(bytes: [UInt8]) {
        let kind = bytes.withUnsafeBytes { Record(checked: $0).kind }
        let size = Record.bodySize(kind)
        for count in [size - 1, MemoryLayout<mt_header>.size] where count < size {
            #expect(error(relabelled(bytes.prefix(count))) == .short)
        }
    }

    @Test(arguments: [0, 1, 3, MemoryLayout<mt_header>.size - 1]) func lessThanAHeaderIsShort(count: Int) {
        #expect(error(Array(Records.fork(who, of: who, at: 1).prefix(count))) == .short)
    }

    @Test(arguments: Records.ofEachKind()) func aLengthOtherThanThatOfTheBytesIsAnError(bytes: [UInt8]) {
        #expect(error(bytes + [0]) == .length)
        #expect(error(bytes.dropLast()) == .length || bytes.count == MemoryLayout<mt_header>.size)
    }

    @Test(arguments: [0, 999, UInt16.max]) func anUnknownKindIsAnErrorThatNamesIt(kind: UInt16) {
        var bytes = Records.exit(who, at: 1)
        withUnsafeBytes(of: kind) { bytes.replaceSubrange(4..<6, with: $0) }
        #expect(error(bytes) == .kind(kind))
    }

    @Test func aStringThatEndsBehindTheRecordIsAnError() {
        let good = Records.open(who, at: 1)
        let record = Records.open(who, at: 1) { $0.body.name.length += UInt32(good.count) }
        #expect(error(record) == .string)
    }

    @Test func aStringThatBeginsInTheFixedPartIsAnError() {
        #expect(error(Records.open(who, at: 1) { $0.body.name.offset = 8 }) == .string)
    }

    @Test func theLargestOffsetAndLengthDoNotWrapAround() {
        #expect(error(Records.open(who, at: 1) { $0.body.path.text = mt_str(offset: .max, length: .max) }) == .string)
    }

    @Test(arguments: 0..<8) func eachStringOfAProcessIsChecked(position: Int) {
        let record = Records.exec(who, of: who, at: 1) { record in
            let outside = mt_str(offset: 100_000, length: 1)
            switch position {
            case 0: record.body.binary.text = outside
            case 1: record.body.cwd.text = outside
            case 2: record.body.filename = outside
            case 3: record.body.interpreter = outside
            case 4: record.body.args = outside
            case 5: record.body.env = outside
            case 6: record.body.cgroup = outside
            default: record.body.tty = outside
            }
        }
        #expect(error(record) == .string)
    }

    @Test func anEmptyStringAtTheVeryEndIsInside() {
        #expect(error(Records.open(who, at: 1) { $0.body.name = $0.text("") }) == nil)
    }

    @Test func aStringThatWasNotCapturedIsNil() throws {
        let bytes = Records.open(who, at: 1, path: nil)
        try bytes.withUnsafeBytes { bytes in
            let record = try Record(bytes)
            #expect(record.string(record.open.pointee.path.text) == nil)
            #expect(record.string(record.open.pointee.name).map(Array.init) == Array("motd".utf8))
        }
    }

    @Test func aNameEndsAtItsTerminatorOrItsSixteenthByte() throws {
        for name in ["", "sh", "fifteen_bytes_!"] {
            let bytes = Records.fork(who, of: who, at: 1, comm: name)
            try bytes.withUnsafeBytes { bytes in
                let record = try Record(bytes)
                let field = record.name(MemoryLayout<mt_fork>.offset(of: \.comm) ?? 0)
                #expect(Array(field) == Array(name.utf8))
            }
        }
    }
}
