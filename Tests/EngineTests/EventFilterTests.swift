import CWire
import Engine
import Fixtures
import Model
import Testing
import UserInput

/// Which events pass: each kind of condition must be met, by any of its values.
@Suite struct EventFilterTests {
    private static let shell = Who(40, start: 4000)
    private static let cat = Who(41, start: 5000)

    /// The names of the events that pass, with the process of each.
    private func passing(_ records: [[UInt8]] = Self.records, _ change: (inout EventFilter) -> Void) -> [String] {
        var filter = EventFilter()
        change(&filter)
        let batch = Pipeline().batch(records)
        _ = batch.filter { filter.passes($0, $1) }
        return batch.events.map { event in "\(event.kind.name) \(batch.record(event).header.tgid)" }
    }

    private static let records: [[UInt8]] = [
        Records.snapshot(shell, of: Who(1, start: 0), at: 4100, binary: "/usr/bin/bash"),
        Records.fork(cat, of: shell, at: 5000),
        Records.execFailed(cat, at: 5050, filename: "/opt/bin/cat"),
        Records.exec(cat, of: shell, at: 5100, binary: "/usr/bin/cat"),
        Records.open(cat, at: 5200) { $0.header.uid = 0 },
        Records.open(shell, at: 5300, name: "/tmp/x", path: nil),
        Records.exit(cat, at: 5400),
        Records.loss(kind: 5, reason: 0, count: 1, at: 5500),
        Records.heartbeat(lane: 0, number: 1, at: 5600),
    ]

    @Test func withoutConditionsAllPassThatUsersSee() {
        #expect(
            passing { _ in } == ["fork 41", "exec-failed 41", "exec 41", "open 41", "open 40", "exit 41", "loss 0"]
        )
    }

    @Test func policiesChooseAmongCallsAndHideNoLoss() {
        let calls =
            Self.records + [
                Records.call(Self.cat, at: 5250),
                Records.call(Self.shell, at: 5260, kind: .lsm) {
                    $0.about = ItemBytes()
                    $0.about.add(MT_ITEM_POLICY, "other")
                },
            ]
        #expect(passing(calls) { $0.policies = [PolicyPattern("audit")] } == ["loss 0", "kprobe 41"])
        #expect(passing(calls) { $0.policies = [PolicyPattern("o*"), PolicyPattern("x")] } == ["loss 0", "lsm 40"])
        #expect(passing(calls) { $0.policies = [PolicyPattern("aud")] } == ["loss 0"])
    }

    @Test func aCallIsAboutTheFirstPathThatItsPolicyShows() {
        let (file, path) = Records.file("/etc/shadow")
        let calls = [
            Self.records[0],
            Records.call(Self.shell, at: 5250) {
                $0.values.add(MT_VALUE_PATH, slot: 0, body: file, Array("/hidden".utf8))
                $0.values.add(MT_VALUE_INT, slot: 1, body: UInt64(4))
                $0.values.add(MT_VALUE_FILE, slot: 2, body: file, path)
                $0.about.show(1)
                $0.about.show(2, MT_ROLE_DATA)
            },
        ]
        #expect(passing(calls) { $0.paths = [PathPattern("/etc")] } == ["kprobe 40"])
        #expect(passing(calls) { $0.paths = [PathPattern("/hidden")] } == [])
    }

    @Test func onlyTheChosenKindsPass() {
        #expect(passing { $0.kinds = [.exec, .snapshot] } == ["snapshot 40", "exec 41"])
        #expect(passing { $0.kinds = [.heartbeat] } == ["heartbeat 0"])
        #expect(passing { $0.kinds = [] }.isEmpty)
    }

    @Test func aProcessIsChosenByItsNumber() {
        #expect(passing { $0.pids = [40] } == ["open 40", "loss 0"])
        #expect(passing { $0.pids = [40, 41] }.count == 7)
        #expect(passing { $0.pids = [4] } == ["loss 0"])
    }

    @Test func aUserIsTheEffectiveOneAtTheEvent() {
        #expect(passing { $0.users = [0] } == ["open 41", "loss 0"])
        #expect(passing { $0.users = [0, 1000] }.count == 7)
    }

    @Test func aProcessIsChosenByTheNameOfItsBinary() {
        #expect(passing { $0.processes = [ProcessPattern("cat")] } == ["exec 41", "open 41", "exit 41", "loss 0"])
        #expect(passing { $0.processes = [ProcessPattern("ca")] } == ["loss 0"])
        #expect(
            passing { $0.processes = [ProcessPattern("ca"), ProcessPattern("bash")] } == [
                "fork 41", "exec-failed 41", "open 40", "loss 0",
            ]
        )
    }

    @Test func severalConditionsMustAllBeMet() {
        let both = passing {
            $0.kinds = [.open]
            $0.processes = [ProcessPattern("cat"), ProcessPattern("bash")]
            $0.users = [1000]
        }
        #expect(both == ["open 40"])
        #expect(
            passing {
                $0.kinds = [.open]
                $0.pids = [40]
                $0.users = [0]
            }.isEmpty
        )
    }

    @Test func aPathIsThatOfTheFileOrWhatWasAskedForOrOfTheProgram() {
        #expect(passing { $0.paths = [PathPattern("/etc")] } == ["open 41", "loss 0"])
        #expect(passing { $0.paths = [PathPattern("/tmp")] } == ["open 40", "loss 0"])
        #expect(passing { $0.paths = [PathPattern("/usr/bin/cat")] } == ["exec 41", "exit 41", "loss 0"])
        #expect(passing { $0.paths = [PathPattern("/opt")] } == ["exec-failed 41", "loss 0"])
        #expect(passing { $0.paths = [PathPattern("/usr/bin/bash")] } == ["fork 41", "loss 0"])
    }

    @Test func whatNoProcessDidPassesConditionsOnProcesses() {
        #expect(
            passing {
                $0.pids = [4]
                $0.users = [4]
                $0.paths = [PathPattern("/none")]
                $0.processes = [ProcessPattern("none")]
            } == ["loss 0"]
        )
    }

    @Test func lossesPassUnlessTheyAreNotChosen() {
        #expect(passing { $0.kinds = [.exit] } == ["exit 41"])
        #expect(passing { $0.kinds = [.exit, .loss] } == ["exit 41", "loss 0"])
    }

    @Test func anEventWithoutAnyPathMeetsNoPath() {
        let record = Records.open(Self.cat, at: 1) {
            $0.body.name = $0.text(nil as String?)
            $0.body.path.text = $0.text(nil as String?)
        }
        #expect(passing([record, Records.exit(Self.cat, at: 2)]) { $0.paths = [PathPattern("/")] }.isEmpty)
    }
}
