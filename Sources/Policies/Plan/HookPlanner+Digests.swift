import UserInput

extension HookPlanner {
    /// Whether the file is one of those that the policy was written for.
    mutating func isMeant(_ hook: UserFunctionHook) -> Bool {
        guard !hook.digests.isEmpty else { return true }
        let file = hook.path.value
        var found: [String: String] = [:]
        do throws(PlaceError) {
            for algorithm in Set(hook.digests.map(\.algorithm)) {
                found[algorithm] = try kernel.digest(algorithm, of: file)
            }
        } catch {
            self.error(hook.path.place, "\(path).path", "\(VisibleText.of(file)) \(error.what)")
            return false
        }
        if hook.digests.contains(where: { found[$0.algorithm] == $0.value }) { return true }
        let own = found.keys.sorted().map { "\($0):\(found[$0] ?? "")" }
        let what =
            own.isEmpty ? "it has no build ID: give it a digest such as sha256" : "it is \(Words.list(own, "and"))"
        let text = "\(VisibleText.of(file)) is none of those that the policy is for; \(what)"
        let field = "\(path).binaryDigests"
        if hook.mayMismatch {
            missing = InputProblem(place: hook.path.place, path: field, what: text, severity: .warning)
        } else {
            error(hook.path.place, field, text)
        }
        return false
    }
}
