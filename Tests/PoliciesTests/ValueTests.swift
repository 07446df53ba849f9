import Policies
import Testing
import UserInput

@Suite struct ValueTests {
    @Test func numbersHaveSignsAndBases() {
        let good: [(String, Int128)] = [
            ("0", 0), ("-1", -1), ("+7", 7), ("0x1F", 31), ("0o17", 15), ("017", 15), ("0b11", 3), ("-0x10", -16),
        ]
        for (text, number) in good { #expect(PlainNumber.number(text) == number, "\(text)") }
        for text in ["", "-", "--1", "0x", "0x-1", "0b2", "08", "1_0", " 1", "1.0", "0z1", "a", "+-1"] {
            #expect(PlainNumber.number(text) == nil, "\(text)")
        }
        #expect(PlainNumber.decimal("010") == 10)
    }

    @Test func addressesKeepTheirPrefix() throws {
        let range = try #require(AddressPrefix("10.1.2.3/9"))
        #expect(range.bytes == [10, 0, 0, 0] && range.length == 9)
        #expect(AddressPrefix("::1")?.length == 128)
        #expect(AddressPrefix("0.0.0.0/0")?.bytes == [0, 0, 0, 0])
        for text in ["", "/", "1.2.3.4/", "1.2.3.4/33", "::/129", "1.2.3.4/-1", "1.2.3.4\0", "host"] {
            #expect(AddressPrefix(text) == nil, "\(text)")
        }
    }

    @Test func valuesAreReadByOperatorAndType() throws {
        #expect(try FilterValue("-1", .equal, .int8) == .numbers(-1...(-1)))
        #expect(
            try FilterValue("18446744073709551615", .equal, .size) == .numbers(Int128(UInt64.max)...Int128(UInt64.max))
        )
        #expect(try FilterValue("9:3", .inMap, .int32) == .numbers(3...9))
        #expect(try FilterValue("-9:-3", .inRange, .int32) == .numbers(-9...(-3)))
        #expect(try FilterValue("-1", .mask, .int32) == .mask(UInt64.max))
        #expect(try FilterValue("CAP_BPF,CAP_CHOWN", .mask, .capabilities) == .mask(1 << 39 | 1))
        #expect(try FilterValue("CAP_SYS_MODULE", .equal, .capability) == .numbers(16...16))
        #expect(try FilterValue("80:81", .destinationPort, .sock) == .ports(80...81))
        #expect(try FilterValue("6:17", .networkProtocol, .skb) == .codes(6...17))
        #expect(try FilterValue("AF_VSOCK", .family, .sock) == .codes(40...40))
        #expect(try FilterValue("TCP_LISTEN", .state, .sock) == .codes(10...10))
        #expect(try FilterValue("pipe", .fileType, .file) == .file(.fifo))
        #expect(try FilterValue("list:x", .inMap, .systemCall) == .list("x"))
        #expect(try FilterValue("/x", .equal, .path) == .text("/x"))
        #expect(throws: FilterValueError.self) { try FilterValue("0x10", .inMap, .int32) }
    }

    @Test func expressionsBindAsCELHasIt() throws {
        let expected = FilterExpression.binary(
            .or,
            .binary(.and, .binary(.greater, .argument(0), .number(3)), .not(.argument(1))),
            .binary(.equal, .binary(.minus, .argument(2), .number(1)), .negative(.number(4)))
        )
        #expect(try FilterExpression("arg0>3&&!arg1||arg2-1==-4") == expected)
        #expect(
            try FilterExpression("xor(uint32(arg0), 7u)") == .call(.xor, [.call(.uint32, [.argument(0)]), .number(7)])
        )
        for text in ["", "(", "arg0 arg1", "arg", "arg-1", "1 +", "foo", "not()", "arg99999999999999999999"] {
            #expect(throws: FilterValueError.self, "\(text)") { try FilterExpression(text) }
        }
        #expect(throws: FilterValueError.self) { try FilterExpression(String(repeating: "(", count: 1000)) }
        #expect(throws: FilterValueError.self) { try FilterExpression(String(repeating: "!", count: 1000)) }
    }

    @Test func waysThroughStructsHaveMembersAndElements() {
        #expect(
            ResolveStep.parse("a.b[3][4].c_1") == [
                .member("a"), .member("b"), .element(3), .element(4), .member("c_1"),
            ]
        )
        for text in ["", ".", "a.", "[1]", "a[", "a[]", "a[1", "a]1[", "a[1]b", "a[99999999999]", "1a", "a b"] {
            #expect(ResolveStep.parse(text) == nil, "\(text)")
        }
    }

    @Test func namesAreThoseOfKubernetes() {
        #expect(KubernetesName.isSubdomain("a-1.b"))
        for text in ["", "A", "-a", "a-", "a..b", "a_b", String(repeating: "a", count: 254)] {
            #expect(!KubernetesName.isSubdomain(text), "\(text)")
        }
        #expect(KubernetesName.isKey("example.org/App_1"))
        for text in ["", "/a", "a/", "a/b/c", "a b", "A.b/c"] { #expect(!KubernetesName.isKey(text), "\(text)") }
    }
}
