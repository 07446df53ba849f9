import Model
import Testing

@Suite struct FieldRegistryTests {
    private var lists: [[Field]] { [Fields.process] + EventKind.allCases.map(Fields.event) }

    @Test func noObjectHasAFieldTwice() {
        for fields in lists { #expect(Set(fields.map(\.name)).count == fields.count) }
    }

    @Test func noFieldIsAlsoAnObject() {
        for fields in lists {
            let names = Set(fields.map(\.name))
            let objects = fields.compactMap { field in field.name.lastIndex(of: ".").map { String(field.name[..<$0]) } }
            #expect(names.isDisjoint(with: objects))
        }
    }

    @Test func theFieldsOfAnObjectStandTogether() {
        for fields in lists {
            let heads = fields.map { $0.name.split(separator: ".")[0] }
            var seen: Set<Substring> = []
            for (index, head) in heads.enumerated() where index == 0 || heads[index - 1] != head {
                #expect(seen.insert(head).inserted, "\(head) is opened twice")
            }
        }
    }

    @Test func everyFieldSaysWhatItIsAndWhereItsBytesWereRead() {
        for field in lists.joined() {
            #expect(field.summary.hasSuffix("."), "\(field.name)")
            #expect(!field.type.isEmpty && !field.origin.isEmpty, "\(field.name)")
        }
    }

    @Test func noEventFieldHasTheNameOfWhatStandsBesideIt() {
        let taken: Set = ["process", "parent", "late", "escaped"]
        for kind in EventKind.allCases { #expect(taken.isDisjoint(with: Fields.event(kind).map(\.name))) }
    }

    @Test func aReaderOfAFieldThatTheKindLacksIsAlwaysAbsent() {
        let read = Fields.reader("flags", of: .exit)
        let batch = [UInt8](repeating: 0, count: 1024)
        batch.withUnsafeBytes { bytes in
            guard case .absent = read(Record(checked: bytes)) else {
                Issue.record("a value of nothing")
                return
            }
        }
    }
}
