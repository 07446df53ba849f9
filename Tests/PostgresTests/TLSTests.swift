import Foundation
import Glibc
import PostgresLink
import Testing

extension Postgres {
    @Suite struct TLS {
        @Test func `With verify-full a server of our authority is trusted, and no other one`() throws {
            let port = try Self.freePort()
            let settings = ["listen_addresses": "127.0.0.1", "port": "\(port)", "ssl": "on"]
            let server = try PostgresServer(settings, prepare: Self.makeCertificates)
            let helper = try Helper(["PGPASSWORD": "p@ss:/w", "PGHOSTADDR": "127.0.0.1"])
            let conninfo = "host=localhost port=\(port) user=secret dbname=postgres sslmode=verify-full sslrootcert="
            let folder = server.folder
            #expect(try helper.open(conninfo + "\(folder)/ca.pem").position == 0)
            #expect(try helper.transact([(.events, Rows.opens(1))], to: 1).position == 1)
            let wrong = try helper.open(conninfo + "\(folder)/other.pem")
            #expect(wrong.failureText.contains("certificate verify failed"), "\(wrong.failureText)")
            let name = try helper.open(
                conninfo.replacing("host=localhost", with: "host=elsewhere") + "\(folder)/ca.pem"
            )
            #expect(name.failureText.contains("does not match host name"), "\(name.failureText)")
            let plain = try helper.open("host=localhost port=\(port) user=secret dbname=postgres sslmode=disable")
            #expect(plain.failureText.contains("no encryption"), "\(plain.failureText)")
        }

        private static func makeCertificates(_ folder: String) throws {
            for name in ["ca", "other"] {
                try PostgresServer.run([
                    "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
                    "-keyout",
                    "\(folder)/\(name).key", "-out", "\(folder)/\(name).pem",
                ])
            }
            try PostgresServer.run([
                "openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout",
                "\(folder)/data/server.key", "-out", "\(folder)/server.csr",
            ])
            try PostgresServer.run([
                "openssl", "x509", "-req", "-in", "\(folder)/server.csr", "-CA", "\(folder)/ca.pem", "-CAkey",
                "\(folder)/ca.key", "-CAcreateserial", "-days", "2", "-out", "\(folder)/data/server.crt",
            ])
            chmod("\(folder)/data/server.key", 0o600)
            if geteuid() == 0, let user = getpwnam("postgres") {
                chown("\(folder)/data/server.key", user.pointee.pw_uid, user.pointee.pw_gid)
            }
        }

        private static func freePort() throws -> UInt16 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
                }
            }
            guard isBound else { throw PostgresServer.Failure(description: "no port: \(errno)") }
            return UInt16(bigEndian: address.sin_port)
        }
    }
}
