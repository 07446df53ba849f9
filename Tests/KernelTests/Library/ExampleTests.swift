import Foundation
import Testing

extension Kernel {
    /// A package of its own that has only the library and the plugin: what whoever adopts them begins with.
    @Suite struct ExampleTests {
        private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
            .standardized

        /// Virtual machines have this machine's files, but not its time.
        static let canBuild =
            Machine.scale == 1 && FileManager.default.fileExists(atPath: root.appending(path: "Examples/execs").path)
            && ["/usr/bin/swift", "/opt/swift/usr/bin/swift"].contains(where: FileManager.default.isExecutableFile)

        @Test(.enabled(if: canBuild, "needs the repository and its toolchain, on a machine that is not emulated"))
        func `The example builds from the library alone, and prints a program that starts`() throws {
            let build = try Child(["/bin/sh", Self.root.appending(path: "scripts/example").path]).wait(seconds: 220)
            try #require(build.code == 0, "\(build.output)\(build.errors)")
            let program = try #require(build.output.split(separator: "\n").last.map(String.init))

            let run = try Child(["stdbuf", "-oL", program])
            // It says nothing when it is ready: something starts until it is seen.
            let isSeen = try eventually {
                try shell("true; /bin/true")
                return run.output.contains(" /bin/true\n")
            }
            run.signal(SIGTERM)
            let outcome = try run.wait(seconds: 10)
            #expect(isSeen, "\(outcome.output) \(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.allSatisfy { $0.wholeMatch(of: #/\d+ \S.*/#) != nil })
        }
    }
}
