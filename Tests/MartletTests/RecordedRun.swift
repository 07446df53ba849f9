import Fixtures

/// The binary and a recording for it to replay.
struct RecordedRun {
    let martlet: Martlet
    let folder: TemporaryFolder
    /// The recording.
    let path: String

    /// Records these batches.
    init(_ batches: [[[UInt8]]]) throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
        path = folder.path("recording")
        try Recordings.write(batches, to: path)
    }
}
