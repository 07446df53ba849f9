/// A form in which a value of a call stands in JSON: the one key that names its type.
package struct ArgumentForm: Sendable {
    package let key: StaticString
    /// What it holds, in words.
    package let contents: String

    private init(_ key: StaticString, _ contents: String) {
        self.key = key
        self.contents = contents
    }

    private static let path =
        "object: path, flags (`unresolvedPathComponents` when parts of the path are missing), permission as ls "
        + "shows it; inode and device of the file, and marks when its path is odd"

    package static let string = ArgumentForm("string_arg", "string; `truncated` beside it when it was longer")
    package static let int = ArgumentForm("int_arg", "number, up to 32 bits with a sign")
    package static let skb = ArgumentForm(
        "skb_arg",
        "object: hash, len, priority, mark, saddr, daddr, sport, dport, proto, sec_path_len, sec_path_olen, protocol, family"
    )
    package static let size = ArgumentForm("size_arg", "number as string, 64 bits")
    package static let bytes = ArgumentForm("bytes_arg", "base64")
    package static let file = ArgumentForm("file_arg", path)
    package static let callPath = ArgumentForm("path_arg", "as file_arg")
    package static let truncatedBytes = ArgumentForm(
        "truncated_bytes_arg",
        "object: bytes_arg, the beginning; orig_size, the whole size as a string, where it is known"
    )
    package static let sock = ArgumentForm(
        "sock_arg",
        "object: family, type, protocol, mark, priority, saddr, daddr, sport, dport, cookie (the kernel's address of it), state"
    )
    package static let long = ArgumentForm("long_arg", "number as string, 64 bits with a sign")
    package static let bpfAttributes = ArgumentForm("bpf_attr_arg", "object: ProgType, InsnCnt, ProgName")
    package static let perfEvent = ArgumentForm("perf_event_arg", "object: KprobeFunc, Type, Config, ProbeOffset")
    package static let bpfMap = ArgumentForm("bpf_map_arg", "object: MapType, KeySize, ValueSize, MaxEntries, MapName")
    package static let uint = ArgumentForm("uint_arg", "number, up to 32 bits")
    package static let capability = ArgumentForm("capability_arg", "object: value, name")
    package static let credentials = ArgumentForm(
        "process_credentials_arg",
        "object: uid, gid, euid, egid, suid, sgid, fsuid, fsgid, securebits, caps, user_ns"
    )
    package static let userNamespace = ArgumentForm("user_ns_arg", "object: level, uid, gid, ns")
    package static let module = ArgumentForm("module_arg", "object: name, signature_ok where it is known, tainted")
    package static let capabilities = ArgumentForm("kernel_cap_t_arg", "16 hexadecimal digits")
    package static let inheritable = ArgumentForm("cap_inheritable_arg", "16 hexadecimal digits")
    package static let permitted = ArgumentForm("cap_permitted_arg", "16 hexadecimal digits")
    package static let effective = ArgumentForm("cap_effective_arg", "16 hexadecimal digits")
    package static let binprm = ArgumentForm("linux_binprm_arg", "as file_arg")
    package static let bpfCommand = ArgumentForm(
        "bpf_cmd_arg",
        "string: BPF_PROG_LOAD, …; a number without a name as such"
    )
    package static let systemCall = ArgumentForm("syscall_id", "object: id, abi (x64, i386, arm64, arm32)")
    package static let sockaddr = ArgumentForm("sockaddr_arg", "object: family, addr, port")
    package static let bpfProgram = ArgumentForm("bpf_prog_arg", "as bpf_attr_arg")
    package static let error = ArgumentForm("error_arg", "object: Message, why there is no value")
    package static let unixAddress = ArgumentForm("sockaddrun_arg", "object: family, path (@ before an abstract one)")

    /// All of them, in Tetragon's order.
    package static let all = [
        string, int, skb, size, bytes, callPath, file, truncatedBytes, sock, long, bpfAttributes, perfEvent, bpfMap,
        uint,
        capability, credentials, userNamespace, module, capabilities, inheritable, permitted, effective, binprm,
        bpfCommand, systemCall, sockaddr, bpfProgram, error, unixAddress,
    ]
}
