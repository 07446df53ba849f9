import Fixtures
import Formats
import Foundation
import Glibc
import Logging
import Model
import Outputs

/// Batches whose lines can be told apart, and writers for them.
enum Lines {
    /// Batches of opens, numbered through all of them.
    static func batches(_ count: Int, of size: Int, width: Int = 20) -> [EventBatch] {
        let pipeline = Pipeline()
        return (0..<count).map { batch in
            pipeline.batch(
                (0..<size).map { index in
                    let number = String(batch * size + index)
                    let name = "n" + String(repeating: "0", count: max(0, width - number.count)) + number
                    return Records.open(Who(40, start: 4000), at: UInt64(index), name: name, path: nil)
                }
            )
        }
    }

    static var writer: EventWriter { EventFormat.json.makeWriter(node: "node-1", colored: false) }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The numbers of the lines, each of which must be whole.
    static func numbers(_ text: some Sequence<UInt8>) throws -> [Int] {
        try text.split(separator: 10).map { line in
            let name = try JSON(parsing: String(decoding: line, as: UTF8.self)).process_file.name.text
            return name.flatMap { Int($0.dropFirst()) } ?? -1
        }
    }

    static func numbers(_ folder: TemporaryFolder, _ name: String) throws -> [Int] {
        try numbers(folder.read(name) ?? [])
    }
}

/// A pipe whose reader is a thread that the test lets read, or not.
final class TestPipe: @unchecked Sendable {
    let writing: Int32
    private let reading: Int32
    private var text: [UInt8] = []
    private let done = DispatchSemaphore(value: 0)

    init() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        (reading, writing) = (ends[0], ends[1])
    }

    /// Reads until the writer closes, so many bytes at a time with a pause between.
    func startReading(_ size: Int = 65536, pause microseconds: UInt32 = 0) {
        Thread.detachNewThread { [self] in
            var area = [UInt8](repeating: 0, count: size)
            while true {
                let count = read(reading, &area, size)
                if count <= 0 { break }
                text += area[..<count]
                if microseconds > 0 { usleep(microseconds) }
            }
            done.signal()
        }
    }

    /// Closes the writing end and returns all that came.
    func finish() -> [UInt8] {
        close(writing)
        done.wait()
        return text
    }

    func closeReader() { close(reading) }
}
