import Foundation
import Testing

extension Kernel {
    /// The binary that is shipped needs nothing of the machine but its kernel.
    @Suite struct StaticBinaryTests {
        @Test func theReleaseBinaryLinksNothingAtRunTime() throws {
            let headers = try Child.run("/usr/bin/readelf", "-l", try Products.martlet()).outcome.output
            #expect(!headers.contains("INTERP"))
            #expect(!headers.contains("DYNAMIC"))
        }

        /// In a private mount namespace, with the kernel's file systems and nothing else of this machine.
        @Test(.enabled(if: Machine.scale == 1, "a virtual machine has no network to make the old root from"))
        func theReleaseBinarySeesEventsInADebian11Root() throws {
            let script = FileManager.default.currentDirectoryPath + "/scripts/old-root"
            let made = try Child.run("/bin/bash", script, seconds: 300).outcome
            try #require(made.status == 0, "\(made.errors)")
            let root = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let line = """
                mount --make-rprivate / && mount --bind '\(root)' '\(root)' && mkdir -p '\(root)/sys' '\(root)/proc' &&
                mount --rbind /sys '\(root)/sys' && mount -t proc proc '\(root)/proc' &&
                touch '\(root)/martlet' && mount --bind '\(try Products.martlet())' '\(root)/martlet' &&
                exec chroot '\(root)' /bin/sh -c '
                    cat /etc/debian_version; /martlet version
                    /martlet run --event exec --process true -o json --count 1 --duration 20 -q & sleep 2
                    for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true one two; sleep 0.1; done; wait $!'
                """
            let outcome = try Child.run("/usr/bin/unshare", "-m", "/bin/sh", "-ec", line, seconds: 60).outcome
            try #require(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.first?.hasPrefix("11.") == true)
            #expect(lines.dropFirst().first?.hasPrefix("martlet ") == true)
            let event = try Event(try #require(lines.last).utf8[...])
            #expect(event.kind == "process_exec")
            // Told from the root of the mount namespace, which a chroot does not move.
            #expect(event.text("process.binary")?.hasSuffix("/bin/true") == true)
        }
    }
}
