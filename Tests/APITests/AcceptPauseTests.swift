import API
import Collector
import Fixtures
import Glibc
import NIOCore
import NIOPosix
import Testing

@Suite struct AcceptPauseTests {
    @Test func whoCannotAcceptRestsAndThenGoesOn() async throws {
        let folder = try TemporaryFolder()
        let loop = try GRPCLoop.get().loop
        let channel = try await ServerBootstrap(group: loop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(.milliseconds(50)))
                }
            }
            .bind(unixDomainSocketPath: folder.path("socket")).get()
        #expect(try await channel.getOption(.autoRead).get())
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
        #expect(try await !channel.getOption(.autoRead).get())
        for _ in 0..<400 where try await !channel.getOption(.autoRead).get() {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(try await channel.getOption(.autoRead).get())
        #expect(channel.isActive)
        try await channel.close()
    }
}
