/// Something that must hold, or must not, of what a hook sees.
package struct Condition: Hashable, Sendable {
    /// What is compared.
    package enum Source: Hashable, Sendable {
        /// What a reading gave, by its position among the hook's readings.
        case value(Int, Aspect)
        /// The capabilities that the second reading has and the first one has not.
        case gained(old: Int, new: Int)
        /// What is computed of several readings.
        case expression(NumberExpression)
        /// The number of the process.
        case process
        /// Its number in its own pid namespace.
        case namespacedProcess
        /// The numbers of the process and its ancestors: one must fit.
        case ancestry
        /// The path of the program that the process runs.
        case binary
        /// The path of the program that its parent runs.
        case parentBinary
        /// The paths of the programs of the process and its ancestors: one must fit.
        case lineage
        /// The process' control group and those that it lies in.
        case cgroup
        /// Its capabilities.
        case effective, permitted, inheritable
        /// 1 in the machine's own user namespace, otherwise 0.
        case isInHostUserNamespace
        /// The kinds of its namespaces that have changed since it was executed: bits by `enum mt_namespace_kind`.
        case changedNamespaces
        /// The capabilities that it has gained or lost since it was executed.
        case changedEffective, changedPermitted, changedInheritable
        /// The inode of one of its namespaces, in the order of `enum mt_namespace_kind`.
        case namespace(Int)
    }

    /// Which part of a value.
    package enum Aspect: Hashable, Sendable {
        /// A number, a text, a path.
        case whole
        case fileType
        case family, networkProtocol, state, sourcePort, destinationPort, sourceAddress, destinationAddress
    }

    /// An IP address and how many of its bits count.
    package struct Prefix: Hashable, Sendable {
        /// 4 or 16, in network order.
        package let bytes: [UInt8]
        package let length: Int

        package init(bytes: [UInt8], length: Int) {
            self.bytes = bytes
            self.length = length
        }
    }

    /// With what; one of them must fit.
    package enum Test: Hashable, Sendable {
        /// Numbers, as 64 bits, sign-extended.
        case numbers(Set<UInt64>)
        /// Numbers from and to, compared with or without sign.
        case ranges([ClosedRange<UInt64>], isSigned: Bool)
        /// Any of these bits.
        case bits(UInt64)
        /// The whole text.
        case texts(Set<[UInt8]>)
        /// The beginning of a text; at most 256 bytes.
        case prefixes(Set<[UInt8]>)
        /// The end of a text; at most 256 bytes.
        case postfixes(Set<[UInt8]>)
        /// Anything in the first 4 KiB of a text (before Linux 6.4: in its first KiB); patterns that ignore case are of small letters.
        case substrings(Set<[UInt8]>, ignoresCase: Bool)
        /// The beginning of an address.
        case addresses(Set<Prefix>)
        /// Pods and containers, by what is known of them at the time.
        case workloads(WorkloadScope)
    }

    package let source: Source
    package let test: Test
    /// Whether it must not hold.
    package let isNegated: Bool
    /// Whether it can be known only when the function returns.
    package let isAtReturn: Bool

    package init(_ source: Source, _ test: Test, isNegated: Bool = false, isAtReturn: Bool = false) {
        self.source = source
        self.test = test
        self.isNegated = isNegated
        self.isAtReturn = isAtReturn
    }
}
