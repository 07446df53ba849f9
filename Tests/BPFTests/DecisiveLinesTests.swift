import BPF
import Testing

/// Of hundreds of lines of a log, those that say why a program was refused.
@Suite struct DecisiveLinesTests {
    private let verifier = [
        "libbpf: prog 'open': BPF program load failed: Permission denied",
        "libbpf: prog 'open': -- BEGIN PROG LOAD LOG --\n0: R1=ctx() R10=fp0\n; int size = record->length; @ open.bpf.c:17\n"
            + "0: (61) r2 = *(u32 *)(r1 +0)\n; return buffer[size]; @ open.bpf.c:18\n1: (71) r0 = *(u8 *)(r2 +0)\n"
            + "R2 invalid mem access 'scalar'\nprocessed 2 insns (limit 1000000) max_states_per_insn 0\n"
            + "verification time 12 usec\n-- END PROG LOAD LOG --",
        "libbpf: prog 'open': failed to load: -13", "libbpf: failed to load object 'open_bpf'",
    ]

    @Test func ofAVerifierLogTheSourceLineTheInstructionAndTheReasonAreLeft() {
        #expect(
            BPFLog.decisiveLines(verifier) == [
                "; return buffer[size]; @ open.bpf.c:18", "1: (71) r0 = *(u8 *)(r2 +0)",
                "R2 invalid mem access 'scalar'",
            ]
        )
    }

    @Test func theSourceLineIsNotSaidTwice() {
        let messages = ["-- BEGIN PROG LOAD LOG --\n; x = 1; @ a.c:1\nreason\n-- END PROG LOAD LOG --"]
        #expect(BPFLog.decisiveLines(messages) == ["; x = 1; @ a.c:1", "reason"])
    }

    @Test func aLogThatWasCutIsStillRead() {
        let messages = ["-- BEGIN PROG LOAD LOG --\n0: (b7) r0 = 0\nR0 !read_ok"]
        #expect(BPFLog.decisiveLines(messages) == ["0: (b7) r0 = 0", "R0 !read_ok"])
    }

    @Test func withoutAVerifierLogTheLastMessagesAreLeft() {
        let messages = (1...6).map { "libbpf: message \($0)" } + ["libbpf: failed to load object 'x'"]
        #expect(BPFLog.decisiveLines(messages) == (3...6).map { "libbpf: message \($0)" })
    }

    @Test func anEmptyVerifierLogLeavesTheMessagesAroundIt() {
        let lines = BPFLog.decisiveLines(["libbpf: why", "-- BEGIN PROG LOAD LOG --", "-- END PROG LOAD LOG --"])
        #expect(lines.contains("libbpf: why"))
    }

    @Test func nothingSaidIsNothingTold() {
        #expect(BPFLog.decisiveLines([]).isEmpty)
        #expect(BPFLog.decisiveLines(["", "\n"]).isEmpty)
    }
}
