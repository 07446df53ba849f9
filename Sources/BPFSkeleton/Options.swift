/// What the command line asks for.
struct Options {
    /// What the skeleton is made of.
    enum Input {
        case source(String)
        case object(String)

        var path: String {
            switch self {
            case .source(let path), .object(let path): path
            }
        }
    }

    static let usage = """
        usage: BPFSkeleton (--source FILE.bpf.c [--clang CLANG] [-I FOLDER]... [--arch x86|arm64] | --object FILE) \
        --output FILE.swift
        """

    let input: Input
    let output: String
    /// The compiler; nil stands for the first `clang` in PATH.
    let clang: String?
    let includes: [String]
    let architecture: Architecture

    init(arguments: some Sequence<String>) throws(ToolError) {
        var values: [String: String] = [:]
        var includes: [String] = []
        var rest = arguments.makeIterator()
        while let option = rest.next() {
            guard ["--source", "--object", "--output", "--clang", "--arch", "-I"].contains(option) else {
                throw Self.misused("unknown option '\(option)'")
            }
            guard let value = rest.next() else {
                throw Self.misused("\(option) has no value")
            }
            if option == "-I" {
                includes.append(value)
            } else {
                values[option] = value
            }
        }
        switch (values["--source"], values["--object"]) {
        case (let source?, nil): input = .source(source)
        case (nil, let object?): input = .object(object)
        default: throw Self.misused("exactly one of --source and --object is needed")
        }
        guard let output = values["--output"] else {
            throw Self.misused("--output is missing")
        }
        self.output = output
        clang = values["--clang"]
        self.includes = includes
        architecture = try values["--arch"].map(Architecture.init(name:)) ?? .host
    }

    private static func misused(_ problem: String) -> ToolError {
        ToolError(problem: problem, remedy: usage)
    }
}

/// The processor whose register layout the kernel programs read.
enum Architecture: String, CaseIterable {
    case x86
    case arm64

    static var host: Architecture {
        #if arch(arm64)
            .arm64
        #else
            .x86
        #endif
    }

    init(name: String) throws(ToolError) {
        guard let known = Architecture(rawValue: name) else {
            let names = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
            throw ToolError(problem: "unknown architecture '\(name)'", remedy: "use one of: \(names)")
        }
        self = known
    }

    /// The macro by which libbpf's headers choose among register layouts.
    var macro: String { "__TARGET_ARCH_\(rawValue)" }

    /// Where Debian and its descendants keep `asm/types.h`, which `linux/bpf.h` needs.
    var multiarchHeaders: String {
        switch self {
        case .x86: "/usr/include/x86_64-linux-gnu"
        case .arm64: "/usr/include/aarch64-linux-gnu"
        }
    }
}
