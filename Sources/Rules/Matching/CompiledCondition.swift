import Formats
import Glibc
import Model
import UserInput

/// A condition for one kind of event, with its fields found.
package indirect enum CompiledCondition: Sendable {
    case all([CompiledCondition])
    case any([CompiledCondition])
    case not(CompiledCondition)
    case field(FieldReader, Test)
    case ancestor(Field, Test)
    case place(Subject, Test)
    /// The kind has no such field.
    case never

    /// Finds the fields.
    package init(_ condition: Condition, for kind: EventKind) {
        switch condition {
        case .all(let conditions): self = .all(conditions.map { CompiledCondition($0, for: kind) })
        case .any(let conditions): self = .any(conditions.map { CompiledCondition($0, for: kind) })
        case .not(let condition): self = .not(CompiledCondition(condition, for: kind))
        case .test(let subject, let test):
            switch subject {
            case .field, .bpfd: self = FieldReader(subject, of: kind).map { .field($0, test) } ?? .never
            case .ancestor(let name):
                self = Fields.process.first { $0.name == name }.map { .ancestor($0, test) } ?? .never
            case .container, .pod, .unit, .runtime: self = .place(subject, test)
            }
        }
    }

    /// Whether an event is meant.
    package func holds(_ event: borrowing Event, _ record: Record, _ scratch: inout TextBuffer) -> Bool {
        switch self {
        case .all(let conditions):
            for condition in conditions where !condition.holds(event, record, &scratch) { return false }
            return true
        case .any(let conditions):
            for condition in conditions where condition.holds(event, record, &scratch) { return true }
            return false
        case .not(let condition): return !condition.holds(event, record, &scratch)
        case .field(let reader, .text(let test)):
            return reader.contains(event, record, &scratch, where: test.matches)
        case .field(let reader, .exists):
            if case .absent = reader.value(event, record) { return false }
            return true
        case .field(let reader, let test): return test.matches(reader.value(event, record))
        case .ancestor(let field, let test): return anyAncestor(event.process, field, test, &scratch)
        case .place(let subject, let test):
            guard let process = event.process else { return false }
            if case .exists = test { return subject.exists(process) }
            return test.matches(place: process)
        case .never: return false
        }
    }

    private func anyAncestor(
        _ process: Execution?,
        _ field: Field,
        _ test: Test,
        _ scratch: inout TextBuffer
    ) -> Bool {
        guard case .process(let read) = field.source else { return false }
        var ancestor = process?.parent
        while let execution = ancestor {
            let value = read(execution)
            if case .text(let text) = test {
                if MatchText.contains(value, &scratch, where: text.matches) { return true }
            } else if test.matches(value) {
                return true
            }
            ancestor = execution.parent
        }
        return false
    }
}

extension Test {
    /// Whether a value that is no text is meant.
    func matches(_ value: FieldValue) -> Bool {
        switch self {
        case .numbers(let ranges):
            guard let number = value.asNumber else { return false }
            return ranges.contains { $0.contains(number) }
        case .networks(let networks):
            guard case .address(let address) = value else { return false }
            return networks.contains { $0.contains(address) }
        case .boolean(let wanted):
            guard case .boolean(let value) = value else { return false }
            return value == wanted
        case .exists:
            if case .absent = value { return false }
            return true
        case .text, .container, .pod, .unit, .runtimes: return false
        }
    }

    /// Whether a process that runs there is meant.
    func matches(place: Execution) -> Bool {
        switch self {
        case .container(let patterns): patterns.contains { $0.matches(place) }
        case .pod(let patterns): patterns.contains { $0.matches(place) }
        case .unit(let patterns): patterns.contains { $0.matches(place) }
        case .runtimes(let runtimes):
            place.containerRuntime.map { runtimes.contains($0) } ?? false
                || place.podUID != nil && runtimes.contains(.kubernetes)
        case .text, .numbers, .networks, .boolean, .exists: false
        }
    }
}

extension Subject {
    /// Whether a process runs in such a place.
    fileprivate func exists(_ place: Execution) -> Bool {
        switch self {
        case .container: place.containerID != nil
        case .pod: place.podUID != nil || place.podName != nil
        case .unit: place.unit != nil
        case .runtime: place.containerRuntime != nil || place.podUID != nil
        case .field, .ancestor, .bpfd: false
        }
    }
}

extension TextTest {
    /// Whether a text is meant.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .exact(let texts): texts.contains { $0.utf8.count == text.count && text.elementsEqual($0.utf8) }
        case .prefix(let texts): texts.contains { text.starts(with: $0.utf8) }
        case .suffix(let texts):
            texts.contains { $0.utf8.count <= text.count && text.suffix($0.utf8.count).elementsEqual($0.utf8) }
        case .contains(let texts): texts.contains { text.contains($0.utf8) }
        case .glob(let globs): globs.contains { $0.matches(text) }
        case .regex(let expressions): expressions.contains { $0.matches(text) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes stand in it, one behind the other.
    fileprivate func contains(_ part: String.UTF8View) -> Bool {
        guard let first = part.first, part.count <= count, var from = baseAddress else { return part.isEmpty }
        let end = from + count
        while let found = memchr(from, Int32(first), end - from).map({ UnsafeRawPointer($0) }) {
            let rest = UnsafeRawBufferPointer(start: found, count: end - found)
            if rest.starts(with: part) { return true }
            from = found + 1
        }
        return false
    }
}
