import BPF
import CWire
import Filters

extension HookPlanner {
    /// Goes the way that `resolve` says, and reads what is at its end.
    mutating func walked(_ argument: PolicyArgument, _ path: String, _ way: Way) -> Read? {
        var (final, steps, text) = (way.type, way.steps, way.name)
        if !argument.steps.isEmpty {
            text += argument.steps.map(\.description).joined()
            do throws(KernelTypes.MemberError) {
                let place = try way.types.place(from: way.type, along: argument.steps.map(\.pathStep))
                guard !place.isBitField else {
                    error(argument.place, "\(path).resolve", "\(text) is made of single bits, which cannot be read yet")
                    return nil
                }
                final = place.type
                steps += place.steps.map { Reading.Step(offset: $0.offset, isLoad: $0.isLoad) }
            } catch {
                self.error(argument.place, "\(path).resolve", PlanWords.of(error))
                return nil
            }
            guard steps.allSatisfy({ UInt32(exactly: $0.offset) != nil }) else {
                error(argument.place, "\(path).resolve", "\(text) is more than 4 GiB away from where it is looked for")
                return nil
            }
            guard steps.count <= Int(MT_WAY_MAX) else {
                error(argument.place, "\(path).resolve", "follows \(steps.count) pointers; at most \(MT_WAY_MAX) are")
                return nil
            }
        }
        let target = final.isPointer ? way.types.target(of: final) : nil
        let element = target ?? (steps.isEmpty ? nil : way.types.target(of: final))
        var type = argument.type
        if type == .automatic {
            guard let found = ArgumentType.automatic(final, pointingTo: element) else {
                error(
                    argument.place,
                    "\(path).type",
                    "auto cannot tell how \(text) is read, which is \(final.name): name its type, or resolve a member"
                )
                return nil
            }
            type = found
        }
        guard var kind = ReadingKind(type) else { return nil }
        // A struct that stands for the argument is no more than a way to its members.
        let isCast = argument.structName != nil && argument.steps.isEmpty
        if !isCast { fit(&kind, final, element, argument, "\(path).type", text) }
        if !kind.isNumber, final.isPointer, let last = steps.popLast() {
            steps.append(Reading.Step(offset: last.offset, isLoad: true))
        }
        let reading = Reading(
            way.origin,
            way: steps,
            read: kind.read,
            value: kind.value,
            width: kind.width,
            isSigned: kind.isSigned,
            isUser: way.isUser && (!kind.isNumber || !steps.isEmpty),
            capacity: way.capacity ?? capacity(argument),
            size: way.size,
            isAtReturn: way.isAtReturn
        )
        return (reading, type)
    }

    /// Says where the kernel disagrees with the policy; of a number no more is read than there is.
    private mutating func fit(
        _ kind: inout ReadingKind,
        _ final: KernelType,
        _ target: KernelType?,
        _ argument: PolicyArgument,
        _ path: String,
        _ text: String
    ) {
        guard kind.fits(final, pointingTo: target) else {
            warning(
                argument.place,
                path,
                "\(text) is \(final.name), not \(argument.type.rawValue): what is told of it may be wrong"
            )
            return
        }
        guard let isSigned = final.isSignedNumber else { return }
        if let remedy = kind.narrow(to: final.bytes, isSigned: isSigned) {
            warning(
                argument.place,
                path,
                "\(text) is \(final.name), of \(final.bytes) bytes, of which \(kind.width) are read: \(remedy)"
            )
        }
    }
}

extension ReadingKind {
    /// How many bytes are read of a number of the kernel's, and whether they have a sign.
    func narrowed(to type: KernelType) -> [Int] {
        var kind = self
        _ = type.isSignedNumber.map { kind.narrow(to: type.bytes, isSigned: $0) }
        return [kind.width, kind.isSigned ? 1 : 0]
    }

    /// Makes it a number of so many bytes, if it has more; otherwise it is what the policy says, and what is to be said if
    /// that is not all of it.
    mutating func narrow(to bytes: Int, isSigned: Bool) -> String? {
        // What is read beside a number has a length of its own.
        guard isNumber, read == MT_READ_NUMBER, bytes > 0 else { return nil }
        if bytes < width {
            // A number without a sign is no other when it is told with one.
            (width, self.isSigned) = (bytes, self.isSigned && isSigned)
        }
        guard bytes > width, let whole = ArgumentType.number(bytes: bytes, isSigned: isSigned) else { return nil }
        return "\(whole.rawValue) is all of it"
    }
}

extension ResolveStep {
    fileprivate var pathStep: KernelTypes.PathStep {
        switch self {
        case .member(let name): .member(name)
        case .element(let index): .element(index)
        }
    }
}
