"""The few things the beds ask QEMU itself for."""

import json

from lib.channel import Channel


class Qmp:
    """QEMU's machine protocol, one command at a time; events are skipped."""

    def __init__(self, channel: Channel):
        self._channel = channel
        self._message()  # the greeting
        self.execute("qmp_capabilities")

    def execute(self, command: str) -> None:
        self._channel.send_line(json.dumps({"execute": command}))
        while True:
            message = self._message()
            if "return" in message:
                return
            if "error" in message:
                raise RuntimeError(f"QEMU refuses {command}: {message['error']['desc']}")

    def _message(self) -> dict:
        line = self._channel.read_line(timeout=30)
        if line is None:
            raise TimeoutError("QEMU does not answer on its control socket")
        return json.loads(line)
