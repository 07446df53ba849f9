import Glibc
import Testing
import UserInput

/// Globs match what the C library's do, and take no longer than they must.
@Suite struct GlobTests {
    private func matches(_ pattern: String, _ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { PathPattern(pattern).matches($0) }
    }

    @Test(arguments: [
        ("*", ""), ("*", "/a/b"), ("/etc/*", "/etc/a/b"), ("/etc/?", "/etc/a"), ("/etc/?", "/etc/ab"),
        ("*.so*", "/l/x.so.1"),
        ("[ab]*", "b/x"), ("[!ab]*", "b/x"), ("[^ab]*", "c/x"), ("[]x]*", "]y"), ("[a-c]?", "cd"), ("\\**", "*x"),
        ("[a\\]b]*", "]q"), ("a**b?*", "axxbc"), ("*a*b*", "xxaxxb"), ("?*", ""), ("ä*", "äb"), ("[c-a]*", "b"),
    ])
    func theyMatchWhatFnmatchDoes(pattern: String, text: String) {
        #expect(matches(pattern, text) == (fnmatch(pattern, text, 0) == 0), "\(pattern) on \(text)")
    }

    @Test func randomOnesToo() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("aab*?[]!-/")
        for _ in 0..<20_000 {
            let pattern =
                "*" + String((0..<Int.random(in: 0...7, using: &random)).map { _ in letters.randomElement()! })
            let text = String((0..<Int.random(in: 0...8, using: &random)).map { _ in Array("ab/]-").randomElement()! })
            // What the C library makes of a set that does not end depends on its version.
            guard !pattern.contains("[") || pattern.contains("]") else { continue }
            let own = matches(pattern, text)
            let theirs = fnmatch(pattern, text, 0) == 0
            if own != theirs { Issue.record("\(pattern) on \(text): \(own), fnmatch: \(theirs)") }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aPatternOfManyStarsTakesNoLongerThanItsLengthTimesTheTexts() {
        let pattern = String(repeating: "*a", count: 100) + "b"
        #expect(!matches(pattern, String(repeating: "a", count: 100_000)))
    }
}
