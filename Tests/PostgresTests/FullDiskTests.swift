import Foundation
import Glibc
import PostgresLink
import Testing

extension Postgres {
    @Suite(.enabled(if: geteuid() == 0, "needs root: mounts a small file system"))
    struct FullDisk {
        @Test func `A full disk is a failure of the server, and with more room all of it is there once`() throws {
            let server = try PostgresServer()
            let disk = server.folder + "/disk"
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            try PostgresServer.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk])
            try PostgresServer.run(["chown", "postgres", disk])
            defer {
                server.stop(SIGQUIT)
                _ = try? PostgresServer.run(["umount", disk])
            }
            try server.query("CREATE TABLESPACE small LOCATION '\(disk)'")
            let database = try server.makeDatabase("TABLESPACE small")
            let helper = try Helper()
            #expect(try helper.open(database.conninfo).position == 0)
            let rows = Rows.opens(5000)
            var position: UInt64 = 0
            var answer = PostgresMessage.begin
            for _ in 0..<40 {
                answer = try helper.transact([(.events, rows)], to: position + 1)
                guard answer.reason == nil else { break }
                position += 1
            }
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("make room"), "\(answer.failureText)")
            try PostgresServer.run(["mount", "-o", "remount,size=200m", disk])
            #expect(try helper.open(database.conninfo).position == position)
            #expect(try helper.transact([(.events, rows)], to: position + 1).position == position + 1)
            #expect(try database.count("martlet.events") == 5000 * Int(position + 1))
        }
    }
}
