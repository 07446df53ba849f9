import CWire
import Fixtures
import Foundation
import Model
import Testing

/// Calls that policies ask for, as events: Tetragon's names in Tetragon's places.
@Suite struct CallTests {
    private func event(_ kind: EventKind) throws -> JSON {
        let records = Records.callsOfEachKind(Texts.who, at: 1)
        let lines = try Pipeline().json(records)
        return try #require(lines.first { !$0["\(kind.jsonName)"].isAbsent })["\(kind.jsonName)"]
    }

    private static let common: Set<String> = [
        "process", "policy_name", "message", "args", "action", "tags", "data", "selector", "duration_ns",
    ]

    @Test(arguments: [
        (EventKind.kprobe, ["function_name", "return", "return_action"]), (.tracepoint, ["subsys", "event"]),
        (.uprobe, ["path", "symbol", "offset"]), (.usdt, ["path", "provider", "name"]), (.lsm, ["function_name"]),
    ]) func eachKindHasTheKeysOfItsOwn(kind: EventKind, own: [String]) throws {
        let event = try event(kind)
        #expect(event.keys == Self.common.union(own))
        #expect(event.policy_name.text == "audit")
        #expect(event.message.text == "a message")
        #expect(event.tags.texts == ["one", "two"])
        #expect(event.action.text == "KPROBE_ACTION_POST")
        #expect(event.selector.index.number == 1 && event.selector.label.text == "reads")
        #expect(event.duration_ns.text == "1234")
        #expect(event.data.list.map(\.keys) == [["error_arg"]])
    }

    @Test func aMappedFileIsToldWithItsBuildID() throws {
        let event = try event(.loader)
        #expect(event.keys == ["process", "path", "buildid", "policy_name"])
        #expect(event.path.text == "/etc/passwd" && event.buildid.text == "sQ0d")
    }

    @Test func aFunctionsReturnStandsByItself() throws {
        let event = try event(.kprobe)
        #expect(event.function_name.text == "security_file_permission")
        #expect(event["return"].int_arg.number == -13)
        #expect(event.return_action.text == "KPROBE_ACTION_POST")
        #expect(event.args.list.count == 6)
    }

    /// What Tetragon has no field for does not get lost.
    @Test(arguments: [EventKind.tracepoint, .uprobe, .usdt, .lsm]) func elsewhereItIsTheLastArgument(
        kind: EventKind
    ) throws {
        let arguments = try event(kind).args.list
        #expect(arguments.count == 7)
        #expect(arguments.last?.int_arg.number == -13)
    }

    @Test(arguments: [EventKind.kprobe, .tracepoint, .uprobe, .usdt, .lsm]) func aLabelStandsBesideItsValue(
        kind: EventKind
    ) throws {
        let arguments = try event(kind).args.list
        #expect(arguments.first?.label.text == "file")
        #expect(arguments.dropFirst().allSatisfy { $0.label.isAbsent })
    }

    @Test func placesAreTold() throws {
        #expect(try event(.tracepoint).subsys.text == "group")
        #expect(try event(.tracepoint).event.text == "security_file_permission")
        #expect(try event(.uprobe).path.text == "/usr/bin/true")
        #expect(try event(.uprobe).symbol.text == "security_file_permission")
        #expect(try event(.uprobe).offset.text == "4711")
        #expect(try event(.usdt).provider.text == "group")
    }

    @Test func aReturnThatWasNotSeenIsLeftOutAndMarked() throws {
        for kind in [EventKind.kprobe, .uprobe] {
            let record = Records.call(Texts.who, at: 1, kind: kind) {
                $0.values.add(MT_VALUE_INT, slot: 0, body: UInt64(1))
                $0.about.show(0)
                $0.about.show(1, MT_ROLE_RETURN)
                $0.body.marks = UInt32(MT_CALL_NO_RETURN)
            }
            let event = try #require(try Pipeline().json([record]).first)["\(kind.jsonName)"]
            #expect(event["return"].isAbsent)
            #expect(event.args.list.count == 1)
            #expect(event.marks.texts == ["no_return"])
        }
    }

    @Test func aValueThatIsMissingKeepsItsPlace() throws {
        let record = Records.call(Texts.who, at: 1) {
            $0.values.add(MT_VALUE_INT, slot: 2, body: UInt64(22))
            $0.values.add(MT_VALUE_INT, slot: 0, body: UInt64(20))
            for slot in 0..<3 { $0.about.show(UInt16(slot)) }
            $0.body.marks = UInt32(MT_CALL_VALUES_TRUNCATED | MT_CALL_COMPAT)
        }
        let event = try #require(try Pipeline().json([record]).first).process_kprobe
        #expect(event.args.list.map(\.keys) == [["int_arg"], ["error_arg"], ["int_arg"]])
        #expect(event.args.list.last?.int_arg.number == 22)
        #expect(event.marks.texts == ["values_truncated", "compat"])
    }

    @Test func onlyWhatThePolicyShowsIsShownInItsOrder() throws {
        let record = Records.call(Texts.who, at: 1) { parts in
            for slot in 0..<32 { parts.values.add(MT_VALUE_UINT, slot: UInt16(slot), body: UInt64(slot)) }
            for slot in stride(from: 31, through: 1, by: -1) { parts.about.show(UInt16(slot)) }
        }
        let event = try #require(try Pipeline().json([record]).first).process_kprobe
        #expect(event.args.list.map(\.uint_arg.number) == (1...31).reversed().map(Int64.init))
    }

    @Test func aCallThatSaysNothingHasNoEmptyFields() throws {
        let record = Records.call(Texts.who, at: 1) { $0.body.actions = 0 }
        let event = try #require(try Pipeline().json([record]).first).process_kprobe
        #expect(event.keys == ["process", "function_name", "policy_name", "return_action"])
    }

    @Test func textThatIsNoUTF8IsNamedByItsField() throws {
        let record = Records.call(Texts.who, at: 1) {
            $0.values.add(MT_VALUE_TEXT, [0x2f, 0xff])
            $0.about.show(0)
            $0.about.add(MT_ITEM_TAG, [0xfe])
        }
        let event = try #require(try Pipeline().json([record]).first).process_kprobe
        #expect(event.args.list.first?.string_arg.text == #"/\xff"#)
        #expect(event.tags.texts == [#"\xfe"#])
        #expect(event.escaped.texts == ["args", "tags"])
    }
}
