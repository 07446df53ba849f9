/// The name that was probably meant.
package enum NearestName {
    /// The one of `names` that needs the fewest changes of single letters, if they are few.
    package static func of(_ text: String, among names: [String]) -> String? {
        let nearest = names.map { (name: $0, changes: distance(Array(text.utf8), Array($0.utf8))) }
            .min { $0.changes < $1.changes }
        guard let nearest, nearest.changes <= max(2, text.utf8.count / 3) else { return nil }
        return nearest.name
    }

    /// Levenshtein's: letters put in, left out or replaced.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard a.count <= 100 else { return .max }
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let best = min(row[j] + 1, row[j + 1] + 1, diagonal + (letter == other ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = best
            }
        }
        return row[b.count]
    }
}
