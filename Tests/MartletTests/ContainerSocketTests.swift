import Collector
import Doctor
import Testing

@Suite struct ContainerSocketTests {
    @Test func theDoctorLooksAtTheSocketsThatARunAsks() {
        let asked = EngineSockets().system.map { "\($0.engine.name)=\($0.path)" }
        let lookedAt = ContainerSocket.all.flatMap { socket in socket.paths.map { "\(socket.runtime)=\($0)" } }
        #expect(asked == lookedAt)
        #expect(Set(EngineSocket.Engine.allCases.map(\.name)) == Set(ContainerSocket.all.map(\.runtime)))
    }
}
