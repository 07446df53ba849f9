import UserInput

/// Whom a process becomes: a user with its groups.
package struct UserIdentity: Sendable, Equatable {
    package var name: String
    package var uid: UInt32
    package var gid: UInt32
    /// The further groups that it is in.
    package var groups: [UInt32]

    package init(name: String, uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        self.name = name
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// A user by name or number; a number that nobody has is a user as well, with a group of that number.
    ///
    /// - Parameters:
    ///   - passwd: the text of /etc/passwd.
    ///   - group: the text of /etc/group.
    package init?(_ text: String, passwd: String, group: String) {
        let user = AccountFile.lines(passwd).first { fields in
            fields.count > 3 && (fields[0] == text || UInt32(text) != nil && fields[2] == text)
        }
        if let user, let uid = UInt32(user[2]), let gid = UInt32(user[3]), uid != .max, gid != .max {
            let name = user[0]
            let groups = AccountFile.lines(group).filter { fields in
                fields.count > 3 && fields[3].split(separator: ",").contains(name[...])
            }
            self.init(name: name, uid: uid, gid: gid, groups: groups.compactMap { UInt32($0[2]) }.filter { $0 != gid })
        } else if user == nil, let number = UInt32(text), number != .max {
            self.init(name: text, uid: number, gid: number)
        } else {
            return nil
        }
    }

    /// A user of this machine.
    package init?(_ text: String) {
        self.init(
            text,
            passwd: AccountFile.contents(AccountFile.users),
            group: AccountFile.contents(AccountFile.groups)
        )
    }
}
