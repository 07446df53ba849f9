/// Functions or places of one program or library.
package struct UserFunctionHook: PolicyHook {
    /// Where in the file.
    package enum Location: Sendable, Equatable {
        case symbols([String])
        case offsets([UInt64])
        case addresses([UInt64])
    }

    /// What the file must be.
    package struct Digest: Sendable, Equatable {
        /// `sha256`, or `build-id`.
        package let algorithm: String
        /// In small hexadecimal digits.
        package let value: String
    }

    /// The program or library.
    package let path: Placed<String>
    /// Where its types are described, if not in itself.
    package let btfPath: Placed<String>?
    /// Where in the file.
    package let location: Location
    /// Where counters of users are, one for each location; empty when there are none.
    package let counterOffsets: [UInt64]
    /// The file must be one of these; empty: any.
    package let digests: [Digest]
    /// Whether a file that is none of them is passed over without a fault.
    package let mayMismatch: Bool
    package let body: HookBody

    package var section: HookSection { .uprobes }
    package var target: String {
        switch location {
        case .symbols(let names): "\(names.joined(separator: ", ")) of \(path.value)"
        case .offsets(let numbers): "\(Self.text(numbers, "offset")) of \(path.value)"
        case .addresses(let numbers): "\(Self.text(numbers, "address")) of \(path.value)"
        }
    }

    private static func text(_ numbers: [UInt64], _ what: String) -> String {
        numbers.map { "\(what) 0x\(String($0, radix: 16))" }.joined(separator: ", ")
    }
}

/// A probe that a program was built with.
package struct UserProbeHook: PolicyHook {
    /// The program or library.
    package let path: Placed<String>
    /// Where its types are described, if not in itself.
    package let btfPath: Placed<String>?
    /// The group of probes.
    package let provider: Placed<String>
    /// Its name in the group.
    package let name: Placed<String>
    package let body: HookBody

    package var section: HookSection { .usdts }
    package var target: String { "\(provider.value):\(name.value) of \(path.value)" }
}
