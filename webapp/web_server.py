"""gunicorn's settings, read by it by their names (`gunicorn -c python:webapp.web_server`)."""

from pathlib import Path

from gunicorn.workers.base import Worker

from webapp.processes import die_with_parent
from webapp.web_worker import PatientWorker

wsgi_app = "webapp:create_app()"
workers = 2
# Loaded once, before the fork: nothing in it opens a connection or starts a thread.
preload_app = True
worker_class = "webapp.web_worker.PatientWorker"
threads = 8
timeout = 60
graceful_timeout = 8
keepalive = 5
limit_request_line = 8190
# Two servers of one user would share it.
control_socket_disable = True
# Whom to believe for address and scheme is for TRUSTED_PROXIES to say, and for nobody else.
secure_scheme_headers: dict[str, str] = {}
forwarded_allow_ips = ""
# The heartbeat file must not depend on a disk that may be full.
_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes a file of its own in it, and unlinks it at once
worker_tmp_dir = str(_MEMORY) if _MEMORY.is_dir() else None


def pre_request(worker: PatientWorker, _request: object) -> None:
    """A request's head is in."""
    worker.wait_for_body()


def post_fork(_arbiter: object, worker: Worker) -> None:
    """A worker ends with its master, however that ends."""
    die_with_parent(worker.ppid)
