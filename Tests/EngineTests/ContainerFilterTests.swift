import Engine
import Fixtures
import Model
import Testing
import UserInput

/// Which events pass by the container, pod or unit that their process is in.
@Suite struct ContainerFilterTests {
    /// The processes whose exit passes, when all names are known.
    private func passing(_ change: (inout EventFilter) -> Void) -> [UInt32] {
        var filter = EventFilter()
        filter.kinds = [.exit]
        change(&filter)
        let batch = Pipeline().batch(Places.records)
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
        #expect(passing { $0.pods = [PodPattern(Places.uid)] } == [5])
    }

    @Test func aUnitIsChosenByNameWithOrWithoutItsEnd() {
        #expect(passing { $0.units = [UnitPattern("ssh")] } == [1])
        #expect(passing { $0.units = [UnitPattern("ssh.service"), UnitPattern("session-*")] } == [1, 7])
        #expect(passing { $0.units = [UnitPattern("session-3")] }.isEmpty)
    }
}
