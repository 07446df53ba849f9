"""Who else has programs on the kernel's raw tracepoints: another agent there would be counted as ours."""
import ctypes
import os
import platform
import struct
import threading
import time

BPF = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
LINK_GET_FD_BY_ID, LINK_GET_NEXT_ID, GET_INFO_BY_FD = 30, 31, 15
RAW_TRACEPOINT, TRACING = 1, 2

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    """The system call; its result, and the attributes as it left them."""
    area = ctypes.create_string_buffer(attributes.ljust(64, b"\0"), 64)
    return libc.syscall(BPF, command, area, 64), area.raw


def count():
    """How many programs are on raw tracepoints, by links; 0 where the kernel cannot tell."""
    found = link = 0
    while BPF:
        result, attributes = bpf(LINK_GET_NEXT_ID, struct.pack("I", link))
        if result < 0:
            break
        link = struct.unpack_from("I", attributes, 4)[0]
        descriptor, _ = bpf(LINK_GET_FD_BY_ID, struct.pack("I", link))
        if descriptor >= 0:
            info = ctypes.create_string_buffer(64)
            bpf(GET_INFO_BY_FD, struct.pack("IIQ", descriptor, 64, ctypes.addressof(info)))
            found += struct.unpack_from("I", info.raw)[0] in (RAW_TRACEPOINT, TRACING)
            os.close(descriptor)
    return found


def of_process(pid):
    """How many of them a process holds."""
    found = 0
    for entry in os.scandir(f"/proc/{pid}/fdinfo"):
        with open(entry.path) as lines:
            kinds = [line.split()[1] for line in lines if line.startswith("link_type:")]
            found += any(kind in ("raw_tracepoint", "tracing") for kind in kinds)
    return found


class Guard:
    """Sees to it that nobody but us is on the hooks while something is measured."""

    PATIENCE = 90       # s, of the whole run

    def __init__(self):
        self.nobody = count()
        self.expected = self.nobody
        self.waited = 0.0

    def expect(self, pid=None):
        """From now on nobody's programs, or this process' alone, are as it should be."""
        if pid is None:
            self.nobody = min(self.nobody, count())
        self.expected = self.nobody + (of_process(pid) if pid is not None else 0)

    def wait(self):
        """Waits until others are off the hooks, or patience is at its end."""
        while count() > self.expected and self.waited < self.PATIENCE:
            time.sleep(0.2)
            self.waited += 0.2

    def during(self, action):
        """What the action returns, and whether others were on the hooks meanwhile."""
        done = threading.Event()
        seen = [count()]

        def look():
            while not done.wait(0.1):
                seen.append(count())

        watch = threading.Thread(target=look)
        watch.start()
        try:
            result = action()
        finally:
            done.set()
            watch.join()
        return result, max(*seen, count()) > self.expected
