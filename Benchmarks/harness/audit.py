"""An auditd of our own, with rules for the workload alone, where nobody else uses the kernel's audit."""
import os
import pathlib
import re
import shutil
import subprocess
import time

from .agents import Watcher, threads_time
from .bench import Problem

KEY = "martlet-bench"
BACKLOG = 8192

# Debian's defaults, but for where things go, and that nothing is rotated, mailed, or stopped for lack of room.
SETTINGS = """
log_file = {log}
log_format = RAW
flush = INCREMENTAL_ASYNC
freq = 50
write_logs = yes
priority_boost = 4
name_format = NONE
max_log_file = 4096
max_log_file_action = IGNORE
space_left = 75
space_left_action = IGNORE
admin_space_left = 50
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
plugin_dir = {folder}/plugins.d
"""

# What begins here ends here, also when the benchmark is killed: the pipe to it closes then.
LEASH = """
    undo() {
        "$auditctl" -D -k "$key"
        "$auditctl" -e 0
        kill "$daemon" && wait "$daemon"
        "$auditctl" -b "$backlog"
    } > /dev/null
    trap '' INT TERM
    trap undo EXIT
    "$auditd" -n -c "$folder" > /dev/null &
    daemon=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$auditctl" -s | grep -qx "pid $daemon" && break
        sleep 0.1
    done
    "$auditctl" -s | grep -qx "pid $daemon" || exit 1
    "$auditctl" -b "$limit" > /dev/null || exit 1
    while read -r rule; do
        "$auditctl" $rule || exit 1
    done < "$folder/rules"
    echo "$daemon"
    cat > /dev/null
"""


class Tools:
    """auditd and auditctl, installed or unpacked by scripts/deps, and what the kernel says to them."""

    def __init__(self, root):
        unpacked = root / ".build/auditd"
        places = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin", f"{unpacked}/usr/sbin", f"{unpacked}/sbin"])
        self.auditd, self.auditctl = (shutil.which(name, path=places) for name in ("auditd", "auditctl"))
        libraries = {str(path.parent) for path in unpacked.rglob("*.so.*")}
        self.environment = dict(os.environ, LD_LIBRARY_PATH=os.pathsep.join(sorted(libraries)))

    def ask(self, option):
        done = subprocess.run([self.auditctl, option], env=self.environment, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise Problem((done.stderr or done.stdout).strip() or f"auditctl {option} failed")
        return done.stdout

    def status(self):
        return {words[0]: words[1] for words in map(str.split, self.ask("-s").splitlines()) if len(words) == 2}

    def missing(self):
        """Why there is no auditd to measure; None: there is one."""
        if not (self.auditd and self.auditctl):
            return "auditd is not here: scripts/deps bench"
        try:
            status, rules = self.status(), self.ask("-l").strip()
        except Problem as problem:
            return f"the kernel's audit does not answer: {problem}"
        is_used = status["enabled"] != "0" or status["pid"] != "0" or rules != "No rules"
        if is_used or pathlib.Path("/run/auditd.pid").exists():
            return "this machine uses audit itself, and that is left alone"
        if status["failure"] == "2":
            return "this machine is told to stop when audit loses a record"
        return None


class Auditd(Watcher):
    name = "auditd"
    kind = "auditd"
    is_alone = True

    def __init__(self, bench, tools):
        super().__init__(bench, bench.memory)
        self.tools = tools
        self.folder = bench.memory / "auditd"
        self.output = self.folder / "audit.log"

    def rules(self):
        """The workload's opens and connects, and the programs that it runs: none of anyone else."""
        workload, program = (os.path.realpath(path) for path in (self.bench.binary("workload"), "/bin/true"))
        return [
            f"-a always,exit -F arch=b64 -S openat -F exe={workload} -k {KEY}",
            f"-a always,exit -F arch=b64 -S connect -F exe={workload} -k {KEY}",
            f"-a always,exit -F arch=b64 -S execve -F exe={program} -k {KEY}",
        ]

    def start(self):
        (self.folder / "plugins.d").mkdir(parents=True, exist_ok=True)
        (self.folder / "auditd.conf").write_text(SETTINGS.format(log=self.output, folder=self.folder))
        (self.folder / "rules").write_text("".join(rule + "\n" for rule in self.rules()))
        self.before = self.tools.status()
        values = {"auditd": self.tools.auditd, "auditctl": self.tools.auditctl, "folder": str(self.folder), "key": KEY,
                  "limit": str(BACKLOG), "backlog": self.before["backlog_limit"]}
        with open(self.messages, "w") as messages:
            # not the run's to kill, which would leave the rules behind
            self.process = subprocess.Popen(
                ["sh", "-c", LEASH], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=messages,
                start_new_session=True, env=dict(self.tools.environment, **values))
        said = self.process.stdout.readline().strip()
        if not said:
            self.process.wait()
            raise Problem(f"auditd does not start: {self.messages.read_text().strip()}")
        self.daemon = int(said)

    def stop(self):
        """Ends it, and sees that all is as it was."""
        if self.process.poll() is not None:
            return
        self.settle()
        self.counted = self.lost_so_far()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)
        status = self.tools.status()
        rest = {key: status[key] for key in ("enabled", "pid", "failure", "backlog_limit", "backlog_wait_time")
                if key in status and status[key] != self.before[key]}
        if rest or self.tools.ask("-l").strip() != "No rules":
            raise Problem(f"audit is not as it was before: {rest or self.tools.ask('-l')}")

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.messages.unlink(missing_ok=True)

    def settle(self):
        """The kernel's queue empties after the workload has ended."""
        size = -1
        deadline = time.monotonic() + 60
        while size != (size := self.output.stat().st_size) or self.tools.status()["backlog"] != "0":
            if time.monotonic() > deadline:
                raise Problem("auditd does not come to an end with its queue")
            time.sleep(0.4)

    def cpu(self):
        """The daemon's, and that of the kernel's thread that feeds it."""
        return threads_time(self.daemon) + sum(map(threads_time, kernel_threads("kauditd")))

    def events(self):
        with open(self.output, "rb") as lines:
            return sum(line.startswith(b"type=SYSCALL ") for line in lines)

    def lost(self):
        return self.counted

    def lost_so_far(self):
        return int(self.tools.status()["lost"]) - int(self.before["lost"])


def kernel_threads(name):
    for path in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                yield int(path.parent.name)
        except OSError:
            pass
