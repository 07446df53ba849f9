/// When a file is put aside for a new one, and how many are kept.
package struct Rotation: Sendable, Equatable {
    /// Bytes; nil: any size.
    package var size: Int?
    /// Seconds since the file was begun; nil: any age.
    package var age: Int?
    /// How many old files are kept, as FILE.1 (the newest) to FILE.n.
    package var count = 5

    package init() {}
}
