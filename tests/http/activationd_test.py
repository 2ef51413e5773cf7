#!/usr/bin/env python3
"""activationd from outside: what its clients rely on, and what its enemies try."""

import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from registrar import PATIENCE, Registrar, make_certificate, read_all, send_all  # noqa: E402

SOURCE = Path(__file__).resolve().parents[2]
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Shared(unittest.TestCase):
    """One daemon for all tests of a class."""

    SECTIONS = {}

    @classmethod
    def setUpClass(cls):
        cls.registrar = Registrar(**cls.SECTIONS)
        cls.addClassCleanup(cls.registrar.close)
        cls.registrar.must("init")
        cls.vendor = cls.registrar.credential("factory", "vendor")
        cls.verifier = cls.registrar.credential("shop", "verifier")
        cls.operator = cls.registrar.credential("desk", "operator")
        cls.registrar.start()

    def ask(self, *arguments, **named):
        return self.registrar.ask(*arguments, **named)

    def assert_problem(self, answer, status, name, detail=""):
        got, headers, problem = answer
        self.assertEqual(got, status, problem)
        self.assertEqual(headers["Content-Type"], "application/problem+json")
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["name"], name)
        self.assertIn(detail, problem["detail"])


class Interface(Shared):
    def test_every_answer_has_a_date_and_is_not_kept(self):
        for path in ("/healthz", "/nothing", "/v1/audit"):
            _, headers, _ = self.ask("GET", path)
            self.assertRegex(headers["Date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
            self.assertEqual(headers["Cache-Control"], "no-store")

    def test_a_connection_serves_many_requests(self):
        client = self.registrar.client()
        self.addCleanup(client.close)
        for _ in range(3):
            status, _, body = self.ask("GET", "/healthz", client=client)
            self.assertEqual((status, body), (200, {"status": "ok"}))
            own_port = client.sock.getsockname()[1]
        self.assertEqual(client.sock.getsockname()[1], own_port)

    def test_requests_sent_at_once_are_answered_in_order(self):
        with self.registrar.connect() as connection:
            connection.sendall(GET + b"GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n" +
                               b"GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            answers = read_all(connection).split(b"HTTP/1.1 ")[1:]
        self.assertEqual([answer[:3] for answer in answers], [b"200", b"404", b"200"])

    def test_an_unknown_path_and_a_wrong_method(self):
        self.assert_problem(self.ask("GET", "/v2/devices"), 404, "not_found")
        answer = self.ask("DELETE", "/v1/nonces")
        self.assert_problem(answer, 405, "unsupported", "POST")
        self.assertEqual(answer[1]["Allow"], "POST")

    def test_head_is_get_without_the_body(self):
        status, headers, body = self.ask("HEAD", "/openapi.json")
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["Content-Length"]), 10000)

    def test_it_describes_itself(self):
        status, _, document = self.ask("GET", "/openapi.json")
        self.assertEqual(status, 200)
        self.assertEqual(document, json.loads((SOURCE / "daemons/activationd/openapi.json").read_text()))

    def test_without_a_credential_or_with_a_wrong_one(self):
        name = self.vendor.split(".")[0]
        for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"},
                        {"Authorization": "Bearer nobody." + "A" * 43}, {"Authorization": f"Bearer {name}." + "A" * 43},
                        {"Authorization": f"Bearer {self.vendor[:-1]}"}, {"Authorization": "Bearer " + "x" * 8000}):
            answer = self.ask("POST", "/v1/sn-tickets", {"model_id": "m", "sn": "1"}, headers=headers)
            self.assert_problem(answer, 401, "access_denied")
            self.assertEqual(answer[1]["WWW-Authenticate"], "Bearer")

    def test_a_role_opens_its_own_doors_only(self):
        ticket = {"model_id": "m", "sn": "1"}
        self.assert_problem(self.ask("POST", "/v1/sn-tickets", ticket, self.verifier), 403, "access_denied")
        self.assert_problem(self.ask("POST", "/v1/nonces", {"audience": "a"}, self.vendor), 403, "access_denied")
        self.assert_problem(self.ask("GET", "/v1/audit", None, self.verifier), 403, "access_denied")
        self.assertEqual(self.ask("POST", "/v1/sn-tickets", ticket, self.vendor)[0], 201)

    def test_sn_tickets_for_one_and_for_many(self):
        status, _, body = self.ask("POST", "/v1/sn-tickets", {"model_id": "m", "sns": ["a", "b"], "new": 1}, self.vendor)
        self.assertEqual(status, 201)
        self.assertEqual([ticket["sn"] for ticket in body["sn_tickets"]], ["a", "b"])
        for ticket in body["sn_tickets"]:
            self.assertRegex(ticket["sn_ticket"], "^[A-Za-z0-9]{32}$")
            self.assertAlmostEqual(ticket["expires"], time.time() + 300, delta=30)
        self.assert_problem(self.ask("POST", "/v1/sn-tickets", {"model_id": "m"}, self.vendor), 400, "invalid_argument",
                            "sn: either sn or sns")
        self.assert_problem(self.ask("POST", "/v1/sn-tickets", {"model_id": "m", "sn": 5}, self.vendor), 400,
                            "invalid_argument", "sn: must be a string")

    def test_a_body_that_is_not_the_json_that_is_wanted(self):
        for body, rule in (("", "body: "), ("[]", "not an object"), ('{"audience":"a"', "body: "),
                           ('{"audience":"a","audience":"b"}', "twice"),
                           ('{"a":' + "[" * 30000 + "]" * 30000 + "}", "body: "),
                           ('{"audience":{"a":1}}', "audience: must be a string"), ("{}", "audience: is required"),
                           ('{"audience":"' + "a" * 300 + '"}', "audience: 300 octets")):
            self.assert_problem(self.ask("POST", "/v1/nonces", body, self.verifier), 400, "invalid_argument", rule)
        self.assert_problem(self.ask("POST", "/v1/nonces", '{"audience":"a"}', self.verifier,
                                     {"Content-Type": "text/xml"}), 400, "invalid_argument", "Content-Type")

    def test_a_nonce_and_a_ticket_that_is_none(self):
        status, _, nonce = self.ask("POST", "/v1/nonces", {"audience": "shop"}, self.verifier)
        self.assertEqual(status, 201)
        self.assertRegex(nonce["nonce"], "^[A-Za-z0-9_-]{43}$")
        status, _, verdict = self.ask("POST", "/v1/tickets/verify", {"ticket": "a.b.c", "audience": "shop"},
                                      self.verifier)
        self.assertEqual((status, verdict["verdict"], verdict["device"]), (200, "rejected", None))
        self.assertEqual(verdict["factors"]["signature"]["status"], "failed")

    def test_devices_and_the_audit_log(self):
        self.assertEqual(self.ask("GET", "/v1/devices?model_id=m", None, self.operator)[2], {"devices": []})
        self.assert_problem(self.ask("GET", "/v1/devices?limit=0", None, self.operator), 400, "invalid_argument", "limit")
        self.assert_problem(self.ask("GET", "/v1/devices?limit=x", None, self.operator), 400, "invalid_argument", "limit")
        self.assert_problem(self.ask("GET", "/v1/devices/short", None, self.operator), 400, "invalid_argument")
        ueid = "AQ" + "A" * 42
        self.assert_problem(self.ask("GET", f"/v1/devices/{ueid}", None, self.operator), 404, "not_found")
        self.assert_problem(self.ask("POST", f"/v1/devices/{ueid}/block", {"reason": "stolen"}, self.operator), 404,
                            "not_found")
        status, _, log = self.ask("GET", "/v1/audit?limit=2", None, self.operator)
        self.assertEqual(status, 200)
        numbers = [entry["number"] for entry in log["entries"]]
        self.assertEqual(numbers, sorted(numbers))
        later = self.ask("GET", f"/v1/audit?after={numbers[-1]}", None, self.operator)[2]
        self.assertTrue(all(entry["number"] > numbers[-1] for entry in later["entries"]))

    def test_a_registration_that_is_none(self):
        self.assert_problem(self.ask("POST", "/v1/registrations", {"request": "a.b.c"}), 400, "invalid_argument")
        self.assert_problem(self.ask("PUT", "/v1/registrations/" + "A" * 22, {"ticket": "a.b.c"}), 400,
                            "ticket_invalid")
        self.assert_problem(self.ask("PUT", "/v1/registrations/short", {"ticket": "a.b.c"}), 400, "invalid_argument")
        self.assert_problem(self.ask("DELETE", "/v1/registrations/" + "A" * 22, None, self.operator), 404, "not_found")
        self.assert_problem(self.ask("DELETE", "/v1/registrations/" + "A" * 22), 401, "access_denied")

    def test_certificates_and_revocation_lists_fit_together(self):
        status, headers, pem = self.ask("GET", "/v1/ca")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/x-pem-file"))
        self.assertEqual(pem.count(b"BEGIN CERTIFICATE"), 2)
        exported = self.registrar.must("export", "ca").encode()
        self.assertEqual(sorted(exported.split(b"-----BEGIN")), sorted(pem.split(b"-----BEGIN")))
        ca = self.registrar.directory / "ca.pem"
        ca.write_bytes(pem)
        for kind in ("hardware", "emulated"):
            status, headers, der = self.ask("GET", f"/v1/crl/{kind}")
            self.assertEqual((status, headers["Content-Type"]), (200, "application/pkix-crl"))
            checked = subprocess.run(["openssl", "crl", "-inform", "DER", "-noout", "-CAfile", ca], input=der,
                                     capture_output=True)
            self.assertIn(b"verify OK", checked.stderr)
        self.assert_problem(self.ask("GET", "/v1/crl/paper"), 404, "not_found")
        self.assert_problem(self.ask("GET", "/v1/crl/hardware?ca_generation=7"), 404, "not_found")
        self.assert_problem(self.ask("GET", "/v1/crl/hardware?ca_generation=-1"), 400, "invalid_argument")

    def test_metrics_count(self):
        self.ask("POST", "/v1/tickets/verify", {"ticket": "a.b.c", "audience": "shop"}, self.verifier)
        self.ask("GET", "/nothing")
        status, headers, text = self.ask("GET", "/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4"))
        values = {}
        for line in text.decode().splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                values[name] = float(value)
        prefix = "signet_registrar_"
        route = 'route="/v1/tickets/verify",method="POST"'
        self.assertGreaterEqual(values[prefix + "http_requests_total{" + route + ',status="200"}'], 1)
        self.assertGreaterEqual(values[prefix + "http_request_seconds_count{" + route + "}"], 1)
        self.assertGreaterEqual(values[prefix + 'http_requests_total{route="none",method="none",status="404"}'], 1)
        self.assertGreaterEqual(values[prefix + 'verifications_total{verdict="rejected"}'], 1)
        self.assertGreaterEqual(values[prefix + "store_commits_total"], 1)
        self.assertGreaterEqual(values[prefix + "connections"], 1)
        self.assertEqual(values[prefix + 'policy_refusals_total{reason="counter_backwards"}'], 0)

    def test_a_second_daemon_on_the_same_database_is_refused(self):
        status, _, err = self.registrar.run()
        self.assertEqual(status, 1)
        self.assertIn("activationd is running", err)

    def test_credentials_come_and_go_while_it_runs(self):
        later = self.registrar.credential("later", "operator")
        deadline = time.monotonic() + 8
        while self.ask("GET", "/v1/audit", None, later)[0] != 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)
        self.assertIn("later", self.registrar.must("credential", "list"))
        self.registrar.must("credential", "remove", "later")
        deadline = time.monotonic() + 8
        while self.ask("GET", "/v1/audit", None, later)[0] != 401:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)


class Enemies(Shared):
    SECTIONS = {"limits": "handshake_seconds = 1\nhead_seconds = 1\nbody_seconds = 1\nidle_seconds = 2"}

    def assert_alive(self):
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)

    def test_a_megabyte_of_head(self):
        with self.registrar.connect() as connection:
            send_all(connection, b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 1024 * 1024)
            self.assertEqual(read_all(connection)[:13], b"HTTP/1.1 431 ")
        self.assert_alive()

    def test_a_body_that_is_too_long(self):
        self.assert_problem(self.ask("POST", "/v1/nonces", "x" * 65537, self.verifier), 413, "too_large", "65536")
        with self.registrar.connect() as connection:
            send_all(connection, b"POST /v1/nonces HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                     (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 5)
            self.assertEqual(read_all(connection)[:13], b"HTTP/1.1 413 ")

    def test_an_octet_at_a_time(self):
        slow = [self.registrar.connect() for _ in range(40)]
        begin = time.monotonic()

        def dribble():
            while time.monotonic() < begin + 3:
                for connection in slow:
                    send_all(connection, b"X")
                time.sleep(0.1)

        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n")
        thread = threading.Thread(target=dribble)
        thread.start()
        for _ in range(5):
            self.assert_alive()
        thread.join()
        for connection in slow:
            self.assertIn(read_all(connection)[:13], (b"HTTP/1.1 408 ", b""))
            connection.close()
        self.assertLess(time.monotonic() - begin, 8)

    def test_a_body_that_does_not_come(self):
        with self.registrar.connect() as connection:
            connection.sendall(b"POST /v1/nonces HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
            answer = read_all(connection)
        self.assertEqual(answer[:13], b"HTTP/1.1 408 ")
        self.assertIn(b'"timeout"', answer)

    def test_silence(self):
        begin = time.monotonic()
        with self.registrar.connect() as connection:
            self.assertEqual(read_all(connection), b"")
        with socket.create_connection(("127.0.0.1", self.registrar.port), PATIENCE) as connection:
            self.assertEqual(read_all(connection), b"")
        self.assertLess(time.monotonic() - begin, 8)

    def test_what_is_not_tls(self):
        for octets in (GET, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 600, os.urandom(4096), b"\x80"):
            with socket.create_connection(("127.0.0.1", self.registrar.port), PATIENCE) as connection:
                send_all(connection, octets)
                self.assertNotIn(b"HTTP", read_all(connection))
        self.assert_alive()

    def test_tls_that_is_too_old(self):
        trust = self.registrar.trust()
        trust.set_ciphers("ALL:@SECLEVEL=0")
        trust.minimum_version = ssl.TLSVersion.TLSv1
        trust.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.registrar.connect(trust)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            trust = self.registrar.trust()
            trust.minimum_version = trust.maximum_version = version
            with self.registrar.connect(trust) as connection:
                connection.sendall(GET)
                self.assertEqual(connection.recv(100)[:13], b"HTTP/1.1 200 ")

    def test_going_away_at_any_point(self):
        request = b"POST /v1/nonces HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{\"a\":\"b\"}"
        for end in range(0, len(request) + 1, 3):
            connection = self.registrar.connect()
            send_all(connection, request[:end])
            connection.close()
        self.assert_alive()

    def test_requests_that_two_readers_would_see_differently(self):
        for head in (b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: 5\r\nContent-Length: 6",
                     b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Content-Length: +5", b"Host: h"):
            with self.registrar.connect() as connection:
                send_all(connection, b"POST /v1/nonces HTTP/1.1\r\nHost: h\r\n" + head + b"\r\n\r\n0\r\n\r\n" + GET)
                answer = read_all(connection)
            self.assertEqual(answer[:13], b"HTTP/1.1 400 ", head)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, head)


class Limits(unittest.TestCase):
    def begin(self, **sections):
        registrar = Registrar(**sections)
        self.addCleanup(registrar.close)
        registrar.must("init")
        return registrar

    def test_too_many_requests_of_an_address(self):
        registrar = self.begin(rates="address_per_second = 1\naddress_burst = 5").start()
        answers = [registrar.ask("GET", "/healthz") for _ in range(8)]
        self.assertEqual([answer[0] for answer in answers[:5]], [200] * 5)
        refused = [answer for answer in answers if answer[0] == 429]
        self.assertGreaterEqual(len(refused), 2)
        self.assertEqual(refused[0][2]["name"], "rate_limited")
        self.assertGreaterEqual(int(refused[0][1]["Retry-After"]), 1)

    def test_too_many_requests_of_a_credential(self):
        registrar = self.begin(rates="credential_per_second = 1\ncredential_burst = 3")
        one = registrar.credential("one", "operator")
        other = registrar.credential("other", "operator")
        registrar.start()
        self.assertEqual([registrar.ask("GET", "/v1/audit", None, one)[0] for _ in range(4)], [200, 200, 200, 429])
        self.assertEqual(registrar.ask("GET", "/v1/audit", None, other)[0], 200)

    def test_too_many_connections_of_an_address(self):
        registrar = self.begin(limits="connections_per_address = 2").start()
        with registrar.connect() as first, registrar.connect() as second:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                registrar.connect()
            for connection in (first, second):
                connection.sendall(GET)
                self.assertEqual(connection.recv(100)[:13], b"HTTP/1.1 200 ")

    def test_plain_is_for_loopback_only(self):
        for address in ("0.0.0.0", "::", "192.0.2.1"):
            registrar = self.begin(listen=f'address = "{address}"\nplain = true')
            status, _, err = registrar.run()
            self.assertEqual(status, 1)
            self.assertIn(f"without TLS only on a loopback address, not on {address}", err)

    def test_plain_behind_a_proxy_limits_the_proxys_clients(self):
        registrar = self.begin(listen='plain = true\naddress_field = "X-Forwarded-For"',
                               rates="address_per_second = 1\naddress_burst = 2").start()

        def ask(peer):
            with socket.create_connection(("127.0.0.1", registrar.port), PATIENCE) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Forwarded-For: 9.9.9.9, " +
                                   peer + b"\r\n\r\n")
                return read_all(connection)[9:12]

        self.assertEqual([ask(b"192.0.2.1") for _ in range(3)], [b"200", b"200", b"429"])
        self.assertEqual(ask(b"192.0.2.2"), b"200")


class Life(unittest.TestCase):
    def setUp(self):
        self.registrar = Registrar()
        self.addCleanup(self.registrar.close)

    def test_what_has_been_asked_is_answered_before_it_stops(self):
        self.registrar.must("init")
        self.registrar.start()
        idle = self.registrar.connect()
        busy = self.registrar.connect()
        busy.sendall(b"POST /v1/nonces HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.2)  # until the server has seen it
        self.registrar.process.send_signal(signal.SIGTERM)
        self.assertEqual(read_all(idle), b"")
        with self.assertRaises(ConnectionError):
            socket.create_connection(("127.0.0.1", self.registrar.port), PATIENCE)
        busy.sendall(b"}")
        answer = read_all(busy)
        self.assertEqual(answer[:13], b"HTTP/1.1 401 ")
        self.assertIn(b"Connection: close", answer)
        self.assertEqual(self.registrar.process.wait(PATIENCE), 0)

    def test_who_does_not_finish_is_cut_off(self):
        self.registrar.configure(limits="stop_seconds = 1\nbody_seconds = 60")
        self.registrar.must("init")
        self.registrar.start()
        busy = self.registrar.connect()
        busy.sendall(b"POST /v1/nonces HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.2)
        self.assertEqual(self.registrar.stop(), 0)
        busy.close()

    def test_a_renewed_certificate_is_taken_in_by_hangup(self):
        self.registrar.must("init")
        self.registrar.start()
        held = self.registrar.connect()

        def serial():
            with self.registrar.connect(ssl._create_unverified_context()) as connection:
                der = connection.getpeercert(binary_form=True)
            text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-serial"], input=der,
                                  capture_output=True, check=True).stdout
            return int(text.split(b"=")[1], 16)

        def hang_up(words):
            before = self.registrar.log.read_text().count(words)
            self.registrar.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + PATIENCE
            while self.registrar.log.read_text().count(words) == before:
                self.assertLess(time.monotonic(), deadline, self.registrar.log.read_text())
                time.sleep(0.02)

        self.assertEqual(serial(), 1)
        make_certificate(self.registrar.directory, 2)
        hang_up("certificate and key read again")
        self.assertEqual(serial(), 2)
        (self.registrar.directory / "tls.crt").write_text("nonsense")
        hang_up("certificate not changed")
        self.assertEqual(serial(), 2)
        held.sendall(GET)
        self.assertEqual(held.recv(100)[:13], b"HTTP/1.1 200 ")

    def test_a_socket_of_the_service_manager(self):
        self.registrar.must("init")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        hand_over = ("import os, sys; os.dup2(int(sys.argv[1]), 3, inheritable=True); "
                     "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); os.execv(sys.argv[2], sys.argv[2:])")
        command = [sys.executable, "-c", hand_over, str(listener.fileno()), *self.registrar.command()]
        self.registrar.start(command, pass_fds=[listener.fileno()])
        self.assertEqual(self.registrar.port, listener.getsockname()[1])
        self.assertEqual(self.registrar.ask("GET", "/healthz")[0], 200)

    def test_keys_and_certificates_that_are_of_no_use(self):
        self.registrar.must("init")
        key = self.registrar.directory / "tls.key"
        key.chmod(0o644)
        status, _, err = self.registrar.run()
        self.assertEqual(status, 1)
        self.assertIn("tls.key must not be", err)
        key.chmod(0o600)
        make_certificate(self.registrar.directory, 3)
        other = key.read_bytes()
        make_certificate(self.registrar.directory, 4)
        key.write_bytes(other)
        status, _, err = self.registrar.run()
        self.assertEqual(status, 1)
        self.assertIn("key values mismatch", err)

    def test_the_configuration_is_judged_by_line(self):
        self.registrar.config.write_text('[registrar]\nurl = "https://r"\n[listen]\nport = "x"\n')
        status, _, err = self.registrar.run("--check-config")
        self.assertEqual(status, 1)
        self.assertIn("activationd.toml:4: listen.port: must be an integer", err)

    def test_init_overwrites_nothing(self):
        status, _, err = self.registrar.run()
        self.assertEqual(status, 1)
        self.assertIn("activationd init", err)
        out = self.registrar.must("init")
        self.assertIn(str(self.registrar.directory / "state/registrar.db"), out)
        master = self.registrar.directory / "master"
        self.assertEqual(stat.S_IMODE(master.stat().st_mode), 0o600)
        before = master.read_bytes()
        status, _, err = self.registrar.run("init")
        self.assertEqual(status, 5, err)
        self.assertEqual(master.read_bytes(), before)

    def test_a_lost_master_key_is_not_made_anew(self):
        self.registrar.must("init")
        master = self.registrar.directory / "master"
        master.unlink()
        status, _, err = self.registrar.run("init")
        self.assertEqual(status, 22, err)
        self.assertFalse(master.exists())

    def test_another_master_key_is_noticed_at_once(self):
        self.registrar.must("init")
        (self.registrar.directory / "master").write_text("0" * 64)
        status, _, err = self.registrar.run()
        self.assertEqual(status, 1)
        self.assertIn("damaged", err)

    def test_a_credential_goes_into_a_new_file_only(self):
        self.registrar.must("init")
        path = self.registrar.directory / "a.credential"
        out = self.registrar.must("credential", "add", "a", "--role", "vendor", "--model", "m", "--output", str(path))
        secret = path.read_text().strip()
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertNotIn(secret.split(".")[1], out)
        self.assertEqual(self.registrar.run("credential", "add", "b", "--role", "vendor", "--output", str(path))[0], 5)
        lost = self.registrar.run("credential", "add", "c", "--role", "vendor", "--output", "/nonexistent/c")
        self.assertNotEqual(lost[0], 0)
        self.assertEqual(self.registrar.run("credential", "add", "d", "--role", "boss", "--output", "/x")[0], 2)
        listed = self.registrar.must("credential", "list")
        self.assertEqual([line.split()[0] for line in listed.splitlines()], ["a"])
        self.assertEqual(self.registrar.run("credential", "remove", "nobody")[0], 4)

    def test_backup_and_restore(self):
        self.registrar.must("init")
        kept = self.registrar.credential("kept", "operator")
        backup = self.registrar.directory / "backup"
        self.registrar.start()
        self.registrar.must("backup", str(backup))
        self.assertEqual(self.registrar.run("backup", str(backup))[0], 5)
        lost = self.registrar.credential("lost", "operator")
        status, _, err = self.registrar.run("restore", str(backup))
        self.assertEqual(status, 12, err)
        self.assertEqual(self.registrar.stop(), 0)

        self.assertEqual(self.registrar.run("restore", str(self.registrar.config))[0] in (34, 40), True)
        self.registrar.must("restore", str(backup))

        self.registrar.start()
        self.assertEqual(self.registrar.ask("GET", "/v1/audit", None, kept)[0], 200)
        self.assertEqual(self.registrar.ask("GET", "/v1/audit", None, lost)[0], 401)
        self.assertTrue((self.registrar.directory / "state/registrar.db.old").exists())
        self.assertEqual(self.registrar.stop(), 0)
        self.assertEqual(self.registrar.run("restore", str(backup))[0], 5)

    def test_rotation_keeps_the_older_keys(self):
        self.registrar.must("init")
        self.registrar.must("rotate", "ca", "--in-days", "1")
        escrow = self.registrar.must("export", "escrow")
        self.registrar.must("rotate", "escrow")
        self.registrar.must("rotate", "registrar")
        self.assertNotEqual(self.registrar.must("export", "escrow"), escrow)
        self.assertEqual(self.registrar.must("export", "ca").count("BEGIN CERTIFICATE"), 4)
        self.registrar.start()
        self.assertEqual(self.registrar.ask("GET", "/v1/ca")[2].count(b"BEGIN CERTIFICATE"), 4)
        self.assertEqual(self.registrar.ask("GET", "/v1/crl/hardware?ca_generation=2")[0], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
