import UserInput

/// What the hooks of one policy refer to.
final class SpecContext {
    let lists: [FunctionList]
    let macros: [String: PolicySelector]
    let reading: PolicyReading
    /// The first action that needs an enforcer.
    private var notification: (place: InputPlace, path: String)?
    /// How many more values macros may stand for: a large one in many selectors is more than a file can hold.
    private var macroValues = PolicyLimits.nodes

    init(lists: [FunctionList], macros: [String: PolicySelector], reading: PolicyReading) {
        self.lists = lists
        self.macros = macros
        self.reading = reading
    }

    /// False, with one problem, when macros stand for too much.
    func spend(_ count: Int, _ place: InputPlace, _ path: String) -> Bool {
        guard macroValues >= 0 else { return false }
        macroValues -= count
        if macroValues < 0 {
            reading.error(
                place,
                path,
                "the macros stand for more than \(PolicyLimits.nodes) values, each counted where it is named; split the policy"
            )
        }
        return macroValues >= 0
    }

    func noteNotification(_ place: InputPlace, _ path: String) {
        if notification == nil { notification = (place, path) }
    }

    /// Whether there is such a list; else a problem.
    @discardableResult
    func checkList(_ name: String, _ place: InputPlace, _ path: String) -> FunctionList? {
        if let list = lists.first(where: { $0.name.value == name }) { return list }
        let names = lists.map(\.name.value)
        let allowed = names.isEmpty ? "spec.lists has none" : "there are \(names.joined(separator: ", "))"
        reading.error(
            place,
            path,
            "there is no list '\(VisibleText.of(name))'; \(reading.suggestion(name, among: names, else: allowed))"
        )
        return nil
    }

    /// A symbol or `list:NAME`.
    func callee(_ text: Placed<String>, _ path: String) -> Callee? {
        if text.value.hasPrefix("list:") {
            let name = String(text.value.dropFirst(5))
            checkList(name, text.place, path)
            return .list(name)
        }
        guard Callee.isFunction(text.value) else {
            reading.error(
                text.place,
                path,
                "'\(VisibleText.of(text.value))' is no name of a function; write a symbol, or list:NAME"
            )
            return nil
        }
        return .symbol(text.value)
    }

    func checkEnforcers(_ enforcers: [Enforcer], _ path: String) {
        if enforcers.isEmpty, let notification {
            reading.error(
                notification.place,
                notification.path,
                "NotifyEnforcer notifies nobody: \(path).enforcers has no calls"
            )
        }
        if let enforcer = enforcers.first, notification == nil {
            reading.warning(enforcer.place, "\(path).enforcers", "has no effect: no action is NotifyEnforcer")
        }
    }
}

extension Callee {
    /// A symbol, perhaps with the table of system calls before it, as in `i386/sys_dup`.
    static func isFunction(_ text: String) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.allSatisfy(KernelName.isSymbol)
    }

    /// Whether a symbol looks like that of a system call.
    static func isSystemCall(_ text: String) -> Bool {
        let name = text.split(separator: "/").last ?? ""
        return name.hasPrefix("sys_") || name.contains("_sys_") || name.hasPrefix("compat_sys_")
    }
}
