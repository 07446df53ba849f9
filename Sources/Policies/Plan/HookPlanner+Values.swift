import Filters
import UserInput

extension HookPlanner {
    /// What a filter on something that is read asks for; nothing, with a problem, where it cannot be asked.
    mutating func conditions(of filter: ArgumentFilter, _ part: Part, _ path: String) -> [Condition] {
        let comparison = filter.operator.value
        if comparison == .expression { return expression(filter, part, path) }
        if comparison == .capabilitiesGained {
            let sets = filter.positions.map { value(at: $0.value, arguments) }
            guard sets.count == 2, let old = sets[0], let new = sets[1] else {
                return refuse(filter, path, "compares what is not read")
            }
            let isAtReturn = old.isAtReturn || new.isAtReturn
            let source = Condition.Source.gained(old: old.reading, new: new.reading)
            return [Condition(source, .bits(.max), isAtReturn: isAtReturn)]
        }
        guard let value = value(filter, part) else { return refuse(filter, path, "compares what is not read") }
        guard comparison.fits(value.type) else {
            return refuse(
                filter,
                path,
                "\(comparison.rawValue) does not compare \(value.type.rawValue), which it is here"
            )
        }
        var values: [FilterValue] = []
        for text in filter.values where !comparison.isAlone {
            do throws(FilterValueError) {
                values.append(try FilterValue(text.value, comparison, value.type))
            } catch {
                self.error(text.place, "\(path).values", error.what)
                return []
            }
        }
        guard let (aspect, test) = test(filter, comparison, values, value.type, path) else { return [] }
        guard checkLength(test, filter.place, path) else { return [] }
        return [
            Condition(
                .value(value.reading, aspect),
                test,
                isNegated: comparison.isNegative,
                isAtReturn: value.isAtReturn
            )
        ]
    }

    /// Whether this kernel can look such texts up.
    mutating func checkLength(_ test: Condition.Test, _ place: InputPlace, _ path: String) -> Bool {
        guard case .texts(let texts) = test, let longest = texts.map(\.count).max(), longest > kernel.longestText else {
            return true
        }
        error(
            place,
            "\(path).values",
            "this kernel compares texts of up to \(kernel.longestText) bytes as a whole, and one has \(longest): it takes "
                + "Linux 5.11, or Prefix and Postfix"
        )
        return false
    }

    private mutating func refuse(_ filter: ArgumentFilter, _ path: String, _ what: String) -> [Condition] {
        // What could not be read has its own reason.
        if errors.isEmpty { error(filter.place, path, what) }
        return []
    }

    /// A condition over several arguments, by their positions in the policy's list.
    private mutating func expression(_ filter: ArgumentFilter, _ part: Part, _ path: String) -> [Condition] {
        guard let text = filter.values.first else { return refuse(filter, path, "has no expression") }
        guard part != .returned else {
            return refuse(
                filter,
                path,
                "CelExpr computes with arguments: say it in matchArgs, or compare what is returned by GT, LT or InRange"
            )
        }
        let list = part == .data ? data : arguments
        do throws(FilterValueError) {
            let expression = try FilterExpression(text.value)
            let values = expression.arguments.map { value(at: $0, list) }
            guard values.allSatisfy({ $0 != nil }) else { return refuse(filter, path, "compares what is not read") }
            for case let value? in values where value.type.numbers == nil {
                return refuse(filter, path, "computes with \(value.type.rawValue), which is no number")
            }
            let compiled = try ExpressionCompiler.compile(
                expression,
                kind: { list[$0].map { ExpressionCompiler.Kind($0.type) } ?? .plain },
                reading: { list[$0]?.reading ?? 0 }
            )
            let isAtReturn = values.contains { $0?.isAtReturn ?? false }
            return [Condition(.expression(compiled), .numbers([1]), isAtReturn: isAtReturn)]
        } catch {
            self.error(text.place, "\(path).values", error.what)
            return []
        }
    }

    private func value(_ filter: ArgumentFilter, _ part: Part) -> Value? {
        switch part {
        case .returned: return returned
        case .data: return (filter.index ?? filter.positions.first).flatMap { value(at: $0.value, data) }
        case .argument:
            if let index = filter.index?.value {
                return hook.body.arguments.firstIndex { $0.index == index }.flatMap { value(at: $0, arguments) }
            }
            return filter.positions.first.flatMap { value(at: $0.value, arguments) }
        }
    }

    private func value(at position: Int, _ list: [Value?]) -> Value? {
        list.indices.contains(position) ? list[position] : nil
    }

    private mutating func test(
        _ filter: ArgumentFilter,
        _ comparison: FilterOperator,
        _ values: [FilterValue],
        _ type: ArgumentType,
        _ path: String
    ) -> (Condition.Aspect, Condition.Test)? {
        let isSigned = ReadingKind(type)?.isSigned ?? false
        switch comparison {
        case .equal, .notEqual:
            if type.isText { return (.whole, .texts(texts(values))) }
            return numbers(filter, values, isSigned, path).map { (.whole, $0) }
        case .inRange, .notInRange, .inMap, .notInMap:
            return numbers(filter, values, isSigned, path).map { (.whole, $0) }
        case .greaterThan: return (.whole, beyond(values, isSigned, isAbove: true))
        case .lessThan: return (.whole, beyond(values, isSigned, isAbove: false))
        case .mask:
            // A number that is compared bit by bit needs only the bits.
            let bits = values.reduce(UInt64(0)) { bits, value in
                if case .mask(let more) = value { bits | more } else { bits }
            }
            return (.whole, .bits(bits))
        case .prefix, .notPrefix: return (.whole, .prefixes(texts(values)))
        case .postfix, .notPostfix: return (.whole, .postfixes(texts(values)))
        case .sourcePort, .notSourcePort: return (.sourcePort, NumberTest.codes(values))
        case .destinationPort, .notDestinationPort: return (.destinationPort, NumberTest.codes(values))
        case .sourcePortPrivileged, .notSourcePortPrivileged:
            return (.sourcePort, .ranges([0...1023], isSigned: false))
        case .destinationPortPrivileged, .notDestinationPortPrivileged:
            return (.destinationPort, .ranges([0...1023], isSigned: false))
        case .sourceAddress, .notSourceAddress: return (.sourceAddress, addresses(values))
        case .destinationAddress, .notDestinationAddress: return (.destinationAddress, addresses(values))
        case .networkProtocol: return (.networkProtocol, NumberTest.codes(values))
        case .family: return (.family, NumberTest.codes(values))
        case .state: return (.state, NumberTest.codes(values))
        case .fileType, .notFileType:
            let kinds = values.compactMap { value in
                if case .file(let kind) = value { UInt64(kind.rawValue) } else { nil }
            }
            return (.fileType, .numbers(Set(kinds)))
        case .substring: return (.whole, .substrings(texts(values), ignoresCase: false))
        case .substringIgnoringCase:
            let small = texts(values).map { $0.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 } }
            return (.whole, .substrings(Set(small), ignoresCase: true))
        case .expression, .capabilitiesGained: return nil
        }
    }

    private mutating func numbers(_ filter: ArgumentFilter, _ values: [FilterValue], _ isSigned: Bool, _ path: String)
        -> Condition.Test?
    {
        var ranges: [ClosedRange<Int128>] = []
        for value in values {
            switch value {
            case .numbers(let range): ranges.append(range)
            case .mask(let mask): ranges.append(Int128(mask)...Int128(mask))
            case .list(let name):
                guard let list = policy.spec.lists.first(where: { $0.name.value == name }) else { continue }
                guard let numbers = numbers(of: list, path) else { return nil }
                ranges += numbers
            default: continue
            }
        }
        return NumberTest.of(ranges, isSigned: isSigned)
    }

    /// The numbers of a list's system calls.
    private mutating func numbers(of list: FunctionList, _ path: String) -> [ClosedRange<Int128>]? {
        let table = kernel.systemCalls
        guard list.kind != .allSystemCalls else { return table.all.map { Int128($0.number)...Int128($0.number) } }
        var ranges: [ClosedRange<Int128>] = []
        for name in list.values {
            guard let call = table.call(name.value) else {
                let what = "this machine has no system call '\(VisibleText.of(name.value))'"
                error(name.place, "\(path).values", what + PlanWords.did(name.value, among: table.names))
                return nil
            }
            ranges.append(Int128(call.number)...Int128(call.number))
        }
        return ranges
    }

    private func beyond(_ values: [FilterValue], _ isSigned: Bool, isAbove: Bool) -> Condition.Test {
        let whole = isSigned ? Int128(Int64.min)...Int128(Int64.max) : 0...Int128(UInt64.max)
        let ranges: [ClosedRange<Int128>] = values.compactMap { value in
            guard case .numbers(let range) = value else { return nil }
            let number = range.lowerBound
            if isAbove { return number < whole.upperBound ? (number + 1)...whole.upperBound : nil }
            return number > whole.lowerBound ? whole.lowerBound...(number - 1) : nil
        }
        return NumberTest.ranges(ranges, isSigned: isSigned)
    }

    private func texts(_ values: [FilterValue]) -> Set<[UInt8]> {
        Set(values.compactMap { value in if case .text(let text) = value { Array(text.utf8) } else { nil } })
    }

    private func addresses(_ values: [FilterValue]) -> Condition.Test {
        .addresses(
            Set(
                values.compactMap { value in
                    guard case .addresses(let prefix) = value else { return nil }
                    return Condition.Prefix(bytes: prefix.bytes, length: prefix.length)
                }
            )
        )
    }
}
