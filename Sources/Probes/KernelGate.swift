import BPF
import CWire
import Model

/// Keeps back, in the kernel, events that nobody wants.
package struct KernelGate: ~Copyable {
    /// A key of `gate_names`, `gate_paths` or `gate_networks`: a number, and bytes with zeroes behind them.
    struct Key<let capacity: Int>: BitwiseCopyable {
        private let number: UInt32
        private var bytes = InlineArray<capacity, UInt8>(repeating: 0)

        init(_ number: UInt32, _ text: [UInt8]) {
            self.number = number
            for (index, byte) in text.prefix(capacity).enumerated() { bytes[index] = byte }
        }
    }

    private let gate: BPFMap<UInt32, mt_gate>
    private let verdicts: MappedArray
    private let inherited: MappedArray
    private let names: BPFMap<Key<252>, UInt32>
    private let paths: BPFMap<Key<252>, UInt32>
    private let networks: BPFMap<Key<20>, UInt32>
    /// What the tables have now.
    private var image = GateImage()
    /// Verdicts of others are void.
    private var generation: UInt32 = 0

    /// Kinds of events whose programs ask for verdicts.
    package static let observed: KindSet = [.open, .execFailed, .shell, .tcp, .breakout]

    /// - Parameter map: the maps of `lib/gate.h`, by their names.
    init(_ map: (String) throws(BPFError) -> BPFMapReference) throws(BPFError) {
        let verdicts = try MappedArray(map("verdicts"))
        let inherited = try MappedArray(map("inherited"))
        let gate: BPFMap<UInt32, mt_gate> = try map("gate").typed()
        let names: BPFMap<Key<252>, UInt32> = try map("gate_names").typed()
        let paths: BPFMap<Key<252>, UInt32> = try map("gate_paths").typed()
        let networks: BPFMap<Key<20>, UInt32> = try map("gate_networks").typed()
        (self.gate, self.names, self.paths, self.networks) = (gate, names, paths, networks)
        self.verdicts = verdicts
        self.inherited = inherited
    }

    /// Keeps nothing back, and forgets all verdicts.
    package mutating func open() throws(BPFError) {
        generation &+= 1
        var now = mt_gate()
        now.generation = generation
        try gate.set(0, now)
    }

    /// Makes the tables those of an image; what is in them already stays in all the time.
    ///
    /// False: there is no room for one of them, and what it would keep back goes through.
    package mutating func prepare(_ image: GateImage) -> Bool {
        let before = self.image
        self.image = image
        var isWhole = true
        if !Self.change(names, from: before.names, to: image.names, { Key<252>($0.subject, $0.text) }) {
            (self.image.names, self.image.byStart, isWhole) = ([:], [], false)
        }
        if !Self.change(paths, from: before.paths, to: image.paths, { Key<252>(UInt32($0.bits), $0.bytes) }) {
            (self.image.paths, self.image.byPath, self.image.pathless, isWhole) = ([:], [], [], false)
        }
        if !Self.change(networks, from: before.networks, to: image.networks, { Key<20>(UInt32($0.bits), $0.bytes) }) {
            (self.image.networks, self.image.byNetwork, isWhole) = ([:], [], false)
        }
        return isWhole
    }

    /// False: there was no room for all, and the table is empty.
    private static func change<Name, Key>(
        _ map: BPFMap<Key, UInt32>,
        from old: [Name: KindSet],
        to new: [Name: KindSet],
        _ key: (Name) -> Key
    ) -> Bool {
        for name in old.keys where new[name] == nil { _ = try? map.remove(key(name)) }
        for (name, kinds) in new where old[name] != kinds {
            do { try map.set(key(name), kinds.mask) } catch {
                for name in new.keys { _ = try? map.remove(key(name)) }
                return false
            }
        }
        return true
    }

    /// Has the prepared tables count, and verdicts on these kinds, and on no others.
    package func close(_ kinds: KindSet) throws(BPFError) {
        let judged = kinds.intersection(Self.observed)
        let now = mt_gate(
            by_process: judged.mask,
            by_start: image.byStart.intersection(judged).mask,
            by_path: image.byPath.mask,
            pathless: image.pathless.mask,
            by_network: image.byNetwork.mask,
            generation: generation
        )
        try gate.set(0, now)
    }

    /// Notes which kinds of an execution's events nobody wants, and which of the copies that fork makes of it. What was noted of
    /// a process with the same last 16 bits of its number is gone then, and all of its events go through.
    package func note(_ execution: Execution, unwanted: KindSet, inherited kinds: KindSet) {
        let place = Int(execution.id.tgid) & (Int(MT_VERDICTS) - 1)
        verdicts.store(word(execution, unwanted), at: place)
        inherited.store(word(execution, kinds), at: place)
    }

    private func word(_ execution: Execution, _ kinds: KindSet) -> UInt64 {
        mt_verdict(execution.start, execution.execs, generation, kinds.mask)
    }
}
