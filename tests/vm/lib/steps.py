"""The steps in which daemons of a guest change what outlives a loss of power, and where they stop (guest/stop_points.c)."""

import dataclasses
import pathlib

from lib.bed import Bed
from lib.machine import GuestFailure, Machine

CHIP_WRITE = "rpmbd: write of the chip"

_FILE = "/run/steps"
ENVIRONMENT = f"SIGNET_STEPS={_FILE} LD_PRELOAD=/bin/libstop_points.so"  # of a daemon whose steps count

# Ends when one of the daemons has stopped, or one second after the command: their steps may come later than its end.
_WAIT = """
({command}) > /run/command.out 2>&1 &
command=$! left=10
while [ $left -gt 0 ]; do
  for daemon in {daemons}; do
    state=
    read -r _ _ state _ < /proc/$daemon/stat
    [ "$state" != T ] || {{ cat {file}.log; exit; }}
  done
  kill -0 $command 2>/dev/null || left=$((left - 1))
  sleep 0.1
done
wait $command || {{ cat /run/command.out; exit 1; }}
cat {file}.log
echo ended
"""


def programs(bed: Bed) -> list[pathlib.Path]:
    return [bed.built("tests/vm/libstop_points.so")]


@dataclasses.dataclass
class Passage:
    """What came of a command. `steps`: by name, in their order; the daemon stopped before the last one, unless the command `ended`."""

    steps: list[str]
    ended: bool

    def wrote_chip(self) -> bool:
        return CHIP_WRITE in (self.steps if self.ended else self.steps[:-1])


class Steps:
    def __init__(self, machine: Machine):
        self._machine = machine

    def prepare(self) -> None:
        """After every boot, before a daemon starts."""
        self._machine.run(f"printf '{_numbers(0)}' > {_FILE}; : > {_FILE}.log; chmod 666 {_FILE} {_FILE}.log")

    def stop_at(self, number: int, command: str, daemons: list[int]) -> Passage:
        """Runs `command` until one of the daemons, given by their process ids, is about to take the so many-th step from now on."""
        self._arm(number)
        script = _WAIT.format(command=command, daemons=" ".join(map(str, daemons)), file=_FILE)
        finished = self._machine.attempt(script, 180)
        if finished.status != 0:
            raise GuestFailure(f"`{command}` fails: {finished.output}")
        steps = finished.output.splitlines()
        ended = steps[-1:] == ["ended"]
        if ended:
            self._arm(0)  # or a daemon stops at what comes next
        return Passage(steps[:-1] if ended else steps, ended)

    def _arm(self, number: int) -> None:
        self._machine.run(f": > {_FILE}.log; printf '{_numbers(number)}' | dd of={_FILE} conv=notrunc 2> /dev/null")


def _numbers(stop_at: int) -> str:
    return "".join(f"\\{octet:03o}" for octet in bytes(4) + stop_at.to_bytes(4, "little"))
