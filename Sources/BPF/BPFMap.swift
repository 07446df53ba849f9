import CLibBPF
import Glibc

/// A map by its descriptor, which someone else owns; valid as long as the owner.
public struct BPFMapReference: Sendable {
    /// The map's file descriptor.
    public let descriptor: Int32
    /// Its name in C.
    public let name: String

    /// Refers to a map by a descriptor that the caller keeps open.
    public init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Sees the map as one of these keys and values.
    ///
    /// - Throws: when their sizes are not the map's.
    public func typed<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ key: Key.Type = Key.self,
        _ value: Value.Type = Value.self
    ) throws(BPFError) -> BPFMap<Key, Value> {
        var info = bpf_map_info()
        var length = UInt32(MemoryLayout<bpf_map_info>.size)
        let error = bpf_obj_get_info_by_fd(descriptor, &info, &length)
        guard error == 0 else { throw BPFError(step: .map, subject: "map \(name)", errno: -error) }
        guard Int(info.key_size) == MemoryLayout<Key>.size, Int(info.value_size) == MemoryLayout<Value>.size else {
            throw BPFError(
                step: .map,
                subject: "map \(name)",
                errno: 0,
                log: ["its keys have \(info.key_size) and its values \(info.value_size) bytes"]
            )
        }
        let perCPU = [BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH]
            .contains { $0.rawValue == info.type }
        return BPFMap(reference: self, perCPU: perCPU)
    }
}

/// A map with keys and values of known types.
public struct BPFMap<Key: BitwiseCopyable, Value: BitwiseCopyable>: Sendable {
    let reference: BPFMapReference
    let perCPU: Bool

    /// The value of a key, or nil. Not for per-CPU maps.
    public func value(_ key: Key) throws(BPFError) -> Value? {
        precondition(!perCPU, "map \(reference.name) is per CPU")
        var key = key
        return try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { area throws(BPFError) -> Value? in
            let error = bpf_map_lookup_elem(reference.descriptor, &key, area.baseAddress)
            if error == -ENOENT { return nil }
            try check(error)
            return area[0]
        }
    }

    /// Sets the value of a key. Not for per-CPU maps.
    public func set(_ key: Key, _ value: Value) throws(BPFError) {
        precondition(!perCPU, "map \(reference.name) is per CPU")
        var key = key
        var value = value
        try check(bpf_map_update_elem(reference.descriptor, &key, &value, UInt64(BPF_ANY)))
    }

    /// Removes a key; true when it was there.
    @discardableResult
    public func remove(_ key: Key) throws(BPFError) -> Bool {
        var key = key
        let error = bpf_map_delete_elem(reference.descriptor, &key)
        if error == -ENOENT { return false }
        try check(error)
        return true
    }

    /// The values of a key of a per-CPU map, one per possible CPU.
    public func perCPUValues(_ key: Key) throws(BPFError) -> [Value] {
        precondition(perCPU, "map \(reference.name) is not per CPU")
        var key = key
        // The kernel rounds each CPU's value up to 8 bytes.
        let stride = (MemoryLayout<Value>.size + 7) & ~7
        var bytes = [UInt8](repeating: 0, count: stride * Self.possibleCPUs)
        try check(bpf_map_lookup_elem(reference.descriptor, &key, &bytes))
        return bytes.withUnsafeBytes { area in
            (0..<Self.possibleCPUs).map { area.loadUnaligned(fromByteOffset: $0 * stride, as: Value.self) }
        }
    }

    /// All pairs of a map, read in batches of 256; since Linux 5.6. Costs one system call a batch. Not for per-CPU maps.
    public func all() throws(BPFError) -> [(Key, Value)] {
        precondition(!perCPU, "map \(reference.name) is per CPU")
        let batch = 256
        return try withUnsafeTemporaryAllocation(of: Key.self, capacity: batch) { keys throws(BPFError) in
            try withUnsafeTemporaryAllocation(of: Value.self, capacity: batch) { values throws(BPFError) in
                var pairs: [(Key, Value)] = []
                // Hash maps keep a 32-bit bucket number here, arrays an index: a key's room is enough for either.
                var position = [UInt8](repeating: 0, count: max(8, MemoryLayout<Key>.size))
                var begun = false
                while true {
                    var count = UInt32(batch)
                    let error = position.withUnsafeMutableBytes { cursor in
                        bpf_map_lookup_batch(
                            reference.descriptor,
                            begun ? cursor.baseAddress : nil,
                            cursor.baseAddress,
                            keys.baseAddress,
                            values.baseAddress,
                            &count,
                            nil
                        )
                    }
                    if error != 0, error != -ENOENT { try check(error) }
                    for index in 0..<Int(count) { pairs.append((keys[index], values[index])) }
                    if error == -ENOENT { return pairs }
                    begun = true
                }
            }
        }
    }

    /// How many CPUs the kernel may ever have, which is what per-CPU maps are sized for.
    public static var possibleCPUs: Int { BPF.possibleCPUs }

    private func check(_ error: Int32) throws(BPFError) {
        if error != 0 { throw BPFError(step: .map, subject: "map \(reference.name)", errno: -error) }
    }
}

/// How many CPUs the kernel may ever have, which is what per-CPU maps are sized for.
public var possibleCPUs: Int { max(1, Int(libbpf_num_possible_cpus())) }
