import Doctor
import Fixtures
import Glibc
import Testing

/// `martlet doctor`, as whoever runs these tests.
@Suite struct DoctorTests {
    private let martlet: Martlet

    init() throws { martlet = try Martlet() }

    @Test func theReportIsForPeopleAndEndsWithTheVerdict() throws {
        let result = try martlet.run("doctor")
        #expect(result.errors.isEmpty)
        let first = try #require(result.lines.first)
        #expect(first.wholeMatch(of: #/martlet \d+\.\d+\.\d+ on Linux \S+, \S+/#) != nil)
        #expect(result.lines.contains { $0.hasPrefix("martlet runs here") || $0.hasPrefix("martlet cannot run here") })
        #expect(!result.text.contains("\u{1B}"))
    }

    @Test func theStatusIsThatOfTheVerdict() throws {
        let result = try martlet.run("doctor", "-o", "json")
        let report = try Report(json: result.output)
        #expect(result.exitCode == report.verdict.exitStatus)
        #expect(report.version == 1)
    }

    @Test func bothFormsTellTheSame() throws {
        let report = try Report(json: martlet.run("doctor", "-o", "json").output)
        let text = try martlet.run("doctor").text
        for check in report.checks { #expect(text.contains("  \(check.name) "), "\(check.name)") }
        #expect(text.contains("\n\(report.summary)\n"))
    }

    @Test func noTwoChecksHaveOneName() throws {
        let names = try Report(json: martlet.run("doctor", "-o", "json").output).checks.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func theHelpSaysWhatTheStatusMeans() throws {
        let help = try martlet.run("doctor", "--help").text
        for text in ["status 0", "with 1", "with 2", "without root"] { #expect(help.contains(text), "\(text)") }
    }

    @Test func aReportThatNobodyCouldReadIsNone() throws {
        let result = try Martlet.run("/bin/sh", ["-c", "\"$0\" doctor > /dev/full", martlet.path])
        #expect(result.exitCode == 2)
        #expect(result.errors == "martlet: the report cannot be written: No space left on device\n")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
    func withoutPrivilegesItSaysWhatItCouldNotTry() throws {
        let folder = try TemporaryFolder()
        let program = folder.path("martlet")
        #expect(try Martlet.run("/bin/cp", [martlet.path, program]).exitCode == 0)
        let who = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"]
        let result = try Martlet.run("/usr/bin/setpriv", who + [program, "doctor", "-o", "json"])
        #expect(result.exitCode == 2)
        let report = try Report(json: result.output)
        #expect(report.verdict == .cannotRun)
        #expect(report.without == ["capabilities"])
        let capabilities = try #require(report.checks.first { $0.name == "capabilities" })
        #expect(capabilities.found == "missing: CAP_BPF, CAP_PERFMON")
        #expect(capabilities.remedy == "run as root, or with CAP_BPF and CAP_PERFMON")
        for check in report.checks where check.group == .hooks || check.group == .observations {
            #expect(check.verdict == .notApplicable)
            #expect(check.found == "not tried: needs root, or CAP_BPF and CAP_PERFMON")
        }
        let user = try Martlet.run("/usr/bin/setpriv", who + [program, "doctor", "--user", "-o", "json"])
        #expect(user.exitCode == 2)
        for check in try Report(json: user.output).checks where check.group == .observations {
            #expect(check.verdict == .failed)
            #expect(check.found.hasPrefix("not with these privileges: CAP_BPF, CAP_PERFMON"))
            #expect(check.privileges?.first?.held == false)
        }
    }

    @Test func whatAUserMayWatchIsToldInBothForms() throws {
        let report = try Report(json: martlet.run("doctor", "--user", "-o", "json").output)
        let text = try martlet.run("doctor", "--user").text
        #expect(!report.checks.contains { $0.group == .hooks || $0.group == .kernel })
        for check in report.checks {
            #expect(text.contains("  \(check.name) "))
            for privilege in check.privileges ?? [] { #expect(text.contains(privilege.name)) }
        }
    }
}
