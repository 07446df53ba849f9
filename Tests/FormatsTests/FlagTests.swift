import CWire
import Fixtures
import Foundation
import Glibc
import Testing

/// Bits by their names.
@Suite struct FlagTests {
    private func flags(_ flags: Int32, more: UInt64 = 0) throws -> String? {
        try Texts.open { $0.body.flags = UInt64(UInt32(bitPattern: flags)) | more }.flags.text
    }

    /// What <fcntl.h> does not give to Swift; x86 and arm64 differ in the first.
    #if arch(arm64)
        private static let directory: Int32 = 0o40000
        private static let noFollow: Int32 = 0o100000
    #else
        private static let directory: Int32 = 0o200000
        private static let noFollow: Int32 = 0o400000
    #endif
    private static let temporary: Int32 = 0o20000000 | directory

    @Test func theAccessModeIsOneOfFour() throws {
        #expect(try flags(O_RDONLY) == "O_RDONLY")
        #expect(try flags(O_WRONLY) == "O_WRONLY")
        #expect(try flags(O_RDWR) == "O_RDWR")
        #expect(try flags(O_ACCMODE) == "O_ACCMODE")
    }

    @Test func flagsFollowTheAccessMode() throws {
        #expect(try flags(O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC) == "O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC")
        #expect(try flags(O_RDONLY | O_NONBLOCK | O_CLOEXEC) == "O_RDONLY|O_NONBLOCK|O_CLOEXEC")
    }

    @Test func syncIsNotTakenForDsync() throws {
        #expect(try flags(O_WRONLY | O_SYNC) == "O_WRONLY|O_SYNC")
        #expect(try flags(O_WRONLY | O_DSYNC) == "O_WRONLY|O_DSYNC")
    }

    @Test func aTemporaryFileIsNotTakenForADirectory() throws {
        #expect(try flags(O_RDWR | Self.temporary) == "O_RDWR|O_TMPFILE")
        #expect(try flags(O_RDONLY | Self.directory) == "O_RDONLY|O_DIRECTORY")
        #expect(try flags(O_RDONLY | Self.noFollow) == "O_RDONLY|O_NOFOLLOW")
    }

    @Test func theModeOfATemporaryFileIsTold() throws {
        let event = try Texts.open {
            $0.body.flags = UInt64(O_RDWR | Self.temporary)
            $0.body.mode = 0o600
        }
        #expect(event.mode.text == "0600")
    }

    @Test func bitsWithoutANameAreHexadecimal() throws {
        #expect(try flags(O_RDONLY, more: 1 << 40) == "O_RDONLY|0x10000000000")
        #expect(try flags(O_WRONLY, more: 0x8000_0000_0000_0000) == "O_WRONLY|0x8000000000000000")
    }

    @Test func allBitsAtOnceLoseNone() throws {
        let text = try #require(try flags(0, more: .max))
        #expect(text.hasPrefix("O_ACCMODE|O_CREAT|"))
        #expect(text.contains("|O_SYNC|") && !text.contains("O_DSYNC"))
        #expect(text.contains("|0x"))
    }

    @Test func resolveIsToldForOpenat2Alone() throws {
        #expect(try Texts.open { $0.body.resolve = 0x09 }.resolve.text == "RESOLVE_NO_XDEV|RESOLVE_BENEATH")
        #expect(try Texts.open { $0.body.resolve = 0x100 }.resolve.text == "0x100")
        #expect(try Texts.open { $0.body.resolve = 0 }.resolve.isAbsent)
    }

    @Test func whatCouldNotBeReadOfOpenat2IsAbsent() throws {
        let event = try Texts.open {
            $0.body.call = 2
            $0.body.flags = 0o100
            $0.body.resolve = 1
            $0.body.marks = UInt16(MT_OPEN_HOW_UNREADABLE)
        }
        #expect(event.operation.text == "openat2")
        #expect(event.flags.isAbsent && event.mode.isAbsent && event.resolve.isAbsent)
        #expect(event.marks.texts == ["how_unreadable"])
    }

    @Test func everyMarkHasAName() throws {
        let event = try Texts.open {
            $0.body.path.marks = 0xf
            $0.body.marks = 0xf
        }
        #expect(
            event.marks.texts == [
                "path_truncated", "path_unresolved", "path_raced", "deleted", "name_truncated", "name_unreadable",
                "how_unreadable", "compat",
            ]
        )
    }

    @Test func withoutAMarkTheListIsAbsent() throws { #expect(try Texts.open { _ in }.marks.isAbsent) }

    @Test(arguments: [(0, "open"), (1, "openat"), (2, "openat2"), (3, "creat"), (9, "creat")])
    func theCallIsTold(call: UInt16, name: String) throws {
        #expect(try Texts.open { $0.body.call = call }.operation.text == name)
    }

    @Test func capabilitiesOfALaterKernelAreHexadecimal() throws {
        let record = Records.exec(Texts.who, of: Who(1, start: 0), at: 1) {
            $0.body.credentials.effective = 1 << 12 | 1 << 39 | 1 << 50
        }
        let process = try #require(try Pipeline().json([record]).first).process_exec.process
        #expect(process.cap.effective.texts == ["CAP_NET_ADMIN", "CAP_BPF", "0x4000000000000"])
        #expect(process.cap.permitted.isAbsent)
    }
}
