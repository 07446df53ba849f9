import Glibc
import PostgresLink

// martlet starts it with a socket at descriptor 3. Nothing else is told on the command line, where all users could read it.
switch CommandLine.arguments.dropFirst().first {
case nil: break
case "--version":
    print("martlet-postgres, protocol \(PostgresMessage.version)")
    exit(0)
default: Startup.refuse("usage: martlet-postgres [--version]")
}

guard Startup.isStreamSocket(Startup.descriptor) else {
    Startup.refuse(
        "martlet-postgres: descriptor \(Startup.descriptor) is no stream socket: "
            + "martlet starts this program itself, for --sink postgres"
    )
}
Startup.prepareProcess()
exit(Session(PostgresSocket(owning: Startup.descriptor)).run())
