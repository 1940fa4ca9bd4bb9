# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Connections: kept, dropped, broken, encrypted, forked."""

import dataclasses
import datetime
import http.client
import ipaddress
import os
import pathlib
import socket
import ssl
import threading

from cryptography.hazmat.primitives.asymmetric import ec
import cryptography.hazmat.primitives.hashes as hashes
import cryptography.hazmat.primitives.serialization as serialization
import cryptography.x509 as x509
import ddt
import fixtures
import msgspec
import testtools

from storpool_common import config
from storpool_common import errors
from storpool_common import transport
from tests import concurrency
from tests.unit.common import clock
from tests.unit.common import server


class TransportCase(testtools.TestCase):
    """Sends requests to a scripted server."""

    def serve(self, *acts: server.Act, **options) -> server.ScriptedServer:
        return self.useFixture(server.ScriptedServer(*acts, **options))

    def connect(self, settings: config.ApiSettings) -> transport.Transport:
        made = transport.Transport(settings)
        self.addCleanup(made.close)
        return made

    def ask(
        self,
        asked: transport.Transport,
        method: str = "GET",
        body: bytes | None = None,
        seconds: float = 30.0,
    ) -> transport.Reply:
        return asked.exchange(self.request(method, body, seconds))

    def request(
        self, method: str, body: bytes | None, seconds: float
    ) -> transport.Request:
        return transport.Request(
            what="AnyCall of os--volume-1",
            method=method,
            target="/ctrl/1.0/AnyCall",
            body=body,
            deadline=transport.Deadline.after(seconds),
        )


class ConnectionTest(TransportCase):
    def test_a_connection_is_kept(self) -> None:
        peer = self.serve()
        asked = self.connect(peer.settings)
        for _ in range(3):
            self.assertEqual(200, self.ask(asked).status)
        self.assertEqual(1, len({seen.connection for seen in peer.requests}))

    def test_a_server_that_says_close(self) -> None:
        closing = server.raw(server.envelope({}), close=True)
        peer = self.serve(closing, closing)
        asked = self.connect(peer.settings)
        self.assertEqual(server.envelope({}), self.ask(asked).data)
        self.assertEqual(server.envelope({}), self.ask(asked).data)
        self.assertEqual(2, len({seen.connection for seen in peer.requests}))

    def test_http_1_0(self) -> None:
        peer = self.serve(protocol="HTTP/1.0")
        asked = self.connect(peer.settings)
        for _ in range(3):
            self.assertEqual(200, self.ask(asked, "POST", b"{}").status)
        self.assertEqual(3, len({seen.connection for seen in peer.requests}))

    def test_a_kept_connection_that_was_closed_is_not_used(self) -> None:
        peer = self.serve(server.ok_and_hang_up)
        asked = self.connect(peer.settings)
        self.ask(asked)
        peer.wait_closed(1)
        self.assertEqual(200, self.ask(asked, "POST", b"{}").status)

    def test_each_thread_gets_its_answer(self) -> None:
        peer = self.serve()
        asked = self.connect(peer.settings)
        statuses = []
        threads = [
            threading.Thread(
                target=lambda: statuses.append(self.ask(asked).status)
            )
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([200] * 16, statuses)

    def test_a_fork_makes_its_own_connections(self) -> None:
        peer = self.serve()
        asked = self.connect(peer.settings)
        self.ask(asked)
        child = os.fork()
        if child == 0:
            try:
                concurrency.in_child()
                os._exit(0 if self.ask(asked).status == 200 else 1)
            finally:
                os._exit(2)
        self.assertEqual(0, os.waitpid(child, 0)[1])
        self.ask(asked)
        first, in_child, last = peer.requests
        self.assertEqual(first.connection, last.connection)
        self.assertNotEqual(first.connection, in_child.connection)

    def test_nothing_is_connected_before_the_first_request(self) -> None:
        unreachable = dataclasses.replace(
            SETTINGS, addresses=(server.unused_address(),)
        )
        transport.Transport(unreachable).close()

    def test_closed_and_used_again(self) -> None:
        peer = self.serve()
        asked = self.connect(peer.settings)
        self.ask(asked)
        asked.close()
        self.ask(asked)
        self.assertEqual(2, len({seen.connection for seen in peer.requests}))

    def test_proxies_of_the_environment_are_not_used(self) -> None:
        nowhere = f"http://{server.unused_address()}"
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            self.useFixture(fixtures.EnvironmentVariable(name, nowhere))
        peer = self.serve()
        self.assertEqual(200, self.ask(self.connect(peer.settings)).status)

    def test_the_source_address(self) -> None:
        peer = self.serve()
        settings = dataclasses.replace(
            peer.settings, source_address="127.0.0.7"
        )
        self.ask(self.connect(settings))
        self.assertEqual("127.0.0.7", peer.requests[0].source)

    def test_what_is_sent(self) -> None:
        peer = self.serve()
        asked = self.connect(peer.settings)
        self.ask(asked, "POST", b'{"a":1}')
        self.ask(asked, "POST")
        with_body, without = peer.requests
        self.assertEqual(b'{"a":1}', with_body.body)
        self.assertEqual(
            f"Storpool v1:{server.TOKEN}", with_body.headers["Authorization"]
        )
        self.assertEqual("0", without.headers["Content-Length"])


@ddt.ddt
class LostTest(TransportCase):
    @ddt.data("hang_up", "reset", "garbage", "cut_short")
    def test_an_answer_that_does_not_come(self, act: str) -> None:
        peer = self.serve(getattr(server, act))
        asked = self.connect(peer.settings)
        error = self.assertRaises(
            errors.AnswerLost, self.ask, asked, "POST", b"{}"
        )
        self.assertIn("AnyCall of os--volume-1: ", str(error))
        self.assertIn(str(peer.address), str(error))
        self.assertEqual(200, self.ask(asked).status)

    def test_silence(self) -> None:
        peer = self.serve(server.silence)
        asked = self.connect(peer.settings)
        error = self.assertRaises(
            errors.DeadlineExceeded, self.ask, asked, seconds=0.05
        )
        self.assertTrue(error.sent)
        self.assertIn("within 0.05 s", str(error))

    def test_a_server_that_drips(self) -> None:
        ticking = clock.Clock()
        peer = self.serve(server.drip(lambda: ticking.sleep(20.0)))
        asked = self.connect(peer.settings)
        deadline = transport.Deadline.after(60.0, ticking)
        request = msgspec.structs.replace(
            self.request("GET", None, 1), deadline=deadline
        )
        error = self.assertRaises(
            errors.DeadlineExceeded, asked.exchange, request
        )
        self.assertTrue(error.sent)

    def test_no_time_left(self) -> None:
        peer = self.serve()
        asked = self.connect(peer.settings)
        error = self.assertRaises(
            errors.DeadlineExceeded, self.ask, asked, seconds=0.0
        )
        self.assertFalse(error.sent)
        self.assertEqual([], peer.requests)

    def test_a_connection_that_breaks_while_sending(self) -> None:
        """Half a request cannot have been carried out."""
        peer = self.serve()
        asked = self.connect(peer.settings)
        self.ask(asked)

        def send(connection: http.client.HTTPConnection, data: bytes) -> None:
            raise BrokenPipeError(32, "Broken pipe")

        self.useFixture(
            fixtures.MonkeyPatch("http.client.HTTPConnection.send", send)
        )
        error = self.assertRaises(
            errors.ConnectionFailed, self.ask, asked, "POST", b"{}"
        )
        self.assertIn("Broken pipe", str(error))


class AddressesTest(TransportCase):
    def settings(self, *addresses: config.ApiAddress) -> config.ApiSettings:
        return dataclasses.replace(SETTINGS, addresses=addresses)

    def test_the_next_address_is_tried(self) -> None:
        peer = self.serve()
        dead = server.unused_address()
        asked = self.connect(self.settings(dead, peer.address))
        self.assertEqual(peer.address, self.ask(asked, "POST").address)

    def test_the_last_good_address_is_asked_first(self) -> None:
        first, second = self.serve(server.hang_up), self.serve()
        asked = self.connect(self.settings(first.address, second.address))
        self.assertRaises(errors.AnswerLost, self.ask, asked)
        self.assertEqual(second.address, self.ask(asked).address)
        self.assertEqual(second.address, self.ask(asked).address)
        self.assertEqual(1, len(first.requests))

    def test_a_gateway_that_reaches_nothing_is_asked_last(self) -> None:
        first = self.serve(server.raw(b"<html>", status=502))
        second = self.serve()
        asked = self.connect(self.settings(first.address, second.address))
        self.assertEqual(first.address, self.ask(asked).address)
        self.assertEqual(second.address, self.ask(asked).address)
        self.assertEqual(second.address, self.ask(asked).address)

    def test_no_address_answers(self) -> None:
        dead = [server.unused_address() for _ in range(2)]
        error = self.assertRaises(
            errors.ConnectionFailed,
            self.ask,
            self.connect(self.settings(*dead)),
        )
        self.assertEqual(
            "AnyCall of os--volume-1: cannot reach the StorPool API at"
            f" {dead[0]} (Connection refused), {dead[1]} (Connection"
            " refused). Check that its management service is up and that"
            " SP_API_HTTP_HOST and SP_API_HTTP_PORT are right",
            str(error),
        )

    def test_a_name_that_does_not_resolve(self) -> None:
        def refuse(host: str, *args: object, **kwargs: object) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        self.useFixture(fixtures.MonkeyPatch("socket.getaddrinfo", refuse))
        address = config.ApiAddress("api.invalid", 81)
        error = self.assertRaises(
            errors.ConnectionFailed,
            self.ask,
            self.connect(self.settings(address)),
        )
        self.assertIn("api.invalid:81 (Name or service not", str(error))

    def test_a_connection_that_takes_too_long(self) -> None:
        silent = self.useFixture(server.SilentPeer()).address
        error = self.assertRaises(
            errors.ConnectionFailed,
            self.ask,
            self.connect(self.settings(silent)),
            seconds=0.1,
        )
        self.assertIn("(no connection in time)", str(error))


class TlsTest(TransportCase):
    def setUp(self) -> None:
        super().setUp()
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.certificate = directory / "api.pem"
        self.certificate.write_bytes(_self_signed("127.0.0.1"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.peer = self.serve(tls=context)

    def tls(self, **options) -> transport.Transport:
        return self.connect(
            dataclasses.replace(
                self.peer.settings, tls=config.TlsSettings(**options)
            )
        )

    def test_a_certificate_that_is_trusted(self) -> None:
        asked = self.tls(ca_file=str(self.certificate))
        self.assertEqual(200, self.ask(asked, "POST", b"{}").status)
        self.assertEqual(200, self.ask(asked).status)
        connections = {seen.connection for seen in self.peer.requests}
        self.assertEqual(1, len(connections))

    def test_a_certificate_that_is_not(self) -> None:
        error = self.assertRaises(
            errors.ConnectionFailed, self.ask, self.tls(), "POST", b"{}"
        )
        self.assertIn("certificate", str(error).lower())
        self.assertEqual([], self.peer.requests)

    def test_a_certificate_that_is_not_checked(self) -> None:
        with self.assertWarnsRegex(Warning, "Unverified"):
            reply = self.ask(self.tls(verify=False))
        self.assertEqual(200, reply.status)

    def test_a_server_without_tls(self) -> None:
        plain = self.serve()
        settings = dataclasses.replace(
            plain.settings, tls=config.TlsSettings()
        )
        self.assertRaises(
            errors.ConnectionFailed, self.ask, self.connect(settings)
        )

    def test_no_such_file(self) -> None:
        error = self.assertRaises(
            errors.ConfigurationError, self.ask, self.tls(ca_file="/nowhere")
        )
        self.assertIn("/nowhere", str(error))


def _self_signed(address: str) -> bytes:
    """A certificate of an address, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, "test of the API")]
    )
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([_address_name(address)]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _address_name(address: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(address))


SETTINGS = config.ApiSettings(
    addresses=(config.ApiAddress("127.0.0.1", 81),), token=server.TOKEN
)
