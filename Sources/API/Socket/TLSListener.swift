import NIOSSL

/// A port of TCP that listens, for those who have a certificate.
package struct TLSListener {
    package let address: TCPAddress
    /// Listens; whoever takes it closes it.
    package let descriptor: Int32
    /// The port, also when it was left to the kernel.
    package let port: Int
    let context: NIOSSLContext

    package init(_ address: TCPAddress, _ files: TLSFiles) throws {
        let context = try files.serverContext()
        let (descriptor, port) = try Self.listen(address)
        self.init(address: address, descriptor: descriptor, port: port, context: context)
    }

    private init(address: TCPAddress, descriptor: Int32, port: Int, context: NIOSSLContext) {
        self.address = address
        self.descriptor = descriptor
        self.port = port
        self.context = context
    }

    private static func listen(_ address: TCPAddress) throws(ListenerFailure) -> (Int32, Int) {
        let listener = try TCPListener(address)
        return (listener.descriptor, listener.port)
    }
}
