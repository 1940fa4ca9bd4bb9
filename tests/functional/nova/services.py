# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Services of OpenStack as processes, as far as they come by themselves.

There is no message bus and no hypervisor: a nova-compute waits for its
conductor. It has loaded its driver by then. glance-api is what a WSGI server
makes of it, which is the only way to run it.
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sysconfig
import time

import fixtures

SERVICES = {
    "nova-compute": "nova.cmd.compute",
    "cinder-volume": "cinder.cmd.volume",
    "cinder-backup": "cinder.cmd.backup",
}
_LIBVIRT = '''
def __getattr__(name):
    """Constants and classes; nothing is called before there is a bus."""
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (Exception,), {}) if name[0].islower() else 1
'''
_TABLES = """
import sqlalchemy
from cinder.db import models
models.BASE.metadata.create_all(sqlalchemy.create_engine("sqlite:///db"))
"""
# nova-compute loads its driver when its conductor and placement have answered,
# and Cinder's services end where their tables are missing.
_BEFORE = {
    "cinder-backup": _TABLES,
    "cinder-volume": _TABLES,
    "nova-compute": """
from nova.conductor import api
from nova.scheduler.client.report import SchedulerReportClient
api.API.wait_until_ready = lambda *arguments, **options: None
SchedulerReportClient._create_client = lambda self: None
""",
}
_WSGI = """
from wsgiref import simple_server
from glance.wsgi.api import application
simple_server.make_server("127.0.0.1", 0, application).serve_forever()
"""
#: Seconds for a service to come so far on a busy machine.
_PATIENCE = 60


class Service(fixtures.Fixture):
    """A service that is running.

    :param layout: where its interpreter and we are.
    :param name: of the service.
    :param default: lines for the section DEFAULT.
    :param rest: other sections.
    """

    def __init__(self, layout, name, default="", rest="", **environ):
        self._layout = layout
        self._name = name
        self._text = f"[DEFAULT]\n{default}\n"
        self._rest = rest
        self._environ = environ

    def _setUp(self):  # noqa: N802
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (self.path / "libvirt.py").write_text(_LIBVIRT)
        self._write_files()
        self._log = (self.path / "log").open("w")
        self.addCleanup(self._log.close)
        self._process = subprocess.Popen(
            [
                str(self._layout.python),
                str(self.path / self._name),
                f"--config-file={self.path}/service.conf",
            ],
            env=self._environment(),
            cwd=self.path,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.addCleanup(self._stop)

    def log(self):
        """What it has written until now."""
        return (self.path / "log").read_text(errors="replace")

    def wait_for(self, text):
        """Wait until its log has a text; returns the log."""
        self._wait(f"{text!r}", lambda: text in self.log())
        return self.log()

    def _wait(self, what, there):
        end = time.monotonic() + _PATIENCE
        while not there():
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"no {what} in: {self.log()}")
            time.sleep(0.1)

    def report(self):
        """The section of its Guru Meditation Report that is ours."""
        self._ask_for_report()
        log = self.wait_for("os_brick.initiator.connector: ")
        return log.partition(" StorPool ")[2]

    def _ask_for_report(self):
        # It loads os-brick before it knows this signal, which would end it.
        self._wait("handler of SIGUSR2", self._knows_signal)
        self._process.send_signal(signal.SIGUSR2)

    def _knows_signal(self):
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        (caught,) = re.findall(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)
        return bool(int(caught, 16) >> (signal.SIGUSR2 - 1) & 1)

    def _write_files(self):
        (self.path / self._name).write_text(self._program())
        (self.path / "storpool.conf").write_text(
            "SP_AUTH_TOKEN=70537053\nSP_OURID=7\nSP_API_HTTP_PORT=1\n"
        )
        self._write_configuration()

    def _program(self):
        return (
            f"import sys\nfrom {SERVICES[self._name]} import main\n"
            f"{_BEFORE.get(self._name, '')}sys.exit(main())\n"
        )

    def _write_configuration(self):
        (self.path / "service.conf").write_text(
            f"{self._text}transport_url = fake:/\nhost = comp1\n"
            f"state_path = {self.path}\n"
            "compute_driver = libvirt.LibvirtDriver\n"
            "enabled_backends = sp\n"
            f"[oslo_concurrency]\nlock_path = {self.path}\n"
            f"[database]\nconnection = sqlite:///{self.path}/db\n"
            "[sp]\nvolume_driver = cinder_storpool.driver.StorPoolDriver\n"
            f"{self._rest}"
        )

    def _environment(self):
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SP_", "STORPOOL_", "OS_", "PYTHON"))
        }
        paths = [str(self.path), self._layout.environ.get("PYTHONPATH")]
        return kept | {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "STORPOOL_CONF": str(self.path / "storpool.conf"),
            "STORPOOL_CONF_DIR": str(self.path / "none"),
            **self._environ,
        }

    def _stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class ImageService(Service):
    """A glance-api that stores its images in Cinder."""

    def _program(self):
        return _WSGI

    def _write_configuration(self):
        # What its Guru Meditation Report is asked for with: WSGI servers
        # keep signals to themselves.
        (self.path / "report").touch()
        paste = pathlib.Path(sysconfig.get_path("data")) / "etc" / "glance"
        (self.path / "glance-api.conf").write_text(
            f"{self._text}enabled_backends = sp:cinder\n"
            f"node_staging_uri = file://{self.path}/staging\n"
            "[glance_store]\ndefault_backend = sp\n"
            f"[oslo_reports]\nfile_event_handler = {self.path}/report\n"
            f"[database]\nconnection = sqlite:///{self.path}/db\n"
            f"[paste_deploy]\nconfig_file = {paste}/glance-api-paste.ini\n"
            f"{self._rest}"
        )

    def _environment(self):
        return {
            **super()._environment(),
            "OS_GLANCE_CONFIG_DIR": str(self.path),
        }

    def _ask_for_report(self):
        (self.path / "report").touch()
