# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The syntax of storpool.conf.

::

    # for every host
    SP_API_HTTP_HOST=10.1.1.1       # a comment follows white space
    SP_AUTH_TOKEN="1234567890"      # quotes keep blanks and # signs

    [node-a]                        # for the host of that name
    SP_OURID=1

``configparser`` is not used: before Python 3.13 it knows no variables
without a section, it joins indented lines to the one before, and it cannot
say on which line a value stands.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import pathlib
import re

from storpool_common.errors import ConfigurationError

_COMMENT = r"(?:\s+[#;].*)?"
_SECTION = re.compile(rf"\[\s*([^\]]*?)\s*\]{_COMMENT}")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_PLAIN = re.compile(r"(.*?)(?:(?:^|\s+)#.*)?")
_DOUBLE_QUOTED = re.compile(rf'"((?:[^"\\]|\\.)*)"{_COMMENT}')
_SINGLE_QUOTED = re.compile(rf"'([^']*)'{_COMMENT}")
_ESCAPE = re.compile(r'\\(["\\])')

#: Variables by section; those without one are under the empty name.
Sections = Mapping[str, Mapping[str, str]]
#: The section of the variables that stand before any header.
EVERY_HOST = ""


@dataclasses.dataclass(frozen=True)
class _Line:
    """One line, and where it stands."""

    file: str
    number: int
    text: str

    def malformed(self, rule: str) -> ConfigurationError:
        # The text itself may hold the token.
        return ConfigurationError(f"{self.file}, line {self.number}: {rule}")


def read(path: pathlib.Path) -> Sections:
    """Read one file.

    :raises ConfigurationError: the file cannot be read, or a line of it is
        malformed; the line is named by its number.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist: copy it from a host of the StorPool"
            " cluster, or name another file in the environment variable"
            " STORPOOL_CONF"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {path}: {error.strerror}; it has to be readable"
            " for the user that this service runs as"
        ) from error
    return parse(text, str(path))


def parse(text: str, file: str) -> Sections:
    """Take the text of a file apart.

    :param file: how messages call it.
    :raises ConfigurationError: a line is malformed.
    """
    sections: dict[str, dict[str, str]] = {EVERY_HOST: {}}
    section = sections[EVERY_HOST]
    for line in _lines(text, file):
        if line.text.startswith("["):
            section = sections.setdefault(_section_name(line), {})
            continue
        name, value = _variable(line)
        section[name] = value
    return sections


def _lines(text: str, file: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.split("\n"), start=1):
        stripped = raw.strip()
        if stripped and stripped[0] not in "#;":
            yield _Line(file, number, stripped)


def _section_name(line: _Line) -> str:
    match = _SECTION.fullmatch(line.text)
    if match is None or not match[1]:
        raise line.malformed("a section is a host's name in brackets: [host]")
    return match[1]


def _variable(line: _Line) -> tuple[str, str]:
    match = _VARIABLE.fullmatch(line.text)
    if match is None:
        raise line.malformed(
            "expected NAME=VALUE, a [host] section or a # comment"
        )
    return match[1], _value(line, match[2])


def _value(line: _Line, text: str) -> str:
    if text.startswith('"'):
        return _ESCAPE.sub(r"\1", _quoted(line, _DOUBLE_QUOTED, text))
    if text.startswith("'"):
        return _quoted(line, _SINGLE_QUOTED, text)
    match = _PLAIN.fullmatch(text)
    return match[1] if match else text


def _quoted(line: _Line, pattern: re.Pattern[str], text: str) -> str:
    match = pattern.fullmatch(text)
    if match is None:
        raise line.malformed("the quoted value does not end with its quote")
    return match[1]
