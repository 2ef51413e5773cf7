"""A unit of systemd on a whole system, as systemctl and the journal show it."""

import json


class Unit:
    """The host is a Container or a Machine."""

    def __init__(self, host, name: str):
        self.name = name
        self._host = host

    def property(self, name: str) -> str:
        """As systemctl show prints it."""
        return self._host.run(f"systemctl show --property={name} --value {self.name}").strip()

    def process(self) -> int:
        """The number of its main process; 0 when there is none."""
        return int(self.property("MainPID"))

    def journal(self, error: str) -> dict:
        """The newest line of its journal with this SIGNET_ERROR, by field; empty when there is none."""
        lines = self._host.run(
            f"journalctl --sync; journalctl --quiet --unit={self.name} --output=json SIGNET_ERROR={error}")
        return json.loads(lines.splitlines()[-1]) if lines else {}

    def log(self) -> str:
        """The end of its journal."""
        return self._host.run(f"journalctl --unit={self.name} --no-pager --output=cat | tail -n 40")
