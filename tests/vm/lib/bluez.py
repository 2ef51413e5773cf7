"""BlueZ of one Debian release in a guest of another: programs and libraries below /bluez, run with their own loader."""

import pathlib
import re
import subprocess

BTVIRT_RELEASE = "bookworm"  # whatever the others are of: later ones have died of quick changes of adverts
_BTVIRT = "usr/bin/btvirt"
_PROGRAMS = ["usr/libexec/bluetooth/bluetoothd", "usr/bin/btmon", "usr/bin/btmgmt", "usr/bin/bluetoothctl"]
_LIBRARIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")
_LOADER = "ld-linux-x86-64.so.2"

_WRAPPER = """#!/bin/sh
exec {folder}/lib/{loader} --library-path {folder}/lib {folder}/bin/{name} "$@"
"""


def files(cache: pathlib.Path, release: str) -> dict[str, bytes]:
    """What goes into the guest: the programs of ./dev vm's bluez-RELEASE, each callable by its name."""
    return _files(cache, release, _PROGRAMS) | _files(cache, BTVIRT_RELEASE, [_BTVIRT])


def _files(cache: pathlib.Path, release: str, programs: list[str]) -> dict[str, bytes]:
    root = cache / f"bluez-{release}"
    folder = f"bluez/{release}"
    result = {}
    for program in programs:
        name = pathlib.Path(program).name
        result[f"{folder}/bin/{name}"] = (root / program).read_bytes()
        result[f"bin/{name}"] = _WRAPPER.format(folder=f"/{folder}", loader=_LOADER, name=name).encode()
        for library in _libraries(root, program):
            result.setdefault(f"{folder}/lib/{library.name}", library.read_bytes())
    return result


def _libraries(root: pathlib.Path, program: str) -> list[pathlib.Path]:
    """The program's libraries and loader in the unpacked packages."""
    folders = [root / folder for folder in _LIBRARIES]
    loader = next(folder / _LOADER for folder in folders if (folder / _LOADER).exists())
    search = ":".join(map(str, folders))
    listing = subprocess.run(
        [loader, "--inhibit-cache", "--library-path", search, "--list", root / program],
        capture_output=True, text=True, check=True).stdout
    return [loader, *(pathlib.Path(path) for path in re.findall(r"=> (\S+) \(0x", listing) if _LOADER not in path)]
