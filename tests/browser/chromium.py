"""A driver of headless Chromium over its DevTools protocol, as far as the tests of this directory need."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional
from urllib.parse import urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect

#: Seconds that anything in the browser may take; the machine may be busy.
PATIENCE = 20.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",  # it is too small in most containers
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    # The network is cut: there is no host but this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--no-proxy-server",
)


def find_chromium() -> Optional[str]:
    """Find Chromium on the path."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for found in map(shutil.which, names) if found), None)


#: Returns where to click an element; null while it is missing, moving or covered.
_FIND_MIDDLE = """async selector => {
  const element = document.querySelector(selector);
  const frame = () => new Promise(requestAnimationFrame);
  const middle = () => {
    const box = element.getClientRects()[0];
    return box && {x: box.x + box.width / 2, y: box.y + box.height / 2};
  };
  if (!element) return null;
  element.scrollIntoView({block: "center", behavior: "instant"});
  await frame();
  const before = middle();
  await frame(); await frame();
  const after = middle();
  if (!before || !after || before.x !== after.x || before.y !== after.y) return null;
  const top = document.elementFromPoint(after.x, after.y);
  return element.contains(top) || top?.contains(element) ? after : null;
}"""


class BrowserError(Exception):
    """Raised for an error of the browser, or of a script in the page."""


class Tab:
    """An open tab: the actions of a user, and what it reports."""

    def __init__(self, target: str, websocket_url: str) -> None:
        """Attach to a tab.

        Args:
            target: The browser's identifier of it.
            websocket_url: The address of its DevTools protocol.
        """
        at = urlsplit(websocket_url)
        # An own socket, so that proxies of the environment are not used.
        tcp = socket.create_connection((at.hostname or "127.0.0.1", at.port or 0), timeout=PATIENCE)
        tcp.settimeout(None)
        self._stack = ExitStack()
        # A closed tab does not always answer the close of its connection.
        connecting = connect(websocket_url, sock=tcp, max_size=None, open_timeout=PATIENCE, close_timeout=0.5)
        self._connection: ClientConnection = self._stack.enter_context(connecting)
        self._last_id = 0
        self.target = target
        self.events: List[Dict[str, Any]] = []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, **parameters: Any) -> Dict[str, Any]:
        """Call a method of the protocol and return its result.

        Raises:
            BrowserError: The browser answered with an error.
        """
        self._last_id += 1
        self._connection.send(json.dumps({"id": self._last_id, "method": method, "params": parameters}))
        while True:
            message = self._receive(PATIENCE)
            if message.get("id") == self._last_id:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                result: Dict[str, Any] = message["result"]
                return result

    def _receive(self, seconds: float) -> Dict[str, Any]:
        message: Dict[str, Any] = json.loads(self._connection.recv(timeout=seconds))
        if "method" in message:
            self.events.append(message)
        return message

    def wait_for_event(self, method: str, since: int, accept: Callable[[Dict[str, Any]], bool] = bool) -> None:
        """Wait until an event has come.

        Args:
            method: Its name.
            since: How many events there were before, which don't count.
            accept: What its parameters have to satisfy.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            for event in self.events[since:]:
                if event["method"] == method and accept(event["params"]):
                    return
            since = len(self.events)
            self._receive(max(0.0, deadline - time.monotonic()))

    def navigate(self, url: str) -> None:
        """Go to an address and wait until the page has loaded."""
        since = len(self.events)
        loader = self.call("Page.navigate", url=url)["loaderId"]
        loaded = {"name": "load", "loaderId": loader}
        self.wait_for_event("Page.lifecycleEvent", since, lambda event: loaded.items() <= event.items())

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page.

        Raises:
            BrowserError: The script raised.
        """
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Wait until a JavaScript expression is true, and return its value, which must have a JSON form."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                value = self.evaluate(expression)
            except BrowserError:  # the page is not ready, or is being left
                value = None
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"{expression} did not become true; the page shows:\n{self.text('body')}")
            time.sleep(0.05)

    def text(self, selector: str) -> str:
        """Return the text of an element as it is shown."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse, as soon as it exists, does not move and is not covered."""
        self.call("Page.bringToFront")
        point = self.wait_for(f"({_FIND_MIDDLE})({json.dumps(selector)})")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **point)

    def follow(self, selector: str) -> None:
        """Click a link and wait until its page has loaded."""
        since = len(self.events)
        self.click(selector)
        self.wait_for_event("Page.loadEventFired", since)

    def fill(self, selector: str, text: str) -> None:
        """Click a field and replace its text."""
        self.click(selector)
        self.evaluate("document.activeElement.select()")
        self.call("Input.insertText", text=text)

    def press_enter(self) -> None:
        """Press the Enter key."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        self.call("Input.dispatchKeyEvent", type="keyDown", **key)
        self.call("Input.dispatchKeyEvent", type="keyUp", **key)

    def resize(self, width: int, height: int) -> None:
        """Emulate a phone's screen of this size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=True)

    @property
    def status(self) -> int:
        """The status of the page that was loaded last."""
        answers = [event["params"] for event in self.events if event["method"] == "Network.responseReceived"]
        return int([answer["response"]["status"] for answer in answers if answer["type"] == "Document"][-1])

    @property
    def requested(self) -> List[str]:
        """Every URL the tab has asked for, WebSockets too; `data:` URLs are not requests."""
        urls = []
        for event in self.events:
            if event["method"] == "Network.requestWillBeSent":
                urls.append(str(event["params"]["request"]["url"]))
            elif event["method"] == "Network.webSocketCreated":
                urls.append(str(event["params"]["url"]))
        return [url for url in urls if not url.startswith(("data:", "blob:"))]

    @property
    def complaints(self) -> List[str]:
        """The errors and warnings of the console."""
        found = []
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(event["params"]["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] in ("error", "warning"):
                found.append(json.dumps(event["params"]["entry"]))
        return found

    def close(self) -> None:
        """Close the tab."""
        self._connection.send(json.dumps({"id": 0, "method": "Page.close"}))
        self._stack.close()


class Chromium:
    """A running browser with a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        """Start it.

        Args:
            program: The path of Chromium.
            profile: An empty directory.
        """
        self.log_file = profile.with_name(profile.name + ".log")
        with self.log_file.open("wb") as output:
            self.process = subprocess.Popen(
                [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._tabs: List[Tab] = []
        try:
            self._port = self._find_port(profile / "DevToolsActivePort")
        except BaseException:
            self.stop()
            raise

    def _find_port(self, file: Path) -> int:
        deadline = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            lines = file.read_text("utf-8").split() if file.exists() else []
            if len(lines) == 2:
                return int(lines[0])
            time.sleep(0.05)
        raise BrowserError("Chromium does not start:\n" + self.log_file.read_text("utf-8", "replace"))

    def open_tab(self) -> Tab:
        """Open an empty tab."""
        answer = httpx.put(f"http://127.0.0.1:{self._port}/json/new", trust_env=False, timeout=PATIENCE)
        about = answer.raise_for_status().json()
        self._tabs.append(Tab(about["id"], about["webSocketDebuggerUrl"]))
        return self._tabs[-1]

    def close_tabs(self) -> None:
        """Close every tab that was opened."""
        while self._tabs:
            self._tabs.pop().close()

    def stop(self) -> None:
        """End the browser and all of its processes."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
