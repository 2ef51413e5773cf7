"""A guest's disk that loses what was not flushed when the power goes, and can stop at a chosen write to it: QEMU's NBD server,
in a thread of the bed (NBD protocol, "fixed newstyle negotiation", with one export and simple replies)."""

import pathlib
import random
import socket
import struct
import subprocess
import tempfile
import threading

MODULES = ["virtio_pci", "virtio_blk", "ext4", "crc32c_generic"]
NODES = ["/dev/vda", "/dev/vdb"]  # in the guest, in their order on QEMU's command line
OPTIONS = "commit=600"  # the file system writes nothing by itself within a bed

_SIZE = 16 << 20
SECTOR = 4096  # is on the medium wholly or not at all; the file system's blocks are as large

_GREETING = struct.Struct(">8sQH")
_OPTION = struct.Struct(">QII")
_OPTION_REPLY = struct.Struct(">QIII")
_EXPORT = struct.Struct(">QH124x")
_REQUEST = struct.Struct(">IHHQQI")
_REPLY = struct.Struct(">IIQ")
_OPTION_MAGIC = 0x49484156454F5054
_OPTION_REPLY_MAGIC = 0x3E889045565A9
_REQUEST_MAGIC, _REPLY_MAGIC = 0x25609513, 0x67446698
_FIXED_NEWSTYLE = 1
_EXPORT_NAME, _ABORT = 1, 2
_UNSUPPORTED = 0x80000001
_FLAGS = 1 | 1 << 2 | 1 << 3  # has flags; flush; write through to the medium (FUA)
_READ, _WRITE, _DISCONNECT, _FLUSH = 0, 1, 2, 3
_FUA = 1


def formatted(image: pathlib.Path) -> bytes:
    """An empty ext4, made in that file."""
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", "-b", str(SECTOR), image, f"{_SIZE >> 10}k"], check=True, capture_output=True)
    return image.read_bytes()


class Disk:
    """Its content lives in memory, over all power cuts of its machine."""

    def __init__(self, content: bytes, chance: random.Random):
        """`content`: whole sectors. `chance`: says what survives a loss of power."""
        self.kept = 0  # how often something was put on the medium: by flushes, and by writes that are to go through
        self._medium = bytearray(content)
        self._seen = bytearray(self._medium)  # what the guest reads: also what is in the disk's memory only
        self._dirty: set[int] = set()  # the sectors in which the two differ
        self._directory = tempfile.TemporaryDirectory(prefix="signet-vm-")
        self.path = f"{self._directory.name}/disk"  # of its socket
        self._chance = chance
        self._lock = threading.Lock()
        self._unplugged = threading.Event()
        self._left: int | None = None
        self._cut = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
        self._directory.cleanup()

    def devices(self) -> list[str]:
        """QEMU's arguments."""
        return ["-drive", f"file=nbd:unix:{self.path},if=virtio,format=raw,cache=writeback"]

    def cut_at(self, number: int) -> None:
        """Takes nothing from the moment on at which it would put something on the medium for the so many-th time from now."""
        with self._lock:
            self._left = number

    def cut(self) -> bool:
        """Whether that moment has come."""
        return self._cut.is_set()

    def lose_power(self) -> None:
        """Of what was on its way to the medium some sectors arrive, by chance, and the others are lost; then it takes everything
        again. After QEMU was killed or reset."""
        with self._lock:
            for sector in sorted(self._dirty):
                arrives = self._chance.random() < 0.5
                _copy(*((self._seen, self._medium) if arrives else (self._medium, self._seen)), sector)
            self._dirty.clear()
            self._left = None
            self._cut.clear()

    def wait_until_unplugged(self) -> None:
        """After QEMU was killed: nothing of it is on its way any more."""
        if not self._unplugged.wait(30):
            raise TimeoutError("QEMU still holds the disk")

    def _serve(self) -> None:
        while True:
            self._unplugged.set()
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._unplugged.clear()
            with connection:
                try:
                    if self._negotiate(connection):
                        self._obey(connection)
                except (ConnectionError, EOFError):
                    pass  # QEMU was killed

    def _negotiate(self, connection: socket.socket) -> bool:
        connection.sendall(_GREETING.pack(b"NBDMAGIC", _OPTION_MAGIC, _FIXED_NEWSTYLE))
        _receive(connection, 4)
        while True:
            _, option, length = _OPTION.unpack(_receive(connection, _OPTION.size))
            _receive(connection, length)
            if option == _EXPORT_NAME:
                connection.sendall(_EXPORT.pack(len(self._medium), _FLAGS))
                return True
            if option == _ABORT:
                return False
            connection.sendall(_OPTION_REPLY.pack(_OPTION_REPLY_MAGIC, option, _UNSUPPORTED, 0))

    def _obey(self, connection: socket.socket) -> None:
        while True:
            _, flags, kind, handle, offset, length = _REQUEST.unpack(_receive(connection, _REQUEST.size))
            if kind == _DISCONNECT:
                return
            written = _receive(connection, length) if kind == _WRITE else b""
            with self._lock:
                answer = self._carry_out(kind, bool(flags & _FUA), offset, length, written)
            if answer is not None:
                connection.sendall(_REPLY.pack(_REPLY_MAGIC, 0, handle) + answer)

    def _carry_out(self, kind: int, through: bool, offset: int, length: int, written: bytes) -> bytes | None:
        """What is read; None after the cut."""
        through = through and kind == _WRITE
        keeps = through or kind == _FLUSH
        if self._left is not None and keeps:
            self._left -= 1
            if self._left <= 0:
                self._cut.set()
        if self._cut.is_set():
            return None
        self.kept += keeps
        if kind == _READ:
            return bytes(self._seen[offset : offset + length])
        if kind == _WRITE:
            self._seen[offset : offset + length] = written
            touched = range(offset // SECTOR, (offset + length + SECTOR - 1) // SECTOR)
            self._keep(touched) if through else self._dirty.update(touched)
        if kind == _FLUSH:
            self._keep(list(self._dirty))
        return b""

    def _keep(self, sectors) -> None:
        for sector in sectors:
            _copy(self._seen, self._medium, sector)
            self._dirty.discard(sector)


def _copy(source: bytearray, target: bytearray, sector: int) -> None:
    begin = sector * SECTOR
    target[begin : begin + SECTOR] = source[begin : begin + SECTOR]


def _receive(connection: socket.socket, length: int) -> bytes:
    result = b""
    while len(result) < length:
        piece = connection.recv(length - len(result))
        if not piece:
            raise EOFError
        result += piece
    return result
