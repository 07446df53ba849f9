import Foundation

/// The files below a folder, in a stable order so that an unchanged tree makes an unchanged build plan.
struct Files {
    let found: [URL]

    init(below folder: URL, endingIn suffix: String) {
        // An enumerator finds nothing in a folder that is itself a symbolic link.
        let all = FileManager.default.enumerator(
            at: folder.resolvingSymlinksInPath(),
            includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles]
        )
        let files = all?.lazy.compactMap { $0 as? URL }.filter { $0.lastPathComponent.hasSuffix(suffix) }
        found = (files.map(Array.init) ?? []).sorted { $0.path < $1.path }
    }
}
