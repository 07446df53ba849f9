/// Who may do what, by user and groups.
package struct Access: Sendable, Equatable {
    /// The agent's own user may do everything, and so may root.
    package var owner: UInt32
    /// Members of these groups may read.
    package var readers: Set<UInt32>
    /// Members of these groups may read and change.
    package var changers: Set<UInt32>

    package init(owner: UInt32, readers: Set<UInt32> = [], changers: Set<UInt32> = []) {
        self.owner = owner
        self.readers = readers
        self.changers = changers
    }

    /// What a call does.
    package enum Right: Sendable {
        case read
        case change
    }

    /// Whether a caller may. Nothing is changed from another machine.
    package func allows(_ right: Right, _ caller: Caller) -> Bool {
        guard case .process(let peer) = caller else { return right == .read }
        if peer.uid == 0 || peer.uid == owner { return true }
        if !changers.isDisjoint(with: peer.groups) { return true }
        return right == .read && !readers.isDisjoint(with: peer.groups)
    }
}
