import Doctor
import Testing

@Suite struct ReportTests {
    private static let fine = [
        Check(.kernel, "btf", .ok, "there", need: .required),
        Check(.observations, "open", .ok, "3 events while trying", need: .feature),
        Check(.hooks, "kprobe", .ok, "ran"),
    ]

    private func report(_ checks: [Check]) -> Report {
        Report(martlet: "1.2.3", kernel: "6.12.9-test", architecture: "x86_64", checks: checks)
    }

    @Test func `With nothing lacking there is everything, and status 0`() {
        let report = report(Self.fine)
        #expect(report.verdict == .everything)
        #expect(report.verdict.exitStatus == 0)
        #expect(report.without.isEmpty)
        #expect(report.text(colored: false).hasSuffix("\nmartlet runs here with everything\n"))
    }

    @Test func `A missing hook that nothing needs yet is named, and does not count`() {
        let report = report(
            Self.fine + [Check(.hooks, "fentry", .failed, "load: no", remedy: "needs another kernel")]
        )
        #expect(report.verdict == .everything)
        let text = report.text(colored: false)
        #expect(text.contains("\n  no    fentry"))
        #expect(text.contains("\n  fentry  needs another kernel\n"))
        #expect(text.hasSuffix("not on this kernel, and not needed: fentry\n"))
    }

    @Test(arguments: [Check.Verdict.failed, .degraded])
    func `A feature that does not work as it should is status 1, by name`(verdict: Check.Verdict) {
        let report = report(Self.fine + [Check(.observations, "exec-failed", verdict, "load: no", need: .feature)])
        #expect(report.verdict == .degraded)
        #expect(report.verdict.exitStatus == 1)
        #expect(report.summary == "martlet runs here, without: exec-failed")
    }

    @Test func `Without something required it cannot run, whatever else is lacking`() {
        let report = report(
            Self.fine + [
                Check(.observations, "open", .failed, "load: no", need: .feature),
                Check(
                    .kernel,
                    "version",
                    .failed,
                    "4.19 is older than 5.10",
                    need: .required,
                    remedy: "run a newer one"
                ),
            ]
        )
        #expect(report.verdict == .cannotRun)
        #expect(report.verdict.exitStatus == 2)
        #expect(report.without == ["version"])
        #expect(report.text(colored: false).hasSuffix("\nmartlet cannot run here: version\n"))
    }

    @Test func `What was not tried counts as nothing`() {
        let check = Check(.observations, "exec", .notApplicable, "not tried: needs root", need: .required)
        #expect(report(Self.fine + [check]).verdict == .everything)
    }

    @Test func `Names, findings and logs stand in columns, below the titles of their groups`() {
        var long = Check(.hooks, "kprobe.multi", .failed, "attach: no")
        long.log = ["the line that decides"]
        let lines = report(Self.fine + [long]).text(colored: false).split(separator: "\n")
        #expect(lines[0] == "martlet 1.2.3 on Linux 6.12.9-test, x86_64")
        #expect(lines[1...2] == ["Kernel", "  ok    btf           there"])
        #expect(lines.contains("  ok    kprobe        ran"))
        #expect(lines.contains("  no    kprobe.multi  attach: no"))
        #expect(lines.contains("                      the line that decides"))
    }

    @Test func `Colour is only there when asked for, and changes no letter`() throws {
        let report = report(Self.fine + [Check(.kernel, "lockdown", .failed, "x", need: .required, remedy: "y")])
        let plain = report.text(colored: false)
        let colored = report.text(colored: true)
        #expect(!plain.contains("\u{1B}"))
        #expect(colored.contains("\u{1B}[31mFAIL\u{1B}[0m"))
        #expect(colored.replacing(try Regex("\u{1B}\\[[0-9]+m"), with: "") == plain)
    }

    @Test func `What the machine names itself cannot command a terminal`() {
        let report = report([Check(.containers, "container", .ok, "in one (\u{1B}[2Jevil\nline)")])
        #expect(report.text(colored: false).contains("in one ( [2Jevil line)"))
    }

    @Test func `JSON comes back as the same report`() throws {
        var check = Check(.hooks, "lsm", .failed, "says \"no\"\n", need: .optional, remedy: "needs x")
        check.log = ["a", "b"]
        let report = report(Self.fine + [check])
        #expect(try Report(json: report.json.utf8) == report)
    }

    @Test func `JSON has the words that docs_doctor_md promises`() throws {
        let text = try report([Check(.kernel, "bpf-jit", .notApplicable, "not told")]).json
        for part in [
            "\"version\" : 1", "\"martlet\" : \"1.2.3\"", "\"kernel\" : \"6.12.9-test\"",
            "\"architecture\" : \"x86_64\"",
            "\"verdict\" : \"everything\"", "\"group\" : \"kernel\"", "\"name\" : \"bpf-jit\"",
            "\"need\" : \"optional\"",
            "\"verdict\" : \"not-applicable\"", "\"found\" : \"not told\"", "\"log\" : [", "\"without\" : [",
            "\"summary\"",
        ] { #expect(text.contains(part), "\(part)") }
    }
}
