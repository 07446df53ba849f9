import API
import Fixtures
import Glibc
import Testing

/// The socket that one process has.
@Suite struct UnixListenerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func mode(_ path: String) -> UInt32 {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_mode & 0o7777 : 0
    }

    @Test func itIsForItsOwnerAloneWithoutAGroup() throws {
        let listener = try UnixListener(path: folder.path("a.sock"))
        #expect(mode(listener.path) == 0o600)
        close(listener.descriptor)
    }

    @Test func itIsForItsGroupWhereThereIsOne() throws {
        let listener = try UnixListener(path: folder.path("a.sock"), group: getegid())
        #expect(mode(listener.path) == 0o660)
        close(listener.descriptor)
    }

    @Test func aSecondOneIsRefusedAndToldWhoHasIt() throws {
        let path = folder.path("a.sock")
        let first = try UnixListener(path: path)
        let failure = #expect(throws: ListenerFailure.self) { _ = try UnixListener(path: path) }
        #expect(failure == .taken(path, pid: Int(getpid())))
        #expect("\(failure!)".contains("another martlet, pid \(getpid()), listens on \(path)"))
        // The first one's is untouched.
        #expect(access(path, F_OK) == 0)
        close(first.descriptor)
    }

    @Test func aStaleSocketIsReplaced() throws {
        let path = folder.path("a.sock")
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(stale)
        let listener = try UnixListener(path: path)
        close(listener.descriptor)
    }

    @Test func aFileInItsPlaceIsLeftAlone() throws {
        let path = try folder.write(Array("mine".utf8), to: "a.sock")
        let failure = #expect(throws: ListenerFailure.self) { _ = try UnixListener(path: path) }
        #expect(failure == .notASocket(path))
        #expect(folder.read("a.sock") == Array("mine".utf8))
    }

    @Test func itsSocketGoesWithItAndItsLockStays() throws {
        let path = folder.path("a.sock")
        do {
            let listener = try UnixListener(path: path)
            close(listener.descriptor)
        }
        #expect(folder.names == ["a.sock.lock"])
        let again = try UnixListener(path: path)
        close(again.descriptor)
    }

    @Test func aFolderThatIsMissingIsToldWithItsRemedy() {
        let failure = #expect(throws: ListenerFailure.self) { _ = try UnixListener(path: "/no/such/folder/a.sock") }
        #expect("\(failure!)".contains("its folder is missing; make it"))
    }

    @Test func aPathThatIsTooLongIsToldWithItsLimit() {
        let path = folder.path(String(repeating: "x", count: 120))
        let failure = #expect(throws: ListenerFailure.self) { _ = try UnixListener(path: path) }
        #expect(failure == .path(path, limit: 107))
    }
}
