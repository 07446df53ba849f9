import Collector
import Fixtures
import Foundation
import Testing

/// What is no recording of ours is told apart, with what to do about it.
@Suite struct ForeignFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func error(_ path: String) -> RecordingError? { Recordings.replay(path).error }

    /// A good recording with one 32-bit number of its header changed.
    private func changed(_ word: Int, _ value: UInt32) throws -> String {
        try Recordings.write([], to: folder.path("good"))
        var bytes = try #require(folder.read("good"))
        withUnsafeBytes(of: value) { bytes.replaceSubrange(8 + 4 * word..<12 + 4 * word, with: $0) }
        return try folder.write(bytes, to: "changed")
    }

    @Test(arguments: [
        "x", "hello\n", "MARTLEX\n and a good deal more than a header",
        "{\"process_exec\":{}}\n{\"process_exit\":{}}\n",
    ])
    func aFileOfAnotherKindIsForeign(text: String) throws {
        let path = try folder.write(Array(text.utf8), to: "other")
        #expect(error(path) == .foreign(path: path))
        #expect(error(path)?.description == "\(path): this is no recording; martlet run --record FILE makes one")
    }

    @Test func anEmptyFileIsForeign() throws {
        let path = try folder.write([], to: "empty")
        #expect(error(path) == .foreign(path: path))
    }

    @Test func anotherVersionIsNamed() throws {
        let path = try changed(0, 9)
        #expect(error(path) == .version(path: path, 9))
        #expect(error(path)?.description.contains("replay it with the martlet that made it") == true)
    }

    @Test func anotherByteOrderIsTold() throws {
        let path = try changed(1, UInt32(0x0102_0304).byteSwapped)
        #expect(error(path) == .byteOrder(path: path))
        #expect(error(path)?.description.contains("the other byte order") == true)
    }

    @Test func aByteOrderThatThereIsNotIsForeign() throws {
        let path = try changed(1, 7)
        #expect(error(path) == .foreign(path: path))
    }

    @Test func aNodeNameLongerThanAnyIsForeign() throws {
        let path = try changed(2, 256)
        #expect(error(path) == .foreign(path: path))
    }

    @Test func aFolderIsTold() throws {
        let path = folder.path("")
        #expect(error(path) == .system(path: path, errno: EISDIR))
    }

    @Test func aMissingFileIsTold() {
        let path = folder.path("missing")
        #expect(error(path) == .system(path: path, errno: ENOENT))
        #expect(error(path)?.description == "\(path): No such file or directory")
    }

    @Test func aFileThatCannotBeReadIsTold() {
        #expect(error("/proc/self/mem") != nil)
    }
}
