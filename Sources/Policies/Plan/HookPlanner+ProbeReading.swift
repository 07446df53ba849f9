import BPF
import CWire
import Filters

extension HookPlanner {
    /// What a program shows at a USDT probe: a number, or a pointer into its memory.
    mutating func ofProbe(_ argument: PolicyArgument, _ path: String, _ given: [String], _ file: String) -> Read? {
        guard !argument.isReadAtReturn else {
            error(argument.place, "\(path).returnCopy", "a probe does not return: take it out")
            return nil
        }
        guard let found = probeArgument(argument.index, argument, "\(path).index", given),
            let (size, capacity) = probeSize(argument, "\(path).sizeArgIndex", given)
        else { return nil }
        if argument.structName == nil, !argument.steps.isEmpty {
            error(argument.place, "\(path).resolve", "needs btfType, the struct that the argument points to")
            return nil
        }
        var type = argument.type
        if type == .automatic, argument.structName == nil {
            guard let number = ArgumentType.number(bytes: found.width, isSigned: found.isSigned) else { return nil }
            type = number
        }
        if argument.steps.isEmpty, let kind = ReadingKind(type), kind.isNumber {
            return number(argument, found, kind, type, path)
        }
        guard found.width == 8 else {
            error(
                argument.place,
                "\(path).type",
                "argument \(argument.index) has \(found.width) bytes and is no pointer: read it as a number"
            )
            return nil
        }
        let read: Read?
        if let structName = argument.structName {
            guard let (types, structure) = userStructure(structName, argument, path, file) else { return nil }
            var way = Way(found.origin, structure, types, "argument \(argument.index)", atReturn: false)
            way.steps = found.way(isLoad: true)
            way.isUser = true
            (way.size, way.capacity) = (size, capacity)
            read = walked(argument, path, way)
        } else {
            guard let kind = ReadingKind(type) else { return nil }
            let reading = Reading(
                found.origin,
                way: found.way(isLoad: true),
                read: kind.read,
                value: kind.value,
                isUser: true,
                capacity: capacity,
                size: size
            )
            read = (reading, type)
        }
        guard let read else { return nil }
        guard read.type.isOfProgram else {
            error(
                argument.place,
                "\(path).type",
                "\(read.type.rawValue) is in the kernel's memory, and a probe shows numbers and pointers into its program's"
            )
            return nil
        }
        return read
    }

    /// As many bytes as the probe has, told as the policy says where they fit.
    private mutating func number(
        _ argument: PolicyArgument,
        _ found: ProbeArgument,
        _ named: ReadingKind,
        _ namedType: ArgumentType,
        _ path: String
    ) -> Read? {
        var (kind, type) = (named, namedType)
        if kind.read == MT_READ_NUMBER, found.width > kind.width {
            warning(
                argument.place,
                "\(path).type",
                "argument \(argument.index) has \(found.width) bytes, not \(kind.width) as \(type.rawValue): all of it is "
                    + "read, and no more"
            )
            if type != .capability, type != .bpfCommand,
                let other = ArgumentType.number(bytes: found.width, isSigned: kind.isSigned),
                let better = ReadingKind(other)
            {
                (type, kind) = (other, better)
            } else {
                kind.width = found.width
            }
        }
        let way = found.way(isLoad: false)
        let reading = Reading(
            found.origin,
            way: way,
            read: kind.read,
            value: kind.value,
            width: min(found.width, kind.width),
            // Of fewer bytes the probe says what becomes of the others.
            isSigned: found.width < kind.width ? found.isSigned : kind.isSigned,
            isUser: !way.isEmpty
        )
        return (reading, type)
    }

    private mutating func probeArgument(_ index: Int, _ argument: PolicyArgument, _ path: String, _ given: [String])
        -> ProbeArgument?
    {
        guard index < given.count else {
            error(argument.place, path, PlanWords.noArgument(index, hook.target, given.count))
            return nil
        }
        do throws(ProbeArgument.Problem) {
            return try ProbeArgument(given[index], kernel.systemCalls.machine)
        } catch {
            self.error(argument.place, path, "argument \(index) of \(hook.target) \(error.what)")
            return nil
        }
    }

    /// What says how long it is: a register, or a constant, which no other bound is needed beside.
    private mutating func probeSize(_ argument: PolicyArgument, _ path: String, _ given: [String])
        -> (size: Reading.Size?, capacity: Int)?
    {
        guard let index = argument.sizeIndex else { return (nil, capacity(argument)) }
        guard let found = probeArgument(index, argument, path, given) else { return nil }
        switch found.operand {
        case .constant(let number): return (nil, Int(min(max(0, number), Int64(capacity(argument)))))
        case .register(let register):
            let width = min(found.width, register.width)
            return (Reading.Size(argument: register.offset, width: width), capacity(argument))
        case .memory:
            error(
                argument.place,
                path,
                "argument \(index) of \(hook.target) lies in memory, where no length can be looked for yet: take it out"
            )
            return nil
        }
    }
}

extension ProbeArgument {
    /// Where the way to it begins.
    fileprivate var origin: Reading.Origin {
        switch operand {
        case .constant(let number): .constant(UInt64(bitPattern: number))
        case .register(let register): .register(Reading.RegisterSum(register.offset))
        case .memory(let address):
            .register(
                Reading.RegisterSum(
                    address.base.offset,
                    index: address.index?.offset,
                    shift: address.shift,
                    displacement: address.displacement
                )
            )
        }
    }

    /// From there to its bytes, or to what they point to.
    fileprivate func way(isLoad: Bool) -> [Reading.Step] {
        if case .memory = operand { return [Reading.Step(offset: 0, isLoad: isLoad)] }
        return []
    }
}

extension ArgumentType {
    /// Whether a program has it in its own memory: of the kernel's it could name any place, and have it told.
    var isOfProgram: Bool {
        let memory: [ArgumentType] = [
            .string, .charBuffer, .charVector, .socketAddress, .unixAddress, .capabilities,
        ]
        return memory.contains(self) || ReadingKind(self)?.isNumber == true
    }
}
