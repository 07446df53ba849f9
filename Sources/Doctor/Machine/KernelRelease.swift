import Glibc

/// A kernel's version, as far as decisions look at it.
package struct KernelRelease: Sendable, Comparable {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Of `6.12.9-amd64`; nil when it does not begin with two numbers.
    package init?(_ text: String) {
        let numbers = text.split(separator: ".", maxSplits: 2).prefix(2).map { Int($0.prefix { $0.isNumber }) }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor)
    }

    package static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

    /// The oldest that Martlet supports.
    package static let minimum = KernelRelease(5, 10)
}

/// What uname tells.
struct SystemName {
    let release: String
    let machine: String

    init() {
        var names = utsname()
        uname(&names)
        release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        machine = withUnsafeBytes(of: names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
