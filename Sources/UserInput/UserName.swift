/// A user by name or number.
package struct UserName: Sendable {
    package let id: UInt32

    package init?(_ text: String) {
        guard let id = UInt32(text) ?? AccountFile.id(of: text, in: AccountFile.users) else { return nil }
        self.id = id
    }
}
