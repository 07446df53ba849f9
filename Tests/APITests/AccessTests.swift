import API
import Testing

/// Who may do what on the control socket.
@Suite struct AccessTests {
    private let access = Access(owner: 990, readers: [7], changers: [9])

    private func peer(_ uid: UInt32, _ groups: Set<UInt32> = []) -> Caller {
        .process(Peer(pid: 1, uid: uid, groups: groups))
    }

    @Test func rootAndTheAgentsOwnUserMayDoEverything() {
        for uid: UInt32 in [0, 990] {
            #expect(access.allows(.read, peer(uid)))
            #expect(access.allows(.change, peer(uid)))
        }
    }

    @Test func aReaderMayReadAndNotChange() {
        #expect(access.allows(.read, peer(1000, [100, 7])))
        #expect(!access.allows(.change, peer(1000, [100, 7])))
    }

    @Test func aChangerMayReadToo() {
        #expect(access.allows(.read, peer(1000, [9])))
        #expect(access.allows(.change, peer(1000, [9])))
    }

    @Test func whoIsInNoGroupMayNothing() {
        for right in [Access.Right.read, .change] {
            #expect(!access.allows(right, peer(1000, [100])))
            // The number of a group is none of a user.
            #expect(!access.allows(right, peer(7)))
            #expect(!access.allows(right, peer(9)))
        }
    }

    @Test func aCertificateIsForReadingOnly() {
        #expect(access.allows(.read, .certificate("192.0.2.1:4711")))
        #expect(!access.allows(.change, .certificate("192.0.2.1:4711")))
    }

    @Test func withoutGroupsOnlyTheOwnerAndRootMay() {
        let closed = Access(owner: 990)
        #expect(closed.allows(.change, peer(0)))
        #expect(!closed.allows(.read, peer(1000, [0, 7, 9])))
    }
}
