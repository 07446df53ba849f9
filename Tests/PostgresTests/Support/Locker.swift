import Foundation

/// A session that holds a table until it is told to end.
final class Locker {
    private let process = Process()
    private let input = Pipe()

    init(_ database: Database, _ table: String, _ mode: String = "ACCESS EXCLUSIVE") throws {
        process.executableURL = URL(filePath: PostgresServer.tool("psql"))
        process.arguments = ["-h", database.server.folder, "-U", "postgres", "-d", database.name, "-qAtX"]
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data("BEGIN; LOCK TABLE \(table) IN \(mode) MODE; SELECT 1;\n".utf8))
        _ = output.fileHandleForReading.availableData
    }

    func end() {
        guard process.isRunning else { return }
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    deinit { end() }
}
