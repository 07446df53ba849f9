import Engine
import Fixtures
import Model
import Testing
import UserInput

/// What a user writes to choose paths and processes.
@Suite struct PatternTests {
    private let who = Who(41, start: 5000)

    private func chooses(path pattern: String, _ path: String) -> Bool {
        var filter = EventFilter()
        filter.paths = [PathPattern(pattern)]
        let batch = Pipeline().batch([Records.open(who, at: 1, path: path)])
        return batch.filter { filter.passes($0, $1) } == 0
    }

    /// Of a process that runs `binary`, or whose binary is not known, only its comm.
    private func chooses(process pattern: String, binary: String? = nil, comm: String = "") -> Bool {
        var filter = EventFilter()
        filter.kinds = [.fork, .open]
        filter.processes = [ProcessPattern(pattern)]
        let begin =
            binary.map { Records.exec(who, of: Who(1, start: 0), at: 1, binary: $0) }
            ?? Records.fork(who, of: Who(1, start: 0), at: 1, comm: comm)
        let batch = Pipeline().batch([begin, Records.open(who, at: 2)])
        _ = batch.filter { filter.passes($0, $1) }
        return batch.events.contains { $0.kind == .open }
    }

    @Test(arguments: ["/etc/motd", "/etc", "/etc/", "/", "/etc/m*", "/e?c/motd", "*motd", "/etc/[lm]otd", "*"])
    func aPathIsChosenByItselfWhatIsAboveItOrAGlob(pattern: String) {
        #expect(chooses(path: pattern, "/etc/motd"))
    }

    @Test(arguments: ["/et", "/etc/mot", "/etc/motd/x", "etc", "motd", "/etc/m", "/etc/?", "/etc/[!m]otd", "/ETC"])
    func aPartOfANameChoosesNothing(pattern: String) {
        #expect(!chooses(path: pattern, "/etc/motd"))
    }

    @Test func theStarOfAGlobCrossesFolders() {
        #expect(chooses(path: "/home/*/.ssh/*", "/home/me/deep/er/.ssh/id"))
    }

    @Test func theRootChoosesEveryAbsolutePathAndItself() {
        #expect(chooses(path: "/", "/"))
        #expect(chooses(path: "/", "/a/b"))
        #expect(!chooses(path: "/", "memfd:x"))
    }

    @Test func pathsOfAnyBytesCanBeChosen() {
        #expect(chooses(path: "/tmp/ü", "/tmp/ü/x"))
        #expect(chooses(path: "/tmp/*", "/tmp/\u{1b}[31m\n"))
        #expect(chooses(path: "/tmp/?", "/tmp/x"))
    }

    @Test func aVeryLongPathIsMatched() {
        let long = "/" + String(repeating: "a/", count: 5000) + "end"
        #expect(chooses(path: "*end", long))
        #expect(chooses(path: "/a/a", long))
    }

    @Test(arguments: ["cat", "/usr/bin/cat", "/usr/bin", "/usr/bin/", "/usr/*", "*/cat", "c?t", "ca*"])
    func aProcessIsChosenByNamePathFolderOrGlob(pattern: String) {
        #expect(chooses(process: pattern, binary: "/usr/bin/cat"))
    }

    @Test(arguments: ["ca", "at", "bin", "usr", "/bin/cat", "b*", "/usr/bin/c", "cat/"])
    func otherNamesChooseNoProcess(pattern: String) {
        #expect(!chooses(process: pattern, binary: "/usr/bin/cat"))
    }

    @Test func aBinaryWithoutASlashHasItsNameAlone() {
        #expect(chooses(process: "memfd:x", binary: "memfd:x"))
    }

    @Test func aProcessWithoutABinaryIsChosenByItsComm() {
        #expect(chooses(process: "kworker", comm: "kworker"))
        #expect(chooses(process: "kwork*", comm: "kworker"))
        #expect(!chooses(process: "kwork", comm: "kworker"))
        #expect(!chooses(process: "kworkers", comm: "kworker"))
        #expect(!chooses(process: "/usr/bin/kworker", comm: "kworker"))
    }

    /// The kernel keeps fifteen bytes of it.
    @Test func aCommThatWasCutIsChosenByTheWholeName() {
        #expect(chooses(process: "averylongprogram", comm: "averylongprogra"))
        #expect(chooses(process: "averylongprogra", comm: "averylongprogra"))
        #expect(!chooses(process: "averylongprogxxx", comm: "averylongprogra"))
        #expect(!chooses(process: "averylongprogr", comm: "averylongprogra"))
    }
}
