/// A group by name or number.
package struct GroupName: Sendable, Equatable {
    package let id: UInt32

    package init?(_ text: String) {
        guard let id = UInt32(text) ?? AccountFile.id(of: text, in: AccountFile.groups) else { return nil }
        self.id = id
    }
}
