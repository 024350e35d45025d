"""Every function, class and method of the product is called by the product."""

import fnmatch
import re
from pathlib import Path

from vulture import Vulture

from tests.structure.sources import ROOT

KINDS = {"function", "class", "method", "property"}
# Called by a framework that the decorator hands them to.
DECORATORS = [
    *("@*.get", "@*.post", "@*.put", "@*.patch", "@*.delete", "@*.route", "@*.app_template_*"),
    *(
        "@*.before_*",
        "@*.after_*",
        "@*.teardown_*",
        "@*.context_processor",
        "@*.errorhandler",
        "@*.app_errorhandler",
    ),
    *("@*.command", "@*.group", "@*.user_loader", "@*.unauthorized_handler", "@*.listens_for"),
]
# Called by name, and by whom.
CALLED_BY_NAME = {
    "drain": "RQ, by the names in messaging/bell",
    "drain_*": "RQ, by the names in messaging/bell",
    "sweep": "RQ, by the names in messaging/bell",
    "post_fork": "gunicorn",
    "PatientWorker": "gunicorn, by its name in web_server",
    "handle": "gunicorn",
    "pre_request": "gunicorn",
    "murder_pending": "gunicorn",
    "when_ready": "gunicorn",
    "worker_exit": "gunicorn",
    "upgrade": "Alembic",
    "downgrade": "Alembic",
    "handleError": "logging",
    "process_bind_param": "SQLAlchemy",
    "process_result_value": "SQLAlchemy",
    "load_dialect_impl": "SQLAlchemy",
    "collect": "prometheus_client",
    "running_at": "tests, which move the time",
    "serve_sandbox": "gunicorn, by command line",
    "__getattr__": "Python, for `from webapp import create_app`",
    "list_commands": "click",
    "get_command": "click",
}


def called_by_templates() -> set[str]:
    """Every name that stands in a template: a method of what it is handed may be called there."""
    texts = (one.read_text() for one in (ROOT / "templates").rglob("*.html"))
    return {name for text in texts for name in re.findall(r"\.([a-z_]\w*)", text)}


def unused(*folders: Path) -> list[str]:
    """What is defined in these folders and used in none of them, nor in a template."""
    finder = Vulture(ignore_names=[*CALLED_BY_NAME, *called_by_templates()], ignore_decorators=DECORATORS)
    finder.scavenge([str(folder) for folder in folders])
    return [
        f"{_shown(item.filename)}:{item.first_lineno} {item.typ} {item.name}"
        for item in finder.get_unused_code(min_confidence=60)
        if item.typ in KINDS
    ]


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def test_nothing_is_dead() -> None:
    found = unused(ROOT / "webapp", ROOT / "workers", ROOT / "migrations")
    assert not found, "\n".join(found)


def test_what_nobody_calls_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def used(): ...\ndef forgotten(): ...\nclass Gone: ...\nused()\n")

    assert unused(tmp_path) == ["a.py:2 function forgotten", "a.py:3 class Gone"]


def test_every_exception_is_still_needed() -> None:
    finder = Vulture()
    finder.scavenge([str(ROOT / folder) for folder in ("webapp", "workers", "migrations")])
    defined = {
        item.name for item in (*finder.defined_funcs, *finder.defined_methods, *finder.defined_classes)
    }

    assert [name for name in CALLED_BY_NAME if not fnmatch.filter(defined, name)] == []
