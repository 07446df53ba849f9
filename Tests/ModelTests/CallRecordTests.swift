import CWire
import Fixtures
import Model
import Testing

/// Records of calls are checked whole when they are taken in.
@Suite struct CallRecordTests {
    private let who = Who(7, start: 70)

    private func refusal(_ record: [UInt8]) -> RecordError? {
        record.withUnsafeBytes { bytes -> RecordError? in
            do throws(RecordError) {
                _ = try Record(bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func wholeItemsAreTaken() {
        for record in Records.callsOfEachKind(who, at: 1) { #expect(refusal(record) == nil) }
        #expect(refusal(Records.call(who, at: 1)) == nil)
    }

    @Test(arguments: [
        MT_VALUE_INT, MT_VALUE_UINT, MT_VALUE_LONG, MT_VALUE_SIZE, MT_VALUE_CAPABILITY, MT_VALUE_CAPABILITIES,
        MT_VALUE_INHERITABLE, MT_VALUE_PERMITTED, MT_VALUE_EFFECTIVE, MT_VALUE_BPF_COMMAND, MT_VALUE_SYSCALL,
        MT_VALUE_FILE, MT_VALUE_PATH, MT_VALUE_BINPRM, MT_VALUE_SOCK, MT_VALUE_SKB, MT_VALUE_SOCKADDR,
        MT_VALUE_CREDENTIALS, MT_VALUE_USER_NAMESPACE, MT_VALUE_BPF_ATTR, MT_VALUE_BPF_PROG, MT_VALUE_BPF_MAP,
        MT_VALUE_PERF_EVENT, MT_VALUE_MODULE,
    ]) func aValueThatIsTooShortForItsTypeIsRefused(type: mt_item_type) {
        #expect(refusal(Records.call(who, at: 1) { $0.add(type, [1, 2, 3]) }) == .items)
        // There is nothing of what could not be read.
        #expect(refusal(Records.call(who, at: 1) { $0.add(type, marks: MT_VALUE_UNREADABLE) }) == nil)
    }

    @Test func anItemThatReachesBeyondItsPartIsRefused() {
        let record = Records.call(who, at: 1) { $0.add(MT_VALUE_TEXT, "12345678") }
        let length = MemoryLayout<mt_call>.size + (MemoryLayout<mt_item>.offset(of: \.length) ?? 0)
        for value: UInt8 in [9, 200, 255] {
            var record = record
            record[length] = value
            #expect(refusal(record) == .items)
            record[length + 3] = 0xff
            #expect(refusal(record) == .items)
        }
    }

    @Test func halfAHeaderIsRefused() {
        var record = Records.call(who, at: 1) { $0.add(MT_VALUE_TEXT, "12345678") }
        let values = MemoryLayout<mt_call>.offset(of: \.values.length) ?? 0
        record[values] -= 17
        #expect(refusal(record) == .items)
    }

    @Test func theLastItemMayLackItsPadding() {
        var record = Records.call(who, at: 1) { $0.add(MT_VALUE_TEXT, "123") }
        let values = MemoryLayout<mt_call>.offset(of: \.values.length) ?? 0
        record[values] -= 5
        #expect(refusal(record) == nil)
    }

    @Test func moreValuesThanThereAreSlotsAreRefused() {
        func record(_ count: Int32) -> [UInt8] {
            Records.call(who, at: 1) {
                for slot in 0..<count { $0.values.add(MT_VALUE_INT, slot: UInt16(slot), body: UInt64(slot)) }
            }
        }
        #expect(refusal(record(MT_SLOTS_MAX)) == nil)
        #expect(refusal(record(MT_SLOTS_MAX + 1)) == .items)
    }

    @Test func namesStopAtTheirEndWhateverIsInThem() {
        var object = mt_bpf_object()
        withUnsafeMutableBytes(of: &object.name) { $0.copyBytes(from: [UInt8](repeating: 0x41, count: 16)) }
        let bytes = Records.call(who, at: 1) { $0.add(MT_VALUE_BPF_MAP, body: object) }
        bytes.withUnsafeBytes { bytes in
            guard let record = try? Record(bytes), let first = Call(record).shown(.argument).first(where: { _ in true })
            else {
                Issue.record("refused")
                return
            }
            guard case .bpfMap(_, let name) = first.value else {
                Issue.record("\(first.value)")
                return
            }
            #expect(name.count == 16)
        }
    }
}
