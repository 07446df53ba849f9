import Agent
import ArgumentParser

/// Whom a command becomes.
struct PrivilegeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Become this user and give up all that is not needed (docs/privileges.md): a name in /etc/passwd, or a number.",
            valueName: "name|uid"
        )
    )
    var runAs: UserIdentity?
}
