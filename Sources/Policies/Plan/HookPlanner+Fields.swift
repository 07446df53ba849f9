import CWire
import Filters

extension HookPlanner {
    /// What a record begins with: type, flags, preemption count and process. The kernel puts something else there for programs.
    private static let commonFields = 4

    /// A field of a tracepoint's record; the index counts the four that all have.
    mutating func field(
        _ argument: PolicyArgument,
        _ path: String,
        _ format: TracepointFormat,
        _ isOfSystemCall: Bool
    ) -> Read? {
        guard argument.index >= Self.commonFields else {
            error(
                argument.place,
                "\(path).index",
                "the first four fields of a record are the tracer's own, and programs do not get them: the first of "
                    + "\(hook.target) is 4"
            )
            return nil
        }
        guard argument.index < format.fields.count else {
            let names = format.fields.enumerated().dropFirst(Self.commonFields).map { "\($0) \($1.name)" }
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
        var (read, isLoaded, capacity) = (kind.read, false, capacity(argument))
        switch kind.form {
        case .number:
            guard !field.isArray, !field.isDataLocation else { return mismatch(argument, path, field, isOfSystemCall) }
            // Of a call's arguments each has a whole register, whatever it is.
            if !isOfSystemCall, let remedy = kind.narrow(to: field.bytes, isSigned: field.isSigned) {
                warning(
                    argument.place,
                    "\(path).type",
                    "field \(field.name) is \(field.type), of \(field.bytes) bytes, of which \(kind.width) are read: \(remedy)"
                )
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
            guard index >= Self.commonFields, index < format.fields.count else {
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
        return (reading, type)
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
