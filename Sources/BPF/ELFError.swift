/// Why a file cannot be used as an ELF file of this machine.
public enum ELFError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is something else: a script, for example.
    case notELF
    /// Of another architecture, word size or byte order, or neither executable nor library.
    case foreign
    /// It says things of itself that cannot be.
    case damaged

    /// What is wrong with it.
    public var description: String {
        switch self {
        case .notELF: "no ELF file"
        case .foreign: "not an executable or library of this architecture (64 bits, little-endian)"
        case .damaged: "damaged, or cut: its headers point outside it"
        }
    }
}
