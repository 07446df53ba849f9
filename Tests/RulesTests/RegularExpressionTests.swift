import Foundation
import Glibc
import Rules
import Testing

/// Regular expressions say what others say, and take no longer than they must.
@Suite struct RegularExpressionTests {
    private func found(_ expression: String, _ text: String) throws -> Bool {
        let expression = try RegularExpression(expression)
        return Array(text.utf8).withUnsafeBytes { expression.matches($0) }
    }

    @Test(arguments: [
        ("abc", "xabcx", true), ("^abc$", "abc", true), ("^abc$", "abcd", false), ("a.c", "a\nc", true),
        ("a*", "", true),
        ("a+b?c{2}", "aacc", true), ("a{2,3}$", "aaaa", true), ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true),
        ("(ab|cd)+$", "abcdab", true), ("^(?:ab|cd)$", "abcd", false), ("[a-c]x", "bx", true), ("[^a-c]x", "bx", false),
        ("[]a]+$", "]]a", true), ("[a\\-z]", "-", true), ("\\d+\\.\\d+", "v1.25", true),
        ("\\bsh\\b", "/bin/sh -c", true),
        ("\\bsh\\b", "bash", false), ("\\Bsh", "bash", true), ("(?i)passwd", "/etc/PassWD", true),
        ("é+x", "éééx", true),
        ("\\x41\\.", "A.", true), ("a|", "zzz", true), ("^$", "", true), ("^$", "x", false), ("x{y}", "x{y}", true),
        ("[\\w.]+@", "joe.x@", true), ("a??b", "b", true), ("\\s", "a\tb", true), ("\\S\\W", "a ", true),
    ])
    func `expressions match what they say`(expression: String, text: String, expected: Bool) throws {
        #expect(try found(expression, text) == expected)
    }

    @Test(arguments: [
        ("(a", "there is a ( without its )"), ("a)", "there is a ) without its ("),
        ("[a", "there is a [ without its ]"),
        ("*a", "* has nothing before it to repeat; write \\* for the sign itself"),
        ("a**", "* stands behind another repetition"),
        ("a{3,2}", "{3,2}: at most 1000, and the smaller number first"),
        ("a{2000}", "{2000,2000}: at most 1000, and the smaller number first"),
        ("a{,3}", "a repetition is {3}, {3,} or {3,5}; write \\{ for the sign itself"),
        ("a{2}{3}", "{ stands behind another repetition"),
        ("(a)\\1", "\\1: there are no back-references"), ("\\q", "\\q: there is no such sign"),
        ("a\\", "it ends in a backslash"),
        (
            "(?=a)",
            "of groups that begin with (? there are (?:…), and (?i) in front of everything: no look-around, no names"
        ),
        ("[z-a]", "a range in […] goes from one letter to a later one"), ("[ä]", "[…] takes ASCII only: write (ä|ö)"),
        ("((a{100}){100}){100}", "is too large: more than 2000 steps with all its repetitions"),
        ("[[:alpha:]]", "[[:…:]]: write \\d, \\w or \\s, or the letters themselves"),
    ])
    func `what is none says why`(expression: String, expected: String) {
        do throws(RegularExpressionError) {
            _ = try RegularExpression(expression)
            Issue.record("\(expression) is taken")
        } catch {
            #expect(error.description == expected)
        }
    }

    @Test(arguments: ["(a+)+$", "(a|aa)+$", "(.*)*x", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func `catastrophic ones take time by the length of the text`(expression: String) throws {
        // An engine that tries and goes back would not come to an end.
        #expect(try !found(expression, String(repeating: "a", count: 4000) + "!"))
    }

    @Test func `repetitions of nothing come to an end`() {
        let bomb = String(repeating: "(", count: 12) + String(repeating: "){1000}", count: 12)
        #expect(throws: RegularExpressionError.self) { _ = try RegularExpression(bomb) }
    }

    @Test func `random expressions find what the C library finds`() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = ["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(ab)*", "a?", "b+", "(a|b)+", "a{1,2}", "^", "$"]
        for _ in 0..<2003 {
            let expression = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            // POSIX says nothing of repetitions of anchors and nothing else.
            var compiled = regex_t()
            guard regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) == 0 else { continue }
            defer { regfree(&compiled) }
            let own = try RegularExpression(expression)
            for _ in 0..<11 {
                let text = String(
                    (0..<Int.random(in: 0...8, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" }
                )
                let expected = regexec(&compiled, text, 0, nil, 0) == 0
                let found = Array(text.utf8).withUnsafeBytes { own.matches($0) }
                #expect(found == expected, "/\(expression)/ in '\(text)'")
            }
        }
    }

    @Test(arguments: [
        ("/etc/(passwd|shadow)$", "/etc/"), ("^.*\\.ssh/id_[a-z]+", ".ssh/id_"), ("a|b", ""), ("(abc)+d", "abc"),
        ("(?i)abc", ""), ("x?abc", "abc"),
    ])
    func `what stands in all that is matched is known`(expression: String, literal: String) throws {
        #expect(try RegularExpression(expression).literal == Array(literal.utf8))
    }
}
