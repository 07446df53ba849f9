/// Where the rules of a run come from.
package struct RuleSettings: Sendable {
    /// Files and folders that were named.
    package var paths: [String] = []
    /// Where a daemon looks when none were named.
    package var folder: String?
    /// Whether rules that clients add hold again after a restart.
    package var keeps = false

    package init() {}
}
