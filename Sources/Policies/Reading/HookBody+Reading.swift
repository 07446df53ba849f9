extension HookBody {
    /// Reads what all hooks have.
    ///
    /// - Parameter reads: what of the section's hooks reads: `data`, and the return value.
    init(
        _ fields: inout FieldReader,
        _ section: HookSection,
        _ spec: SpecContext,
        target: String,
        rules: ArgumentRules,
        hasData: Bool,
        hasReturn: Bool
    ) {
        let reading = spec.reading
        let message = fields.text("message")
        if let message, message.value.utf8.count < 2 {
            fields.error("message", message.place, "has less than 2 bytes")
        } else if let message, message.value.utf8.count > PolicyLimits.messageBytes {
            fields.warning(
                "message",
                message.place,
                "is longer than \(PolicyLimits.messageBytes) bytes: events have its beginning"
            )
        }
        let tags = fields.texts("tags", upTo: PolicyLimits.tags, of: "tags")
        for tag in tags where !PolicyLimits.tagBytes.contains(tag.value.utf8.count) {
            let range = PolicyLimits.tagBytes
            fields.error("tags", tag.place, "a tag has \(range.lowerBound) to \(range.upperBound) bytes")
        }
        let argumentNodes = fields.list("args", upTo: PolicyLimits.arguments, of: "arguments")
        let arguments = argumentNodes.map { PolicyArgument($0.node, $0.path, .argument, rules, reading) }
        var data: [PolicyArgument?] = []
        if hasData {
            let nodes = fields.list("data", upTo: PolicyLimits.arguments, of: "data")
            data = nodes.map { PolicyArgument($0.node, $0.path, .data, rules, reading) }
            if arguments.count + data.count > PolicyLimits.arguments, let node = nodes.last?.node {
                fields.error(
                    "data",
                    node.place,
                    "args and data are \(arguments.count + data.count); at most \(PolicyLimits.arguments) are read"
                )
            }
        }
        var returnValue: PolicyArgument?
        var returns = false
        if hasReturn {
            returns = fields.boolean("return")
            if let node = fields.node("returnArg") {
                returnValue = PolicyArgument(node, fields.path(of: "returnArg"), .returnValue, rules, reading)
                if !returns { fields.warning("returnArg", node.place, "has no effect without return: true") }
            } else if returns {
                reading.error(fields.place, fields.path, "has no field 'returnArg': return: true needs its type")
            }
            for (argument, node) in zip(arguments, argumentNodes) where argument?.isReadAtReturn == true && !returns {
                reading.error(node.node.place, "\(node.path).returnCopy", "needs return: true, to be read then")
            }
        }
        let context = HookContext(
            spec: spec,
            section: section,
            path: fields.path,
            target: target,
            arguments: arguments,
            data: data,
            returnValue: returnValue,
            returns: returns
        )
        let selectors = fields.list("selectors", upTo: PolicyLimits.selectors, of: "selectors").compactMap {
            PolicySelector($0.node, $0.path, context, reading)
        }
        self.init(
            place: fields.place,
            message: message,
            tags: tags,
            arguments: arguments.compactMap(\.self),
            data: data.compactMap(\.self),
            returnValue: returns ? returnValue : nil,
            selectors: selectors
        )
    }
}
