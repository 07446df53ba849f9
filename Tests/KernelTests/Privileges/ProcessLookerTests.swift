import Foundation
import Glibc
import Probes
import Testing

extension Kernel {
    /// What the process that looks into others hands over, and what not, whoever asks it.
    @Suite(.enabled(if: access("/bin/bash", X_OK) == 0, "needs bash"))
    struct ProcessLookerTests {
        private let folder: TemporaryFolder
        private let looker: ProcessLooker
        /// This process, which is root's: its files are not the looker's user's to read.
        private let me = UInt32(getpid())

        init() throws {
            folder = try TemporaryFolder()
            looker = try #require(ProcessLooker(uid: 1001, gid: 1001))
        }

        /// The error number of asking for a path below this process' root; 0: this very file was handed over.
        private func ask(_ path: String) -> Int32 {
            let descriptor = looker.file(path, inRootOf: me)
            guard descriptor >= 0 else { return -descriptor }
            defer { close(descriptor) }
            var (opened, named) = (stat(), stat())
            #expect(fstat(descriptor, &opened) == 0 && stat(path, &named) == 0)
            #expect(opened.st_dev == named.st_dev && opened.st_ino == named.st_ino)
            return 0
        }

        private func copy(_ program: String, to name: String) throws -> String {
            try FileManager.default.copyItem(atPath: Machine.resolved(program), toPath: folder(name))
            #expect(chmod(folder(name), 0o700) == 0)
            return folder(name)
        }

        @Test func `A link that is called bash does not make a shell of what it leads to`() throws {
            let secret = try folder.write("secret", to: "secret")
            #expect(chmod(secret, 0o600) == 0)
            let program = try copy("/bin/true", to: "other")
            for (name, target) in [("bash", secret), ("bash-5", program), ("libreadline.so.8", secret)] {
                #expect(symlink(target, folder(name)) == 0)
                #expect(ask(folder(name)) == EACCES, "\(name)")
            }
            #expect(ask(secret) == EACCES)
            #expect(ask(program) == EACCES)
            #expect(ask(folder("bash-none")) == ENOENT)
        }

        @Test func `What is no program is not handed over, whatever its name`() throws {
            #expect(ask(try folder.write("#!/bin/sh\n# no ELF file\n", to: "bash")) == ENOEXEC)
            #expect(ask(try folder.write("\u{7f}ELF", to: "bash-short")) == ENOEXEC)
            // As a core file begins: ET_CORE is 4.
            let core = "\u{7f}ELF\u{2}\u{1}\u{1}" + String(repeating: "\0", count: 9) + "\u{4}\0 and memory"
            #expect(ask(try folder.write(core, to: "bash-core")) == ENOEXEC)
            #expect(ask(try folder.makeFolder("bash-folder")) == ENXIO)
            #expect(mkfifo(folder("bash-pipe"), 0o600) == 0)
            #expect(ask(folder("bash-pipe")) == ENXIO)
        }

        @Test func `Shells and libraries are, through links of their versions and of their folders`() throws {
            #expect(ask("/bin/bash") == 0)
            #expect(ask("/usr/bin/bash") == 0)
            _ = try copy("/bin/true", to: "libreadline.so.8.2")
            #expect(symlink("libreadline.so.8.2", folder("libreadline.so.8")) == 0)
            #expect(symlink("libreadline.so.8", folder("libreadline.so")) == 0)
            #expect(symlink(folder.path, folder("linked")) == 0)
            for name in ["libreadline.so.8.2", "libreadline.so.8", "libreadline.so", "linked/libreadline.so"] {
                #expect(ask(folder(name)) == 0, "\(name)")
            }
        }
    }
}
