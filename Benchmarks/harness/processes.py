"""20,000 short-lived processes, as fast as the machine starts them: is each seen, and whole?"""
import json
import os
import time

from .agents import Martlet, Nobody
from .bench import Problem, median, ratio
from .report import spread

PROCESSES = 20_000
ROUNDS = 3
ARGUMENTS = "one two"


def measure(bench, report):
    walls = {"none": [], "martlet": []}
    faults = []
    for number in range(min(bench.rounds, ROUNDS)):
        bench.say(f"processes, round {number + 1}")
        walls["none"].append(start_all(bench)[0])
        with Martlet(bench, bench.memory, "martlet") as watcher:
            wall, parents = start_all(bench)
            walls["martlet"].append(wall)
            time.sleep(0.4)
            watcher.stop()
            faults.append(check(bench, watcher, parents))
    value = ratio(walls["martlet"], walls["none"])
    table = report.table(
        f"{PROCESSES:,} processes of /bin/true {ARGUMENTS}, started on {len(bench.cpus)} CPUs at once",
        ["", "time", "ratio"], [f"At most {ROUNDS} rounds."])
    table.row("none", spread(walls["none"], seconds), "")
    table.row("martlet", spread(walls["martlet"], seconds), f"{value:.3f}")
    worst = max(faults, key=lambda one: sum(one.values()))
    table.notes.append("Worst round: " + ", ".join(f"{number} {what}" for what, number in worst.items()) + ".")
    count = sum(worst.values())
    report.target(f"{PROCESSES:,} processes: each once, whole, none lost", "0 faults", f"{count} faults", count == 0)


def seconds(value):
    return f"{value:.2f} s"


def start_all(bench):
    """Seconds, and the pids of the processes that started them."""
    shares = [PROCESSES // len(bench.cpus)] * len(bench.cpus)
    shares[0] += PROCESSES - sum(shares)
    begin = time.monotonic()
    starters = [bench.spawn([bench.binary("workload"), "exec", share, "/bin/true", *ARGUMENTS.split()], stdout=-3)
                for share in shares]
    if any([starter.wait() for starter in starters]):
        raise Problem("workload exec failed")
    return time.monotonic() - begin, {starter.pid for starter in starters}


def check(bench, watcher, parents):
    """Counts what is not as it must be.

    Others may run the same program: ours is told by its parent, and one without a parent is missing.
    """
    binary = os.path.realpath("/bin/true")
    starter = os.path.realpath(bench.binary("workload"))
    begun, ended, forked = [], [], []
    faults = dict.fromkeys([
        "forks missing or double", "execs missing or double", "exits missing or double", "wrong binary",
        "wrong arguments", "wrong parent", "no cgroup", "lost",
    ], 0)
    with open(watcher.output, "rb") as lines:
        for line in lines:
            if not line.startswith((b'{"process_fork"', b'{"process_exec"', b'{"process_exit"')):
                continue
            (kind, event), *_ = json.loads(line).items()
            process, parent = event["process"], event.get("parent", {})
            if kind == "process_fork" and parent.get("pid") in parents:
                forked.append((process["pid"], process["start_time"]))
            elif kind == "process_exit" and parent.get("pid") in parents:
                ended.append(process["exec_id"])
            elif kind == "process_exec" and parent.get("pid") in parents:
                begun.append(process["exec_id"])
                faults["wrong binary"] += process.get("binary") != binary
                faults["wrong arguments"] += process.get("arguments") != ARGUMENTS
                faults["wrong parent"] += parent.get("binary") != starter
                faults["no cgroup"] += not process.get("cgroup")
    for what, found in [("forks", forked), ("execs", begun), ("exits", ended)]:
        faults[f"{what} missing or double"] = abs(PROCESSES - len(found)) + len(found) - len(set(found))
    faults["exits missing or double"] += len(set(begun) ^ set(ended))
    faults["lost"] = watcher.lost()
    return faults
