import Synchronization

/// How many connections there may be: of each user or machine, of all of them, and further ones for root and the agent's own
/// user, so that nobody can keep these out.
final class ConnectionPlaces: Sendable {
    private struct State {
        var all = 0
        var each: [String: Int] = [:]
    }

    /// Of all but root and the owner; of one of them; of root and the owner together with the others.
    static let limit = 128
    static let limitOfOne = 16
    static let limitOfAll = 192

    private let access: Access
    private let state = Mutex(State())

    init(access: Access) { self.access = access }

    /// Takes a place, to be given back; false: there is none, but it counts, and is to be given back all the same.
    func take(_ caller: Caller) -> Bool {
        let isPrivileged = access.allows(.change, caller)
        return state.withLock { state in
            state.all += 1
            state.each[caller.user, default: 0] += 1
            if isPrivileged { return state.all <= Self.limitOfAll }
            return state.all <= Self.limit && state.each[caller.user, default: 0] <= Self.limitOfOne
        }
    }

    func giveBack(_ caller: Caller) {
        state.withLock { state in
            state.all -= 1
            let rest = state.each[caller.user, default: 1] - 1
            state.each[caller.user] = rest == 0 ? nil : rest
        }
    }
}
