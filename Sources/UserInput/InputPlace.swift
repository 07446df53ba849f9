/// Where something was written.
package struct InputPlace: Sendable, Equatable, CustomStringConvertible {
    /// The file's path, or what stands for one.
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1; in Unicode scalars in YAML, in bytes in TOML.
    package let column: Int

    /// A place in a file.
    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// As compilers write it.
    package var description: String { "\(file):\(line):\(column)" }
}
