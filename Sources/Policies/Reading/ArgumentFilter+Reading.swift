extension ArgumentFilter {
    /// What is compared.
    enum Part: String {
        case arguments = "args"
        case data
        case returnValue = "returnArg"
    }

    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a filter with index, operator and values") else {
            return nil
        }
        let index = fields.integer("index", 0...Int128(PolicyLimits.fieldIndex))?.map { Int($0) }
        let positions = fields.list("args", upTo: PolicyLimits.arguments, of: "positions").compactMap {
            FieldReader.integer($0.node, 0...Int128(PolicyLimits.arguments - 1), $0.path, reading)?.map { Int($0) }
        }
        let comparison = fields.choice(
            "operator",
            FilterOperator.names,
            required: "it says how the value is compared, such as Equal"
        ) { FilterOperator(name: $0) }
        let before = reading.problems.count
        let values = fields.texts("values", upTo: PolicyLimits.values, of: "values")
        let isTold = reading.problems.count > before
        fields.finish()
        guard let comparison else { return nil }
        if values.isEmpty, !comparison.value.isAlone, !isTold {
            let what = "has no values: \(comparison.value.rawValue) needs at least one"
            reading.error(node.place, path, what)
        } else if comparison.value.isAlone, let value = values.first {
            reading.warning(
                value.place,
                "\(path).values",
                "\(comparison.value.rawValue) takes none; they have no effect"
            )
        }
        if comparison.value == .expression, values.count > 1 {
            reading.error(values[1].place, "\(path).values", "CelExpr takes one expression, not \(values.count)")
        }
        self.init(place: node.place, index: index, positions: positions, operator: comparison, values: values)
    }

    /// Whether it fits the hook that it is for.
    func check(_ part: Part, _ context: HookContext, _ path: String) {
        let reading = context.reading
        if part == .returnValue, !context.returns {
            reading.error(
                place,
                path,
                "\(context.noun) is watched at its return only with return: true and a returnArg"
            )
            return
        }
        switch self.operator.value {
        case .expression: checkExpression(part, context, path)
        case .capabilitiesGained: checkCapabilities(context, path)
        default:
            guard let type = type(part, context, path) else { return }
            checkValues(type, context, path)
        }
    }

    /// The type of what is compared; nil, perhaps with a problem, where it is not known.
    private func type(_ part: Part, _ context: HookContext, _ path: String) -> ArgumentType? {
        let reading = context.reading
        switch part {
        case .returnValue:
            if let index, index.value != 0 {
                reading.warning(index.place, "\(path).index", "a function returns one value; it has no effect")
            }
            return context.returnValue?.type
        case .data:
            let position = index?.value ?? positions.first?.value
            guard let position else { break }
            guard context.data.indices.contains(position) else {
                let count = context.data.count
                reading.error(
                    (index ?? positions.first)?.place ?? place,
                    "\(path).index",
                    "\(context.path).data has no entry \(position); "
                        + (count == 0 ? "it has none" : "it has 0 to \(count - 1)")
                )
                return nil
            }
            return context.data[position]?.type
        case .arguments:
            if let index {
                // One that could not be read has been told.
                guard !context.arguments.contains(where: { $0 == nil }) else {
                    return context.arguments.lazy.compactMap(\.self).first { $0.index == index.value }?.type
                }
                if let argument = context.arguments.lazy.compactMap(\.self).first(where: { $0.index == index.value }) {
                    return argument.type
                }
                let known = context.arguments.compactMap { $0.map { "\($0.index)" } }
                reading.error(
                    index.place,
                    "\(path).index",
                    "\(context.path).args has no argument with index \(index.value); "
                        + (known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))")
                )
                return nil
            }
            if let position = positions.first { return checked(position, part, context, path)?.type }
        }
        reading.error(place, path, "has no field 'index': it says which of \(part.rawValue)")
        return nil
    }

    private func checked(_ position: Placed<Int>, _ part: Part, _ context: HookContext, _ path: String)
        -> PolicyArgument?
    {
        let list = part == .data ? context.data : context.arguments
        guard list.indices.contains(position.value) else {
            context.reading.error(
                position.place,
                "\(path).args",
                "\(context.path).\(part.rawValue) has no entry \(position.value); "
                    + (list.isEmpty ? "it has none" : "it has 0 to \(list.count - 1)")
            )
            return nil
        }
        return list[position.value]
    }

    private func checkValues(_ type: ArgumentType, _ context: HookContext, _ path: String) {
        let reading = context.reading
        let comparison = self.operator.value
        guard comparison.fits(type) else {
            let fitting = FilterOperator.allCases.filter { $0.fits(type) }.map(\.rawValue)
            let allowed =
                fitting.isEmpty ? "no operator does" : "allowed are \(fitting.joined(separator: ", "))"
            reading.error(
                self.operator.place,
                "\(path).operator",
                "\(comparison.rawValue) does not compare \(type.rawValue); \(allowed)"
            )
            return
        }
        guard !comparison.isAlone else { return }
        for (index, value) in values.enumerated() {
            do {
                if case .list(let name) = try FilterValue(value.value, comparison, type) {
                    let path = "\(path).values[\(index)]"
                    if let list = context.spec.checkList(name, value.place, path), list.kind.isFunctions {
                        reading.error(
                            value.place,
                            path,
                            "list '\(name)' has functions; a list of type syscalls has numbers"
                        )
                    }
                }
            } catch {
                reading.error(value.place, "\(path).values[\(index)]", error.what)
            }
        }
    }

    private func checkExpression(_ part: Part, _ context: HookContext, _ path: String) {
        guard let value = values.first else { return }
        do {
            let expression = try FilterExpression(value.value)
            var types: [Int: ArgumentType] = [:]
            for position in expression.arguments {
                let argument = checked(Placed(position, value.place), part, context, path)
                types[position] = argument?.type
                guard let argument, argument.type != .automatic, argument.type.numbers == nil else { continue }
                context.reading.error(
                    value.place,
                    "\(path).values[0]",
                    "arg\(position) is \(argument.type.rawValue); expressions take numbers"
                )
                return
            }
            _ = try ExpressionCompiler.compile(
                expression,
                kind: { types[$0].map { ExpressionCompiler.Kind($0) } ?? .plain },
                reading: { $0 }
            )
        } catch {
            context.reading.error(value.place, "\(path).values[0]", error.what)
        }
    }

    /// From the one argument to the other.
    private func checkCapabilities(_ context: HookContext, _ path: String) {
        guard positions.count == 2 else {
            context.reading.error(
                place,
                path,
                "CapabilitiesGained needs 'args' with the positions of two sets, the old and the new, such as [0, 1]"
            )
            return
        }
        for position in positions {
            guard let argument = checked(position, .arguments, context, path), !argument.type.isCapabilitySet,
                argument.type != .automatic
            else { continue }
            let sets = ArgumentType.allCases.filter(\.isCapabilitySet).map(\.rawValue).joined(separator: ", ")
            context.reading.error(
                position.place,
                "\(path).args",
                "entry \(position.value) is \(argument.type.rawValue); CapabilitiesGained compares \(sets)"
            )
        }
    }
}

extension FunctionList.Kind {
    /// Whether its names have no numbers.
    fileprivate var isFunctions: Bool { self == .functions || self == .traceable }
}
