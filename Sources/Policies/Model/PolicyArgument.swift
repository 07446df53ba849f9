import UserInput

/// Something that a hook reads.
package struct PolicyArgument: Sendable {
    /// Where it is read from, when it is no argument.
    package enum Source: String, Sendable, CaseIterable {
        case currentTask = "current_task"
        case registers = "pt_regs"
    }

    /// Where it begins.
    package let place: InputPlace
    /// Which argument of the function, or which field of the tracepoint.
    package let index: Int
    /// How it is read.
    package let type: ArgumentType
    /// The way through structs to what is meant; empty for the argument itself.
    package let steps: [ResolveStep]
    /// Which register, of a source that is registers.
    package let register: String?
    /// Which argument says how long it is, from 0; nil for none.
    package let sizeIndex: Int?
    /// Whether it is read when the function returns.
    package let isReadAtReturn: Bool
    /// Whether more than the usual 4 KiB are read.
    package let readsMost: Bool
    /// What events call it.
    package let label: String?
    /// Where it is read from, when it is no argument.
    package let source: Source?
    /// The struct that it is taken for.
    package let structName: String?
    /// The kernel module that describes the struct.
    package let structModule: String?
}

/// One step from a value to what it holds.
package enum ResolveStep: Sendable, Equatable, CustomStringConvertible {
    /// A member of a struct or union, or of what a pointer points to.
    case member(String)
    /// An element of an array.
    case element(Int)

    /// As it is written.
    package var description: String {
        switch self {
        case .member(let name): ".\(name)"
        case .element(let index): "[\(index)]"
        }
    }

    /// The steps of `mm.owner.comm` or `list[2].name`; nil when it is no such path.
    package static func parse(_ text: String) -> [ResolveStep]? {
        var steps: [ResolveStep] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let name = part.prefix { $0 != "[" }
            // A member that has no name is an array's element right behind its dot, which nothing needs.
            guard KernelName.isIdentifier(name) else { return nil }
            steps.append(.member(String(name)))
            var rest = part[name.endIndex...]
            while !rest.isEmpty {
                guard rest.first == "[", let end = rest.firstIndex(of: "]"),
                    let index = PlainNumber.decimal(rest[rest.index(after: rest.startIndex)..<end]), index < 1 << 20
                else { return nil }
                steps.append(.element(Int(index)))
                rest = rest[rest.index(after: end)...]
            }
        }
        return steps
    }
}
