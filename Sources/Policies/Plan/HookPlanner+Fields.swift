import CWire
import Filters

extension HookPlanner {
    /// A field of a tracepoint's record; the index counts the four that all have.
    mutating func field(
        _ argument: PolicyArgument,
        _ path: String,
        _ format: TracepointFormat,
        _ isOfSystemCall: Bool
    ) -> Read? {
        guard argument.index < format.fields.count else {
            let names = format.fields.enumerated().dropFirst(4).map { "\($0) \($1.name)" }
            error(
                argument.place,
                "\(path).index",
                "\(hook.target) has no field \(argument.index); the four common ones counted, it has "
                    + Words.list(names, "and")
            )
            return nil
        }
        let field = format.fields[argument.index]
        guard let type = argument.type == .automatic ? Self.automatic(field, isOfSystemCall) : argument.type else {
            error(
                argument.place,
                "\(path).type",
                "auto cannot tell how field \(field.name) is read, which is \(field.type): name its type"
            )
            return nil
        }
        guard var kind = ReadingKind(type) else { return nil }
        var (read, isLoaded, effective, capacity) = (kind.read, false, type, capacity(argument))
        switch kind.form {
        case .number:
            guard !field.isArray, !field.isDataLocation else { return mismatch(argument, path, field, isOfSystemCall) }
            // Of a call's arguments each has a whole register, whatever it is.
            if read == MT_READ_NUMBER, field.bytes != kind.width, !isOfSystemCall,
                let other = ArgumentType.number(bytes: field.bytes, isSigned: kind.isSigned)
            {
                warning(
                    argument.place,
                    "\(path).type",
                    "field \(field.name) is \(field.type), of \(field.bytes) bytes, not \(kind.width) as "
                        + "\(argument.type.rawValue): all of it is read, and no more"
                )
                kind.width = field.bytes
                if type != .capability, type != .bpfCommand, let better = ReadingKind(other) {
                    (kind, effective) = (better, other)
                }
            }
        case .text where field.isDataLocation: read = MT_READ_DATA_LOC
        case .text where type == .dataLocation: return mismatch(argument, path, field, isOfSystemCall)
        case .text: isLoaded = !field.isArray
        case .bytes where type == .constantBuffer:
            guard field.isArray else { return mismatch(argument, path, field, isOfSystemCall) }
            capacity = field.bytes
        case .bytes, .structure: isLoaded = true
        }
        if isLoaded, field.bytes != 8 || field.isArray || field.isDataLocation {
            return mismatch(argument, path, field, isOfSystemCall)
        }
        var size: Reading.Size?
        if let index = argument.sizeIndex {
            guard index < format.fields.count else {
                error(argument.place, "\(path).sizeArgIndex", "\(hook.target) has no field \(index)")
                return nil
            }
            size = Reading.Size(argument: format.fields[index].offset, width: format.fields[index].bytes)
        }
        let reading = Reading(
            .context,
            way: [Reading.Step(offset: field.offset, isLoad: isLoaded)],
            read: read,
            value: kind.value,
            width: kind.width,
            isSigned: kind.isSigned,
            isUser: isLoaded && isOfSystemCall,
            capacity: capacity,
            size: size
        )
        return (reading, effective)
    }

    private mutating func mismatch(
        _ argument: PolicyArgument,
        _ path: String,
        _ field: TracepointFormat.Field,
        _ isOfSystemCall: Bool
    ) -> Read? {
        let kind = field.isDataLocation ? "__data_loc \(field.type)" : field.isArray ? "\(field.type)[]" : field.type
        let found = Self.automatic(field, isOfSystemCall).map { "; its type is \($0.rawValue)" } ?? ""
        error(
            argument.place,
            "\(path).type",
            "field \(field.name) is \(kind), of \(field.bytes) bytes, and no \(argument.type.rawValue)\(found)"
        )
        return nil
    }

    private static func automatic(_ field: TracepointFormat.Field, _ isOfSystemCall: Bool) -> ArgumentType? {
        if field.isDataLocation { return field.type.hasSuffix("char") ? .dataLocation : nil }
        if field.isArray { return field.type.hasSuffix("char") ? .string : .constantBuffer }
        if field.isText { return .string }
        if field.type == "size_t" { return .size }
        // They have a whole register, of which an int is half; the sign is not told.
        if isOfSystemCall, field.type == "int" { return .int32 }
        if isOfSystemCall, field.type == "unsigned int" { return .uint32 }
        return ArgumentType.number(bytes: field.bytes, isSigned: field.isSigned)
    }
}
