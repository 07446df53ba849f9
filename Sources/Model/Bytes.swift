/// Bytes that never change, shared by reference; aligned to 8.
package final class Bytes: @unchecked Sendable {
    private let area: UnsafeMutableRawBufferPointer

    /// Copies `bytes`.
    package init(_ bytes: UnsafeRawBufferPointer) {
        area = .allocate(byteCount: max(bytes.count, 1), alignment: 8)
        count = bytes.count
        area.copyMemory(from: bytes)
    }

    /// Copies `bytes`.
    package init(_ bytes: [UInt8]) {
        area = .allocate(byteCount: max(bytes.count, 1), alignment: 8)
        count = bytes.count
        area.copyBytes(from: bytes)
    }

    deinit { area.deallocate() }

    package let count: Int

    /// Valid as long as this object.
    package var buffer: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(area)[..<count])
    }
}
