# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The guests: a kernel, busybox and one script on a small bootable disk.

Everything comes from Debian packages; the kernel is not installed on the
host. The disk is a FAT file system without a partition table, which SYSLINUX
makes bootable under SeaBIOS.
"""

from collections.abc import Callable
import dataclasses
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from tests.stack import errors
from tests.stack import layout
from tests.stack import packages

GUEST = layout.ROOT / "tests/stack/guest"
SYSLINUX = GUEST / "syslinux.cfg"
KERNEL = "linux-image-cloud-amd64"
SECTOR = 512
MARKER_SECTOR = 131072
TICK_SECTOR = 131073
DATA_SECTOR = 131074
RING_SECTOR = 262144
RING_REGIONS = 4096
RING_SLOTS = 256
"""Where a guest writes; a ring of slots for each, to write its ticks to."""

SIZE_MIB = 32
DISKS = (
    "drivers/virtio/virtio_ring",
    "drivers/virtio/virtio",
    "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci_modern_dev",
    "drivers/virtio/virtio_pci",
    "drivers/block/virtio_blk",
)
SESSION = (
    "drivers/scsi/scsi_common", "drivers/scsi/scsi_mod",
    "drivers/scsi/sd_mod", "drivers/scsi/virtio_scsi",
    "drivers/cdrom/cdrom", "drivers/scsi/sr_mod",
    "drivers/ata/libata", "drivers/ata/ata_piix", "fs/isofs/isofs",
    "fs/nls/nls_cp437", "fs/nls/nls_ascii", "fs/fat/fat", "fs/fat/vfat",
    "net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net",
)  # fmt: skip
"""Kernel modules in the order in which they are loaded."""

PROGRAMS = ("/usr/sbin/dropbear", "/usr/sbin/blkid", "/usr/bin/lsblk")
"""Of this machine, with their libraries."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What one guest is made of.

    :ivar init: the script that is all it runs
    :ivar modules: of the kernel
    :ivar programs: of this machine, with their libraries
    :ivar scripts: for users of it
    :ivar where: the path of the image
    """

    init: str
    modules: tuple[str, ...]
    where: Callable[[layout.Layout], pathlib.Path]
    programs: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()

    @property
    def sources(self) -> list[pathlib.Path]:
        """The files of ours that it is made from."""
        names = (self.init, *self.scripts)
        return [*(GUEST / name for name in names), SYSLINUX]


TICKING = Recipe("init", DISKS, lambda place: place.image)
"""Writes a counter to all its volumes; nobody can speak to it."""

SPOKEN_TO = Recipe(
    "session",
    DISKS + SESSION,
    lambda place: place.session_image,
    PROGRAMS,
    ("mkfs", "sudo"),
)
"""Takes orders by ssh and writes nothing of its own accord."""

PROBE_SECONDS = 8.0
BOOTED = "STACK-GUEST-BOOTED"


def _kernel_package(log: pathlib.Path) -> str:
    command = ["apt-cache", "depends", KERNEL]
    answer = subprocess.run(
        command, capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"Depends: (linux-image-\S+)", answer)
    if found is None:
        raise errors.StackError(f"apt knows no {KERNEL}: apt-get update", log)
    return found[1]


def _unpack_kernel(
    place: layout.Layout, work: pathlib.Path, log: pathlib.Path
) -> tuple[pathlib.Path, pathlib.Path]:
    """Fetch the kernel's package once and unpack it below *work*.

    :return: the kernel, and the directory of its modules
    """
    package = _kernel_package(log)
    kept = sorted(place.cache.glob(f"{package}_*.deb"))
    if not kept:
        # In its own directory: apt-get download writes to the current one.
        packages.run_logged(
            ["sh", "-c", 'cd "$0" && exec apt-get download "$1"',
             place.cache, package],
            log,
        )  # fmt: skip
        kept = sorted(place.cache.glob(f"{package}_*.deb"))
    packages.run_logged(["dpkg", "-x", kept[-1], work], log)
    (kernel,) = work.glob("boot/vmlinuz-*")
    (modules,) = work.glob("lib/modules/*/kernel")
    return kernel, modules


def _copy_program(root: pathlib.Path, program: str) -> None:
    """A program and the libraries that the loader names for it."""
    answer = subprocess.run(
        ["ldd", program], capture_output=True, text=True, check=False
    ).stdout
    for path in (program, *re.findall(r"(/\S+) \(0x", answer)):
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def _prepare_sessions(
    root: pathlib.Path, recipe: Recipe, log: pathlib.Path
) -> None:
    """What ssh looks for: an account, a key of the host's, programs."""
    for program in recipe.programs:
        _copy_program(root, program)
    for name in recipe.scripts:
        shutil.copy2(GUEST / name, root / "usr/bin" / name)
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (root / "root/.ssh").mkdir(mode=0o700, parents=True)
    packages.run_logged(
        ["dropbearkey", "-t", "ed25519", "-f", root / "root/host_key"], log
    )


def _make_initramfs(
    work: pathlib.Path,
    modules: pathlib.Path,
    recipe: Recipe,
    log: pathlib.Path,
) -> pathlib.Path:
    root = work / "initramfs"
    for name in ("bin", "dev", "proc", "sys", "modules", "usr/bin"):
        (root / name).mkdir(parents=True)
    shutil.copy2("/bin/busybox", root / "bin/busybox")
    shutil.copy2(GUEST / recipe.init, root / "init")
    (root / "init").chmod(0o755)
    for name in recipe.modules:
        source = modules / f"{name}.ko"
        shutil.copy2(source, root / "modules" / source.name)
    order = "\n".join(pathlib.Path(name).name for name in recipe.modules)
    (root / "modules/order").write_text(order + "\n")
    if recipe.programs:
        _prepare_sessions(root, recipe, log)
    made = work / "initrd.gz"
    packages.run_logged(
        ["sh", "-ec",
         'cd "$0"; find . | cpio --quiet -o -H newc -R 0:0 | gzip -1 >"$1"',
         root, made],
        log,
    )  # fmt: skip
    return made


def build(place: layout.Layout, recipe: Recipe = TICKING) -> str:
    """Make an image unless it was made from these very files before.

    :return: what was done, in a few words
    """
    image = recipe.where(place)
    stamp = image.with_suffix(".stamp")
    wanted = packages.fingerprint(*recipe.sources, pathlib.Path(__file__))
    made = stamp.read_text() if stamp.exists() else ""
    if image.exists() and made == wanted:
        return "made before"
    stamp.unlink(missing_ok=True)
    log = place.log / "image.log"
    with tempfile.TemporaryDirectory(dir=place.cache) as name:
        work = pathlib.Path(name)
        kernel, modules = _unpack_kernel(place, work, log)
        initrd = _make_initramfs(work, modules, recipe, log)
        disk = work / "guest.raw"
        with disk.open("wb") as file:
            file.truncate(SIZE_MIB << 20)
        packages.run_logged(["mkfs.fat", "-F", "16", disk], log)
        packages.run_logged(["mcopy", "-i", disk, SYSLINUX, initrd, "::"], log)
        packages.run_logged(["mcopy", "-i", disk, kernel, "::vmlinuz"], log)
        packages.run_logged(["syslinux", "--install", disk], log)
        disk.replace(image)
    stamp.write_text(wanted)
    return f"{SIZE_MIB} MiB"


def _boots(place: layout.Layout, accelerator: str) -> bool:
    """Whether the image comes up within the time under *accelerator*."""
    disk = f"file={place.image},format=raw,if=virtio,snapshot=on"
    log = place.log / f"probe-{accelerator}.log"
    with log.open("wb") as output:
        guest = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", accelerator, "-m", "128",
             "-nodefaults", "-display", "none", "-serial", "stdio",
             "-no-reboot", "-drive", disk],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    deadline = time.monotonic() + PROBE_SECONDS
    try:
        while time.monotonic() < deadline and guest.poll() is None:
            if BOOTED in log.read_text(errors="replace"):
                return True
            time.sleep(0.1)
    finally:
        guest.kill()
        guest.wait()
    return False


def choose_virtualization(place: layout.Layout) -> str:
    """``kvm`` when a guest really boots with it, else ``qemu``.

    /dev/kvm that opens proves nothing: inside some virtual machines the
    BIOS of the guest dies at once. The answer is kept with the kernel's
    release.
    """
    kept = place.cache / "virtualization"
    release = pathlib.Path("/proc/sys/kernel/osrelease").read_text().strip()
    if kept.exists():
        before, _, choice = kept.read_text().partition(" ")
        if before == release:
            return choice
    choice = "qemu"
    if pathlib.Path("/dev/kvm").exists() and _boots(place, "kvm"):
        choice = "kvm"
    kept.write_text(f"{release} {choice}")
    return choice
