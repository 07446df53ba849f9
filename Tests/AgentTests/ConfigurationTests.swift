import Agent
import Engine
import Fixtures
import Formats
import Foundation
import Glibc
import Model
import Outputs
import Testing

/// What files and environment make of a run, and what is said of those that do not hold.
@Suite struct ConfigurationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path("martlet.yaml") }

    private func write(_ text: String, to name: String = "martlet.yaml") throws {
        let file = folder.path(name)
        let parent = URL(filePath: file).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
    }

    private func options(_ environment: [String: String] = [:]) throws -> RunOptions {
        var options = RunOptions()
        try Configuration(ConfigurationFiles(path: path), environment: environment).apply(to: &options)
        return options
    }

    /// What is wrong, without the folder's name.
    private func problems(_ environment: [String: String] = [:]) throws -> [String] {
        do {
            _ = try Configuration(ConfigurationFiles(path: path), environment: environment)
            return []
        } catch {
            return error.problems.map { "\($0)".replacing(folder.path("") + "/", with: "") }
        }
    }

    @Test func aFileIsTakenOver() throws {
        try write(
            """
            # comments are free
            event: [exec, exit]
            path: /etc
            ring-size: 16M
            raw-paths: true
            sink: [stdout, "file:/tmp/a b"]
            format: json
            rotate-age: 1h
            """
        )
        let options = try options()
        #expect(options.filter.kinds == [.exec, .exit])
        #expect(options.filter.paths.count == 1)
        #expect(options.probes.ringBytes == 16 << 20)
        #expect(!options.probes.resolvesPaths)
        #expect(options.outputs == [.standardOutput, .file("/tmp/a b")])
        #expect(options.format == .json)
        #expect(options.rotation.age == 3600)
        #expect(options.probes.argsLimit == 16384)
    }

    @Test func laterSourcesReplaceEarlierOnes() throws {
        try write("args-limit: 1\nline-limit: 1\nrings: 1\nuser: [1, 2]\n")
        try write("args-limit: 2\nline-limit: 2\nuser: [3]\n", to: "conf.d/10-site.yaml")
        try write("4\n", to: "conf.d/args-limit")
        let options = try options(["MARTLET_LINE_LIMIT": "3", "MARTLET_OTHER": "x"])
        #expect(options.probes.pool == 1)
        #expect(options.probes.argsLimit == 4)
        #expect(options.probes.lineLimit == 3)
        #expect(options.filter.users == [3])
    }

    @Test func aFileOfOneValueMayHoldAList() throws {
        try write("")
        try write("exec, exit\nopen\n", to: "conf.d/event")
        // as Kubernetes mounts a folder
        try write("nonsense: 1", to: "conf.d/..data/x.yaml")
        #expect(try options().filter.kinds == [.exec, .exit, .open])
        #expect(try options(["MARTLET_EVENT": "fork"]).filter.kinds == [.fork])
    }

    @Test func anEmptyConfigurationChangesNothing() throws {
        for text in ["", "# nothing\n", "---\n", "{}\n"] {
            try write(text)
            #expect(try problems() == [], "\(text)")
        }
    }

    @Test func everyFaultIsToldWithItsPlace() throws {
        try write(
            """
            rign-size: 8M
            args-limit: many
            line-limit: 100000
            event: [exec, opne]
            rings: 3
            raw-paths: yes
            format:
            record: [a, b]
            sink: {file: /x}
            path: [[a]]
            """
        )
        #expect(
            try problems() == [
                "martlet.yaml:1:1: there is no key 'rign-size'; did you mean ring-size?",
                "martlet.yaml:2:13: args-limit: 'many' is not a number from 0 to 65536",
                "martlet.yaml:3:13: line-limit: '100000' is not a number from 1 to 65536",
                "martlet.yaml:4:15: event: 'opne' is not one of all, "
                    + EventKind.selectable.map { "\($0.name)" }.joined(separator: ", "),
                "martlet.yaml:5:8: rings: '3' is not 1, 2, 4 … 64",
                "martlet.yaml:6:12: raw-paths: 'yes' is not true or false",
                "martlet.yaml:7:8: format: has no value; expected one of json, compact, bpfd, tcp-audit, traceleft",
                "martlet.yaml:8:9: record: takes one value, a text that is not empty, without a NUL, and no list",
                "martlet.yaml:9:7: sink: expected stdout, file:PATH, sqlite, sqlite:PATH, postgres, postgres:CONNINFO, "
                    + "postgres://URI or none, and no mapping",
                "martlet.yaml:10:8: path: each of the list must be a text that is not empty, without a NUL",
            ]
        )
    }

    @Test(arguments: [
        ("a: [\n", "martlet.yaml:2:1: no YAML: "), ("\tx: 1\n", "martlet.yaml:1:1: no YAML: "),
        ("just words\n", "martlet.yaml:1:1: expected lines of KEY: VALUE"),
        ("rings: 1\nring-size: 1M\nrings: 2\n", "martlet.yaml:1:1: rings: is there more than once"),
        ("rings: 1\n---\nrings: 2\n", "martlet.yaml:3:1: only one document is read"),
    ]) func whatIsNoConfigurationIsToldWithItsLine(text: String, problem: String) throws {
        try write(text)
        let found = try problems()
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(problem) == true, "\(found)")
    }

    @Test(arguments: ["A=B", "=", ""]) func whatIsNoNameOfAVariableIsAFault(name: String) throws {
        try write("env: ['\(name)']\n")
        #expect(
            try problems() == [
                "martlet.yaml:1:7: env: '\(name)' is not a name of at most 63 bytes without ="
            ]
        )
    }

    @Test func anAddressForOtherMachinesNeedsCertificates() throws {
        try write("rings: 2\nlisten-address: 127.0.0.1:4711\ntls-key: /etc/martlet/key.pem\n")
        #expect(
            try problems() == [
                "martlet.yaml:2:1: listen-address: TCP is for those who have a certificate: "
                    + "set tls-certificate, tls-authority as well"
            ]
        )
    }

    @Test func anOutputThatIsNamedTwiceIsFoundByWhatItIs() throws {
        try write("sink: [sqlite, 'sqlite:\(StoreFile.standardPath)']\n")
        #expect(try problems().map { $0.hasSuffix("is named twice: name each output once") } == [true])
    }

    @Test func aPasswordOfADatabaseIsInNoProblem() throws {
        let told =
            "is not stdout, file:PATH, sqlite, sqlite:PATH, postgres, postgres:CONNINFO, postgres://URI or none"
        for text in ["postgres:u:zqx@h/db", "postgres:POSTGRES://u:zqx@h/db", "postgres:dbname=postgres://u:zqx@h/db"] {
            try write("sink: '\(text)'\n")
            #expect(try problems() == ["martlet.yaml:1:7: sink: '…' \(told)"], "\(text)")
        }
        try write("sink: ['postgres://u:zqx@h/d', 'postgres://u:zqx@h/d']\n")
        #expect(
            try problems() == [
                "martlet.yaml:1:32: sink: postgres:host=h dbname=d user=u is named twice: name each output once"
            ]
        )
        try write("")
        let found = try problems(["MARTLET_SINK": "postgres://u:a,zqx@h/d"])
        #expect(found.count == 1 && !"\(found)".contains("zqx"), "\(found)")
    }

    @Test func otherSourcesAreNamedToo() throws {
        try write("")
        try write("x", to: "conf.d/args-limt")
        try write("x", to: "conf.d/rings")
        #expect(
            try problems(["MARTLET_STORE_SIZE": "big"]) == [
                "conf.d/args-limt: there is no key 'args-limt'; did you mean args-limit?",
                "conf.d/rings: rings: 'x' is not 1, 2, 4 … 64",
                "$MARTLET_STORE_SIZE: store-size: 'big' is not a size such as 500K, 10M or 1G",
            ]
        )
    }

    @Test func aFileThatWasAskedForMustBeThere() throws {
        #expect(try problems() == ["martlet.yaml: cannot be read: No such file or directory"])
        try write("")
        try Data([0x61, 0x0a, 0xff]).write(to: URL(filePath: path))
        #expect(try problems() == ["martlet.yaml:2: no UTF-8"])
        try Data(repeating: 0x20, count: 2 << 20).write(to: URL(filePath: path))
        #expect(try problems() == ["martlet.yaml: larger than 1 MiB: this is no configuration"])
    }

    @Test func whatIsShownIsAConfigurationThatSaysTheSame() throws {
        try write(
            "event: [exec, exit]\nsink: ['file:/tmp/a \"b\"', sqlite]\nring-size: 16M\nenv: ['NULL', '-x', 'a,b']\n"
        )
        let text = try Configuration(ConfigurationFiles(path: path), environment: [:]).text
        #expect(text.contains("ring-size: 16M  # \(path):3:1\n"))
        #expect(text.contains("# args-limit: 16384\n"))
        let before = try options()
        try write(text)
        let after = try options()
        #expect(after.outputs == before.outputs)
        #expect(after.probes.environment == ["NULL", "-x", "a,b"])
        #expect(after.probes.environment == before.probes.environment)
        #expect(after.filter.kinds == before.filter.kinds)
    }

    @Test func whatHoldsWithoutAKeyIsWhatIsDocumented() throws {
        var standard = RunOptions()
        let text = ConfigurationKey.all.filter { !$0.standard.isEmpty }.map { key in
            "\(key.name): \(key.isList ? "[\(key.standard)]" : key.standard)\n"
        }.joined()
        try write(text)
        try Configuration(ConfigurationFiles(path: path), environment: [:]).apply(to: &standard)
        let untouched = RunOptions()
        #expect(standard.filter.kinds == untouched.filter.kinds)
        #expect(standard.probes.argsLimit == untouched.probes.argsLimit)
        #expect(standard.probes.lineLimit == untouched.probes.lineLimit)
        #expect(standard.probes.ringBytes == untouched.probes.ringBytes)
        #expect(standard.probes.lifeCycleBytes == untouched.probes.lifeCycleBytes)
        #expect(standard.probes.sockets == untouched.probes.sockets)
        #expect(standard.probes.resolvesPaths == untouched.probes.resolvesPaths)
        #expect(standard.outputs == untouched.outputs)
        #expect(standard.format == untouched.format)
        #expect(standard.rotation == untouched.rotation)
        #expect(standard.storeLimits == untouched.storeLimits)
        #expect((standard.engines == nil) == (untouched.engines == nil))
    }

    @Test func theSchemaIsJSONAndKnowsEveryKey() throws {
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(ConfigurationSchema.text.utf8)) as? [String: Any]
        )
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(Set(properties.keys) == Set(ConfigurationKey.all.map(\.name)))
        #expect(properties.values.allSatisfy { $0["description"] is String && $0.count > 1 })
        #expect(schema["additionalProperties"] as? Bool == false)
    }

    @Test(arguments: [
        ("sink: []", "martlet.yaml:1:1: sink: takes at least one value"),
        ("event: []", "martlet.yaml:1:1: event: takes at least one value"),
        ("sink: [stdout, stdout]", "martlet.yaml:1:16: sink: stdout is named twice: name each output once"),
        ("ring-size: 4G", "martlet.yaml:1:12: ring-size: '4G' is not a size such as 500K or 10M, up to 1024M"),
        ("ring-size: 0x10", "martlet.yaml:1:12: ring-size: '0x10' is not a size such as 500K or 10M, up to 1024M"),
        ("record: \"a\\0b\"", "martlet.yaml:1:9: record: 'a\\u0000b' is not a text that is not empty"),
        ("format: |\n  json\n  x\n", "martlet.yaml:1:9: format: 'json\\u000ax\\u000a' is not one of"),
        ("---\n---\nrings: 2\n", "martlet.yaml:3:1: only one document is read"),
        ("env: [\(String(repeating: "A", count: 64))]", "martlet.yaml:1:7: env: '"),
        (
            "env: [\((0..<65).map { "A\($0)" }.joined(separator: ", "))]",
            "martlet.yaml:1:1: env: takes at most 64 values"
        ),
    ]) func whatARunWouldRefuseIsToldHere(text: String, problem: String) throws {
        try write(text)
        let found = try problems()
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(problem) == true, "\(found)")
    }

    @Test func anEmptyVariableIsAsGoodAsNone() throws {
        try write("event: [exec]")
        #expect(try options(["MARTLET_EVENT": "", "MARTLET_RINGS": ""]).filter.kinds == [.exec])
    }

    @Test func aByteOrderMarkAndWindowsLinesAreRead() throws {
        try write("\u{feff}rings: 2\r\nargs-limit: 7\r\n")
        try write("\u{feff}9\r\n", to: "conf.d/line-limit")
        let options = try options()
        #expect(options.probes.pool == 2 && options.probes.argsLimit == 7 && options.probes.lineLimit == 9)
    }

    @Test func whatPackageManagersLeaveIsPassedOverAndWhatIsNoFileIsTold() throws {
        try write("")
        try write("x", to: "conf.d/a.yaml.dpkg-old")
        try write("x", to: "conf.d/rings.bak")
        #expect(try problems() == [])
        mkfifo(folder.path("conf.d/rings"), 0o600)
        #expect(try problems() == ["conf.d/rings: is no regular file"])
    }

    @Test func aLaterRingSizeReplacesTheLaneOfLifeCyclesToo() {
        var options = RunOptions()
        options.probes.setRings(bytes: 64 << 20)
        options.probes.setRings(bytes: 4 << 20)
        #expect(options.probes.ringBytes == 4 << 20 && options.probes.lifeCycleBytes == 8 << 20)
    }

    @Test func noTwoKeysShareANameOrAVariable() {
        #expect(Set(ConfigurationKey.all.map(\.name)).count == ConfigurationKey.all.count)
        #expect(Set(ConfigurationKey.all.map(\.variable)).count == ConfigurationKey.all.count)
    }
}
