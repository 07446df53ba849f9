import Engine
import Fixtures
import Model
import Testing

/// Which events pass by the container, pod or unit that their process is in.
@Suite struct ContainerFilterTests {
    private static let id = String(repeating: "2f1c9be01d5a4c8e", count: 4)
    private static let uid = "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f"

    /// Host, truncated, unknown, docker with a name, a pod, LXC, a user's unit.
    private static let records: [[UInt8]] =
        [
            exec(1, "/system.slice/ssh.service"), exec(2, "/a/b", marks: 0x80), exec(3, nil), exec(4, "/docker/\(id)"),
            exec(5, "/kubepods/pod\(uid)/\(String(id.reversed()))"), exec(6, "/lxc.payload.web"),
            exec(7, "/user.slice/user-7.slice/session-3.scope"),
            Records.container(id, at: 100, name: "shop-db") {
                $0.body.pod = $0.text("db-0")
                $0.body.pod_namespace = $0.text("shop")
            },
        ] + (1...7).map { Records.exit(Who($0, start: 1), at: 200) }

    private static func exec(_ tgid: UInt32, _ cgroup: String?, marks: UInt32 = 0) -> [UInt8] {
        Records.exec(Who(tgid, start: 1), of: Who(99, start: 1), at: 50) {
            $0.body.cgroup = $0.text(cgroup)
            $0.body.marks = marks
        }
    }

    /// The processes whose exit passes, when all names are known.
    private func passing(_ change: (inout EventFilter) -> Void) -> [UInt32] {
        var filter = EventFilter()
        filter.kinds = [.exit]
        change(&filter)
        let batch = Pipeline().batch(Self.records)
        _ = batch.filter { filter.passes($0, $1) }
        return batch.events.map { batch.record($0).header.tgid }
    }

    @Test func theHostIsWhatIsKnownToBeInNoContainer() {
        #expect(passing { $0.containers = [ContainerPattern("host")] } == [1, 7])
        #expect(passing { $0.containers = [ContainerPattern("any")] } == [4, 5, 6])
        #expect(passing { $0.containers = [ContainerPattern("host"), ContainerPattern("any")] } == [1, 4, 5, 6, 7])
    }

    @Test func aContainerIsChosenByTheBeginningOfItsIdOrName() {
        #expect(passing { $0.containers = [ContainerPattern("2f1c9be0")] } == [4])
        #expect(passing { $0.containers = [ContainerPattern("shop")] } == [4])
        #expect(passing { $0.containers = [ContainerPattern("shop-db"), ContainerPattern("we")] } == [4, 6])
        #expect(passing { $0.containers = [ContainerPattern("*-db")] } == [4])
        #expect(passing { $0.containers = [ContainerPattern("hop")] }.isEmpty)
    }

    @Test func aRuntimeIsChosenByName() {
        #expect(passing { $0.runtimes = [.docker] } == [4])
        #expect(passing { $0.runtimes = [.docker, .lxc] } == [4, 6])
        #expect(passing { $0.runtimes = [.kubernetes] } == [5])
        #expect(passing { $0.runtimes = [.podman] }.isEmpty)
    }

    @Test func aPodIsChosenByNameNamespaceOrUid() {
        #expect(passing { $0.pods = [PodPattern("db-0")] } == [4])
        #expect(passing { $0.pods = [PodPattern("db")] }.isEmpty)
        #expect(passing { $0.pods = [PodPattern("shop/db-0")] } == [4])
        #expect(passing { $0.pods = [PodPattern("shop/*")] } == [4])
        #expect(passing { $0.pods = [PodPattern("other/db-0")] }.isEmpty)
        #expect(passing { $0.pods = [PodPattern(Self.uid)] } == [5])
    }

    @Test func aUnitIsChosenByNameWithOrWithoutItsEnd() {
        #expect(passing { $0.units = [UnitPattern("ssh")] } == [1])
        #expect(passing { $0.units = [UnitPattern("ssh.service"), UnitPattern("session-*")] } == [1, 7])
        #expect(passing { $0.units = [UnitPattern("session-3")] }.isEmpty)
    }
}
