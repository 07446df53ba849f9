import Foundation
import Glibc
import Testing

extension Kernel {
    /// A run that cannot have what it needs, or cannot give up the rest, says what is missing, and ends.
    @Suite struct RefusalTests {
        private let folder: TemporaryFolder
        private let program: String

        init() throws {
            folder = try TemporaryFolder()
            program = folder("martlet")
            try FileManager.default.copyItem(atPath: try Products.martlet(), toPath: program)
        }

        private func refusal(_ options: [String], through wrapper: [String] = []) throws -> String {
            let arguments = wrapper + [program, "run", "--duration", "1"] + options
            let outcome = try Child(arguments).wait(seconds: 30)
            #expect(outcome.code == 1)
            #expect(outcome.output.isEmpty)
            return outcome.errors
        }

        /// As user 1001 with one capability.
        private func only(_ capability: String) -> [String] {
            Privileges.none + ["--inh-caps", "-all,+\(capability)", "--ambient-caps", "-all,+\(capability)"]
        }

        @Test(arguments: [("bpf", "CAP_PERFMON"), ("perfmon", "CAP_BPF")])
        func `A capability that is missing is named`(present: String, missing: String) throws {
            for options in [["--run-as", "1001"], []] {
                let text = try refusal(options, through: only(present))
                #expect(text.contains("this process lacks \(missing)"), "\(text)")
                #expect(text.contains("run as root, or with CAP_BPF and CAP_PERFMON"), "\(text)")
            }
        }

        @Test func `With neither both are named`() throws {
            let text = try refusal(["--run-as", "1001"], through: Privileges.none)
            #expect(text.contains("this process lacks CAP_PERFMON, CAP_BPF; run as root"), "\(text)")
        }

        @Test func `Who may not become somebody else does not run as who it is`() throws {
            let text = try refusal(["--run-as", "1002"], through: Privileges.twoCapabilities)
            #expect(text.contains("cannot become the user: Operation not permitted"), "\(text)")
            #expect(text.contains("start as root, or as user 1002 with CAP_BPF and CAP_PERFMON"))
        }

        @Test func `Where it may not write it says whose it must be`() throws {
            let closed = try folder.makeFolder("closed")
            let options = ["--run-as", "1001", "--to"]
            var text = try refusal(options + ["\(closed)/events"])
            #expect(text.contains("\(closed): Permission denied; chown 1001 \(closed)"), "\(text)")
            let foreign = try folder.write("", to: "foreign")
            text = try refusal(options + [foreign])
            #expect(text.contains("\(foreign) belongs to user 0; chown 1001 \(foreign)"), "\(text)")
            text = try refusal(options + [folder("none/events")])
            #expect(text.contains("\(folder("none")): No such file or directory; make it"), "\(text)")
        }

        @Test(.enabled(if: Machine.kernel < (5, 11), "maps count against RLIMIT_MEMLOCK before Linux 5.11 alone"))
        func `Memory that may not be locked is named, and so is what raises it`() throws {
            let limited = ["prlimit", "--memlock=65536:65536"] + Privileges.twoCapabilities.drop { $0 != "setpriv" }
            let text = try refusal(["--run-as", "1001"], through: limited)
            #expect(text.contains("RLIMIT_MEMLOCK ends at 64 KiB"), "\(text)")
            #expect(text.contains("LimitMEMLOCK=infinity"))
        }
    }
}
