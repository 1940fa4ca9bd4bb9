# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the guest says on its console; see tests/stack/guest/init."""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Console:
    """The whole output of a guest until now."""

    text: str

    @property
    def booted(self) -> str | None:
        """The line that ends the boot, with the marker read back."""
        return self._last(r"^STACK-GUEST-BOOTED .*")

    @property
    def marker(self) -> str | None:
        """The marker the guest wrote to its boot volume."""
        found = re.search(
            r"^STACK-GUEST-BOOTED (GUEST-MARKER \S+)", self.text, re.M
        )
        return found[1] if found else None

    @property
    def tick(self) -> int:
        """The last number it reported; it writes five times as often."""
        found = re.findall(r"^STACK-GUEST-TICK (\d+)", self.text, re.M)
        return int(found[-1]) if found else 0

    @property
    def errors(self) -> list[str]:
        """Reads and writes that failed, by the guest or its kernel."""
        return re.findall(
            r"^.*(?:STACK-GUEST-IO-ERROR|I/O error|Buffer I/O|"
            r"Kernel panic).*$",
            self.text,
            re.M,
        )

    def wrote(self, disk: str) -> str | None:
        """What it wrote to a data disk and read back."""
        line = self._last(rf"^STACK-GUEST-WROTE {disk} GUEST-DATA .*")
        return line.partition(f"{disk} ")[2] if line else None

    def size(self, disk: str) -> int | None:
        """Bytes of a disk in the last list of disks; none when not in it."""
        line = self._last(r"^STACK-GUEST-DISKS .*")
        found = re.search(rf" {disk}:(\d+)", line or "")
        return int(found[1]) * 512 if found else None

    def _last(self, pattern: str) -> str | None:
        found: list[str] = re.findall(pattern, self.text, re.M)
        return found[-1].strip() if found else None
