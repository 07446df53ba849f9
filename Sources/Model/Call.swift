import CWire

/// A call that a policy asked for: what its record's items say. The record must be of such a kind.
package struct Call {
    private let record: Record

    package init(_ record: Record) { self.record = record }

    private var values: CallItems { CallItems(checked: record.string(record.call.pointee.values)) }
    private var about: CallItems { CallItems(checked: record.string(record.call.pointee.about)) }

    /// The policy's name.
    package var policy: UnsafeRawBufferPointer? { text(MT_ITEM_POLICY) }
    /// The policy's namespace in Kubernetes.
    package var namespace: UnsafeRawBufferPointer? { text(MT_ITEM_NAMESPACE) }
    /// Function, LSM hook, tracepoint's event, symbol, or probe's name.
    package var function: UnsafeRawBufferPointer? { text(MT_ITEM_FUNCTION) }
    /// Tracepoint's subsystem, or probe's provider.
    package var group: UnsafeRawBufferPointer? { text(MT_ITEM_GROUP) }
    /// The file that a function or probe is in.
    package var file: UnsafeRawBufferPointer? { text(MT_ITEM_FILE) }
    /// What the linker calls a file that is mapped; nil where that was not found.
    package var buildID: UnsafeRawBufferPointer? { text(MT_ITEM_BUILD_ID) }
    /// What the policy has to say of it.
    package var message: UnsafeRawBufferPointer? { text(MT_ITEM_MESSAGE) }
    /// The selector's label.
    package var selectorLabel: UnsafeRawBufferPointer? {
        about.first { $0.type == MT_ITEM_SELECTOR && $0.header.length > 0 }?.payload
    }
    /// The selector's position in the policy's hook.
    package var selector: UInt16? { about.first { $0.type == MT_ITEM_SELECTOR }?.header.slot }
    /// Where in its file a function begins.
    package var offset: UInt64? { about.first { $0.type == MT_ITEM_OFFSET }?.body() }

    private func text(_ type: mt_item_type) -> UnsafeRawBufferPointer? { about.first { $0.type == type }?.payload }

    /// The policy's tags.
    package var tags: Tags { Tags(items: about) }

    /// The texts of tags.
    package struct Tags: Sequence, IteratorProtocol {
        fileprivate var items: CallItems

        package mutating func next() -> UnsafeRawBufferPointer? {
            while let item = items.next() {
                if item.type == MT_ITEM_TAG { return item.payload }
            }
            return nil
        }
    }

    /// What a policy shows in one list of its event, in its order. A value that was not read keeps its place.
    package func shown(_ role: Role) -> Shown { Shown(role: role, shows: about, values: values) }

    /// In which list of the event a value stands.
    package enum Role: UInt32, Sendable {
        case argument = 0
        case data = 1
        case result = 2
    }

    /// Whether it was asked how the call returned, and that was not seen.
    package var hasNoReturn: Bool { record.call.pointee.marks & UInt32(MT_CALL_NO_RETURN) != 0 }

    /// The first path among the values that the policy shows; none where a pseudo file has no name.
    package var path: UnsafeRawBufferPointer? {
        for role in [Role.argument, .data, .result] {
            for argument in shown(role) {
                if let path = argument.value.callPath, path.text.count > 0 { return path.text }
            }
        }
        return nil
    }

    /// Values that a policy shows.
    package struct Shown: Sequence, IteratorProtocol {
        let role: Role
        var shows: CallItems
        let values: CallItems

        package mutating func next() -> CallArgument? {
            while let show = shows.next() {
                let header = show.header
                guard show.type == MT_ITEM_SHOWS, header.detail == role.rawValue else { continue }
                let item = values.first { $0.header.slot == header.slot }
                return CallArgument(
                    value: item.map { CallValue($0) } ?? .missing,
                    label: header.length > 0 ? show.payload : nil
                )
            }
            return nil
        }
    }
}

/// One value as a policy shows it.
package struct CallArgument {
    package let value: CallValue
    package let label: UnsafeRawBufferPointer?
}
