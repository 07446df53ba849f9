import CWire
import Model

/// Credentials, namespaces, modules, and what belongs to BPF and perf events, as values of calls.
extension JSONWriter {
    mutating func kernelObject(_ value: CallValue, _ escaped: inout Bool) {
        switch value {
        case .credentials(let value):
            open(.credentials)
            credentials(value)
            close()
        case .userNamespace(let namespace):
            open(.userNamespace)
            userNamespace(namespace)
            close()
        case .bpfAttributes(let program, let name): bpfProgram(.bpfAttributes, program, name, &escaped)
        case .bpfProgram(let program, let name): bpfProgram(.bpfProgram, program, name, &escaped)
        case .bpfMap(let map, let name): bpfMap(map, name, &escaped)
        case .perfEvent(let event, let function): perfEvent(event, function, &escaped)
        case .module(let module, let name): self.module(module, name, &escaped)
        default: break
        }
    }

    private mutating func credentials(_ value: mt_credentials_value) {
        let ids = value.credentials
        always("uid", Int64(ids.uid))
        always("gid", Int64(ids.gid))
        always("euid", Int64(ids.euid))
        always("egid", Int64(ids.egid))
        always("suid", Int64(ids.suid))
        always("sgid", Int64(ids.sgid))
        always("fsuid", Int64(ids.fsuid))
        always("fsgid", Int64(ids.fsgid))
        names("securebits", UInt64(ids.securebits), Fields.securebitNames)
        key("caps")
        buffer.append(UInt8(ascii: "{"))
        names("permitted", ids.permitted, Fields.capabilityNames)
        names("effective", ids.effective, Fields.capabilityNames)
        names("inheritable", ids.inheritable, Fields.capabilityNames)
        buffer.append(UInt8(ascii: "}"))
        key("user_ns")
        buffer.append(UInt8(ascii: "{"))
        userNamespace(value.namespace_)
        buffer.append(UInt8(ascii: "}"))
    }

    /// The inode number of the first user namespace: `PROC_USER_INIT_INO` in `include/linux/proc_ns.h`.
    private static let firstUserNamespace: UInt32 = 0xefff_fffd

    private mutating func userNamespace(_ namespace: mt_user_namespace) {
        always("level", Int64(namespace.level))
        always("uid", Int64(namespace.uid))
        always("gid", Int64(namespace.gid))
        guard namespace.inode != 0 else { return }
        key("ns")
        self.namespace(namespace.inode, isHost: namespace.inode == Self.firstUserNamespace)
    }

    private mutating func bpfProgram(
        _ form: ArgumentForm,
        _ program: mt_bpf_object,
        _ name: UnsafeRawBufferPointer,
        _ escaped: inout Bool
    ) {
        open(form)
        known("ProgType", program.type, Names.bpfProgramType)
        number("InsnCnt", UInt64(program.instructions))
        optionalText("ProgName", name, &escaped)
        close()
    }

    private mutating func bpfMap(_ map: mt_bpf_object, _ name: UnsafeRawBufferPointer, _ escaped: inout Bool) {
        open(.bpfMap)
        known("MapType", map.type, Names.bpfMapType)
        number("KeySize", UInt64(map.key_size))
        number("ValueSize", UInt64(map.value_size))
        number("MaxEntries", UInt64(map.max_entries))
        optionalText("MapName", name, &escaped)
        close()
    }

    private mutating func perfEvent(
        _ event: mt_perf_event,
        _ function: UnsafeRawBufferPointer,
        _ escaped: inout Bool
    ) {
        open(.perfEvent)
        optionalText("KprobeFunc", function, &escaped)
        known("Type", event.type, Names.perfType)
        if event.config != 0 { scalar("Config", .large(event.config)) }
        if event.probe_offset != 0 { scalar("ProbeOffset", .large(event.probe_offset)) }
        close()
    }

    private mutating func module(_ module: mt_module, _ name: UnsafeRawBufferPointer, _ escaped: inout Bool) {
        open(.module)
        optionalText("name", name, &escaped)
        if module.signature != 0 {
            key("signature_ok")
            buffer.append(module.signature == 2 ? "true" : "false")
        }
        names("tainted", module.taints, Fields.moduleTaintNames)
        close()
    }

    /// A number of a wrapper type, which stands there even if it is 0.
    private mutating func always(_ field: StaticString, _ value: Int64) {
        key(field)
        buffer.append(value)
    }

    private mutating func names(_ field: StaticString, _ bits: UInt64, _ table: NameTable) {
        let before = buffer.count
        key(field)
        if !list(bits, table) { buffer.truncate(to: before) }
    }

    /// By its name, or in decimal.
    private mutating func known(_ field: StaticString, _ value: UInt32, _ name: (UInt32) -> StaticString?) {
        if let name = name(value) { self.name(field, name) } else { scalar(field, .number(Int64(value))) }
    }
}
