"""The host's model of guest/object_loop.cpp: what the store holds after change N, and whether a listing is such a
state."""

import re

_OBJECTS = 24
_REMOVED_EVERY = 7
_PAIRED_EVERY = 5

State = dict[str, str]  # name -> number of the change that wrote it


class Workload:
    """Follows one store through its power cuts."""

    def __init__(self):
        self._state: State = {}
        self._next = 1  # the change after those in _state
        self.acknowledged = 0  # the last change of which the host knows

    def __str__(self) -> str:
        return f"exactly the state after change {self._next - 1}; the last one acknowledged was {self.acknowledged}"

    @property
    def first(self) -> int:
        """The change to go on with after check()."""
        return self._next

    def take(self, line: str) -> bool:
        """Takes in a line of the guest's console; whether it was an acknowledgement."""
        match = re.fullmatch(r"ack (\d+)", line)
        if match:
            self.acknowledged = int(match[1])
        return match is not None

    def check(self, listing: str) -> str | None:
        """Compares `object_loop list` after a restart with every state that is allowed: the one after the last change
        that the host saw acknowledged, and those of the two changes after it, of which one may have been acknowledged
        into the cut line and one was under way. Returns what is wrong, or None; then `first` goes on from the state
        found."""
        found = dict(line.split(" ", 1) for line in listing.splitlines())
        state, number = dict(self._state), self._next
        while number <= self.acknowledged:
            _change(state, number)
            number += 1
        for _ in range(3):
            if state == found:
                self._state, self._next = state, number
                return None
            _change(state, number)
            number += 1
        return f"after change {self.acknowledged} was acknowledged, the store holds {found}"


def _change(state: State, number: int) -> None:
    name = f"object-{number % _OBJECTS}"
    if number % _REMOVED_EVERY == 0:
        state.pop(name, None)
        return
    state[name] = str(number)
    if number % _PAIRED_EVERY == 0:
        state["pair"] = str(number)
