import UserInput

extension PolicyAction {
    /// - Parameter context: the hook's; nil for a macro, whose hooks are not known yet.
    init?(_ node: YAMLNode, _ path: String, _ context: HookContext?, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a mapping with the action") else { return nil }
        let names = ActionName.allCases.map(\.rawValue)
        let text = fields.text("action", required: "allowed are \(names.joined(separator: ", "))")
        guard let text else { return nil }
        var parameters = ActionParameters(&fields)
        // With those that have no effect themselves, nobody needs to hear it twice.
        let isOlder = ActionName.withoutEffect.contains(text.value)
        fields.withoutEffect(
            ["argFd", "argName"],
            isOlder ? nil : "is for actions of older policies; it has no effect"
        )
        fields.finish()
        if isOlder {
            reading.warning(
                text.place,
                "\(path).action",
                "\(text.value) has no effect: descriptors are told with their files anyway, as type fd"
            )
            return nil
        }
        guard let name = ActionName(rawValue: text.value) else {
            let allowed = "allowed are \(names.joined(separator: ", "))"
            let remedy = reading.suggestion(text.value, among: names, else: allowed)
            reading.error(text.place, "\(path).action", "'\(VisibleText.of(text.value))' is unknown; \(remedy)")
            return nil
        }
        guard let effect = Self.effect(name, &parameters, ActionPlace(node.place, path, reading)) else { return nil }
        parameters.tellRest(name, path, reading)
        if name == .notifyEnforcer { context?.spec.noteNotification(node.place, path) }
        self.init(place: node.place, effect: effect)
    }

    private static func effect(
        _ name: ActionName,
        _ parameters: inout ActionParameters,
        _ at: ActionPlace
    ) -> Effect? {
        switch name {
        case .post: return .post(parameters.postOptions())
        case .noPost: return .noPost
        case .kill: return .kill
        case .signal: return parameters.needs(\.signal, "it is the signal's number", at).map { .signal($0) }
        case .override: return override(&parameters, at)
        case .getURL: return parameters.needs(\.url, "it is what is asked for", at).map { .getURL($0) }
        case .lookUp: return parameters.needs(\.domain, "it is what is looked up", at).map { .lookUp($0) }
        case .trackSocket:
            return parameters.needs(\.socket, "it is the socket's argument", at).map { .trackSocket($0) }
        case .untrackSocket:
            return parameters.needs(\.socket, "it is the socket's argument", at).map { .untrackSocket($0) }
        case .notifyEnforcer:
            let (error, signal) = (parameters.take(\.error), parameters.take(\.signal))
            if error == nil, signal == nil, !parameters.error.isWrong, !parameters.signal.isWrong {
                at.error("has neither 'argError' nor 'argSig': one of them says what the enforcer does")
            }
            return .notifyEnforcer(error: error, signal: signal)
        case .cleanUpEnforcer: return .cleanUpEnforcer
        case .set:
            let argument = parameters.needs(\.index, "it says which argument", at)
            let value = parameters.needs(\.number, "it is what is written", at)
            guard let argument, let value else { return nil }
            return .set(argument: argument, value: value)
        }
    }

    /// What a function returns in place of running, or where it goes on.
    private static func override(_ parameters: inout ActionParameters, _ at: ActionPlace) -> Effect? {
        let error = parameters.take(\.error).map { Effect.override($0) }
        let ways = [
            parameters.take(\.newSymbol).map { Effect.redirect(.symbol($0)) },
            parameters.take(\.newAddress).map { Effect.redirect(.address($0)) },
            parameters.take(\.newOffset).map { Effect.redirect(.offset($0)) },
            parameters.take(\.registers).map { Effect.redirect(.registers($0)) },
        ].compactMap(\.self)
        if ways.count + (error == nil ? 0 : 1) > 1 {
            at.error("has more than one of argError, argNewSymbol, argNewAddr, argNewOffset and argRegs; keep one")
        }
        if let effect = ways.first ?? error { return effect }
        if parameters.error.isWrong || parameters.registers.isWrong { return nil }
        at.warning("has no field 'argError': the function returns 0, as if all were well")
        return .override(0)
    }
}

/// Where an action stands.
struct ActionPlace {
    private let place: InputPlace
    private let path: String
    private let reading: PolicyReading

    init(_ place: InputPlace, _ path: String, _ reading: PolicyReading) {
        (self.place, self.path, self.reading) = (place, path, reading)
    }

    func error(_ what: String) { reading.error(place, path, what) }

    func warning(_ what: String) { reading.warning(place, path, what) }
}
