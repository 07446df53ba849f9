"""From records to bytes, without the kernel: speed, allocations, sizes."""
import os
import re
import shutil
import signal
import subprocess
import time

from .bench import Problem, median
from .report import ns, spread

OPENS = 320_000
EXECS = 2_000


def measure(bench, report):
    bench.say(f"recording {OPENS:,} opens, {EXECS:,} execs")
    opens = record(bench, "opens", "open", OPENS, bench.file)
    execs = record(bench, "execs", "exec", EXECS, "/bin/true", "one", "two")
    speed(bench, report, opens)
    allocations(bench, report, opens, execs)
    sizes(bench, report, opens, execs)


def record(bench, name, *work):
    """A recording of a workload; its path."""
    path = bench.memory / name
    messages = bench.memory / "messages"
    with open(messages, "w") as out:
        arguments = ["run", "--record", path, "-o", "json", "--to", "/dev/null"]
        agent = bench.spawn([bench.binary("martlet"), *arguments], stderr=out)
    time.sleep(1.5)
    bench.run([bench.binary("workload"), *work])
    time.sleep(0.5)
    agent.send_signal(signal.SIGINT)
    agent.wait(30)
    text = messages.read_text()
    if not re.search(r" 0 lost", text):
        raise Problem(f"no whole recording: {text.strip()}")
    return path


def pipeline(bench, recording, *options, preload=None):
    """Passes of PipelineBench, as dictionaries of numbers."""
    environment = dict(os.environ, LD_PRELOAD=str(preload)) if preload else None
    work = bench.run([bench.binary("PipelineBench"), recording, *options], bench.cpus[-1], env=environment)
    if work.status != 0:
        raise Problem(f"PipelineBench failed: {work.output.strip()}")
    passes = [dict(pair.split("=") for pair in line.split()) for line in work.output.splitlines()]
    return [{key: int(value) if value.isdigit() else value for key, value in one.items()} for one in passes]


def replay(bench, recording):
    """(CPU ns, wall ns) per event, or what went wrong."""
    arguments = ["replay", recording, "-o", "json", "--to", "/dev/null"]
    work = bench.run([bench.binary("martlet"), *arguments], bench.cpus[-1])
    found = re.search(r"(\d+) events: (\d+) written", work.output)
    if work.status != 0 or not found:
        return None, f"ended with status {work.status}: {work.output.strip()[:200]}"
    events = int(found.group(2))
    return (work.cpu * 1e9 / events, work.wall * 1e9 / events), None


def speed(bench, report, opens):
    stages = {"build": [], "decide": [], "encode": []}
    replays = []
    problem = None
    for number in range(bench.rounds):
        bench.say(f"pipeline, round {number + 1}")
        for one in by_stage(pipeline(bench, opens, "--stages", "--passes", "3")):
            stages[one[0]].append(one[1])
        result, why = replay(bench, opens)
        problem = problem or why
        if result:
            replays.append(result)
    table = report.table("Replay to JSON, one core", ["", "CPU per event", "wall per event", "events/s"])
    titles = {"build": "in process: records → events", "decide": "… → filters", "encode": "… → JSON"}
    for stage, title in titles.items():
        table.row(title, spread(stages[stage], ns), "", f"{1e9 / median(stages[stage]):,.0f}")
    target(report, "in process", median(stages["encode"]))
    if problem:
        table.row("martlet replay", problem, "", "")
        report.target("replay to JSON, martlet replay", "≥ 1,000,000/s", "failed", False)
        return
    cpu, wall = [list(column) for column in zip(*replays)]
    table.row("martlet replay … --to /dev/null", spread(cpu, ns), spread(wall, ns), f"{1e9 / median(cpu):,.0f}")
    table.notes.append(f"{OPENS:,} opens. In process: one thread, records in memory, batches of 1,024. martlet replay: "
                       "both of its threads on one core, its start and the reading of the file included.")
    target(report, "martlet replay", median(cpu))


def by_stage(passes):
    for stage in ("build", "decide", "encode"):
        yield stage, median([one["cpu_ns"] / one["events"] for one in passes if one["stage"] == stage])


def target(report, what, value):
    report.target(f"replay to JSON, {what}", "≥ 1,000,000/s", f"{1e9 / value:,.0f}/s", value <= 1000)


def allocations(bench, report, opens, execs):
    bench.say("allocations")
    shim = bench.memory / "mallocs.so"
    compiler = shutil.which("clang") or shutil.which("cc")
    source = bench.root / "Benchmarks/mallocs/shim.c"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-Wall", "-Werror", "-o", shim, source], check=True)

    def count(recording, *options):
        passes = pipeline(bench, recording, "--passes", str(bench.rounds), *options, preload=shim)
        return [median([one[key] for one in passes]) for key in ("allocations", "events", "executions")]

    allocated, events, _ = count(opens, "--opens")
    usual = allocated / events
    seen = count(opens, "--opens", "--allocate-once")[0] / events - usual
    allocated, others, executions = count(execs)
    table = report.table("Allocations", ["", ""], [
        "From the record to the encoded bytes, in steady state. A counter that did not see the deliberate one would "
        "prove nothing."])
    table.row("per open, records → JSON", f"{usual:.5f}")
    table.row("added by one deliberate allocation per event", f"{seen:.5f}")
    per_execution = (allocated - usual * (others - executions)) / executions
    table.row("per fork or exec, each of which makes an execution", f"{per_execution:.2f}")
    report.target("allocations per event", "< 0.01", f"{usual:.5f}", usual < 0.01)
    report.target("the counter sees a deliberate one", "1.000", f"{seen:.4f}", abs(seen - 1) < 0.001)


def sizes(bench, report, opens, execs):
    table = report.table("Bytes per event", ["", "record", "JSON", "events"], [
        f"Opens: of {bench.file}; others: of /bin/true one two; a few are of whoever else was at work."])
    kinds = [one for one in pipeline(bench, opens, "--sizes") if one["kind"] == "open"]
    kinds += [one for one in pipeline(bench, execs, "--sizes") if one["kind"] in ("fork", "exec", "exit")]
    for one in kinds:
        record, json = (f"{one[key] / one['events']:,.0f}" for key in ("record_bytes", "bytes"))
        table.row(one["kind"], record, json, f"{one['events']:,}")
