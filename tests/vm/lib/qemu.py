"""The unpacked QEMU: its command line, run with its own loader so that nothing of it is installed on this machine.

Run as a program (qemu.py CACHE) it checks that QEMU starts and has an eMMC.
"""

import pathlib
import subprocess
import sys


def command(cache: pathlib.Path) -> list[str]:
    """The beginning of every command line. Both -L are needed: the BIOS is in the second."""
    root = cache / "qemu"
    return [
        str(root / "usr/lib64/ld-linux-x86-64.so.2"),
        "--library-path",
        str(root / "usr/lib/x86_64-linux-gnu"),
        str(root / "usr/bin/qemu-system-x86_64"),
        "-L",
        str(root / "usr/share/qemu"),
        "-L",
        str(root / "usr/share/seabios"),
    ]


def environment(cache: pathlib.Path) -> dict[str, str]:
    """Keeps QEMU away from the modules of another QEMU that may be installed."""
    return {"QEMU_MODULE_DIR": str(cache / "qemu/usr/lib/x86_64-linux-gnu/qemu"), "PATH": "/usr/bin:/bin"}


def main() -> int:
    cache = pathlib.Path(sys.argv[1])
    probe = subprocess.run(
        [*command(cache), "-device", "emmc,help"], env=environment(cache), capture_output=True, text=True
    )
    if probe.returncode != 0 or "rpmb-partition-size" not in probe.stdout:
        print(probe.stderr.strip() or "this QEMU has no eMMC with an RPMB partition")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
