"""gunicorn's settings: one process (the state and the threads are one), a thread a call."""

import sys

worker_class = "gthread"
workers = 1
# Every call may be a slow one: as many as a connector keeps under way, and some for the controls.
threads = 96
keepalive = 30
graceful_timeout = 1
timeout = 60
control_socket_disable = True
loglevel = "warning"
proc_name = "sandbox-oms"


def when_ready(server: object) -> None:
    """Say where it is, for whoever started it on a port of the system's choice."""
    for listener in getattr(server, "LISTENERS", []):
        host, port = listener.sock.getsockname()[:2]
        sys.stdout.write(f"Sandbox OMS ready: http://{host}:{port}\n")
    sys.stdout.flush()


def worker_exit(server: object, worker: object) -> None:  # noqa: ARG001 - gunicorn's hook has both
    """End the threads before the process."""
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.sandbox.stop()
