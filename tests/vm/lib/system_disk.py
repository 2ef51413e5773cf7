"""A whole system on a machine's disk: a root folder with kernel modules and the agent, as an ext4 image."""

import pathlib
import shutil
import subprocess

from lib import initramfs
from lib.bed import Bed
from lib.machine import Machine

_GUEST = pathlib.Path(__file__).resolve().parent.parent / "guest"
_DISK_MODULES = ["virtio_pci", "virtio_blk", "ext4", "crc32c_generic"]
_MEMORY = 768  # MiB
_SIZE = "1200M"  # sparse
# Nothing of it is of interest to a bed, and all of it takes seconds under emulation.
_UNWANTED = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer",
             "e2scrub_reap.service", "getty@tty1.service", "serial-getty@ttyS0.service", "systemd-timesyncd.service")


def machine(it: Bed, root: pathlib.Path, modules: list[str]) -> Machine:
    """A machine that boots the system in `root`, which is changed for it; `modules` are there for its udev and modprobe to
    load. Start it with devices()."""
    _install_modules(root, it.cache / "kernel", [*modules, "autofs4"])
    _install_agent(root)
    for unit in _UNWANTED:
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    (root / "etc/fstab").write_text("")
    image = _image(it)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, image, _SIZE], check=True)

    loader = it.work / "loader.initramfs"
    init = {"init": (_GUEST / "init-disk").read_bytes()}
    initramfs.build(loader, it.cache / "kernel", _DISK_MODULES, [], init)
    return Machine(it.cache, loader, it.work / "logs", _MEMORY)


def devices(it: Bed) -> list[str]:
    """QEMU's arguments for the disk. Unsafe: what a power cut leaves of the disk is not what these beds are about."""
    return ["-drive", f"file={_image(it)},if=virtio,format=raw,cache=unsafe"]


def _image(it: Bed) -> pathlib.Path:
    return it.work / "system.img"


def _install_modules(root: pathlib.Path, kernel: pathlib.Path, modules: list[str]) -> None:
    for file in initramfs.module_files(kernel, modules):
        target = root / file.relative_to(kernel)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    (release,) = (kernel / "lib/modules").iterdir()
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copy(release / name, root / release.relative_to(kernel) / name)
    subprocess.run(["/sbin/depmod", "-b", root, release.name], check=True)


def _install_agent(root: pathlib.Path) -> None:
    agent = root / "usr/local/sbin/agent"
    shutil.copy(_GUEST / "agent", agent)
    agent.chmod(0o755)
    shutil.copy(_GUEST / "agent.service", root / "etc/systemd/system")
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(exist_ok=True)
    (wants / "agent.service").symlink_to("../agent.service")
