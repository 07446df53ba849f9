import CLibBPF
import Glibc

/// The types that a kernel, one of its modules or a program tells of itself (BTF).
///
/// For example, what a function takes:
///
/// ```swift
/// let types = try KernelTypes()
/// for parameter in types.function("tcp_connect")?.parameters ?? [] { print(parameter.name, parameter.type.name) }
/// ```
public final class KernelTypes {
    /// What a function takes and returns.
    public struct Prototype: Hashable, Sendable {
        /// What it takes, in order.
        public let parameters: [Parameter]
        /// What it returns.
        public let result: KernelType
    }

    /// One value that a function takes.
    public struct Parameter: Hashable, Sendable {
        /// Its name; empty where it has none.
        public let name: String
        /// Its type.
        public let type: KernelType
    }

    /// What a name stands for; each kind has names of its own.
    enum Kind: UInt32 {
        case structure = 4
        case union = 5
        case enumeration = 6
        case alias = 8
        case function = 12
    }

    let handle: OpaquePointer
    private let base: KernelTypes?
    private var indexes: [Kind: [String: UInt32]] = [:]

    /// Those of the running kernel.
    public convenience init() throws(BPFError) {
        try self.init(of: "types of the kernel", base: nil) { btf__load_vmlinux_btf() }
    }

    /// Those of one of its modules, which refer to the kernel's own.
    public convenience init(module: String, base: KernelTypes) throws(BPFError) {
        try self.init(of: "types of the module \(module)", base: base) { btf__load_module_btf(module, base.handle) }
    }

    /// Those in a file: an ELF file with a section `.BTF`, or the bytes of one.
    public convenience init(file: String) throws(BPFError) {
        try self.init(of: "types in \(file)", base: nil) { btf__parse(file, nil) }
    }

    /// Those in the bytes of a section `.BTF`.
    public convenience init(bytes: [UInt8]) throws(BPFError) {
        try self.init(of: "types", base: nil) { btf__new(bytes, UInt32(clamping: bytes.count)) }
    }

    private init(of subject: String, base: KernelTypes?, _ open: () -> OpaquePointer?) throws(BPFError) {
        let (result, log) = BPFLog.capture { () -> (OpaquePointer?, Int32) in (open(), Glibc.errno) }
        guard let handle = result.0 else {
            throw BPFError(step: .btf, subject: subject, errno: result.1, log: BPFLog.decisiveLines(log))
        }
        self.handle = handle
        self.base = base
    }

    deinit { btf__free(handle) }

    /// What a function takes and returns; nil where there is no such function.
    public func function(_ name: String) -> Prototype? {
        guard let id = id(name, .function), let function = btf__type_by_id(handle, id) else { return nil }
        return prototype(function.pointee.type)
    }

    /// What a tracepoint is called with, without the pointer that is the kernel's own; nil where there is none.
    public func tracepoint(_ name: String) -> Prototype? {
        guard let id = id("btf_trace_\(name)", .alias), let alias = btf__type_by_id(handle, id),
            let pointer = btf__type_by_id(handle, alias.pointee.type), btf_is_ptr(pointer),
            let whole = prototype(pointer.pointee.type), !whole.parameters.isEmpty
        else { return nil }
        return Prototype(parameters: Array(whole.parameters.dropFirst()), result: whole.result)
    }

    /// What a hook of the security modules is called with; nil where there is no such hook.
    public func securityHook(_ name: String) -> Prototype? { function("bpf_lsm_\(name)") }

    /// A struct or union; nil where none is called so.
    public func structure(_ name: String) -> KernelType? {
        (id(name, .structure) ?? id(name, .union)).flatMap { type($0) }
    }

    /// What the values of an enumeration are called, in their order; nil where no enumeration is called so.
    public func enumerators(_ name: String) -> [(name: String, value: Int64)]? {
        guard let id = id(name, .enumeration), let type = btf__type_by_id(handle, id) else { return nil }
        let isSigned = btf_kflag(type)
        return UnsafeBufferPointer(start: btf_enum(type), count: Int(btf_vlen(type))).map {
            (string($0.name_off), isSigned ? Int64($0.val) : Int64(UInt32(bitPattern: $0.val)))
        }
    }

    /// The names of all functions that are described, in no order.
    public var functions: [String] { names(.function, "") }

    /// The names of all tracepoints, in no order.
    public var tracepoints: [String] { names(.alias, "btf_trace_") }

    /// The names of all hooks of the security modules, in no order.
    public var securityHooks: [String] { names(.function, "bpf_lsm_") }

    /// The names of all structs and unions, in no order.
    public var structures: [String] { names(.structure, "") + names(.union, "") }

    func string(_ offset: UInt32) -> String { btf__name_by_offset(handle, offset).map { String(cString: $0) } ?? "" }

    func id(_ name: String, _ kind: Kind) -> UInt32? { index(kind)[name] ?? base?.id(name, kind) }

    private func names(_ kind: Kind, _ prefix: String) -> [String] {
        index(kind).keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            + (base?.names(kind, prefix) ?? [])
    }

    /// The kernel's own search compares all of some 100,000 names each time; lists of functions ask for hundreds.
    private func index(_ kind: Kind) -> [String: UInt32] {
        if let index = indexes[kind] { return index }
        var index: [String: UInt32] = [:]
        let first = base.map { btf__type_cnt($0.handle) } ?? 1
        for id in first..<max(first, btf__type_cnt(handle)) {
            guard let type = btf__type_by_id(handle, id), UInt32(btf_kind(type)) == kind.rawValue else { continue }
            let name = string(type.pointee.name_off)
            if !name.isEmpty, index[name] == nil { index[name] = id }
        }
        indexes[kind] = index
        return index
    }

    private func prototype(_ id: UInt32) -> Prototype? {
        guard let function = btf__type_by_id(handle, id), btf_is_func_proto(function) else { return nil }
        let parameters = UnsafeBufferPointer(start: btf_params(function), count: Int(btf_vlen(function)))
        return Prototype(
            parameters: parameters.map { Parameter(name: string($0.name_off), type: type($0.type)) },
            result: type(function.pointee.type)
        )
    }
}
