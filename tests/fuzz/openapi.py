# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a simulator what schemathesis makes of the OpenAPI document.

``python -m tests.fuzz.openapi SCHEMATHESIS [OPTION ...]``: the program, which
is best installed in a virtual environment of its own, and options of its
``run`` beside those given here. Its exit code is the one of this.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import msgspec

from storpool_common import api
from storpool_common import openapi
from storpool_simulator import testing

#: A bridge may be at any address, and whoever asks would be sent there.
_NOT_ASKED = "remote_bridge_add"
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
_OPTIONS = (
    *("--phases", "examples,coverage,fuzzing"),
    *("--checks", ",".join(_CHECKS)),
    *("--exclude-operation-id", _NOT_ASKED),
    *("--request-timeout", "20"),
    "--continue-on-failure",
    "--no-color",
)
#: The token stays out of the list of processes. A method that HTTP has and
#: the API does not is rightly answered 501, so it is not tried.
_CONFIGURATION = """\
[headers]
Authorization = "Storpool v1:${SP_AUTH_TOKEN}"

[phases.coverage]
unexpected-methods = ["DELETE"]
"""


def main() -> int:
    """Run it; returns its exit code, or 2 when it is not told where it is."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program, *options = sys.argv[1:]
    with (
        tempfile.TemporaryDirectory() as name,
        testing.SimulatorProcess() as simulator,
    ):
        directory = pathlib.Path(name)
        document = directory / "openapi.json"
        document.write_bytes(msgspec.json.encode(openapi.document()))
        configuration = directory / "schemathesis.toml"
        configuration.write_text(_CONFIGURATION, encoding="utf-8")
        command = [program, "--config-file", str(configuration), "run"]
        command += [str(document), "--url", simulator.url + api.URL_PREFIX]
        return subprocess.run(
            [*command, *_OPTIONS, *options],
            cwd=directory,
            env=_environment(simulator.token),
        ).returncode


def _environment(token: str) -> dict[str, str]:
    """Without our ``PYTHONPATH``: its environment has its own packages."""
    mine = {**os.environ, "SP_AUTH_TOKEN": token}
    mine.pop("PYTHONPATH", None)
    return mine


if __name__ == "__main__":
    sys.exit(main())
