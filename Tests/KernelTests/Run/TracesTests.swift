import BPF
import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct TracesTests {
        @Test(arguments: [SIGINT, SIGKILL])
        func `Nothing of the agent stays in the kernel`(signal: Int32) throws {
            let before = try BPFObjects.now()
            let run = try AgentRun("open,exec,exit")
            let during = try BPFObjects.now()
            #expect(during.programs.subtracting(before.programs).count >= 6)
            #expect(during.maps.subtracting(before.maps).count >= 8)
            #expect(during.links.subtracting(before.links).count >= 3)
            run.child.signal(signal)
            _ = try run.child.wait()
            // Programs are freed after a grace period.
            let isGone = try eventually {
                let after = try BPFObjects.now()
                return after.programs.isSubset(of: before.programs) && after.maps.isSubset(of: before.maps)
                    && after.links.isSubset(of: before.links)
            }
            #expect(isGone)
        }
    }
}
