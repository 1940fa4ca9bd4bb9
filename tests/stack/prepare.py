# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What must be on the machine before a cloud can start.

This half needs the standard library alone: it makes the virtual environment
in which the other half runs.
"""

from tests.stack import image
from tests.stack import layout
from tests.stack import packages
from tests.stack import report

EXTRAS = ("cinder", "nova", "brick", "simulator")
SMALL_EXTRAS = ("cinder", "brick", "simulator")


def cloud(place: layout.Layout, progress: report.Report) -> None:
    """Debian packages, the virtual environment and the guest image."""
    place.make()
    environment = packages.Environment(place, packages.REQUIREMENTS, EXTRAS)
    log = place.log / "apt.log"

    def debian() -> None:
        with progress.step("install Debian packages") as step:
            step.result = packages.install_debian(log)
        with progress.step("build the guest image") as step:
            step.result = image.build(place)
        # Booting takes seconds; pip leaves a core free meanwhile.
        with progress.step("choose KVM or TCG by booting the image") as step:
            step.result = image.choose_virtualization(place)

    def python() -> None:
        with progress.step("install Python packages") as step:
            if environment.complete:
                step.result = "all there"
                return
            environment.create()

    report.together(debian, python)
    if not environment.complete:
        with progress.step("compile libvirt-python"):
            environment.install("-r", str(packages.COMPILED))
        environment.seal()


def small(place: layout.Layout, progress: report.Report) -> None:
    """The virtual environment of Cinder alone."""
    place.make()
    environment = packages.Environment(
        place, packages.SMALL_REQUIREMENTS, SMALL_EXTRAS
    )
    with progress.step("install Python packages") as step:
        if environment.complete:
            step.result = "all there"
            return
        environment.create()
        environment.seal()
