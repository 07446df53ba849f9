"""The run as a whole."""
import datetime
import os
import shutil
import signal
import subprocess
import sys

from . import (
    clients, connects, functions, hooks, peers, pipeline, policies, postgres, processes, rules, simulation, spool, start, store, threads,
)
from .bench import Bench, Problem
from .report import Report

PARTS = {
    "pipeline": pipeline, "hooks": hooks, "connect": connects, "threads": threads, "processes": processes, "start": start,
    "policies": policies, "functions": functions, "rules": rules,
    "store": store, "spool": spool, "postgres": postgres, "clients": clients, "simulation": simulation, "auditd": peers,
}
NEEDED = ["martlet", "workload", "EmptyHooks", "PipelineBench", "PostgresBench", "SpoolBench", "martlet-postgres"]


def prepare(options):
    """Builds, as whoever calls; measures as root."""
    if not options.skip_build:
        build = subprocess.run(["swift", "build", "--configuration", "release"], cwd=options.root, stdout=sys.stderr)
        if build.returncode != 0:
            raise Problem("nothing is measured, because the build failed")
    missing = [name for name in NEEDED if not (options.binaries / name).exists()]
    if missing:
        raise Problem(f"no {', '.join(missing)} in {options.binaries}")
    if not (shutil.which("clang") or shutil.which("cc")):
        raise Problem("no C compiler for the allocation counter: put the Swift toolchain's clang in PATH")
    if os.geteuid() != 0:
        os.execvp("sudo", ["sudo", f"PATH={os.environ['PATH']}", *sys.argv, "--skip-build"])


def main(options):
    # also where a shell in the background has turned it off
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report(options, datetime.datetime.now(datetime.timezone.utc))
    try:
        prepare(options)
        with Bench(options) as bench:
            for name in options.only:
                PARTS[name].measure(bench, report)
            report.machine(bench)
    except Problem as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    report.print()
    return 0
