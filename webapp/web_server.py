"""gunicorn's settings, read by it by their names (`gunicorn -c python:webapp.web_server`)."""

import os
from pathlib import Path

from webapp.processes import die_with_parent

wsgi_app = "webapp:create_app()"
bind = os.environ.get("CONNECTOR_BIND", "127.0.0.1:8000")
workers = 2
worker_class = "gthread"
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
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None


def post_fork(server: object, worker: object) -> None:
    """A worker ends with its master, however that ends."""
    die_with_parent(worker.ppid)
