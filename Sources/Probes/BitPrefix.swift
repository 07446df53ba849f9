/// Bits at the beginning of something, as the kernel's tries have them for keys.
package struct BitPrefix: Hashable, Sendable {
    package let bytes: [UInt8]
    package let bits: Int

    package init(bytes: [UInt8], bits: Int) {
        self.bytes = bytes
        self.bits = bits
    }
}
