"""auditd beside bpftrace and martlet: one rule for each, what an open, an exec and a connection cost under them."""
from .agents import Bpftrace, Martlet, Nobody
from .audit import Auditd, Tools
from .cost import HEADER, Variant
from .works import Connect, Exec, Open

OPENS = 20_000
EXECS = 1_000
CONNECTS = 5_000


class BpftraceRules(Bpftrace):
    """What auditd's rules ask for: who opened what, ran what, connected where, and what came of it."""

    program = """
        tracepoint:syscalls:sys_enter_openat { @open[tid] = (args->filename, args->flags); }
        tracepoint:syscalls:sys_exit_openat /@open[tid].0/ {
            printf("open %s %d %d %d %s\\n", str(@open[tid].0), @open[tid].1, args->ret, pid, comm);
            delete(@open[tid]);
        }
        tracepoint:syscalls:sys_enter_execve {
            printf("exec %s %d %s\\n", str(args->filename), pid, comm);
            join(args->argv);
        }
        tracepoint:sock:inet_sock_set_state /args->protocol == 6/ {
            printf("tcp %d %d %d %d %s %s %d %s\\n", args->oldstate, args->newstate, args->sport, args->dport,
                   ntop(args->family, args->saddr_v6), ntop(args->family, args->daddr_v6), pid, comm);
        }
        END { clear(@open); }
        """


def measure(bench, report):
    works = [Open(OPENS), Exec(EXECS), Connect(CONNECTS)]
    tools = Tools(bench.root)
    notes = []
    none = Variant(lambda: Nobody(bench), works)
    variants = [none, Variant(lambda: Martlet(bench, bench.memory, "martlet", "--event", "open,exec,tcp"), works)]
    if Bpftrace.missing():
        notes.append(f"bpftrace is not here and so not in the table: apt-get install {Bpftrace.missing()}")
    else:
        variants.append(Variant(lambda: BpftraceRules(bench, bench.memory), works))
    missing = tools.missing()
    if missing:
        notes.append(f"auditd is not in the table: {missing}.")
        bench.say(f"without auditd: {missing}")
    else:
        variants.append(Variant(lambda: Auditd(bench, tools), works))
    for number in range(bench.rounds):
        for one in variants:
            bench.say(f"auditd, round {number + 1}: {one.name}")
            one.round(bench)

    if not missing:
        notes.append(
            "auditd's rules are for the workload alone, so that nobody else is held up; martlet and bpftrace watch "
            "everyone. Its CPU time includes the kernel's thread that feeds it, its log is on a memory file system, and a "
            "full queue makes the workload wait, which is wall time. Until the next start of the machine every new process "
            "has a context for audit, which costs each system call a little.")
    for index, work in enumerate(works):
        last = notes if index == len(works) - 1 else []
        table = report.table(f"auditd and others: {work.name}, {work.count:,} times", HEADER, last)
        for one in variants:
            one.costs[index].row(table, none.costs[index])
            table.notes += one.reasons.notes(one.name) if last else []
