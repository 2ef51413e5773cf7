"""Builds the guest's initramfs: busybox, kernel modules in dependency order, programs with their libraries."""

import pathlib
import re
import subprocess
import tempfile


class Archive:
    """A cpio archive in the "newc" format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self._records = bytearray()
        self._directories: set[str] = set()
        self._inode = 0

    def add_file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        self._add_parents(path)
        self._record(path, 0o100000 | mode, content)

    def add_directory(self, path: str, mode: int = 0o755) -> None:
        if path in self._directories:
            return
        self._add_parents(path)
        self._directories.add(path)
        self._record(path, 0o040000 | mode, b"")

    def contents(self) -> bytes:
        # Not compressed: unpacking time under emulation matters, size does not.
        return bytes(self._records) + self._header("TRAILER!!!", 0, 0)

    def _add_parents(self, path: str) -> None:
        parent = path.strip("/").rpartition("/")[0]
        if parent:
            self.add_directory(parent)

    def _record(self, path: str, mode: int, content: bytes) -> None:
        self._inode += 1
        self._records += self._header(path.strip("/"), mode, len(content)) + content + bytes(-len(content) % 4)

    def _header(self, name: str, mode: int, size: int) -> bytes:
        links = 2 if mode & 0o040000 else 1
        fields = [self._inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, len(name) + 1, 0]
        header = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        return header + bytes(-len(header) % 4)


def module_files(kernel: pathlib.Path, modules: list[str]) -> list[pathlib.Path]:
    """Files of `modules` and of all that they need, each after its own dependencies, as depmod's modules.dep says."""
    (release,) = (kernel / "lib/modules").iterdir()
    dependencies: dict[str, tuple[str, list[str]]] = {}
    for line in (release / "modules.dep").read_text().splitlines():
        file, _, needs = line.partition(":")
        dependencies[_module_name(file)] = (file, needs.split())

    ordered: dict[pathlib.Path, None] = {}
    for module in modules:
        file, needs = dependencies[module.replace("-", "_")]
        # modules.dep lists what is needed last-first: the last one has no dependencies of its own.
        ordered.update((release / need, None) for need in (*reversed(needs), file))
    return list(ordered)


def _module_name(file: str) -> str:
    return pathlib.Path(file).name.split(".")[0].replace("-", "_")


def libraries(program: pathlib.Path) -> list[pathlib.Path]:
    """Shared libraries and loader of a program, by the paths it will look for; none for a static one or a script."""
    listing = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return [pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", listing)]


def _stripped(program: pathlib.Path) -> bytes:
    """A program without its debug information, most of its size; what is not a program, such as a script, as it is."""
    with tempfile.TemporaryDirectory() as directory:
        target = pathlib.Path(directory, program.name)
        subprocess.run(["strip", "-o", target, program], capture_output=True)
        return (target if target.exists() else program).read_bytes()


def build(
    target: pathlib.Path,
    kernel: pathlib.Path,
    modules: list[str],
    programs: list[pathlib.Path],
    files: dict[str, bytes],
) -> None:
    """Writes the initramfs to `target`. Programs go to /bin; `files` maps a path in the guest to its content, and
    scripts and programs among them become executable."""
    archive = Archive()
    for directory in ("dev", "proc", "sys", "run", "root"):
        archive.add_directory(directory)
    archive.add_directory("tmp", 0o1777)

    names = []
    for module in module_files(kernel, modules):
        names.append(module.name)
        archive.add_file(f"modules/{module.name}", module.read_bytes())
    archive.add_file("modules/order", "".join(f"{name}\n" for name in names).encode())

    copied: set[str] = set()
    for program in [pathlib.Path("/bin/busybox"), *programs]:
        archive.add_file(f"bin/{program.name}", _stripped(program), 0o755)
        for library in libraries(program):
            if str(library) not in copied:
                copied.add(str(library))
                archive.add_file(str(library), _stripped(library), 0o755)

    for path, content in files.items():
        archive.add_file(path, content, 0o755 if content.startswith((b"#!", b"\x7fELF")) else 0o644)
    target.write_bytes(archive.contents())
