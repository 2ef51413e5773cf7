"""An activationd of the test's own: its certificate, configuration, keys and credentials in a directory, and clients."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = os.environ["SIGNET_ACTIVATIOND"]
PATIENCE = 10  # seconds for what takes none


def make_certificate(directory, serial):
    """A self-signed certificate for localhost in tls.crt and tls.key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-set_serial", str(serial),
         "-keyout", directory / "tls.key", "-out", directory / "tls.crt"],
        check=True, capture_output=True)
    (directory / "tls.key").chmod(0o600)


class Registrar:
    def __init__(self, **sections):
        self._temporary = tempfile.TemporaryDirectory(prefix="signet-http-")
        self.directory = Path(self._temporary.name)
        (self.directory / "state").mkdir(mode=0o700)
        make_certificate(self.directory, 1)
        self.configure(**sections)
        self.process = None
        self.port = None

    def configure(self, **sections):
        """`sections`: TOML of a section, on top of what it takes to run."""
        basic = {
            "registrar": 'url = "https://localhost"',
            "listen": f'address = "127.0.0.1"\nport = 0\ncertificate = "{self.directory}/tls.crt"\n'
                      f'key = "{self.directory}/tls.key"',
            "master": f'file = "{self.directory}/master"',
            "rates": "address_per_second = 0\ncredential_per_second = 0",
            "limits": "connections = 200\nconnections_per_address = 200",
        }
        text = ""
        for name in basic.keys() | sections.keys():
            text += f"[{name}]\n{sections.get(name, '')}\n"
            given = {line.split("=")[0].strip() for line in sections.get(name, "").splitlines()}
            text += "".join(f"{line}\n" for line in basic.get(name, "").splitlines()
                            if line.split("=")[0].strip() not in given)
        self.config.write_text(text)

    @property
    def config(self):
        return self.directory / "activationd.toml"

    def command(self, *arguments):
        return [PROGRAM, "--config", str(self.config), "--state-dir", str(self.directory / "state"), *arguments]

    def run(self, *arguments):
        """Runs a command beside the daemon: exit status, output, errors."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def must(self, *arguments):
        status, out, err = self.run(*arguments)
        assert status == 0, f"{arguments}: status {status}: {err}"
        return out

    def credential(self, name, role, *more):
        path = self.directory / f"{name}.credential"
        self.must("credential", "add", name, "--role", role, "--output", str(path), *more)
        return path.read_text().strip()

    def start(self, command=None, **popen):
        self.log = self.directory / "log"
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(command or self.command(), stdout=log, stderr=log, **popen)
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.search(r"listening on (?:\S+ )?port (\d+)", self.log.read_text()[begin:])
            if found:
                self.port = int(found[1])
                return self
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"activationd does not start: {self.log.read_text()[begin:]}")
            time.sleep(0.02)

    def stop(self):
        """SIGTERM: the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._temporary.cleanup()

    def trust(self):
        return ssl.create_default_context(cafile=self.directory / "tls.crt")

    def connect(self, trust=None):
        """A connection with TLS, octets in and out."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        return (trust or self.trust()).wrap_socket(plain, server_hostname="localhost")

    def client(self):
        return http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE, context=self.trust())

    def ask(self, method, path, body=None, credential=None, headers=None, client=None):
        """One request: status, headers, body (taken apart when it is JSON)."""
        headers = dict(headers or {})
        if credential:
            headers["Authorization"] = f"Bearer {credential}"
        if isinstance(body, dict):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        with contextlib.ExitStack() as stack:
            if client is None:
                client = stack.enter_context(contextlib.closing(self.client()))
            client.request(method, path, body, headers)
            answer = client.getresponse()
            content = answer.read()
        if content and "json" in (answer.getheader("Content-Type") or ""):
            content = json.loads(content)
        return answer.status, answer.headers, content


def read_all(connection):
    """Everything up to the end of the connection, however it ends."""
    octets = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while more := connection.recv(65536):
            octets += more
    return octets


def send_all(connection, octets):
    """As much of it as the other side takes."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        connection.sendall(octets)
