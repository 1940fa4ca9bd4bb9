# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is read from storpool.conf, and what is said when it is wrong."""

import os
import pathlib
import re

import ddt
import fixtures
import hypothesis
from hypothesis import strategies
import testtools

from storpool_common import config
from storpool_common import errors

TOKEN = "8236423984762398476"
VARIABLE = re.compile(r"\b(?:SP|STORPOOL)_[A-Z][A-Z_]+\b")


class ConfigurationCase(testtools.TestCase):
    """Has a storpool.conf of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = self.root / "storpool.conf"
        self.directory = self.root / "storpool.conf.d"
        self.environ = {
            "STORPOOL_CONF": str(self.file),
            "STORPOOL_CONF_DIR": str(self.directory),
        }
        self.write(f"SP_AUTH_TOKEN={TOKEN}\n")

    def write(self, text: str) -> None:
        self.file.write_text(text)

    def add(self, name: str, text: str) -> None:
        self.directory.mkdir(exist_ok=True)
        (self.directory / name).write_text(text)

    def load(self, host: str = "node-a", **environ: str):
        return config.load(host=host, environ=self.environ | environ)

    def complaint(self, **kwargs: str) -> str:
        error = self.assertRaises(
            errors.ConfigurationError, lambda: self.load(**kwargs)
        )
        return str(error)


class DefaultsTest(ConfigurationCase):
    def test_what_is_not_said(self) -> None:
        loaded = self.load()
        self.assertEqual(
            (config.ApiAddress("127.0.0.1", 81),), loaded.api.addresses
        )
        self.assertEqual(TOKEN, loaded.api.token)
        self.assertIsNone(loaded.api.tls)
        self.assertIsNone(loaded.api.source_address)
        self.assertIsNone(loaded.client_id)
        self.assertIsNone(loaded.cluster_id)
        self.assertEqual("os", loaded.volume_prefix)
        self.assertEqual("/var/lib/storpool-openstack", loaded.state_dir)

    def test_what_is_said(self) -> None:
        self.write(
            f"SP_AUTH_TOKEN={TOKEN}\n"
            "SP_API_HTTP_HOST=api1,api2:82 , [fd00::1]:83,fd00::2\n"
            "SP_API_HTTP_PORT=8080\n"
            "SP_OURID=7\n"
            "SP_CLUSTER_ID=nzkr.b\n"
            "SP_OPENSTACK_VOLUME_PREFIX=cloud2\n"
            "SP_OPENSTACK_STATE_DIR=/srv/state\n"
            "SP_OPENSTACK_API_TLS=yes\n"
            "SP_OPENSTACK_API_TLS_VERIFY=no\n"
            "SP_OPENSTACK_API_TLS_CA_FILE=/etc/ca.pem\n"
            "SP_OPENSTACK_API_SOURCE=10.0.0.9\n"
        )
        loaded = self.load()
        self.assertEqual(
            ["api1:8080", "api2:82", "[fd00::1]:83", "[fd00::2]:8080"],
            [str(address) for address in loaded.api.addresses],
        )
        self.assertEqual(7, loaded.client_id)
        self.assertEqual("nzkr.b", loaded.cluster_id)
        self.assertEqual("cloud2", loaded.volume_prefix)
        self.assertEqual("/srv/state", loaded.state_dir)
        self.assertEqual(
            config.TlsSettings(verify=False, ca_file="/etc/ca.pem"),
            loaded.api.tls,
        )
        self.assertEqual("10.0.0.9", loaded.api.source_address)

    def test_an_empty_value_is_none(self) -> None:
        self.write(
            f"SP_AUTH_TOKEN={TOKEN}\nSP_API_HTTP_HOST=\nSP_OURID=\n"
            "SP_CLUSTER_ID=\nSP_OPENSTACK_VOLUME_PREFIX=\n"
        )
        loaded = self.load()
        self.assertEqual("127.0.0.1", loaded.api.addresses[0].host)
        self.assertIsNone(loaded.client_id)
        self.assertIsNone(loaded.cluster_id)
        self.assertEqual("os", loaded.volume_prefix)


class PrecedenceTest(ConfigurationCase):
    def test_the_own_section_wins_over_a_later_file(self) -> None:
        self.write(
            f"SP_AUTH_TOKEN={TOKEN}\nSP_OURID=1\n[node-a]\nSP_OURID=2\n"
        )
        self.add("later.conf", "SP_OURID=3\n")
        self.assertEqual(2, self.load("node-a").client_id)
        self.assertEqual(3, self.load("node-b").client_id)

    def test_files_in_the_order_of_their_names(self) -> None:
        self.add("20.conf", "SP_CLUSTER_ID=b.b\n")
        self.add("10.conf", "SP_CLUSTER_ID=a.a\n")
        self.assertEqual("b.b", self.load().cluster_id)

    def test_hidden_and_other_files_are_not_read(self) -> None:
        self.add(".hidden.conf", "this is no configuration")
        self.add("storpool.conf.rpmsave", "neither is this")
        self.assertEqual(TOKEN, self.load().api.token)

    def test_the_environment_wins(self) -> None:
        self.write(f"SP_AUTH_TOKEN={TOKEN}\n[node-a]\nSP_API_HTTP_HOST=file\n")
        loaded = self.load(
            SP_AUTH_TOKEN="other",
            SP_API_HTTP_HOST="env",
            SP_API_HTTP_PORT="90",
        )
        self.assertEqual((config.ApiAddress("env", 90),), loaded.api.addresses)
        self.assertEqual("other", loaded.api.token)
        self.assertEqual("the environment", loaded.api.origin)

    def test_no_other_variable_is_taken_from_the_environment(self) -> None:
        loaded = self.load(SP_OURID="9", SP_CLUSTER_ID="x.y")
        self.assertIsNone(loaded.client_id)
        self.assertIsNone(loaded.cluster_id)

    def test_the_environment_names_the_state_directory(self) -> None:
        self.assertEqual(
            "/srv/x", self.load(STORPOOL_STATE_DIR="/srv/x").state_dir
        )

    def test_given_values_stand_for_the_files(self) -> None:
        self.file.unlink()
        loaded = config.load(
            values={"SP_AUTH_TOKEN": TOKEN, "SP_OURID": "4"},
            environ=self.environ | {"SP_API_HTTP_HOST": "env"},
        )
        self.assertEqual(4, loaded.client_id)
        self.assertEqual("env", loaded.api.addresses[0].host)
        self.assertEqual("the given values", loaded.api.origin)

    def test_a_byte_order_mark_is_no_part_of_a_name(self) -> None:
        self.file.write_bytes(b"\xef\xbb\xbfSP_AUTH_TOKEN=1\n")
        self.assertEqual("1", self.load().api.token)

    def test_the_host_is_this_one(self) -> None:
        self.write(
            f"SP_AUTH_TOKEN={TOKEN}\n[{os.uname().nodename}]\nSP_OURID=5\n"
        )
        self.assertEqual(5, config.load(environ=self.environ).client_id)


class OtherHostTest(ConfigurationCase):
    def setUp(self) -> None:
        super().setUp()
        self.write(
            f"SP_AUTH_TOKEN={TOKEN}\nSP_OURID=1\n"
            "[node-b]\nSP_OURID=2\n[node-c]\nSP_IFACE1_CFG=x\n"
            "[node-d]\nSP_OURID=many\n"
        )

    def test_a_host_with_a_number(self) -> None:
        self.assertEqual(2, self.load().client_id_of("node-b"))

    def test_this_host(self) -> None:
        self.assertEqual(1, self.load().client_id_of("node-a"))

    def test_a_host_without(self) -> None:
        self.assertIsNone(self.load().client_id_of("node-c"))
        self.assertIsNone(self.load().client_id_of("node-x"))

    def test_a_host_with_nonsense(self) -> None:
        loaded = self.load()
        error = self.assertRaises(
            errors.ConfigurationError, loaded.client_id_of, "node-d"
        )
        self.assertIn("node-d", str(error))
        self.assertIn(str(self.file), str(error))


@ddt.ddt
class ComplaintTest(ConfigurationCase):
    def test_no_file(self) -> None:
        self.file.unlink()
        said = self.complaint()
        self.assertIn(f"{self.file} does not exist", said)
        self.assertIn("STORPOOL_CONF", said)

    def test_an_unreadable_file(self) -> None:
        self.file.unlink()
        self.file.mkdir()
        self.assertIn(f"cannot read {self.file}: ", self.complaint())

    def test_no_token(self) -> None:
        self.write("SP_OURID=1\n")
        said = self.complaint()
        self.assertIn("SP_AUTH_TOKEN is not set", said)
        self.assertIn(str(self.file), said)

    @ddt.data(
        "no equals sign",
        "=value",
        "1SP=x",
        "[unclosed",
        "[]",
        "[host] SP_OURID=1",
        'SP_A="unclosed',
        "SP_A='unclosed",
        'SP_A="closed" too early"',
    )
    def test_a_malformed_line(self, line: str) -> None:
        self.write(f"SP_AUTH_TOKEN={TOKEN}\n\n{line}\n")
        said = self.complaint()
        self.assertIn(f"{self.file}, line 3: ", said)
        self.assertNotIn("\n", said)

    @ddt.data(
        ("SP_OURID", "0"),
        ("SP_OURID", "4096"),
        ("SP_OURID", "one"),
        ("SP_API_HTTP_PORT", "http"),
        ("SP_API_HTTP_PORT", "0"),
        ("SP_API_HTTP_PORT", "65536"),
        ("SP_API_HTTP_HOST", "http://api:81/"),
        ("SP_API_HTTP_HOST", "api:"),
        ("SP_API_HTTP_HOST", "a b"),
        ("SP_OPENSTACK_API_TLS", "maybe"),
    )
    @ddt.unpack
    def test_a_wrong_value(self, name: str, value: str) -> None:
        self.add("10.conf", f"{name}={value}\n")
        said = self.complaint()
        self.assertIn(name, said)
        self.assertIn(str(self.directory / "10.conf"), said)

    @ddt.data("with blank", "n\u00f6n-ascii", "tab\there")
    def test_a_token_that_cannot_be_sent(self, token: str) -> None:
        self.write(f'SP_AUTH_TOKEN="{token}"\n')
        said = self.complaint()
        self.assertIn(f"SP_AUTH_TOKEN from {self.file}", said)
        self.assertNotIn(token, said)

    def test_only_commas(self) -> None:
        self.write(f"SP_AUTH_TOKEN={TOKEN}\nSP_API_HTTP_HOST=,\n")
        self.assertIn("SP_API_HTTP_HOST", self.complaint())


@ddt.ddt
class SyntaxTest(testtools.TestCase):
    @ddt.data(
        ("A=1", "1"),
        ("  A = 1  ", "1"),
        ("A=", ""),
        ("A= # nothing", ""),
        ("A=1 # one", "1"),
        ("A=1# one", "1# one"),
        ("A=50%", "50%"),
        ("A=%(B)s", "%(B)s"),
        ("A=b=c", "b=c"),
        ("A='1 # one' # two", "1 # one"),
        ('A="1 # one" # two', "1 # one"),
        ('A="say \\"so\\" \\\\"', 'say "so" \\'),
        ("A='\\'", "\\"),
        ("A=it's", "it's"),
        ("A=1\r", "1"),
    )
    @ddt.unpack
    def test_a_line(self, line: str, value: str) -> None:
        self.assertEqual({"A": value}, config.files.parse(line, "file")[""])

    def test_comments_and_sections(self) -> None:
        sections = config.files.parse(
            "# one\n; two\n\n A=1\n  B=2\n"
            "[ host ] # three\nA=2\n[host]\nC=3\n",
            "file",
        )
        self.assertEqual(
            {"": {"A": "1", "B": "2"}, "host": {"A": "2", "C": "3"}}, sections
        )

    @hypothesis.given(
        strategies.text(
            strategies.characters(
                blacklist_categories=("Cc", "Cs"),
                whitelist_characters="\t%\"'#=;[]\\ ",
            )
        )
    )
    def test_any_value_in_double_quotes(self, value: str) -> None:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        text = f'A="{escaped}" # and a comment\nB=2\n'
        self.assertEqual(
            {"A": value, "B": "2"}, config.files.parse(text, "file")[""]
        )

    @hypothesis.given(
        strategies.text("abc019%=#'\"[]\\:;,.-_ ", min_size=1).filter(
            lambda text: (
                text == text.strip()
                and text[0] not in "'\"#"
                and " #" not in text
            )
        )
    )
    def test_any_value_without_quotes(self, value: str) -> None:
        self.assertEqual(
            {"A": value}, config.files.parse(f"A={value}", "file")[""]
        )

    @hypothesis.given(strategies.text())
    def test_any_text_is_read_or_refused_in_one_line(self, text: str) -> None:
        try:
            config.files.parse(text, "file")
        except errors.ConfigurationError as error:
            self.assertRegex(str(error), r"^file, line \d+: [ -~]+$")


class SecretsTest(ConfigurationCase):
    def test_nothing_shows_the_token(self) -> None:
        loaded = self.load()
        for thing in (loaded, loaded.api, loaded.values):
            self.assertNotIn(TOKEN, repr(thing))
            self.assertNotIn(TOKEN, str(thing))

    def test_other_values_are_shown(self) -> None:
        self.write(f"SP_AUTH_TOKEN={TOKEN}\nSP_OURID=17\n_SP_X_PASSWORD=hm\n")
        shown = repr(self.load().values)
        self.assertIn("'SP_OURID': '17'", shown)
        self.assertNotIn("hm", shown)

    def test_a_malformed_line_is_not_quoted(self) -> None:
        self.write(f"SP_AUTH_TOKEN: {TOKEN}\n")
        self.assertNotIn(TOKEN, self.complaint())

    def test_the_values_are_a_mapping(self) -> None:
        values = self.load().values
        self.assertEqual(TOKEN, values["SP_AUTH_TOKEN"])
        self.assertEqual({"SP_AUTH_TOKEN"}, set(values))
        self.assertEqual(1, len(values))
        self.assertEqual(str(self.file), values.origin("SP_AUTH_TOKEN"))


class ManualTest(testtools.TestCase):
    """doc/source/reference/configuration.rst lists what is read."""

    def test_every_variable(self) -> None:
        root = pathlib.Path(__file__).parents[3]
        read = {
            name
            for file in (root / "storpool_common" / "config").glob("*.py")
            for name in VARIABLE.findall(file.read_text())
        }
        manual = root / "doc" / "source" / "reference" / "configuration.rst"
        described = set(VARIABLE.findall(manual.read_text()))
        self.assertIn("SP_AUTH_TOKEN", read)
        self.assertEqual(read, described)
