# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A browser without a window, that tells what it asked and complained of."""

import json
import shutil

import fixtures
from selenium import webdriver
from selenium.webdriver.chrome import service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

#: Seconds for the page to show something.
PATIENCE = 20
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1100,900",
)


class Browser(fixtures.Fixture):
    """Chromium, with a profile of its own."""

    def _setUp(self) -> None:  # noqa: N802
        profile = self.useFixture(fixtures.TempDir()).path
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for each in (*_OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(each)
        wanted = {"browser": "ALL", "performance": "ALL"}
        options.set_capability("goog:loggingPrefs", wanted)
        self._driver = webdriver.Chrome(
            options=options,
            service=service.Service(shutil.which("chromedriver")),
        )
        self.addCleanup(self._driver.quit)

    def open(self, url: str) -> None:
        """Show a page; what was before it is forgotten."""
        self._driver.get_log("performance")
        self._driver.get(url)

    def text(self, identity: str) -> str:
        """What an element shows."""
        return self._driver.find_element(By.ID, identity).text

    def count(self, selector: str) -> int:
        """How many elements there are."""
        return len(self._driver.find_elements(By.CSS_SELECTOR, selector))

    def attribute(self, selector: str, name: str) -> str:
        """An attribute of the first such element."""
        found = self._driver.find_element(By.CSS_SELECTOR, selector)
        return found.get_attribute(name)

    def wait_for(self, identity: str, text: str) -> None:
        """Wait until an element shows a text.

        :raises selenium.common.TimeoutException: it does not.
        """
        WebDriverWait(self._driver, PATIENCE, poll_frequency=0.1).until(
            lambda _: text in self.text(identity),
            f"{identity} does not show {text!r}",
        )

    def width(self) -> tuple[int, int]:
        """The width of what is shown and of what there is, in pixels."""
        seen, there = self._driver.execute_script(
            "const root = document.documentElement;"
            "return [root.clientWidth, root.scrollWidth];"
        )
        return seen, there

    def complaints(self) -> list[str]:
        """What is on the console, of any level."""
        return [each["message"] for each in self._driver.get_log("browser")]

    def asked(self) -> list[str]:
        """The addresses that were asked so far, but the browser's own."""
        said = (
            json.loads(each["message"])["message"]
            for each in self._driver.get_log("performance")
        )
        return [
            each["params"]["request"]["url"]
            for each in said
            if each["method"] == "Network.requestWillBeSent"
            and not each["params"]["request"]["url"].startswith("chrome:")
        ]

    def photograph(self, path: str) -> None:
        """Write what is seen to a PNG file."""
        self._driver.save_screenshot(path)
