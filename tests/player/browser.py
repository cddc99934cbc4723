"""JavaScript outside Python: in node, and in a browser. Both are skipped, with the reason, where they aren't installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

# -- node ----------------------------------------------------------------------------------------

# Each line in is [body of a function of `data`, data]; each line out is what it returns.
_SERVER = """
const functions = new Map();
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [source, data] = JSON.parse(line);
  if (!functions.has(source)) functions.set(source, new Function("data", `"use strict";${source}`));
  console.log(JSON.stringify(functions.get(source)(data)));
});
"""


class NodeProcess:
    """A running node, which calls functions."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["node", "-e", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, source: str, data: Any) -> Any:
        """What the body ``source`` of a function of ``data`` returns."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([source, data]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "node ended: see its error above"
        return json.loads(line)

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(name="node", scope="module")
def running_node() -> Iterator[NodeProcess]:
    """One node for all tests of a module."""
    if not shutil.which("node"):
        pytest.skip("node isn't installed: the page's JavaScript is not compared with Python")
    running = NodeProcess()
    yield running
    running.close()


# -- browser ---------------------------------------------------------------------------------------

_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900"),
)


def _missing() -> str:
    """What is missing for a browser to run in; empty if nothing is."""
    absent = [program for program in ("chromium", "chromedriver") if not shutil.which(program)]
    if not find_spec("selenium"):
        absent.append("the package selenium")
    return " and ".join(absent)


class Browser:
    """Chromium with the page that was opened last."""

    def __init__(self, profile: str) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = str(shutil.which("chromium"))
        for option in (*_OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
        self.url = ""

    def open(self, file: Path, fragment: str = "") -> None:
        """Load a page afresh, with empty logs."""
        self.driver.get("about:blank")
        self.console()
        self.requests()
        self.url = file.as_uri()
        self.driver.get(self.url + fragment)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in the page returns."""
        return self.driver.execute_script(script, *arguments)

    def part(self, name: str) -> Any:
        """The page's element of that name."""
        return self.driver.find_element("css selector", f'[data-part="{name}"]')

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def console(self) -> list[Any]:
        """Everything the console has said since it was last asked."""
        return list(self.driver.get_log("browser"))

    def requests(self) -> list[str]:
        """Every address asked for since it was last asked."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def emulate(self, **features: str) -> None:
        """Media features, such as prefers_color_scheme="dark"; none are the usual ones."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@pytest.fixture(name="browser", scope="module")
def running_browser() -> Iterator[Browser]:
    """One browser for all tests of a module, with a profile of its own."""
    missing = _missing()
    if missing and os.environ.get("CI") == "true" and shutil.which("chromium"):
        pytest.fail(f"chromium is there, but {missing} is missing: in CI the browser's tests must run")
    if missing:
        pytest.skip(f"not installed: {missing}; the page is not tested in a browser")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        running = Browser(profile)
        yield running
        running.driver.quit()
