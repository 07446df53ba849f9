import Agent
import Testing

/// Users from the text of /etc/passwd and /etc/group.
@Suite struct UserIdentityTests {
    private static let passwd = """
        root:x:0:0:root:/root:/bin/bash
        martlet:x:991:992::/var/lib/martlet:/usr/sbin/nologin
        broken:x
        7:x:77:77::/:/bin/false
        far:x:4294967295:1::/:/bin/false
        """
    private static let group = """
        root:x:0:
        docker:x:130:somebody,martlet
        martlet:x:992:martlet
        adm:x:4:martletx
        """

    private func identity(_ text: String) -> UserIdentity? {
        UserIdentity(text, passwd: Self.passwd, group: Self.group)
    }

    @Test func aNameHasItsNumberAndItsGroups() {
        let expected = UserIdentity(name: "martlet", uid: 991, gid: 992, groups: [130])
        #expect(identity("martlet") == expected)
        #expect(identity("991") == expected)
    }

    @Test func aNumberThatNobodyHasIsAUserAsWell() {
        #expect(identity("1001") == UserIdentity(name: "1001", uid: 1001, gid: 1001))
    }

    @Test(arguments: ["nobody", "", "-1", "4294967295", "4294967296", "broken", "far", "root:x"])
    func whateverIsNoUserIsNone(text: String) { #expect(identity(text) == nil) }
}
