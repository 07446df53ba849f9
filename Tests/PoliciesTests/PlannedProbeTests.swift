import BPF
import CWire
import Filters
import Policies
import Probes
import Testing

/// USDT probes: their places, and the words of assemblers in which their notes say where arguments are.
@Suite struct PlannedProbeTests {
    typealias Origin = Filters.Reading.Origin
    typealias Sum = Filters.Reading.RegisterSum
    private typealias Step = Filters.Reading.Step

    private func kernel(_ arguments: String..., machine: SystemCallTable.Machine = .x86_64) throws -> InventedKernel {
        var kernel = try InventedKernel()
        kernel.systemCalls = SystemCallTable(machine)
        kernel.probes = arguments.enumerated().map { index, arguments in
            ELFProbe(provider: "pg", name: "query", offset: 0x1000 + UInt64(index), counter: 0x40, arguments: arguments)
        }
        kernel.probes.append(ELFProbe(provider: "pg", name: "done", offset: 0x2000))
        return kernel
    }

    private func spec(_ arguments: String, _ more: String = "") -> String {
        "spec:\n  usdts:\n    - {path: /bin/there, provider: pg, name: query, args: [\(arguments)]\(more)}"
    }

    private func reading(
        _ note: String,
        _ argument: String = "{index: 0}",
        machine: SystemCallTable.Machine = .x86_64
    ) throws -> Filters.Reading {
        let kernel = try kernel(note, machine: machine)
        return try #require(try kernel.request(spec(argument)).readings.first)
    }

    private func reasons(_ note: String, _ argument: String = "{index: 0}", machine: SystemCallTable.Machine = .x86_64)
        throws -> [String]
    {
        try kernel(note, machine: machine).reasons(spec(argument))
    }

    @Test func itIsPlacesOfItsFile() throws {
        let kernel = try kernel("8@%rax", "8@%rax 4@%edi")
        let request = try kernel.request(spec("{index: 0}"))
        #expect(
            request.point
                == HookPoint(
                    .uprobe,
                    [
                        .init(symbol: "query", name: "query", number: 0x1000, counter: 0x40),
                        .init(symbol: "query", name: "query", number: 0x1001, counter: 0x40),
                    ],
                    file: "/bin/there"
                )
        )
        #expect(request.kind == .usdt && request.group == "pg" && !request.waitsForReturn)
    }

    @Test func placesWhereItsArgumentsLieApartAreReadApart() throws {
        let kernel = try kernel("8@%rax 4@%edi", "8@%rbx 4@%edi", "8@%rax 4@%edi")
        let requests = try kernel.plan(spec("{index: 0}, {index: 1, type: int}")).requests
        #expect(requests.map { $0.point.functions.map(\.number) } == [[0x1000, 0x1002], [0x1001]])
        #expect(requests.map { $0.readings[0].origin } == [.register(Sum(80)), .register(Sum(40))])
        #expect(try kernel.plan(spec("{index: 1}")).requests.count == 1)
    }

    @Test func aPlaceThatIsWrittenTwiceIsOne() throws {
        var kernel = try kernel("8@%rax")
        kernel.probes += kernel.probes
        #expect(try kernel.request(spec("{index: 0}")).point.functions.count == 1)
    }

    @Test func registers() throws {
        for (note, offset, width) in [
            ("8@%rax", 80, 8), ("4@%eax", 80, 4), ("2@%r8w", 72, 2), ("1@%ah", 81, 1), ("1@%sil", 104, 1),
        ] {
            let reading = try reading(note)
            #expect(reading.origin == .register(Sum(offset)) && reading.width == width, "\(note)")
            #expect(reading.way.isEmpty && !reading.isUser && !reading.isSigned, "\(note)")
        }
        #expect(try reading("8@x1", machine: .arm64).origin == .register(Sum(8)))
        #expect(try reading("-4@w19", machine: .arm64).origin == .register(Sum(19 * 8)))
    }

    @Test(arguments: [
        ("-4@$5", 5), ("8@$-1", .max), ("8@$0x10", 16), ("8@$18446744073709551615", .max),
        ("8@$-9223372036854775808", 1 << 63),
    ])
    func constants(note: String, value: UInt64) throws {
        #expect(try reading(note).origin == .constant(value))
    }

    @Test func constantsOfAnotherAssembler() throws {
        #expect(try reading("-4@-7", machine: .arm64).origin == .constant(UInt64(bitPattern: -7)))
        #expect(try reading("1@#3", machine: .arm64).origin == .constant(3))
    }

    @Test func memory() throws {
        for (note, sum) in [
            ("-4@-20(%rbp)", Sum(32, displacement: -20)), ("8@(%rsp)", Sum(152)),
            ("4@8(%rax,%rcx,4)", Sum(80, index: 88, shift: 2, displacement: 8)), ("4@(%rax,%rcx)", Sum(80, index: 88)),
        ] {
            let reading = try reading(note)
            #expect(reading.origin == .register(sum) && reading.isUser, "\(note)")
            #expect(reading.way == [Step(offset: 0, isLoad: false)], "\(note)")
        }
        for (note, sum) in [
            ("4@[sp, 12]", Sum(248, displacement: 12)), ("4@[x1,#-8]", Sum(8, displacement: -8)), ("4@[x1]", Sum(8)),
            ("8@[x0, x1, lsl 3]", Sum(0, index: 8, shift: 3)),
        ] { #expect(try reading(note, machine: .arm64).origin == .register(sum), "\(note)") }
        #expect(try reading("4@[sp, 12] 8@x0", "{index: 1}", machine: .arm64).origin == .register(Sum(0)))
    }

    @Test func theNoteSaysHowLongANumberIs() throws {
        let automatic = try reading("-2@%ax")
        #expect(automatic.width == 2 && automatic.isSigned && automatic.value == MT_VALUE_INT)
        let wider = try reading("-4@%eax", "{index: 0, type: int64}")
        #expect(wider.width == 4 && wider.isSigned && wider.value == MT_VALUE_LONG)
        let other = try reading("-4@%eax", "{index: 0, type: uint32}")
        #expect(other.width == 4 && !other.isSigned && other.value == MT_VALUE_UINT)
        let spec = spec("{index: 0, type: int}")
        let kernel = try kernel("8@%rax")
        let narrower = try #require(try kernel.request(spec).readings.first)
        #expect(narrower.width == 8 && narrower.value == MT_VALUE_LONG)
        #expect(
            try kernel.warnings(spec) == [
                "spec.usdts[0].args[0].type: argument 0 has 8 bytes, not 4 as int32: all of it is read, and no more"
            ]
        )
    }

    @Test func aTextIsInTheProgramsMemory() throws {
        let inRegister = try reading("8@%rdi", "{index: 0, type: string}")
        #expect(inRegister.read == MT_READ_STRING && inRegister.isUser && inRegister.way.isEmpty)
        let inMemory = try reading("8@8(%rsp)", "{index: 0, type: string}")
        #expect(inMemory.isUser && inMemory.way == [Step(offset: 0, isLoad: true)])
        #expect(
            try reasons("4@%edi", "{index: 0, type: string}") == [
                "6 spec.usdts[0].args[0].type: argument 0 has 4 bytes and is no pointer: read it as a number"
            ]
        )
        #expect(try reasons("8@%rdi", "{index: 0, type: file}").first?.contains("kernel's memory") == true)
    }

    @Test func aStructOfTheProgram() throws {
        let inMemory = try reading("8@8(%rsp)", "{index: 0, type: int, btfType: task_struct, resolve: real_parent.pid}")
        #expect(
            inMemory.way == [
                Step(offset: 0, isLoad: true), Step(offset: 24, isLoad: true), Step(offset: 0, isLoad: false),
            ]
        )
        #expect(inMemory.isUser && inMemory.origin == .register(Sum(152, displacement: 8)))
        #expect(try reasons("8@%rdi", "{index: 0, resolve: pid}").first?.contains("needs btfType") == true)
    }

    @Test func aBufferIsAsLongAsARegisterOrAConstantSays() throws {
        let buffer = "{index: 0, type: char_buf, sizeArgIndex: 2}"
        #expect(try reading("8@%rdi 4@%esi", buffer).size == .init(argument: 104, width: 4))
        let constant = try reading("8@%rdi 4@$16", buffer)
        #expect(constant.size == nil && constant.capacity == 16)
        #expect(try reasons("8@%rdi 4@(%rsp)", buffer).first?.contains("lies in memory") == true)
        #expect(try reasons("8@%rdi", buffer).first?.contains("it takes one") == true)
    }

    @Test func anArgumentThatThereIsNot() throws {
        #expect(
            try reasons("8@%rdi 4@%esi", "{index: 2}") == [
                "6 spec.usdts[0].args[0].index: pg:query of /bin/there has no argument 2; it takes 2, from 0 to 1"
            ]
        )
        #expect(try reasons("8@%rdi", "{index: 0, type: int64, returnCopy: true}").first?.contains("return") == true)
    }

    @Test func whatCannotBeReadHasItsReason() throws {
        #expect(
            try reasons("8f@%xmm0") == [
                "6 spec.usdts[0].args[0].index: argument 0 of pg:query of /bin/there is a floating-point number"
            ]
        )
        #expect(try reasons("16@%rax").first?.contains("1, 2, 4 or 8") == true)
        #expect(try reasons("8@%xmm0").first?.contains("is at '%xmm0', which cannot be read") == true)
        for note in ["4@table(%rip)", "4@table+8(%rip)", "8@$table", "4@table(%rax)"] {
            #expect(try reasons(note).first?.contains("by its name") == true, "\(note)")
        }
        // Who does not ask for it is not disturbed.
        #expect(try kernel("8f@%xmm0 8@%rax").request(spec("{index: 1}")).readings.count == 1)
    }

    @Test(arguments: [
        "4", "4@", "@", "4@(", "4@)", "4@()", "4@(%eax)", "4@(%rax,%rcx,3)", "4@(%rax,%rcx,4,1)", "4@8(%rax",
        "4@[", "4@[]", "4@[w0]", "4@[x0, x1, lsl 9]", "4@[x0, x1, x2]", "4@[x0, x1, lsl 3, 4]", "4@%", "4@$", "4@-",
        "4@0x", "9223372036854775808@x0", "-9223372036854775808@x0", "4@99999999999999999999", "0@x0", "4@%rax)",
    ])
    func whatIsNoArgumentIsRefused(note: String) throws {
        #expect(try !reasons(note).isEmpty)
        #expect(try !reasons(note, machine: .arm64).isEmpty)
    }

    @Test func anyNoteDoesNoHarm() throws {
        var random = SystemRandomNumberGenerator()
        let letters = Array("0123456789-@$%()[], xrwspalbf+#")
        for _ in 0..<1000 {
            let text = String((0..<Int.random(in: 0...16)).map { _ in letters.randomElement(using: &random) ?? " " })
            for machine in [SystemCallTable.Machine.x86_64, .arm64] { _ = try reasons("-4@\(text)", machine: machine) }
        }
    }

    @Test func aProbeThatThereIsNot() throws {
        let kernel = try kernel("8@%rax")
        func reasons(_ provider: String, _ name: String, _ file: String = "/bin/there") throws -> [String] {
            try kernel.reasons("spec: {usdts: [{path: \(file), provider: \(provider), name: \(name)}]}")
        }
        #expect(
            try reasons("pg", "querry")
                == ["4 spec.usdts[0].name: pg of /bin/there has no probe 'querry'; did you mean query?"]
        )
        #expect(
            try reasons("pg", "start")
                == ["4 spec.usdts[0].name: pg of /bin/there has no probe 'start'; it has done and query"]
        )
        #expect(
            try reasons("pgs", "query")
                == ["4 spec.usdts[0].provider: /bin/there has no probes of 'pgs'; did you mean pg?"]
        )
        #expect(
            try reasons("pg", "query", "/bin/gone") == [
                "4 spec.usdts[0].path: /bin/gone cannot be read: it is not there"
            ]
        )
        var without = kernel
        without.probes = []
        #expect(
            try without.reasons(spec("{index: 0}")) == [
                "6 spec.usdts[0].path: /bin/there has no USDT probes: hook a function of it by uprobes"
            ]
        )
    }

    @Test func moreWaysThanProgramsAreRefused() throws {
        var kernel = try kernel()
        kernel.probes = (0..<65).map { index in
            ELFProbe(provider: "pg", name: "query", offset: UInt64(index), arguments: "8@\(index)(%rsp)")
        }
        #expect(try kernel.reasons(spec("{index: 0}")).first?.contains("more than 64 different ways") == true)
        #expect(try kernel.plan(spec("")).requests.map(\.point.functions.count) == [65])
    }

    @Test func aKernelWithoutUprobesIsSaidToBeOne() throws {
        var kernel = try kernel("8@%rax")
        kernel.without[.uprobe] = .missing("it takes CONFIG_UPROBES")
        #expect(try kernel.reasons(spec("{index: 0}")).first?.contains("it takes CONFIG_UPROBES") == true)
    }
}
