import BPF
import CLibBPF
import Testing

/// A small kernel's types, made as compilers make them.
enum InventedTypes {
    static func make() throws -> KernelTypes {
        let btf = try #require(btf__new_empty())
        defer { btf__free(btf) }
        let int = btf__add_int(btf, "int", 4, 1)
        let short = btf__add_int(btf, "short unsigned int", 2, 0)
        let long = btf__add_int(btf, "long unsigned int", 8, 0)
        let char = btf__add_int(btf, "char", 1, 1)
        let text = btf__add_ptr(btf, btf__add_const(btf, char))
        let size = btf__add_typedef(btf, "size_t", long)
        let name = btf__add_array(btf, int, char, 16)
        func pointer(_ structure: String) -> Int32 {
            btf__add_ptr(btf, btf__add_fwd(btf, structure, BTF_FWD_STRUCT))
        }
        let (task, mm) = (pointer("task_struct"), pointer("mm_struct"))

        btf__add_struct(btf, "mm_struct", 8)
        btf__add_field(btf, "owner", task, 0, 0)
        // Fields are added to the type that was made last.
        let (mount, dentry) = (pointer("vfsmount"), pointer("dentry"))
        let path = btf__add_struct(btf, "path", 16)
        btf__add_field(btf, "mnt", mount, 0, 0)
        btf__add_field(btf, "dentry", dentry, 64, 0)
        let numbers = btf__add_array(btf, int, int, 4)
        let inner = btf__add_struct(btf, nil, 8)
        btf__add_field(btf, "bit", int, 0, 1)
        btf__add_field(btf, "hidden", short, 16, 0)
        btf__add_struct(btf, "task_struct", 72)
        btf__add_field(btf, "pid", int, 0, 0)
        btf__add_field(btf, "comm", name, 64, 0)
        btf__add_field(btf, "real_parent", task, 192, 0)
        btf__add_field(btf, "mm", mm, 256, 0)
        btf__add_field(btf, nil, inner, 320, 0)
        btf__add_field(btf, "numbers", numbers, 384, 0)
        btf__add_field(btf, "title", text, 512, 0)
        let file = btf__add_struct(btf, "file", 32)
        btf__add_field(btf, "f_path", path, 128, 0)
        let files = btf__add_ptr(btf, file)

        func function(_ name: String, _ parameters: [(String, Int32)], _ result: Int32) {
            let type = prototype(parameters, result)
            btf__add_func(btf, name, BTF_FUNC_STATIC, type)
        }
        func prototype(_ parameters: [(String, Int32)], _ result: Int32) -> Int32 {
            let type = btf__add_func_proto(btf, result)
            for (name, id) in parameters { btf__add_func_param(btf, name, id) }
            return type
        }
        function("security_file_permission", [("file", files), ("mask", int)], int)
        function("send", [("sk", pointer("sock")), ("size", size), ("buffer", text)], int)
        function("wake", [("task", task)], 0)
        function("twice", [], int)
        function("notrace", [("task", task)], int)
        function("bpf_lsm_file_open", [("file", files)], int)
        let tracepoint = prototype([("", btf__add_ptr(btf, 0)), ("p", task), ("old_pid", int)], 0)
        btf__add_typedef(btf, "btf_trace_sched_process_exec", btf__add_ptr(btf, tracepoint))

        var count: UInt32 = 0
        let bytes = try #require(btf__raw_data(btf, &count))
        return try KernelTypes(bytes: Array(UnsafeRawBufferPointer(start: bytes, count: Int(count))))
    }
}
