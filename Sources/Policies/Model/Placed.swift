import UserInput

/// A value and where it was written.
package struct Placed<Value: Sendable>: Sendable {
    /// What was written.
    package let value: Value
    /// Where it begins.
    package let place: InputPlace

    /// A value at its place.
    package init(_ value: Value, _ place: InputPlace) {
        self.value = value
        self.place = place
    }

    /// Another value at the same place.
    func map<Other>(_ transform: (Value) -> Other) -> Placed<Other> { Placed<Other>(transform(value), place) }
}

extension Placed: Equatable where Value: Equatable {}
