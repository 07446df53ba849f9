import BPF
import Glibc
import Testing

/// An error says what failed, why, and what to do about it.
@Suite struct BPFErrorTests {
    @Test func anErrorNamesStepSubjectAndReason() {
        let error = BPFError(step: .attach, subject: "program 'open'", errno: EINVAL)
        #expect(error.description == "cannot attach BPF program 'open': Invalid argument (errno 22)")
    }

    @Test func anErrorThatTheKernelWasNotAskedForHasNoReason() {
        #expect(BPFError(step: .map, subject: "map 'x'", errno: 0).description == "cannot map BPF map 'x'")
    }

    @Test func aMissingPermissionSaysWhichOne() {
        let text = BPFError(step: .load, subject: "object 'core'", errno: EPERM).description
        #expect(text.contains("Operation not permitted (errno 1); "))
        #expect(text.contains("CAP_BPF"))
        #expect(text.contains("CAP_PERFMON"))
    }

    @Test func whatMeasuringTakesIsNotWhatLoadingTakes() {
        let text = BPFError(step: .measure, subject: "run time", errno: EPERM).description
        #expect(text.contains("CAP_SYS_ADMIN") && !text.contains("CAP_BPF"))
    }

    @Test(arguments: [BPFError.Step.map, .ring, .load]) func tooLittleMemoryNamesItsLimit(step: BPFError.Step) {
        #expect(
            BPFError(step: step, subject: "ring 'pool_1'", errno: ENOMEM).description.contains("raise RLIMIT_MEMLOCK")
        )
    }

    @Test func theDecisiveLinesStandBelow() {
        let error = BPFError(step: .load, subject: "program 'x'", errno: EACCES, log: ["; source", "reason"])
        #expect(error.description.hasSuffix("\n    ; source\n    reason"))
    }

    @Test func anUnknownErrorNumberIsStillTold() {
        #expect(BPFError(step: .run, subject: "x", errno: 9999).description.contains("(errno 9999)"))
    }

    @Test func whatTheKernelLacksIsToldFromWhatItRefuses() {
        for number in [ENOTSUP, ENOSYS, ENOENT, ESRCH] {
            #expect(BPFError(step: .attach, subject: "x", errno: number).isNotSupported)
        }
        #expect(BPFError(step: .attach, subject: "x", errno: EINVAL).isNotSupported)
        #expect(!BPFError(step: .map, subject: "x", errno: EINVAL).isNotSupported)
        for number in [EPERM, EACCES, ENOMEM, EBUSY] {
            #expect(!BPFError(step: .load, subject: "x", errno: number).isNotSupported)
        }
    }
}
