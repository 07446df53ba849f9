import UserInput

/// Policies of one or more files, and what is wrong with those that are not among them.
package struct PolicyCollection: Sendable {
    /// Those that hold, in the order of files and documents.
    package private(set) var policies: [TracingPolicy] = []
    /// What is wrong, and what has no effect, in the same order.
    package private(set) var problems: [InputProblem] = []
    private var places: [String: InputPlace] = [:]

    /// None yet.
    package init() {}

    /// Whether every document of every file is a policy that holds.
    package var isRight: Bool { !problems.contains { $0.severity == .error } }

    /// Reads a file's bytes; what is wrong with one of its documents leaves the others alone.
    package mutating func read(_ bytes: [UInt8], file: String) {
        guard bytes.count <= PolicyLimits.fileBytes else {
            refuse(file, "is larger than \(PolicyLimits.fileBytes >> 20) MiB: split it")
            return
        }
        let chunks = YAMLChunks.of(bytes)
        guard chunks.count <= PolicyLimits.documents else {
            refuse(file, "has more than \(PolicyLimits.documents) documents: split it")
            return
        }
        for chunk in chunks { read(chunk, file) }
    }

    /// Notes a file of which nothing is read.
    mutating func refuse(_ file: String, _ what: String) {
        let place = InputPlace(file: file, line: 1, column: 1)
        problems.append(InputProblem(place: place, path: "", what: what, severity: .error))
    }

    private mutating func read(_ chunk: YAMLChunks.Chunk, _ file: String) {
        let reading = PolicyReading()
        defer { problems += Self.inOrder(reading.problems) }
        guard let text = String(validating: chunk.bytes, as: UTF8.self) else {
            reading.error(UTF8Fault.place(in: chunk.bytes, file, chunk.lineOffset), "", "no UTF-8")
            return
        }
        do {
            guard let root = try YAMLComposer.compose(text, file: file, lineOffset: chunk.lineOffset),
                let policy = TracingPolicy(root, reading)
            else { return }
            let key =
                "\(policy.kind.rawValue) '\(policy.name)'" + (policy.metadata.namespace.map { " of \($0.value)" } ?? "")
            if let place = places[key] {
                reading.error(
                    policy.metadata.name.place,
                    "metadata.name",
                    "there is a \(key) already, at \(place); give each a name of its own"
                )
                return
            }
            places[key] = policy.metadata.name.place
            policies.append(policy)
        } catch {
            reading.error(error.place, "", error.what)
        }
    }

    /// As somebody who mends a file goes through it.
    private static func inOrder(_ problems: [InputProblem]) -> [InputProblem] {
        problems.enumerated().sorted {
            ($0.element.place.line, $0.element.place.column, $0.offset)
                < ($1.element.place.line, $1.element.place.column, $1.offset)
        }.map(\.element)
    }
}

/// Bytes that are no text.
private enum UTF8Fault {
    /// The line of the first.
    static func place(in bytes: ArraySlice<UInt8>, _ file: String, _ lineOffset: Int) -> InputPlace {
        var line = lineOffset + 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        return InputPlace(file: file, line: line, column: 1)
    }
}
