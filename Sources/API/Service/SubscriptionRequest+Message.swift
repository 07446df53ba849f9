import Engine
import Formats
import GRPCCore
import MartletV1
import Model
import UserInput

extension SubscriptionRequest {
    /// What a client asked for.
    ///
    /// - Throws: INVALID_ARGUMENT with the field, the value, and what it may be.
    init(_ message: Martlet_V1_StreamEventsRequest) throws(RPCError) {
        self.init()
        switch message.format {
        case .unspecified, .json: format = .json
        case .compact: format = .compact
        case .compactColored:
            format = .compact
            colored = true
        case .UNRECOGNIZED(let number): throw .field("format", "\(number)", "a format that this agent knows")
        }
        filter = try EventFilter(message.filter)
    }
}

extension EventFilter {
    fileprivate init(_ message: Martlet_V1_Filter) throws(RPCError) {
        self.init()
        var kinds: [EventKind] = []
        for text in message.events {
            guard let named = EventKind.kinds(named: text) else {
                let names = ["all"] + EventKind.selectable.map { "\($0.name)" }
                throw .field("events", text, "one of \(names.joined(separator: ", "))", among: names)
            }
            kinds += named
        }
        if !kinds.isEmpty { self.kinds = KindSet(kinds) }
        processes = try message.processes.filled("processes").map(ProcessPattern.init)
        paths = try message.paths.filled("paths").map(PathPattern.init)
        for text in message.users {
            guard let user = UserName(text) else {
                throw .field("users", text, "a number or the name of a user in the agent's /etc/passwd")
            }
            users.insert(user.id)
        }
        pids = Set(message.pids)
        containers = try message.containers.filled("containers").map(ContainerPattern.init)
        for text in message.runtimes {
            guard let runtime = ContainerRuntime(name: text) else {
                let names = ContainerRuntime.allCases.map { "\($0.name)" }
                throw .field("runtimes", text, "one of \(names.joined(separator: ", "))", among: names)
            }
            runtimes.insert(runtime)
        }
        pods = try message.pods.filled("pods").map(PodPattern.init)
        units = try message.units.filled("units").map(UnitPattern.init)
        policies = try message.policyNames.filled("policy_names").map(PolicyPattern.init)
    }
}

extension [String] {
    /// Itself, when no text is empty or has a NUL, at which the C library would end it.
    fileprivate func filled(_ field: String) throws(RPCError) -> [String] {
        // Each is tried with each event.
        guard count <= SubscriptionRequest.limit else {
            throw RPCError(code: .invalidArgument, message: "\(field): at most \(SubscriptionRequest.limit) values")
        }
        if let long = first(where: { $0.utf8.count > SubscriptionRequest.longest }) {
            throw .field(field, String(long.prefix(40)) + "…", "a text of at most \(SubscriptionRequest.longest) bytes")
        }
        if let wrong = first(where: { $0.isEmpty || $0.utf8.contains(0) }) {
            throw .field(field, wrong, "a text that is not empty, without a NUL")
        }
        return self
    }
}

extension RPCError {
    fileprivate static func field(_ name: String, _ text: String, _ wanted: String, among names: [String] = [])
        -> RPCError
    {
        let visible = text.unicodeScalars.map {
            $0.value < 32 || $0.value == 127 ? "\\u{\(String($0.value, radix: 16))}" : "\($0)"
        }
        let nearest = NearestName.of(text, among: names).map { "; did you mean \($0)?" } ?? ""
        return RPCError(code: .invalidArgument, message: "\(name): '\(visible.joined())' is not \(wanted)\(nearest)")
    }
}
