# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The doctor, with the real Nova, Cinder and os-brick: a process each."""

import json
import subprocess
import sys

import ddt
import testtools

from storpool_simulator.testing import SimulatorFixture
from tests import programs

SOURCE = """
config_source = storpool_conf
[storpool_conf]
driver = storpool
"""
CONNECTOR = "os_brick_storpool.connector.StorPoolConnector"
CINDER = "cinder_storpool.driver.StorPoolDriver"
IN_TREE = "cinder.volume.drivers.storpool.StorPoolDriver"


@ddt.ddt
class ServicesTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        simulator = self.useFixture(SimulatorFixture())
        self.programs = self.useFixture(programs.Programs())
        self.programs.install()
        self.programs.conf.write_text(
            f"SP_AUTH_TOKEN={simulator.token}\nSP_OURID=1\n"
            f"SP_API_HTTP_HOST=127.0.0.1\nSP_API_HTTP_PORT={simulator.port}\n"
            f"SP_OPENSTACK_STATE_DIR={self.programs.path}/state\n"
        )
        self.file = self.programs.path / "service.conf"
        self.write()

    def write(self, default: str = "", rest: str = SOURCE) -> None:
        self.file.write_text(f"[DEFAULT]\n{default}{rest}")

    def examine(self, service: str, **environ: str):
        """Run the doctor: exit code, and its findings."""
        return self.run_doctor(
            service, f"--config-file={self.file}", **environ
        )

    def run_doctor(self, service: str, *arguments: str, **environ: str):
        """The same, with any arguments of the service."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "storpool_common.cli", "doctor"),
                *("--service", service, "--json", *arguments),
            ],
            env=self.programs._environment("threads") | environ,
            cwd=self.programs.path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.assertEqual("", done.stderr)
        found = json.loads(done.stdout)
        return done.returncode, {each["check"]: each for each in found}

    @ddt.data("nova", "cinder", "glance")
    def test_as_it_should_be(self, service: str) -> None:
        self.write("compute_driver = libvirt.LibvirtDriver\n")
        code, found = self.examine(service)
        self.assertEqual(0, code, found)
        self.assertEqual(CONNECTOR, found["os-brick connector"]["found"])
        self.assertIn(
            "storpool_client_id=1", found["connector properties"]["found"]
        )
        self.assertIn(str(self.file), found["configuration"]["found"])

    @ddt.data(
        ("nova", ".nova/nova-compute.conf"),
        ("cinder", ".cinder/cinder-volume.conf"),
        ("glance", ".glance/glance-api.conf"),
    )
    @ddt.unpack
    def test_files_that_a_service_reads_by_itself(
        self, service: str, name: str
    ) -> None:
        self.write("compute_driver = libvirt.LibvirtDriver\n")
        file = self.programs.path / name
        file.parent.mkdir()
        self.file.rename(file)
        code, found = self.run_doctor(
            service,
            HOME=str(self.programs.path),
            OS_GLANCE_CONFIG_DIR=str(file.parent),
        )
        self.assertEqual(0, code, found)
        self.assertEqual(f"{service}: {file}", found["configuration"]["found"])

    def test_glance_without_its_file(self) -> None:
        code, found = self.run_doctor(
            "glance", OS_GLANCE_CONFIG_DIR=str(self.programs.path)
        )
        self.assertEqual(1, code)
        self.assertIn("glance-api.conf", found["configuration"]["found"])

    @ddt.data("nova", "cinder", "glance")
    def test_not_registered(self, service: str) -> None:
        self.write(rest="")
        code, found = self.examine(service)
        self.assertEqual(1, code)
        wrong = [
            check
            for check, each in found.items()
            if each["status"] == "failed"
        ]
        expected = [
            "registration",
            *(["nova volume driver"] if service == "nova" else []),
            "os-brick connector",
            "connector properties",
        ]
        self.assertEqual(expected, wrong)
        for check in wrong:
            self.assertIn("config_source", found[check]["what to do"])

    def test_registered_by_the_environment(self) -> None:
        self.write(rest="")
        _code, found = self.examine(
            "nova",
            OS_DEFAULT__CONFIG_SOURCE="storpool_conf",
            OS_STORPOOL_CONF__DRIVER="storpool",
        )
        self.assertEqual("ok", found["registration"]["status"])
        self.assertEqual("ok", found["nova volume driver"]["status"])

    def test_no_such_file(self) -> None:
        self.file.unlink()
        code, found = self.examine("glance")
        self.assertEqual(1, code)
        self.assertEqual("failed", found["configuration"]["status"])
        self.assertIn("--config-file", found["configuration"]["what to do"])

    def test_options_of_nova(self) -> None:
        self.write(
            "compute_driver = fake.FakeDriver\n",
            f"{SOURCE}[libvirt]\ndisk_cachemodes = block=writeback\n",
        )
        code, found = self.examine("nova")
        self.assertEqual(0, code)
        self.assertEqual("warning", found["compute driver"]["status"])
        self.assertIn("writeback", found["libvirt options"]["found"])

    def test_back_ends(self) -> None:
        self.write(
            "enabled_backends = sp,old,lvm\n",
            f"{SOURCE}[sp]\nvolume_driver = {CINDER}\n"
            f"[old]\nvolume_driver = {IN_TREE}\n"
            "[lvm]\nvolume_driver = cinder.volume.drivers.lvm.LVM\n",
        )
        code, found = self.examine("cinder")
        self.assertEqual(1, code)
        self.assertEqual("ok", found["back end sp"]["status"])
        self.assertEqual("failed", found["back end old"]["status"])
        self.assertIn(CINDER, found["back end old"]["what to do"])
        self.assertNotIn("back end lvm", found)
