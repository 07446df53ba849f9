import CWire
import Fixtures
import Testing

/// Files of mounts that the kernel keeps for itself have no path, but a text that people know.
@Suite struct PseudoFileTests {
    private func path(_ name: String?, magic: UInt32) throws -> String? {
        try Texts.open {
            $0.body.path.text = $0.text(name)
            $0.body.path.magic = magic
            $0.body.path.inode = 4711
            $0.body.path.marks = UInt32(MT_MARK_PSEUDO)
        }.path.text
    }

    @Test func aPipeAndASocketHaveTheirNumbers() throws {
        #expect(try path("", magic: 0x5049_5045) == "pipe:[4711]")
        #expect(try path("", magic: 0x534f_434b) == "socket:[4711]")
        #expect(try path(nil, magic: 0x5049_5045) == "pipe:[4711]")
    }

    @Test func anAnonymousInodeHasItsKind() throws {
        #expect(try path("[eventfd]", magic: 0x0904_1934) == "anon_inode:[eventfd]")
    }

    @Test func aMemfdHasItsName() throws {
        #expect(try path("memfd:secret", magic: 0x0102_1994) == "memfd:secret")
    }

    @Test func anotherOneWithoutANameIsEmpty() throws {
        #expect(try path(nil, magic: 1) == "")
    }

    @Test func aBinaryInAMemfdIsMarked() throws {
        let record = Records.exec(Texts.who, of: Who(1, start: 0), at: 1) {
            $0.body.binary.text = $0.text("memfd:x")
            $0.body.binary.marks = UInt32(MT_MARK_PSEUDO)
            $0.body.links = 0
        }
        let process = try #require(try Pipeline().json([record]).first).process_exec.process
        #expect(process.binary.text == "memfd:x")
        #expect(process.marks.texts == ["memfd"])
    }

    @Test func aDeletedBinaryIsMarked() throws {
        let record = Records.exec(Texts.who, of: Who(1, start: 0), at: 1) { $0.body.links = 0 }
        let process = try #require(try Pipeline().json([record]).first).process_exec.process
        #expect(process.marks.texts == ["deleted"])
    }

    @Test func aKernelThreadHasNoBinaryAndIsNotCalledDeleted() throws {
        let record = Records.snapshot(Texts.who, of: Who(2, start: 0), at: 1) {
            $0.body.binary = mt_path()
            $0.body.links = 0
            $0.body.marks = UInt32(MT_PROCESS_KTHREAD | MT_PROCESS_NO_FILE)
        }
        let process = try #require(try Pipeline().json([record]).first).process_snapshot.process
        #expect(process.binary.isAbsent && process.binary_properties.isAbsent)
        #expect(process.marks.texts == ["kthread"])
    }
}
