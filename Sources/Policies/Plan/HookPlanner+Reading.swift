import BPF
import CWire
import Filters
import UserInput

extension HookPlanner {
    /// What a policy's argument is in a hook.
    enum Part {
        case argument, data, returned
    }

    typealias Read = (reading: Reading, type: ArgumentType)

    /// Bytes that are kept of what has no limit of its own, and of what is asked for with `maxData`.
    private static let (usualBytes, mostBytes) = (4096, 32_768)

    /// What is read for an argument; nil where nothing is to be, or where it cannot.
    mutating func reading(of argument: PolicyArgument, _ part: Part, _ path: String, _ source: CallSource) -> Read? {
        guard argument.type != .nothing else { return nil }
        if argument.readsMost {
            warning(argument.place, "\(path).maxData", "at most \(Self.mostBytes) bytes are read for now")
        }
        if argument.source == .registers { return register(argument, path, source) }
        if argument.source == .currentTask {
            guard let types = kernelTypes(argument, path, "a task's members") else { return nil }
            let name = argument.structName ?? "task_struct"
            guard let task = structure(name, types, argument.place, path) else { return nil }
            return walked(argument, path, Way(.task, task, types, "a task", atReturn: false))
        }
        switch source {
        case .record(let format, let isOfSystemCall): return field(argument, path, format, isOfSystemCall)
        case .systemCall(let count, _): return ofSystemCall(argument, part, path, count)
        case .user(let file, let readable): return ofProgram(argument, part, path, file, readable)
        case .probe(let given, let file): return ofProbe(argument, path, given, file)
        case .kernel(let functions, let types, let readable, _, _):
            return ofFunction(argument, part, path, functions, types, readable)
        }
    }

    /// The kernel's types; a problem where it does not tell them.
    private mutating func kernelTypes(_ argument: PolicyArgument, _ path: String, _ what: String) -> KernelTypes? {
        if let module = argument.structModule {
            if let types = kernel.types(ofModule: module) { return types }
            error(
                argument.place,
                "\(path).btfTypeModule",
                "the module '\(module)' does not tell its types: load it, if /sys/kernel/btf/\(module) is missing"
            )
            return nil
        }
        if let types = kernel.types { return types }
        error(argument.place, path, "this kernel does not tell its types, which \(what) need: \(PlanWords.needsTypes)")
        return nil
    }

    private mutating func structure(_ name: String, _ types: KernelTypes, _ place: InputPlace, _ path: String)
        -> KernelType?
    {
        if let type = types.structure(name) { return type }
        let nearest = PlanWords.nearest(name, among: types.structures)
        error(place, "\(path).btfType", "there is no struct \(name)\(nearest.map { "; did you mean \($0)?" } ?? "")")
        return nil
    }

    private mutating func ofFunction(
        _ argument: PolicyArgument,
        _ part: Part,
        _ path: String,
        _ functions: [CallSource.Function],
        _ types: KernelTypes?,
        _ readable: Int
    ) -> Read? {
        let origin: Reading.Origin = part == .returned ? .returned : .argument(argument.index)
        if part == .argument {
            guard argument.index < readable else {
                error(
                    argument.place,
                    "\(path).index",
                    "only arguments 0 to \(readable - 1) can be read here, not \(argument.index)"
                )
                return nil
            }
            for function in functions {
                guard let count = function.prototype?.parameters.count, argument.index >= count else { continue }
                error(argument.place, "\(path).index", PlanWords.noArgument(argument.index, function.name, count))
                return nil
            }
        }
        var size: Reading.Size?
        if let index = argument.sizeIndex {
            guard index < readable else {
                error(
                    argument.place,
                    "\(path).sizeArgIndex",
                    "only arguments 0 to \(readable - 1) can be read here, not \(index)"
                )
                return nil
            }
            let first = functions.first?.prototype?.parameters
            if let first, index >= first.count {
                let name = functions.first?.name ?? ""
                error(argument.place, "\(path).sizeArgIndex", PlanWords.noArgument(index, name, first.count))
                return nil
            }
            size = Reading.Size(argument: index, width: first.map { max(1, $0[index].type.bytes) } ?? 8)
        }
        let found = functions.compactMap { function in
            function.prototype.map { prototype in
                (function.name, part == .returned ? prototype.result : prototype.parameters[argument.index].type)
            }
        }
        let name = part == .returned ? "what it returns" : "argument \(argument.index)"
        if part == .returned, let (function, _) = found.first(where: { $0.1.shape == .void }) {
            error(argument.place, path, "\(function) returns nothing: take out return and returnArg")
            return nil
        }
        let isAtReturn = part == .returned || argument.isReadAtReturn
        guard argument.structName != nil || found.first != nil else {
            guard argument.steps.isEmpty, argument.type != .automatic else {
                let needs = argument.steps.isEmpty ? "auto needs it" : "resolve needs it"
                error(argument.place, path, "this kernel does not tell what \(name) is, and \(needs)")
                return nil
            }
            return plain(argument, origin, size, isUser: false, isAtReturn: isAtReturn)
        }
        if argument.structName == nil, let first = found.first,
            let other = found.first(where: { $0.1.name != first.1.name }),
            argument.type == .automatic || !argument.steps.isEmpty
        {
            error(
                argument.place,
                path,
                "\(name) is \(first.1.name) in \(first.0) and \(other.1.name) in \(other.0): hook them apart"
            )
            return nil
        }
        // Of what the policy takes for longer no more is read than there is, and that must be the same for all.
        if argument.structName == nil, argument.steps.isEmpty, let kind = ReadingKind(argument.type), kind.isNumber,
            let first = found.first,
            let other = found.first(where: { kind.narrowed(to: $0.1) != kind.narrowed(to: first.1) })
        {
            error(
                argument.place,
                path,
                "\(name) is \(first.1.name) in \(first.0) and \(other.1.name) in \(other.0), which is no "
                    + "\(argument.type.rawValue) in both: take the shorter type, or hook them apart"
            )
            return nil
        }
        var (type, described) = (found.first?.1, types)
        if let structName = argument.structName {
            guard let types = kernelTypes(argument, path, "structs"),
                let structure = structure(structName, types, argument.place, path)
            else { return nil }
            (type, described) = (structure, types)
        }
        guard let type, let described else { return nil }
        var way = Way(origin, type, described, name, atReturn: isAtReturn)
        way.size = size
        return walked(argument, path, way)
    }

    /// As the policy says, where nothing else is known.
    func plain(
        _ argument: PolicyArgument,
        _ origin: Reading.Origin,
        _ size: Reading.Size?,
        isUser: Bool,
        isAtReturn: Bool
    )
        -> Read?
    {
        guard let kind = ReadingKind(argument.type) else { return nil }
        let reading = Reading(
            origin,
            read: kind.read,
            value: kind.value,
            width: kind.width,
            isSigned: kind.isSigned,
            isUser: isUser && !kind.isNumber,
            capacity: capacity(argument),
            size: size,
            isAtReturn: isAtReturn
        )
        return (reading, argument.type)
    }

    func capacity(_ argument: PolicyArgument) -> Int { argument.readsMost ? Self.mostBytes : Self.usualBytes }
}

/// From where a value is looked for.
struct Way {
    let origin: Reading.Origin
    /// What is there.
    let type: KernelType
    let types: KernelTypes
    /// What people call it.
    let name: String
    let isAtReturn: Bool
    /// Before those that `resolve` says: where the value itself lies in memory.
    var steps: [Reading.Step] = []
    var isUser = false
    var size: Reading.Size?
    /// Bytes that are kept, where the policy does not say it.
    var capacity: Int?

    init(_ origin: Reading.Origin, _ type: KernelType, _ types: KernelTypes, _ name: String, atReturn: Bool) {
        self.origin = origin
        self.type = type
        self.types = types
        self.name = name
        isAtReturn = atReturn
    }
}
