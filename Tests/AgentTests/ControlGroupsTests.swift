import Agent
import Foundation
import Model
import Testing

/// The kernel's numbers of control groups, by the hierarchies that are mounted.
@Suite struct ControlGroupsTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "groups-\(UUID().uuidString)")

    private func make(_ path: String) throws -> UInt64 {
        let place = folder.appending(path: path)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        var status = stat()
        #expect(stat(place.path, &status) == 0)
        return UInt64(status.st_ino)
    }

    @Test func aGroupIsItsInodeInEachHierarchyThatIsMountedWhole() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let unified = try make("unified/docker/abc")
        let memory = try make("memory/docker/abc")
        let pids = try make("pids/docker/abc")
        _ = try make("part/docker/abc")
        let groups = ControlGroups(
            mounts: """
                25 1 0:23 / /proc rw shared:5 - proc proc rw
                30 24 0:26 / \(folder.path)/unified rw,nosuid shared:4 - cgroup2 cgroup2 rw
                31 24 0:27 / \(folder.path)/memory rw - cgroup cgroup rw,memory
                32 24 0:28 / \(folder.path)/pids rw - cgroup cgroup rw,pids
                33 24 0:29 / \(folder.path)/cpu rw - cgroup cgroup rw,cpu
                34 24 0:27 /docker \(folder.path)/part rw - cgroup cgroup rw,memory
                bad line
                """
        )
        let keys = groups.keys(of: Bytes(Array("/docker/abc".utf8)))
        #expect(Set(keys) == [unified, memory ^ 1 << 62, pids ^ 2 << 62])
        #expect(groups.keys(of: Bytes(Array("/docker/gone".utf8))).isEmpty)
        #expect(ControlGroups(mounts: "").keys(of: Bytes(Array("/docker/abc".utf8))).isEmpty)
    }
}
