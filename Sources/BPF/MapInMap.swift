import CLibBPF
import Glibc

extension BPFMapReference {
    /// Puts a map into a slot of this array or hash of maps; the slot then holds it, whoever else lets go.
    public func set(_ slot: UInt32, map descriptor: Int32) throws(BPFError) {
        try setDescriptor(slot, descriptor)
    }

    /// Puts a program into a slot of this program array, where tail calls find it.
    public func set(_ slot: UInt32, program: BPFProgram) throws(BPFError) {
        try setDescriptor(slot, program.descriptor)
    }

    private func setDescriptor(_ slot: UInt32, _ descriptor: Int32) throws(BPFError) {
        var key = slot
        var value = UInt32(bitPattern: descriptor)
        let error = bpf_map_update_elem(self.descriptor, &key, &value, UInt64(BPF_ANY))
        guard error == 0 else { throw BPFError(step: .map, subject: "slot \(slot) of map \(name)", errno: -error) }
    }
}
