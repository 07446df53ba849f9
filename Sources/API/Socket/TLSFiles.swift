import NIOSSL

/// The files that TLS needs, on either side; both sides show a certificate.
package struct TLSFiles: Sendable, Equatable {
    /// PEM: this side's certificate and those between it and an authority.
    package var certificate: String
    /// PEM: its key.
    package var key: String
    /// PEM: whose certificates the other side must have one of.
    package var authority: String

    package init(certificate: String, key: String, authority: String) {
        self.certificate = certificate
        self.key = key
        self.authority = authority
    }

    /// For those who listen: who has no certificate of the authority does not come in.
    func serverContext() throws(TLSFailure) -> NIOSSLContext {
        try context { chain, key in
            .makeServerConfigurationWithMTLS(certificateChain: chain, privateKey: key, trustRoots: .file(authority))
        }
    }

    /// For those who connect.
    func clientContext() throws(TLSFailure) -> NIOSSLContext {
        try context { chain, key in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateChain = chain
            configuration.privateKey = key
            configuration.trustRoots = .file(authority)
            return configuration
        }
    }

    private func context(
        _ make: ([NIOSSLCertificateSource], NIOSSLPrivateKeySource) -> TLSConfiguration
    ) throws(TLSFailure) -> NIOSSLContext {
        let chain: [NIOSSLCertificateSource]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
        } catch {
            throw TLSFailure("tls-certificate", certificate, "is no PEM file of certificates that can be read")
        }
        let secret: NIOSSLPrivateKeySource
        do {
            secret = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        } catch {
            throw TLSFailure("tls-key", key, "is no PEM file of a key that can be read")
        }
        do {
            _ = try NIOSSLCertificate.fromPEMFile(authority)
        } catch {
            throw TLSFailure("tls-authority", authority, "is no PEM file of certificates that can be read")
        }
        var configuration = make(chain, secret)
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSFailure("tls-key", key, "does not belong to the certificate in \(certificate)")
        }
    }
}

/// Why there is no TLS.
package struct TLSFailure: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ key: String, _ path: String, _ problem: String) { description = "\(key): \(path) \(problem)" }
}
