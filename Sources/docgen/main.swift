import Formats
import Glibc

// Prints the document that its argument names; `make docs` keeps it in docs/.
guard CommandLine.arguments == [CommandLine.arguments[0], "events"] else {
    print("usage: docgen events")
    exit(2)
}
print(EventsDocument.text, terminator: "")
