import CLibBPF
import Glibc

/// A map that this process has made by itself, without an object: goes with this value, unless something else holds it.
public struct BPFNewMap: ~Copyable {
    /// Kinds of maps that can be made like this.
    public enum Kind: Sendable {
        /// Numbered elements.
        case array
        /// Any keys, their elements made at once.
        case hash
        /// Any keys, their elements made when they are set.
        case lazyHash
        /// Any keys; the least used one makes room.
        case leastRecentlyUsedHash
        /// Keys that begin with a number of bits; the longest one that a key begins with is found.
        case longestPrefix
        /// Programs to jump to.
        case programs

        var type: UInt32 {
            switch self {
            case .array: BPF_MAP_TYPE_ARRAY.rawValue
            case .hash, .lazyHash: BPF_MAP_TYPE_HASH.rawValue
            case .leastRecentlyUsedHash: BPF_MAP_TYPE_LRU_HASH.rawValue
            case .longestPrefix: BPF_MAP_TYPE_LPM_TRIE.rawValue
            case .programs: BPF_MAP_TYPE_PROG_ARRAY.rawValue
            }
        }

        // BPF_F_NO_PREALLOC
        var flags: UInt32 { self == .longestPrefix || self == .lazyHash ? 1 : 0 }
    }

    /// The map; valid as long as this value.
    public let reference: BPFMapReference

    /// Makes an empty map.
    ///
    /// - Parameters:
    ///   - kind: what keys mean.
    ///   - name: at most 15 bytes of it are kept.
    ///   - key: bytes of a key.
    ///   - value: bytes of a value.
    ///   - count: how many elements there can be.
    public init(_ kind: Kind, name: String, key: Int, value: Int, count: Int) throws(BPFError) {
        try self.init(type: kind.type, flags: kind.flags, name: name, key: key, value: value, count: count)
    }

    init(type: UInt32, flags: UInt32, name: String, key: Int, value: Int, count: Int) throws(BPFError) {
        let short = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        let result = clibbpf_map_create(type, short, UInt32(key), UInt32(value), UInt32(count), flags)
        guard result >= 0 else { throw BPFError(step: .map, subject: "map \(name)", errno: -result) }
        reference = BPFMapReference(descriptor: result, name: name)
    }

    deinit { close(reference.descriptor) }
}

extension BPFMapReference {
    /// Sets an element by its bytes, which must be as many as the map's keys and values have.
    public func set(key: [UInt8], value: [UInt8]) throws(BPFError) {
        let error = bpf_map_update_elem(descriptor, key, value, UInt64(BPF_ANY))
        guard error == 0 else { throw BPFError(step: .map, subject: "map \(name)", errno: -error) }
    }

    /// The keys of a map, as bytes. Those that come or go meanwhile may be among them or not.
    ///
    /// - Parameters:
    ///   - count: bytes of a key.
    ///   - most: more are not looked at. The kernel begins anew where the last key is gone, and so some may come twice.
    public func keys(bytes count: Int, atMost most: Int) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        var next = [UInt8](repeating: 0, count: count)
        var error = bpf_map_get_next_key(descriptor, nil, &next)
        while error == 0, keys.count < most {
            keys.append(next)
            let last = next
            error = bpf_map_get_next_key(descriptor, last, &next)
        }
        return keys
    }

    /// Takes an element out; nil when it is gone already. Not in one step: someone else may take it, too.
    public func take(key: [UInt8], value count: Int) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: count)
        guard bpf_map_lookup_elem(descriptor, key, &value) == 0, bpf_map_delete_elem(descriptor, key) == 0 else {
            return nil
        }
        return value
    }

    /// Removes an element; nothing when it is gone already.
    public func remove(key: [UInt8]) throws(BPFError) {
        let error = bpf_map_delete_elem(descriptor, key)
        guard error == 0 || error == -ENOENT else { throw BPFError(step: .map, subject: "map \(name)", errno: -error) }
    }

    /// Empties a slot of an array of maps or programs.
    public func clear(_ slot: UInt32) throws(BPFError) {
        var key = slot
        let error = bpf_map_delete_elem(descriptor, &key)
        guard error == 0 || error == -ENOENT else {
            throw BPFError(step: .map, subject: "slot \(slot) of map \(name)", errno: -error)
        }
    }
}
