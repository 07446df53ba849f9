import BPF
import CWire
import Filters

extension HookPlanner {
    /// What a program gave a system call: numbers, and pointers into its memory.
    mutating func ofSystemCall(_ argument: PolicyArgument, _ part: Part, _ path: String, _ count: Int) -> Read? {
        guard argument.steps.isEmpty, argument.structName == nil else {
            error(
                argument.place,
                "\(path).resolve",
                "a system call is given no structs of the kernel: hook a function that it calls, with syscall: false"
            )
            return nil
        }
        guard part == .returned || argument.index < count else {
            error(argument.place, "\(path).index", PlanWords.noArgument(argument.index, hook.target, count))
            return nil
        }
        guard let kind = ReadingKind(argument.type) else {
            error(argument.place, "\(path).type", "auto is not for system calls: name the type")
            return nil
        }
        let memory: [ArgumentType] = [.string, .charBuffer, .charVector, .socketAddress, .unixAddress]
        guard kind.isNumber || memory.contains(argument.type) else {
            error(
                argument.place,
                "\(path).type",
                "\(argument.type.rawValue) is in the kernel's memory, and a system call is given numbers and pointers into "
                    + "its program's: hook a function that it calls, with syscall: false"
            )
            return nil
        }
        if let index = argument.sizeIndex, index >= count {
            error(argument.place, "\(path).sizeArgIndex", PlanWords.noArgument(index, hook.target, count))
            return nil
        }
        // All are whole registers there.
        let size = argument.sizeIndex.map { Reading.Size(argument: $0, width: 8) }
        let origin: Reading.Origin = part == .returned ? .returned : .argument(argument.index)
        return plain(argument, origin, size, isUser: true, isAtReturn: false)
    }

    /// What a function of a program is given.
    mutating func ofProgram(
        _ argument: PolicyArgument,
        _ part: Part,
        _ path: String,
        _ file: String,
        _ readable: Int
    ) -> Read? {
        guard part == .returned || argument.index < readable else {
            error(
                argument.place,
                "\(path).index",
                "only arguments 0 to \(readable - 1) can be read here, not \(argument.index)"
            )
            return nil
        }
        guard argument.type != .automatic else {
            error(argument.place, "\(path).type", "programs do not tell what their functions take: name the type")
            return nil
        }
        guard argument.type.isOfProgram else {
            error(
                argument.place,
                "\(path).type",
                "\(argument.type.rawValue) is in the kernel's memory, and functions of programs take numbers and pointers into "
                    + "their own"
            )
            return nil
        }
        if let index = argument.sizeIndex, index >= readable {
            error(
                argument.place,
                "\(path).sizeArgIndex",
                "only arguments 0 to \(readable - 1) can be read here, not \(index)"
            )
            return nil
        }
        let origin: Reading.Origin = part == .returned ? .returned : .argument(argument.index)
        let isAtReturn = part == .returned || argument.isReadAtReturn
        let size = argument.sizeIndex.map { index in
            let listed = hook.body.arguments.first { $0.index == index }.flatMap { ReadingKind($0.type) }
            return Reading.Size(argument: index, width: listed?.width ?? 8)
        }
        guard let structName = argument.structName else {
            guard argument.steps.isEmpty else {
                error(argument.place, "\(path).resolve", "needs btfType, the struct that the argument points to")
                return nil
            }
            return plain(argument, origin, size, isUser: true, isAtReturn: isAtReturn)
        }
        guard let (types, type) = userStructure(structName, argument, path, file) else { return nil }
        var way = Way(origin, type, types, "argument \(argument.index)", atReturn: isAtReturn)
        way.isUser = true
        way.size = size
        return walked(argument, path, way)
    }

    /// The struct that a program's argument is taken for, by what a file tells.
    mutating func userStructure(_ name: String, _ argument: PolicyArgument, _ path: String, _ file: String)
        -> (KernelTypes, KernelType)?
    {
        guard let types = kernel.types(inFile: file) else {
            error(
                argument.place,
                "\(path).btfType",
                "\(VisibleText.of(file)) tells no types: name a file with BTF in btfPath"
            )
            return nil
        }
        guard let type = types.structure(name) else {
            error(
                argument.place,
                "\(path).btfType",
                "\(VisibleText.of(file)) has no struct \(name)\(PlanWords.did(name, among: types.structures))"
            )
            return nil
        }
        return (types, type)
    }

    /// A register, as it was when the hook was reached.
    mutating func register(_ argument: PolicyArgument, _ path: String, _ source: CallSource) -> Read? {
        let hasRegisters =
            switch source {
            case .kernel(_, _, _, let hasRegisters, _): hasRegisters
            case .user, .probe: true
            case .systemCall, .record: false
            }
        guard hasRegisters else {
            error(argument.place, "\(path).source", "there are no registers here: kprobes and uprobes have them")
            return nil
        }
        let name = argument.register ?? ""
        guard let saved = SavedRegister(name, kernel.systemCalls.machine) else {
            error(argument.place, "\(path).resolve", "this machine has no register '\(VisibleText.of(name))'")
            return nil
        }
        guard let kind = ReadingKind(argument.type), kind.isNumber, kind.read == MT_READ_NUMBER else {
            error(argument.place, "\(path).type", "a register is a number, not \(argument.type.rawValue)")
            return nil
        }
        let reading = Reading(
            .context,
            way: [Reading.Step(offset: saved.offset, isLoad: false)],
            read: MT_READ_NUMBER,
            value: kind.value,
            width: min(kind.width, saved.width),
            isSigned: kind.isSigned
        )
        return (reading, argument.type)
    }
}
