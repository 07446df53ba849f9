import CWire
import Fixtures
import Foundation
import Model
import Testing

/// What becomes of each type of value, to the byte.
@Suite struct CallValueTests {
    /// The text of `args` of a call that shows one value.
    private func json(_ value: (inout ItemBytes) -> Void) throws -> String {
        let pipeline = Pipeline()
        let text = pipeline.text(pipeline.batch([Records.call(Texts.who, at: 1, value: value)]), .json)
        let line = String(decoding: text, as: UTF8.self)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text)) }
        let begin = try #require(line.range(of: #""args":["#)).upperBound
        let end = try #require(line.range(of: #"],"action":"#)).lowerBound
        return String(line[begin..<end])
    }

    @Test(arguments: [
        (MT_VALUE_INT, UInt64(bitPattern: -1), #"{"int_arg":-1}"#), (MT_VALUE_INT, 0, #"{"int_arg":0}"#),
        (MT_VALUE_UINT, 4_294_967_295, #"{"uint_arg":4294967295}"#),
        (MT_VALUE_LONG, UInt64(bitPattern: -5), #"{"long_arg":"-5"}"#),
        (MT_VALUE_SIZE, UInt64.max, #"{"size_arg":"18446744073709551615"}"#),
        (MT_VALUE_CAPABILITY, 21, #"{"capability_arg":{"value":21,"name":"CAP_SYS_ADMIN"}}"#),
        (MT_VALUE_CAPABILITY, 0, #"{"capability_arg":{"value":0,"name":"CAP_CHOWN"}}"#),
        (MT_VALUE_CAPABILITY, 63, #"{"capability_arg":{"value":63}}"#),
        (MT_VALUE_CAPABILITY, UInt64(bitPattern: -2), #"{"capability_arg":{"value":-2}}"#),
        (MT_VALUE_CAPABILITIES, 0x1ff, #"{"kernel_cap_t_arg":"00000000000001ff"}"#),
        (MT_VALUE_INHERITABLE, 0, #"{"cap_inheritable_arg":"0000000000000000"}"#),
        (MT_VALUE_PERMITTED, 1, #"{"cap_permitted_arg":"0000000000000001"}"#),
        (MT_VALUE_EFFECTIVE, UInt64.max, #"{"cap_effective_arg":"ffffffffffffffff"}"#),
        (MT_VALUE_BPF_COMMAND, 5, #"{"bpf_cmd_arg":"BPF_PROG_LOAD"}"#),
        (MT_VALUE_BPF_COMMAND, 0, #"{"bpf_cmd_arg":"BPF_MAP_CREATE"}"#),
        (MT_VALUE_BPF_COMMAND, 999, #"{"bpf_cmd_arg":999}"#),
    ]) func numbers(type: mt_item_type, number: UInt64, json expected: String) throws {
        #expect(try json { $0.add(type, body: number) } == expected)
    }

    @Test func aSystemCallTellsItsTable() throws {
        #if arch(arm64)
            let (own, other) = ("arm64", "arm32")
        #else
            let (own, other) = ("x64", "i386")
        #endif
        #expect(
            try json { $0.add(MT_VALUE_SYSCALL, body: UInt64(59)) } == #"{"syscall_id":{"id":59,"abi":"\#(own)"}}"#
        )
        #expect(
            try json { $0.add(MT_VALUE_SYSCALL, detail: 1, body: UInt64(11)) }
                == #"{"syscall_id":{"id":11,"abi":"\#(other)"}}"#
        )
    }

    @Test func textsAndBytes() throws {
        #expect(try json { $0.add(MT_VALUE_TEXT, "a \"b\"") } == #"{"string_arg":"a \"b\""}"#)
        #expect(try json { $0.add(MT_VALUE_TEXT, "") } == #"{"string_arg":""}"#)
        #expect(
            try json { $0.add(MT_VALUE_TEXT, marks: MT_VALUE_TRUNCATED, "abc") }
                == #"{"string_arg":"abc","truncated":true}"#
        )
        #expect(try json { $0.add(MT_VALUE_BYTES, [0, 1, 255]) } == #"{"bytes_arg":"AAH/"}"#)
        #expect(try json { $0.add(MT_VALUE_BYTES, [UInt8]()) } == #"{"bytes_arg":""}"#)
        #expect(
            try json { $0.add(MT_VALUE_BYTES, marks: MT_VALUE_TRUNCATED, detail: 5000, [1]) }
                == #"{"truncated_bytes_arg":{"bytes_arg":"AQ==","orig_size":"5000"}}"#
        )
    }

    @Test(arguments: [
        (MT_VALUE_FILE, "file_arg"), (MT_VALUE_PATH, "path_arg"), (MT_VALUE_BINPRM, "linux_binprm_arg"),
    ]) func paths(type: mt_item_type, key: String) throws {
        let (file, path) = Records.file()
        #expect(
            try json { $0.add(type, body: file, path) }
                == #"{"\#(key)":{"path":"/etc/passwd","permission":"-rw-r--r--","inode":"99","device":"8:2"}}"#
        )
    }

    @Test func aPathThatCouldNotBeToldWhollySaysSo() throws {
        let (cut, end) = Records.file("end/of/it") {
            $0.marks = UInt32(MT_MARK_TRUNCATED)
            $0.inode = 0
        }
        #expect(
            try json { $0.add(MT_VALUE_FILE, body: cut, end) }
                == #"{"file_arg":{"path":"end/of/it","flags":"unresolvedPathComponents","permission":"-rw-r--r--","#
                + #""marks":["path_truncated"]}}"#
        )
        let (raced, _) = Records.file { $0 = mt_file() }
        #expect(try json { $0.add(MT_VALUE_PATH, body: raced) } == #"{"path_arg":{}}"#)
    }

    @Test func aPipeIsToldAsProcShowsIt() throws {
        let (pipe, _) = Records.file {
            $0.marks = UInt32(MT_MARK_PSEUDO)
            $0.magic = 0x5049_5045
            $0.mode = 0o010600
        }
        #expect(
            try json { $0.add(MT_VALUE_FILE, body: pipe) }
                == #"{"file_arg":{"path":"pipe:[99]","permission":"prw-------","inode":"99","device":"8:2","#
                + #""marks":["pseudo"]}}"#
        )
    }

    @Test func sockets() throws {
        #expect(
            try json { $0.add(MT_VALUE_SOCK, body: Records.endpoints()) }
                == #"{"sock_arg":{"family":"AF_INET","type":"SOCK_STREAM","protocol":"IPPROTO_TCP","saddr":"10.0.0.1","#
                + #""daddr":"10.0.0.2","sport":40000,"dport":443,"cookie":"18446612682375452280","#
                + #""state":"TCP_ESTABLISHED"}}"#
        )
        let odd = Records.endpoints {
            $0.family = 999
            $0.type = 77
            $0.protocol = 254
            $0.state = 99
            $0.mark = 7
            $0.priority = 8
            $0.address = 0
        }
        #expect(
            try json { $0.add(MT_VALUE_SOCK, body: odd) }
                == #"{"sock_arg":{"family":"999","type":"77","protocol":"254","mark":7,"priority":8,"sport":40000,"#
                + #""dport":443,"state":"99"}}"#
        )
    }

    @Test func packets() throws {
        let packet = Records.endpoints {
            $0.family = 10
            $0.protocol = 17
            $0.hash = 1
            $0.length = 2
            $0.priority = 3
            $0.mark = 4
            $0.sec_path_length = 5
            $0.sec_path_outer = 6
            withUnsafeMutableBytes(of: &$0.saddr) {
                $0.copyBytes(from: [0x20, 0x01] + [UInt8](repeating: 0, count: 14))
            }
            withUnsafeMutableBytes(of: &$0.daddr) { $0.copyBytes(from: [UInt8](repeating: 0, count: 15) + [1]) }
        }
        #expect(
            try json { $0.add(MT_VALUE_SKB, body: packet) }
                == #"{"skb_arg":{"hash":1,"len":2,"priority":3,"mark":4,"saddr":"2001::","daddr":"::1","sport":40000,"#
                + #""dport":443,"proto":17,"sec_path_len":5,"sec_path_olen":6,"protocol":"IPPROTO_UDP","family":"AF_INET6"}}"#
        )
    }

    @Test func addresses() throws {
        #expect(
            try json { $0.add(MT_VALUE_SOCKADDR, body: Records.endpoints()) }
                == #"{"sockaddr_arg":{"family":"AF_INET","addr":"10.0.0.1","port":40000}}"#
        )
        #expect(
            try json { $0.add(MT_VALUE_SOCKADDR_UN, "@abstract") }
                == #"{"sockaddrun_arg":{"family":"AF_UNIX","path":"@abstract"}}"#
        )
    }

    @Test func credentialsKeepTheirZeros() throws {
        var value = mt_credentials_value()
        value.credentials.uid = 1000
        value.credentials.effective = 1 << 21
        value.credentials.securebits = 1
        value.namespace_.inode = 4_026_531_837
        #expect(
            try json { $0.add(MT_VALUE_CREDENTIALS, body: value) }
                == #"{"process_credentials_arg":{"uid":1000,"gid":0,"euid":0,"egid":0,"suid":0,"sgid":0,"fsuid":0,"#
                + #""fsgid":0,"securebits":["SecBitNoRoot"],"caps":{"effective":["CAP_SYS_ADMIN"]},"#
                + #""user_ns":{"level":0,"uid":0,"gid":0,"ns":{"inum":4026531837,"is_host":true}}}}"#
        )
        var namespace = mt_user_namespace()
        namespace.level = 1
        namespace.inode = 5
        #expect(
            try json { $0.add(MT_VALUE_USER_NAMESPACE, body: namespace) }
                == #"{"user_ns_arg":{"level":1,"uid":0,"gid":0,"ns":{"inum":5,"is_host":false}}}"#
        )
    }

    @Test func programsAndMaps() throws {
        var object = mt_bpf_object()
        object.type = 2
        object.instructions = 12
        setName(&object.name, "probe")
        let program = #"{"ProgType":"BPF_PROG_TYPE_KPROBE","InsnCnt":12,"ProgName":"probe"}"#
        #expect(try json { $0.add(MT_VALUE_BPF_ATTR, body: object) } == #"{"bpf_attr_arg":\#(program)}"#)
        #expect(try json { $0.add(MT_VALUE_BPF_PROG, body: object) } == #"{"bpf_prog_arg":\#(program)}"#)
        (object.type, object.key_size, object.value_size, object.max_entries) = (1, 4, 8, 16)
        #expect(
            try json { $0.add(MT_VALUE_BPF_MAP, body: object) }
                == #"{"bpf_map_arg":{"MapType":"BPF_MAP_TYPE_HASH","KeySize":4,"ValueSize":8,"MaxEntries":16,"#
                + #""MapName":"probe"}}"#
        )
    }

    @Test func perfEventsAndModules() throws {
        var event = mt_perf_event()
        event.type = 2
        event.config = 9
        setName(&event.function, "do_it")
        #expect(
            try json { $0.add(MT_VALUE_PERF_EVENT, body: event) }
                == #"{"perf_event_arg":{"KprobeFunc":"do_it","Type":"PERF_TYPE_TRACEPOINT","Config":"9"}}"#
        )
        var module = mt_module()
        module.taints = 1 << 12 | 1 << 13
        module.signature = 1
        setName(&module.name, "evil")
        #expect(
            try json { $0.add(MT_VALUE_MODULE, body: module) }
                == #"{"module_arg":{"name":"evil","signature_ok":false,"tainted":["TAINT_OUT_OF_TREE_MODULE","#
                + #""TAINT_UNSIGNED_MODULE"]}}"#
        )
        (module.taints, module.signature) = (0, 0)
        #expect(try json { $0.add(MT_VALUE_MODULE, body: module) } == #"{"module_arg":{"name":"evil"}}"#)
    }

    @Test func whatCouldNotBeReadSaysWhy() throws {
        #expect(
            try json { $0.add(MT_VALUE_TEXT, marks: MT_VALUE_UNREADABLE) }
                == #"{"error_arg":{"Message":"Bad address for basic type"}}"#
        )
        #expect(
            try json { $0.add(MT_VALUE_INT, marks: MT_VALUE_UNREADABLE, detail: 3) }
                == #"{"error_arg":{"Message":"Bad address at depth 3"}}"#
        )
        #expect(try json { _ in } == #"{"error_arg":{"Message":"not read"}}"#)
        #expect(try json { $0.add(mt_item_type(200), [1]) } == #"{"error_arg":{"Message":"unknown type 200"}}"#)
    }

    @Test func everyFormIsInTheDocument() {
        #expect(ArgumentForm.all.count == 29)
        #expect(Set(ArgumentForm.all.map { "\($0.key)" }).count == ArgumentForm.all.count)
    }
}
