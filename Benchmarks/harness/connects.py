"""What one TCP connection costs, from connect to close, with nobody watching and with each of those who can."""
import socket

from .agents import Bpftrace, EmptyHooks, Martlet, Nobody
from .cost import HEADER, Variant
from .works import Connect

CONNECTS = 30_000


class SeesConnects:
    """Ready when it shows connections."""

    def provoke(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            for _ in range(50):
                with socket.create_connection(listener.getsockname()), listener.accept()[0]:
                    pass
            return self.marker(listener.getsockname()[1])


class MartletTCP(SeesConnects, Martlet):
    def marker(self, port):
        return f'port":{port}'.encode()


class BpftraceTCP(SeesConnects, Bpftrace):
    """The fields of a change of state and of an accept that a tracepoint has."""

    program = """
        tracepoint:sock:inet_sock_set_state /args->protocol == 6/ {
            printf("tcp %d %d %d %d %s %s %d %s\\n", args->oldstate, args->newstate, args->sport, args->dport,
                   ntop(args->family, args->saddr_v6), ntop(args->family, args->daddr_v6), pid, comm);
        }
        tracepoint:syscalls:sys_exit_accept4 { printf("accept %d %d %s\\n", args->ret, pid, comm); }
        """

    def marker(self, port):
        return f" {port} ".encode()


def measure(bench, report):
    works = [Connect(CONNECTS)]
    none = Variant(lambda: Nobody(bench), works)
    empty = Variant(lambda: EmptyHooks(bench), works)
    tcp = Variant(lambda: MartletTCP(bench, bench.memory, "martlet --event tcp", "--event", "tcp"), works)
    full = Variant(lambda: MartletTCP(bench, bench.memory, "martlet"), works)
    variants = [none, empty, tcp, full]
    missing = Bpftrace.missing()
    if not missing:
        variants.append(Variant(lambda: BpftraceTCP(bench, bench.memory), works))
    for number in range(bench.rounds):
        for one in variants:
            bench.say(f"connect, round {number + 1}: {one.name}")
            one.round(bench)

    table = report.table(f"{Connect.name}, {CONNECTS:,} times", HEADER, [
        "One thread holds both ends. Each connection is six changes of state, two of them under the interrupt of the "
        "other end, and one accept. Missing: lines of these that are not in the output; lost: events of anyone; both in "
        "the worst round. The workload is bound to one CPU, the agent is not."])
    for one in variants:
        one.costs[0].row(table, none.costs[0])
        table.notes += one.reasons.notes(one.name)
    if missing:
        table.notes.append(f"bpftrace is not here and so not in the table: apt-get install {missing}")
    for one in (tcp, full):
        one.costs[0].target(report, f"{CONNECTS:,} connections")
