import BPF
import CWire
import Collector
import Fixtures
import Foundation
import Model
import Testing

/// Build ids of files that are mapped, put behind their records.
@Suite struct BuildIDTests {
    private static let own = Who(UInt32(getpid()), start: 1)

    private func record(_ path: String, inode: UInt64? = nil, kind: EventKind = .loader) throws -> [UInt8] {
        var status = stat()
        #expect(stat(path, &status) == 0)
        let (file, text) = Records.file(path) { $0.inode = inode ?? UInt64(status.st_ino) }
        return Records.call(Self.own, at: 1, kind: kind) { $0.add(MT_VALUE_FILE, body: file, text) }
    }

    private func added(_ record: [UInt8]) throws -> [UInt8]? {
        var ids = BuildIDs()
        return record.withUnsafeBytes { ids.added(to: $0) }
    }

    @Test func aProgramsIsReadFromItsFile() throws {
        let file = try #require(FileHandle(forReadingAtPath: "/bin/true"))
        let expected = try #require(try ELFFile(descriptor: file.fileDescriptor).buildID())
        let whole = try #require(try added(try record("/bin/true")))
        try whole.withUnsafeBytes { bytes in
            let call = Call(try Record(bytes))
            #expect(call.buildID.map { Array($0) } == expected)
            // What was there is there still.
            #expect(call.policy.map { String(decoding: $0, as: UTF8.self) } == "audit")
            #expect(call.path.map { String(decoding: $0, as: UTF8.self) } == "/bin/true")
        }
    }

    @Test func anotherFileOfThatNameIsNotAsked() throws { #expect(try added(try record("/bin/true", inode: 1)) == nil) }

    @Test func whatIsNoProgramHasNone() throws {
        #expect(try added(try record("/etc/hostname")) == nil)
        #expect(try added(try record("/dev/null")) == nil)
        #expect(try added(try record("/bin/true", kind: .kprobe)) == nil)
    }
}
