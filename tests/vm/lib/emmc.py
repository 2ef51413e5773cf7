"""QEMU's eMMC."""

import pathlib

NODE = "/dev/mmcblk0rpmb"
CID = bytes.fromhex("aa015851454d55212101deadbeef2900")  # fixed in QEMU
RPMB_SIZE = 2 << 20
_BOOT_SIZE = 1 << 20
USER_SIZE = 64 << 20  # the model wants a power of two
MODULES = ["mmc_block", "sdhci-pci"]


def create_image(path: pathlib.Path) -> None:
    """An empty card: boot 1, boot 2, RPMB, user area."""
    path.unlink(missing_ok=True)
    with path.open("wb") as image:
        image.truncate(2 * _BOOT_SIZE + RPMB_SIZE + USER_SIZE)


def devices(image: pathlib.Path, key: bytes | None = None) -> list[str]:
    """QEMU's arguments for the card. It keeps the key and the write counter in memory only: a new process starts
    without a key, or with `key`, and with the counter at 0."""
    properties = f"drive=card,boot-partition-size={_BOOT_SIZE},rpmb-partition-size={RPMB_SIZE}"
    if key is not None:
        properties += f",auth-key={key.hex()}"
    return [
        *("-device", "sdhci-pci"),
        *("-drive", f"file={image},if=none,format=raw,id=card,cache=writeback"),
        *("-device", f"emmc,{properties}"),
    ]
