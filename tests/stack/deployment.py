# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""An operator at work in a cloud that runs, by the book."""

from collections.abc import Container
from collections.abc import Sequence
import configparser
import io
import os
import pathlib
import shlex
import subprocess

from tests.stack import base
from tests.stack import configuration
from tests.stack import errors
from tests.stack import hosts
from tests.stack import page
from tests.stack import processes
from tests.stack import report
from tests.stack import services

STOP_PATIENCE = 10.0
"""Seconds; a service that still runs then gets SIGKILL, as systemd does."""

COMMAND_SECONDS = 120
QUESTIONS = (" show ", " list ", "-list ")
"""What is asked again until the answer is there: services need a while."""

UP = {"...@storpool up": "...@... up\n...@... up"}
"""The back end of the page, and those that are here."""

STATE = "/var/lib/storpool-openstack"
BACKEND = "storpool"
"""The section in which the page has the options of a back end."""

REGISTRATION = "storpool_conf"


class Deployment(base.Base):
    """Types what a page says, on a host of the cloud."""

    def follow(
        self, title: str, host: hosts.Host, **instead: str
    ) -> list[str]:
        """Do what stands below a title of the migration page, in order.

        :param instead: what the page leaves open, by its capital letters
        :return: what the commands printed
        :raises StackError: a command failed, is none that is known here, or
            printed what the page does not say
        """
        printed = []
        for block in page.section(title):
            if block.language == "ini":
                self.merge(block.text, self._service_of(block), host)
                continue
            for step in block.steps():
                filled = step.filled(UP | instead)
                printed.append(self.answer(filled, host))
        return printed

    def answer(self, step: page.Step, host: hosts.Host) -> str:
        """Type a command, and see that what the page promises comes.

        :return: what it printed
        :raises StackError: it failed, or printed something else
        """
        printed = [""]

        def fits() -> bool:
            printed[0] = self.type(step.command, host)
            return step.fits(printed[0])

        if any(word in step.command for word in QUESTIONS):
            what = f"{step.command}: {step.promised}"
            report.wait_for(what, fits, COMMAND_SECONDS)
            return printed[0]
        if fits():
            return printed[0]
        raise errors.StackError(
            f"{step.command} is to print {step.promised}and printed "
            f"{printed[0]}"
        )

    @staticmethod
    def _service_of(block: page.Block) -> str:
        return "nova" if "compute" in block.section.lower() else "cinder"

    def type(self, command: str, host: hosts.Host) -> str:
        """Type one command on a host.

        :return: what it printed
        :raises StackError: it failed, or is none that is known here
        """
        words = shlex.split(command)
        match words:
            case ["pip", "install" | "uninstall", *_]:
                # The environment of all services has had it from the start.
                return ""
            case ["systemctl", "restart", *names]:
                for name in names:
                    self.restart(name, host)
                return ""
            case ["systemctl", "stop", *names]:
                for name in names:
                    self._stop(self._service(name, host))
                return ""
            case ["mysql", *rest]:
                defaults = f"--defaults-file={self._place.conf}/my.cnf"
                return self._run(["mariadb", defaults, *rest], host)
            case ["install", "-d", *_]:
                here = {"nova": "root", STATE: str(host.records)}
                return self._run([here.get(one, one) for one in words], host)
            case ["storpool-openstack", name, "--service", service, *rest]:
                files = [
                    f"--config-file={path}"
                    for path in self.files(service, host)
                ]
                # The departure ends with 1 where something is to be done.
                return self._run(
                    [words[0], name, "--service", service, *rest, *files],
                    host,
                    (0, 1) if name == "departure" else (0,),
                )
            case ["storpool-openstack", "attachments", "reconcile"]:
                # So does this one, where it has something to tell.
                return self._run(words, host, (0, 1))
            case ["storpool-openstack" | "openstack" | "cinder", *_]:
                return self._run(words, host)
        raise errors.StackError(f"the page has an unknown command: {command}")

    def _run(
        self,
        words: Sequence[str],
        host: hosts.Host,
        expected: Container[int] = (0,),
    ) -> str:
        log = self._table.log(host.label("typed"))
        done = subprocess.run(
            self._namespaces[host.number].enter(words),
            capture_output=True,
            text=True,
            env=dict(configuration.environment(self._place))
            | {
                "STORPOOL_STATE_DIR": str(host.records),
                "LIBVIRT_DEFAULT_URI": host.libvirt_uri,
            }
            | self._credentials(words[0]),
            timeout=COMMAND_SECONDS,
            check=False,
        )
        with log.open("a") as file:
            print(f"$ {shlex.join(words)}", file=file)
            print(done.stdout, done.stderr, sep="", file=file)
        if done.returncode not in expected:
            raise errors.StackError(
                f"{shlex.join(words[:3])} exited {done.returncode}", log
            )
        return done.stdout

    def _credentials(self, program: str) -> dict[str, str]:
        """The administrator's; cinder knows no file of clouds."""
        if program != "cinder":
            return {
                "OS_CLIENT_CONFIG_FILE": str(self._place.clouds),
                "OS_CLOUD": "stack",
            }
        return {
            "OS_AUTH_URL": f"http://127.0.0.1:{self._ports['keystone']}/v3",
            "OS_USERNAME": "admin",
            "OS_PASSWORD": self._place.secrets["password"],
            "OS_PROJECT_NAME": "admin",
            "OS_USER_DOMAIN_ID": "default",
            "OS_PROJECT_DOMAIN_ID": "default",
        }

    def files(self, service: str, host: hosts.Host) -> list[pathlib.Path]:
        """The files that a service reads on a host, its own one last."""
        common = [self._place.conf / f"{service}.conf"]
        if service != "nova" or len(self._hosts) == 1:
            return common
        return [*common, self._place.conf / f"{host.label('peer')}.conf"]

    def merge(self, text: str, service: str, host: hosts.Host) -> None:
        """Put lines of the page into the file of a service."""
        path = self.files(service, host)[-1]
        parser = _read(path.read_text())
        lines = _read(text)
        for name in lines.sections():
            for section in _meant(name, parser):
                if not parser.has_section(section):
                    parser.add_section(section)
                for option, value in lines.items(name):
                    parser.set(section, option, value)
        _write(parser, path)

    def take_out(
        self, options: Sequence[str], service: str, host: hosts.Host
    ) -> None:
        """Take options out of all sections of a service's files."""
        for path in self.files(service, host):
            parser = _read(path.read_text())
            for section in parser.sections():
                for option in options:
                    parser.remove_option(section, option)
            _write(parser, path)

    def unregister(self, service: str, host: hosts.Host) -> None:
        """Take the lines of registration out of a service's files."""
        self.take_out(["config_source"], service, host)
        for path in self.files(service, host):
            parser = _read(path.read_text())
            parser.remove_section(REGISTRATION)
            _write(parser, path)

    def restart(self, name: str, host: hosts.Host) -> None:
        """Stop a service and start it again.

        :raises StackError: it does not start
        """
        service = self._service(name, host)
        self._stop(service)
        self._start(service)
        self._await(service)

    def _stop(self, service: services.Service) -> None:
        found = self._table.get(service.name)
        if found is not None:
            processes.stop([found], STOP_PATIENCE)

    def _service(self, name: str, host: hosts.Host) -> services.Service:
        if name == "nova-compute":
            return self._services.compute(host)
        (found,) = (one for one in self._services.rest() if one.name == name)
        return found

    def saved(self) -> dict[pathlib.Path, str]:
        """The files of Nova and Cinder, as they are."""
        return {
            path: path.read_text()
            for host in self._hosts
            for service in ("nova", "cinder")
            for path in self.files(service, host)
        }


def _read(text: str) -> configparser.RawConfigParser:
    # oslo.config's DEFAULT gives nothing to other sections.
    parser = configparser.RawConfigParser(strict=False, default_section="")
    parser.read_string(text)
    return parser


def _meant(name: str, parser: configparser.RawConfigParser) -> list[str]:
    """The sections of a file that a section of the page stands for."""
    if name != BACKEND:
        return [name]
    return parser.get("DEFAULT", "enabled_backends").split(",")


def _write(parser: configparser.RawConfigParser, path: pathlib.Path) -> None:
    text = io.StringIO()
    parser.write(text)
    new = path.with_name(f"{path.name}.new")
    new.write_text(text.getvalue())
    os.replace(new, path)
