import CWire
import Model

/// What the kernel keeps back, but for verdicts: as the maps of `lib/gate.h` have it.
package struct GateImage: Sendable, Equatable {
    /// A name or number of a process.
    package struct Name: Hashable, Sendable {
        let subject: UInt32
        let text: [UInt8]

        package init(_ subject: mt_gate_subject, _ text: [UInt8]) {
            self.subject = UInt32(subject.rawValue)
            self.text = text
        }
    }

    /// Kinds of which nothing is wanted but what the tables have.
    package var byStart: KindSet = []
    package var byPath: KindSet = []
    /// Kinds of which nothing is wanted where there is no path.
    package var pathless: KindSet = []
    package var byNetwork: KindSet = []
    /// The kinds that are wanted.
    package var names: [Name: KindSet] = [:]
    package var paths: [BitPrefix: KindSet] = [:]
    /// By an end and its port or address.
    package var networks: [BitPrefix: KindSet] = [:]

    /// Everything is wanted.
    package init() {}
}
