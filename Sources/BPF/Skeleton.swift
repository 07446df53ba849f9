/// What the `BPFCompiler` plugin generates from one `*.bpf.c` file: its object, and the names and data in it.
public protocol BPFSkeleton {
    /// The programs, by their C names.
    associatedtype Program: RawRepresentable<String> & CaseIterable & Sendable
    /// The maps, by their C names.
    associatedtype Map: RawRepresentable<String> & CaseIterable & Sendable
    /// `const volatile` variables: set them before loading; the verifier then knows their values.
    associatedtype ReadOnlyData: BPFDataSection
    /// Initialized variables, shared with the running programs.
    associatedtype Data: BPFDataSection
    /// Zero-initialized variables, shared with the running programs.
    associatedtype ZeroData: BPFDataSection

    /// The file's name without `.bpf.c`.
    static var name: String { get }
    /// The object file, without DWARF and with BTF, in base64.
    static var object: StaticString { get }
}

/// The variables of one data section, laid over its memory.
public protocol BPFDataSection {
    /// The section's name, such as `.rodata`.
    static var section: String { get }
    /// The section's size in bytes.
    static var size: Int { get }

    /// Lays the variables over `base`, which must stay valid and hold `size` bytes.
    init(base: UnsafeMutableRawPointer)
}

/// A data section that an object does not have.
public struct BPFNoData: BPFDataSection {
    /// None.
    public static let section = ""
    /// None.
    public static let size = 0

    /// Looks at nothing.
    public init(base: UnsafeMutableRawPointer) {}
}

/// The names of an object that has no programs, or no maps.
public enum BPFNoNames: RawRepresentable, CaseIterable, Sendable {
    /// Never asked: there is no value.
    public var rawValue: String { switch self {} }

    /// Always nil.
    public init?(rawValue: String) { nil }
}
