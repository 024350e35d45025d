"""A sandbox OMS as a process of its own, on a free port: what tests drive over HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import urllib3

_READY = "Sandbox OMS ready: "
_http = urllib3.PoolManager(retries=False)


class SandboxProcess:
    """A running sandbox; `stop()` ends it, and its state stays in the home it was given."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self.url = url

    def stop(self) -> int:
        """End it as a supervisor does, by SIGTERM; its exit status."""
        self._process.terminate()
        status = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return status

    def kill(self) -> None:
        """End all of it without a chance to do anything about it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self.stop()

    def post(self, path: str, told: object = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """POST JSON (or bytes as they are); the HTTP status and the answer's JSON, or its text."""
        body = told if isinstance(told, bytes) else json.dumps({} if told is None else told).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        return _read(_http.request("POST", self.url + path, body=body, headers=sent, redirect=False))

    def post_and_leave(self, path: str, body: bytes) -> None:
        """POST JSON and go away without waiting for an answer."""
        host, port = self.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def get(self, path: str) -> Any:
        """GET JSON; fails unless it is answered with 200."""
        status, told = _read(_http.request("GET", self.url + path))
        assert status == 200, f"GET {path}: HTTP {status} {told}"
        return told

    def get_text(self, path: str) -> str:
        """GET a page; fails unless it is answered with 200."""
        answer = _http.request("GET", self.url + path)
        assert answer.status == 200, f"GET {path}: HTTP {answer.status}"
        return answer.data.decode()

    def control(self, path: str, told: object = None) -> Any:
        """`POST /control/PATH`, which has to succeed (`DELETE` for `told` = "DELETE"); its answer."""
        if told == "DELETE":
            status, answer = _read(_http.request("DELETE", f"{self.url}/control/{path}"))
        else:
            status, answer = self.post(f"/control/{path}", told)
        assert status < 300, f"control/{path}: HTTP {status} {answer}"
        return answer


def start_sandbox(home: Path, port: int = 0, pace: float = 0.05) -> SandboxProcess:
    """Start one over the state in `home` and wait until it answers; `pace` is seconds between two steps."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "webapp.sandbox",
            "--home",
            str(home),
            "--port",
            str(port),
            "--pace",
            str(pace),
        ],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith(_READY):
        process.stdout.close()
        raise AssertionError(f"the sandbox ended instead of starting: {process.wait()}")
    sandbox = SandboxProcess(process, line.removeprefix(_READY).strip())
    # It listens from its first moment on, so this waits in the backlog until it can answer.
    sandbox.get("/healthz")
    return sandbox


def _read(answer: urllib3.BaseHTTPResponse) -> tuple[int, Any]:
    text = answer.data.decode()
    return answer.status, json.loads(text) if answer.headers.get(
        "Content-Type"
    ) == "application/json" else text
