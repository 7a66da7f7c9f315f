"""A headless Chromium, driven over its debugging pipe."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)
# The browser reads what it is asked from descriptor 3 and answers on 4.
ON_3_AND_4 = """
import os, sys
asked, answered = (os.dup(os.dup(int(given))) for given in sys.argv[1:3])
os.dup2(asked, 3)
os.dup2(answered, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One tab; `troubles` are the errors and warnings that its pages gave."""

    def __init__(self, profile: Path) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", ON_3_AND_4, str(theirs_in), str(theirs_out), CHROMIUM),
                *("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"),
                *("--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={profile}"),
                *("--hide-scrollbars", "--force-color-profile=srgb", "about:blank"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.sent = os.fdopen(ours_out, "wb", buffering=0)
        self.heard = os.fdopen(ours_in, "rb", buffering=0)
        self.number = 0
        self.rest = b""
        self.events = []
        self.session = None
        tab = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.sent.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        while b"\0" not in self.rest:
            read = self.heard.read(1 << 20)
            assert read, "the browser has gone"
            self.rest += read
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def run(self, script):
        """Return what a script's promise gives."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, path: Path, *, width: int, height: int = 900, scheme: str = "light"):
        self.events.clear()
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        self.ask(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.ask("Page.navigate", url=path.as_uri())
        self.run("new Promise(r => document.readyState == 'complete' ? r() : onload = r)")

    def troubles(self):
        """Return the errors and warnings of the page, and the requests that leave the disk."""
        self.run("new Promise(r => setTimeout(r, 50))")
        found = []
        for event in self.events:
            what = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append(what["exceptionDetails"])
            elif event["method"] == "Runtime.consoleAPICalled" and what["type"] in (
                "error",
                "warning",
            ):
                found.append(what["args"])
            elif event["method"] == "Log.entryAdded":
                found.append(what["entry"])
            elif event["method"] == "Network.requestWillBeSent":
                url = what["request"]["url"]
                if not url.startswith(("file:", "data:")):
                    found.append(url)
        return found

    def picture(self, path: Path, *, whole: bool = True):
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.ask(
            "Page.captureScreenshot",
            captureBeyondViewport=whole,
            clip={"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1},
        )
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        self.sent.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.heard.close()
