import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

_BUILD = pathlib.Path(os.environ.get("SIGNET_BUILD", pathlib.Path(__file__).resolve().parents[3] / "build/release"))
_LIBRARY = _BUILD / "tests/vm/libstop_points.so"

# As fmdnd keeps its clock, and then says something twice.
_PROGRAM = """
import os, socket, sys
os.chdir(sys.argv[1])
ours, theirs = socket.socketpair()
ours.send(b"not after a change")
file = os.open("clock.new", os.O_WRONLY | os.O_CREAT)
os.write(file, b"1")
os.fsync(file)
os.rename("clock.new", "clock")
os.fsync(os.open(".", os.O_RDONLY))
ours.send(b"a")
ours.send(b"b")
os.unlink("clock")
"""
_STEPS = ["write clock.new", "fsync clock.new", "rename clock.new", "fsync folder device", "first message after that", "unlink clock"]


@unittest.skipUnless(_LIBRARY.exists(), f"{_LIBRARY} is not built")
class StopPoints(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.device = folder / "device"
        self.device.mkdir()
        self.steps = folder / "steps"
        self.log = folder / "steps.log"
        self.log.touch()

    def begin(self, stop_at: int) -> subprocess.Popen:
        self.steps.write_bytes(struct.pack("=II", 0, stop_at))
        environment = {"SIGNET_STEPS": str(self.steps), "LD_PRELOAD": str(_LIBRARY), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen([sys.executable, "-c", _PROGRAM, self.device], env=environment)

    def begun(self) -> list[str]:
        return [line.partition(": ")[2] for line in self.log.read_text().splitlines()]

    def test_name_every_step(self):
        self.assertEqual(self.begin(0).wait(30), 0)

        self.assertEqual(self.begun(), _STEPS)
        self.assertEqual(struct.unpack("=II", self.steps.read_bytes()), (len(_STEPS), 0))

    def test_stop_before_the_chosen_step(self):
        process = self.begin(3)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        _, status = os.waitpid(process.pid, os.WUNTRACED)

        self.assertTrue(os.WIFSTOPPED(status))
        self.assertEqual(self.begun(), _STEPS[:3])
        self.assertEqual([path.name for path in self.device.iterdir()], ["clock.new"])

    def test_let_a_stopped_process_go_on(self):
        process = self.begin(3)
        os.waitpid(process.pid, os.WUNTRACED)

        process.send_signal(signal.SIGCONT)

        self.assertEqual(process.wait(30), 0)
        self.assertEqual(self.begun(), _STEPS)
