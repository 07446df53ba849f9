/// Looks for the one event for which a database refuses many: by halves, each of them a transaction of its own.
struct RefusalSearch {
    /// Among so many events from here on is one that is refused; nil: none that is known of.
    private var suspects: Int?

    /// How many events to try, of so many that there are.
    func next(of count: Int) -> Int {
        guard let suspects else { return count }
        return min(count, max(1, suspects / 2))
    }

    /// So many were refused.
    mutating func refused(_ count: Int) { suspects = count }

    /// So many are in the database now.
    mutating func took(_ count: Int) {
        guard let suspects else { return }
        // All of them, now that they came in parts: it was not an event by itself.
        self.suspects = count < suspects ? suspects - count : nil
    }
}
