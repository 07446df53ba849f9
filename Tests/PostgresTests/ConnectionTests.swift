import Foundation
import PostgresLink
import Testing

extension Postgres {
    /// All ways in which users name their server, and what they are told when it does not let them in.
    @Suite struct Connections {
        @Test func `A URI, keywords, the environment, a service file and a password file lead to the same database`()
            throws
        {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase()
            let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-pg-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let service = folder.appending(path: "services")
            try Data("[audit]\nhost=\(server.folder)\nuser=secret\npassword=p@ss:/w\ndbname=\(database.name)\n".utf8)
                .write(to: service)
            let passwords = folder.appending(path: "passwords")
            try Data("*:*:\(database.name):secret:p@ss\\:/w\n".utf8).write(to: passwords)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwords.path)
            let escaped = server.folder.replacing("/", with: "%2F")
            let variables = ["PGHOST": server.folder, "PGUSER": "secret", "PGDATABASE": database.name]

            let ways: [(String, [String: String])] = [
                ("postgresql://secret:p%40ss%3A%2Fw@\(escaped)/\(database.name)", [:]),
                ("postgres:///\(database.name)?host=\(server.folder)&user=secret", ["PGPASSWORD": "p@ss:/w"]),
                ("host=\(server.folder) user=secret dbname=\(database.name) password='p@ss:/w'", [:]),
                ("", variables.merging(["PGPASSWORD": "p@ss:/w"]) { $1 }),
                ("service=audit", ["PGSERVICEFILE": service.path]),
                ("", ["PGSERVICEFILE": service.path, "PGSERVICE": "audit"]),
                ("", variables.merging(["PGPASSFILE": passwords.path]) { $1 }),
                (database.name, ["PGHOST": server.folder, "PGUSER": "postgres"]),
            ]
            for (index, (conninfo, variables)) in ways.enumerated() {
                let helper = try Helper(variables)
                let frame = UInt64(index)
                #expect(try helper.open(conninfo).position == frame, "\(conninfo) \(variables)")
                #expect(try helper.transact([(.events, Rows.opens(1))], to: frame + 1).position == frame + 1)
                #expect(helper.close() == 0)
            }
            #expect(try database.count("martlet.events") == ways.count)
        }

        @Test func `A wrong or missing password is told without the password`() throws {
            let server = try PostgresServer.shared.get()
            for password in ["", " password=wrong-secret"] {
                let helper = try Helper(["PGPASSFILE": "/nonexistent"])
                let answer = try helper.open("host=\(server.folder) user=secret dbname=postgres\(password)")
                #expect(answer.reason == .unavailable)
                #expect(answer.failureText.contains("password"), "\(answer.failureText)")
                #expect(!answer.failureText.contains("wrong-secret"))
                #expect(!answer.failureText.contains("\n"))
            }
        }

        @Test(arguments: [
            "postgresql://secret:p@zqx:/w@localhost/x", "postgresql://secret:zqx/w@localhost/x",
            "postgresql://secret:zqx?w@localhost/x", "postgresql://secret:%zqx@localhost/x",
            "host=localhost password=p zqx user=secret", "password='zqx",
        ])
        func `A password that was not escaped is not told in parts either`(conninfo: String) throws {
            let text = try Helper().open(conninfo).failureText
            #expect(text.contains("malformed"), "\(text)")
            #expect(!text.contains("zqx"), "\(text)")
        }

        @Test func `What a server only remarks is no line for the log`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            #expect(try Helper().open(database.conninfo).position == 0)
            try database.query(
                """
                CREATE FUNCTION remark() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE NOTICE 'already exists, skipping'; RAISE WARNING 'hm'; RETURN NEW; END $$;
                CREATE TRIGGER remark BEFORE INSERT OR UPDATE ON martlet.streams FOR EACH ROW EXECUTE FUNCTION remark()
                """
            )
            let helper = try Helper()
            #expect(try helper.open(database.conninfo, stream: String(repeating: "c", count: 32)).position == 0)
            #expect(try helper.transact([(.events, Rows.opens(1))], to: 1).position == 1)
            #expect(helper.close() == 0)
            #expect(helper.notices.isEmpty, "\(helper.notices)")
        }

        @Test func `Where no server is, the failure says so, and a later open succeeds`() throws {
            let helper = try Helper()
            let answer = try helper.open("host=/tmp/martlet-nowhere user=postgres")
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("/tmp/martlet-nowhere"), "\(answer.failureText)")
            let database = try PostgresServer.shared.get().makeDatabase()
            #expect(try helper.open(database.conninfo).position == 0)
        }

        @Test
        func `The session is named martlet unless the user named it, and waits for locks as long as the user said`()
            throws
        {
            let database = try PostgresServer.shared.get().makeDatabase()
            let settings =
                "SELECT application_name FROM pg_stat_activity WHERE datname = '\(database.name)' AND pid <> pg_backend_pid()"
            let plain = try Helper()
            _ = try plain.open(database.conninfo)
            #expect(try database.query(settings) == "martlet")
            #expect(plain.close() == 0)
            #expect(try eventually { try database.query(settings) == "" })
            let named = try Helper(["PGAPPNAME": "mine"])
            _ = try named.open(database.conninfo)
            #expect(try database.query(settings) == "mine")
        }
    }
}
