/// The directories of a host that no container needs whole: mounted into one, what is below them is still the host's.
package enum HostPaths {
    /// All links followed; a host need not have each of them.
    package static let system = [
        "/", "/bin", "/boot", "/etc", "/home", "/lib", "/lib32", "/lib64", "/opt", "/root", "/run", "/sbin", "/srv",
        "/usr",
        "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/local", "/usr/sbin", "/var", "/var/lib", "/var/log",
    ]
}
