import BPF
import Filters
import Probes

/// What a plan asks of a kernel: the running one answers, or an invented one in tests.
package protocol KernelFacts {
    /// The kernel's own types; nil where it does not tell them.
    var types: KernelTypes? { get }
    /// Those of one of its modules.
    func types(ofModule name: String) -> KernelTypes?
    /// Those that a file of BTF or a program tells.
    func types(inFile path: String) -> KernelTypes?
    /// Its functions; nil where they are hidden.
    var symbols: KernelSymbols? { get }
    /// The functions that ftrace can stop at; nil where it does not tell.
    var traceable: Set<String>? { get }
    /// Whether programs get to places in this way.
    func availability(of attachment: HookPoint.Attachment) -> Availability
    /// Whether it tells what tracepoints' records hold.
    var hasFormats: Bool { get }
    /// What a tracepoint's record holds; nil where there is none.
    func format(of event: String, in subsystem: String) -> TracepointFormat?
    /// The active security modules; nil where it does not tell.
    var securityModules: [String]? { get }
    /// How many bytes a text can have that is compared as a whole.
    var longestText: Int { get }
    /// Its system calls.
    var systemCalls: SystemCallTable { get }
    /// The inode of one of the machine's own namespaces.
    func hostNamespace(_ kind: NamespaceKind) -> UInt64?
    /// Where in a file functions begin; those that it does not define are left out.
    func places(of functions: Set<String>, in file: String) throws(PlaceError) -> [String: UInt64]
    /// Where in a file the code at an address begins; nil where there is none.
    func place(of address: UInt64, in file: String) throws(PlaceError) -> UInt64?
    /// The USDT probes that a file was built with, at all their places.
    func probes(in file: String) throws(PlaceError) -> [ELFProbe]
    /// A file's digest in small hexadecimal digits, or its build ID; nil where it has none.
    func digest(_ algorithm: String, of file: String) throws(PlaceError) -> String?
}

/// Whether a kernel has something.
package enum Availability: Sendable, Equatable {
    case works
    /// It does not, and what that takes.
    case missing(String)
    /// This process cannot find out, and why.
    case unknown(String)
}

/// Why a file's functions are not known.
package struct PlaceError: Error, Equatable {
    /// In words that follow its path.
    package let what: String

    /// Made of words that follow the file's path.
    package init(_ what: String) { self.what = what }
}
