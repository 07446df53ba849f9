import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct TracesTests {
        @Test(arguments: [SIGINT, SIGKILL])
        func `Nothing of the agent stays in the kernel`(signal: Int32) throws {
            let run = try AgentRun("open,exec,exit,shell")
            let held = try BPFObjects(of: run.child.pid)
            #expect(held.programs.count >= 5)
            #expect(held.maps.count >= 8)
            #expect(held.links.count >= 3)
            #expect(!held.areGone)
            run.child.signal(signal)
            _ = try run.child.wait()
            // Programs and maps are freed after a grace period.
            #expect(eventually(within: 60) { held.areGone })
        }
    }
}
