import CWire
import Filters
import Policies
import Testing

/// What hooks read, resolved by a kernel's types.
@Suite struct PlannedReadingTests {
    private let kernel: InventedKernel

    init() throws { kernel = try InventedKernel() }

    private func kprobe(_ arguments: String, _ call: String = "wake") -> String {
        "spec:\n  kprobes:\n    - {call: \(call), syscall: false, args: [\(arguments)]}"
    }

    private func reading(_ arguments: String, _ call: String = "wake") throws -> Filters.Reading {
        try #require(try kernel.request(kprobe(arguments, call)).readings.first)
    }

    private func add(_ offset: Int) -> Filters.Reading.Step { Filters.Reading.Step(offset: offset, isLoad: false) }
    private func load(_ offset: Int) -> Filters.Reading.Step { Filters.Reading.Step(offset: offset, isLoad: true) }

    @Test func aPlainArgument() throws {
        #expect(
            try reading("{index: 0, type: file}", "security_file_permission")
                == Filters.Reading(.argument(0), read: MT_READ_FILE, value: MT_VALUE_FILE)
        )
        #expect(
            try reading("{index: 1, type: int}", "security_file_permission")
                == Filters.Reading(.argument(1), read: MT_READ_NUMBER, value: MT_VALUE_INT, width: 4, isSigned: true)
        )
    }

    @Test func aMemberIsReadWhereItLies() throws {
        let pid = try reading("{index: 0, type: int, resolve: real_parent.pid}")
        #expect(pid.way == [load(24), add(0)] && pid.read == MT_READ_NUMBER)
        let hidden = try reading("{index: 0, type: uint16, resolve: hidden}")
        #expect(hidden.way == [add(42)])
        let element = try reading("{index: 0, type: int, resolve: \"numbers[2]\"}")
        #expect(element.way == [add(56)])
        let far = try reading("{index: 0, type: int, resolve: mm.owner.pid}")
        #expect(far.way == [load(32), load(0), add(0)])
    }

    @Test func textInAStructIsNoPointerToText() throws {
        let comm = try reading("{index: 0, type: string, resolve: comm}")
        #expect(comm.way == [add(8)] && comm.read == MT_READ_STRING)
        let title = try reading("{index: 0, type: string, resolve: title}")
        #expect(title.way == [load(64)] && title.read == MT_READ_STRING)
    }

    @Test func aStructInAStructIsNoPointerToIt() throws {
        let path = try reading("{index: 0, type: path, resolve: f_path}", "security_file_permission")
        #expect(path.way == [add(16)] && path.read == MT_READ_PATH)
        let dentry = try reading("{index: 0, type: dentry, resolve: f_path.dentry}", "security_file_permission")
        #expect(dentry.way == [load(24)] && dentry.read == MT_READ_DENTRY)
    }

    @Test func aCastLeadsFromAnotherStruct() throws {
        let pid = try reading("{index: 0, type: int, btfType: task_struct, resolve: pid}", "send")
        #expect(pid.origin == .argument(0) && pid.way == [add(0)])
        #expect(
            try kernel.reasons(kprobe("{index: 0, type: int, btfType: task_strukt, resolve: pid}"))
                == ["6 spec.kprobes[0].args[0].btfType: there is no struct task_strukt; did you mean task_struct?"]
        )
    }

    @Test func aMemberThatThereIsNot() throws {
        #expect(
            try kernel.reasons(kprobe("{index: 0, type: int, resolve: real_parent.pidd}"))
                == ["6 spec.kprobes[0].args[0].resolve: struct task_struct has no member 'pidd'; did you mean pid?"]
        )
        #expect(
            try kernel.reasons(kprobe("{index: 0, type: int, resolve: pid.x}"))
                == ["6 spec.kprobes[0].args[0].resolve: int has no members: end the way before"]
        )
        #expect(
            try kernel.reasons(kprobe("{index: 0, type: int, resolve: \"numbers[4]\"}"))
                == ["6 spec.kprobes[0].args[0].resolve: there is no element 4; it has 4, from 0 to 3"]
        )
        #expect(
            try kernel.reasons(kprobe("{index: 0, type: int, resolve: bit}")).first?.contains("single bits") == true
        )
    }

    @Test func aWrongArgumentIndex() throws {
        #expect(
            try kernel.reasons(kprobe("{index: 1, type: int}"))
                == ["6 spec.kprobes[0].args[0].index: wake has no argument 1; it takes one, which is argument 0"]
        )
        #expect(
            try kernel.reasons(kprobe("{index: 3, type: int}", "send"))
                == ["6 spec.kprobes[0].args[0].index: send has no argument 3; it takes 3, from 0 to 2"]
        )
    }

    @Test func aTypeThatTheKernelContradictsIsAWarning() throws {
        #expect(
            try kernel.warnings(kprobe("{index: 0, type: file}")) == [
                "spec.kprobes[0].args[0].type: argument 0 is struct task_struct *, not file: what is told of it may be wrong"
            ]
        )
        #expect(try kernel.warnings(kprobe("{index: 0, type: sock}, {index: 2, type: string}", "send")).isEmpty)
    }

    @Test func ofALongerNumberAsMuchIsReadAsThePolicySays() throws {
        let spec = kprobe("{index: 1, type: int}", "send")
        let reading = try #require(try kernel.request(spec).readings.first)
        #expect(reading.width == 4 && reading.isSigned && reading.value == MT_VALUE_INT)
        #expect(
            try kernel.warnings(spec) == [
                "spec.kprobes[0].args[0].type: argument 1 is long unsigned int, of 8 bytes, of which 4 are read: uint64 is all "
                    + "of it"
            ]
        )
    }

    @Test func theKernelKnowsTypesThatAreLeftToIt() throws {
        let spec = """
            spec:
              fentries:
                - call: send
                  syscall: false
                  args: [{index: 0}, {index: 1}, {index: 2}]
            """
        let request = try kernel.request(spec)
        #expect(request.readings.map(\.read) == [MT_READ_SOCK, MT_READ_NUMBER, MT_READ_STRING])
        #expect(request.readings.map(\.value) == [MT_VALUE_SOCK, MT_VALUE_SIZE, MT_VALUE_TEXT])
        #expect(request.point.attachment == .fentry)
    }

    @Test func aBufferIsAsLongAsAnArgumentSays() throws {
        let buffer = try reading("{index: 2, type: char_buf, sizeArgIndex: 2, maxData: true}", "send")
        #expect(buffer.size == Filters.Reading.Size(argument: 1, width: 8) && buffer.capacity == 32_768)
        #expect(
            try kernel.reasons(kprobe("{index: 2, type: char_buf, sizeArgIndex: 4}", "send"))
                == ["6 spec.kprobes[0].args[0].sizeArgIndex: send has no argument 3; it takes 3, from 0 to 2"]
        )
    }

    @Test func whatIsReadTwiceIsReadOnceAndShownTwice() throws {
        let request = try kernel.request(
            kprobe(
                "{index: 0, type: int, resolve: pid, label: a}, {index: 0, type: nop}, {index: 0, type: int, resolve: pid}"
            )
        )
        #expect(request.readings.count == 1)
        #expect(request.shown.map(\.reading) == [0, 0] && request.shown.map(\.label) == ["a", nil])
    }

    @Test func theReturnIsWaitedFor() throws {
        let spec = """
            spec:
              kprobes:
                - call: send
                  syscall: false
                  return: true
                  args: [{index: 0, type: sock}]
                  returnArg: {index: 0, type: int}
                  data: [{source: current_task, type: string, resolve: comm}, {source: pt_regs, type: uint64, resolve: edi}]
                  selectors: [{matchReturnArgs: [{index: 0, operator: LT, values: ["0"]}]}]
            """
        let request = try kernel.request(spec)
        #expect(request.waitsForReturn)
        #expect(request.shown.map(\.role) == [MT_ROLE_ARGUMENT, MT_ROLE_DATA, MT_ROLE_DATA, MT_ROLE_RETURN])
        #expect(request.readings[1].origin == .task && request.readings[1].way == [add(8)])
        #expect(request.readings[2].origin == .context && request.readings[2].way == [add(112)])
        #expect(request.readings[2].width == 4)
        #expect(request.readings[3].origin == .returned && request.readings[3].isAtReturn)
        #expect(request.rows[0].conditions.map(\.isAtReturn) == [true])
        #expect(
            try kernel.reasons(spec.replacing("call: send", with: "call: wake"))
                .contains("10 spec.kprobes[0].returnArg: wake returns nothing: take out return and returnArg")
        )
    }

    @Test func aSystemCallIsGivenMemoryOfItsProgram() throws {
        let spec = """
            spec:
              kprobes:
                - call: sys_write
                  return: true
                  args: [{index: 1, type: char_buf, sizeArgIndex: 3}, {index: 0, type: fd}]
                  returnArg: {index: 0, type: int64}
            """
        let request = try kernel.request(spec)
        #expect(!request.waitsForReturn && request.readings.allSatisfy { !$0.isAtReturn })
        #expect(request.readings.map(\.isUser) == [true, false, false])
        #expect(request.readings[0].size == Filters.Reading.Size(argument: 2, width: 8))
        #expect(try kernel.reasons(spec.replacing("type: fd", with: "type: file")).count == 1)
        let exec = spec.replacing("sys_write", with: "sys_execve")
        #expect(try kernel.request(exec).shown.map(\.role) == [MT_ROLE_ARGUMENT, MT_ROLE_ARGUMENT])
        #expect(try kernel.warnings(exec).count == 1)
    }

    @Test func fieldsOfATracepoint() throws {
        let arguments =
            "{index: 4}, {index: 5}, {index: 6}, {index: 7}, {index: 5, type: int64}, {index: 6, type: const_buf}"
        let spec = "spec: {tracepoints: [{subsystem: sched, event: sched_process_exec, args: [\(arguments)]}]}"
        let request = try kernel.request(spec)
        #expect(request.point.attachment == .tracepoint && request.group == "sched")
        #expect(
            request.readings.map(\.read) == [
                MT_READ_DATA_LOC, MT_READ_NUMBER, MT_READ_STRING, MT_READ_STRING, MT_READ_NUMBER, MT_READ_FIXED,
            ]
        )
        #expect(request.readings.map(\.way) == [[add(8)], [add(12)], [add(16)], [load(32)], [add(12)], [add(16)]])
        #expect(request.readings[5].capacity == 16)
        // The fifth is four bytes all the same, and told as long.
        #expect(request.readings.map(\.width)[4] == 4 && request.readings[4].value == MT_VALUE_LONG)
        #expect(request.shown.map(\.reading) == [0, 1, 2, 3, 4, 5])
        #expect(try kernel.warnings(spec).isEmpty)
        #expect(
            try kernel.reasons(spec.replacing("{index: 4}", with: "{index: 3, type: int}")) == [
                "4 spec.tracepoints[0].args[0].index: the first four fields of a record are the tracer's own, and programs do "
                    + "not get them: the first of sched/sched_process_exec is 4"
            ]
        )
        #expect(
            try kernel.reasons(spec.replacing("{index: 7}", with: "{index: 8}")) == [
                "4 spec.tracepoints[0].args[3].index: sched/sched_process_exec has no field 8; the four common ones counted, "
                    + "it has 4 filename, 5 pid, 6 comm and 7 title"
            ]
        )
    }

    @Test func argumentsOfARawTracepoint() throws {
        let request = try kernel.request(
            "spec: {tracepoints: [{subsystem: sched, event: sched_process_exec, raw: true, args: [{index: 1}, {index: 0, resolve: comm}]}]}"
        )
        #expect(request.point.attachment == .rawTracepoint)
        #expect(request.readings.map(\.origin) == [.argument(1), .argument(0)])
        #expect(request.readings[1].way == [add(8)] && request.readings[1].value == MT_VALUE_TEXT)
    }

    @Test func fieldsOfASystemCallsTracepointAreWholeRegisters() throws {
        var kernel = kernel
        kernel.formats["syscalls/sys_enter_openat"] = TracepointFormat(
            """
            \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
            \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
            \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
            \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;
            \tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;
            """
        )
        let arguments = "{index: 4}, {index: 5}, {index: 4, type: fd}"
        let spec = "spec: {tracepoints: [{subsystem: syscalls, event: sys_enter_openat, args: [\(arguments)]}]}"
        let request = try kernel.request(spec)
        #expect(request.readings.map(\.width) == [4, 8, 4] && request.readings[0].isSigned)
        #expect(request.readings.map(\.isUser) == [false, true, false])
        #expect(try kernel.warnings(spec).isEmpty)
    }
}
