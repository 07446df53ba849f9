import CZlib
import Glibc

/// The file format of recordings: a header, then chunks of records, each with its own checksum.
///
/// Header: `MARTLET` and a newline, then as 32-bit numbers in the byte order of the recording machine: version, byte
/// order mark, length of the node's name, the name's CRC-32; then the name. Chunk: `CHNK`, bytes, records' CRC-32; then the records as the
/// pipeline took them in, each filled up to a multiple of 8.
enum Recording {
    static let magic = Array("MARTLET\n".utf8)
    static let headerSize = magic.count + 16
    static let largestName = 255
    static let version: UInt32 = 2
    static let byteOrder: UInt32 = 0x0102_0304
    static let chunk: UInt32 = 0x4b4e_4843
    /// A longer one is damage: a batch is smaller.
    static let largestChunk = 256 << 20

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
    }

    static func words(_ words: [UInt32]) -> [UInt8] { words.withUnsafeBytes { Array($0) } }
}

/// Why a file cannot be replayed, or not to its end.
package enum RecordingError: Error, CustomStringConvertible, Equatable {
    case system(path: String, errno: Int32)
    case foreign(path: String)
    case version(path: String, UInt32)
    case byteOrder(path: String)
    case truncated(path: String, offset: Int)
    case damaged(path: String, offset: Int)

    package var description: String {
        switch self {
        case .system(let path, EEXIST):
            "\(path): there is such a file already, and none is overwritten: choose another name"
        case .system(let path, let number): "\(path): \(String(cString: strerror(number)))"
        case .foreign(let path): "\(path): this is no recording; martlet run --record FILE makes one"
        case .version(let path, let version):
            "\(path): a recording of version \(version), and this martlet reads version \(Recording.version); "
                + "replay it with the martlet that made it"
        case .byteOrder(let path): "\(path): made on a machine of the other byte order; replay it on one like that"
        case .truncated(let path, let offset):
            "\(path): cut off: what begins at byte \(offset) is not whole; what came before was replayed"
        case .damaged(let path, let offset):
            "\(path): damaged at byte \(offset): the checksum does not fit; what came before was replayed"
        }
    }
}
