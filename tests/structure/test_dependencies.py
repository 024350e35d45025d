"""Every direct dependency is locked with hashes, and somebody wrote down why it is there."""

import re
import tomllib

from tests.structure.sources import ROOT


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return match.group().lower()


def _project() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    return {"product": project["dependencies"] + extras["build"], "dev": extras["dev"]}


def _locked(file: str) -> dict[str, str]:
    """Package -> its entry in the lock, hashes included."""
    entries = re.split(r"\n(?=\S)", (ROOT / file).read_text().strip())
    return {_name(entry): entry for entry in entries}


def test_each_is_explained() -> None:
    explained = set(re.findall(r"^\| `([^`\[]+)", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE))

    assert explained == {_name(requirement) for group in _project().values() for requirement in group}


def test_each_is_locked() -> None:
    wanted = _project()
    product, dev = _locked("requirements.lock"), _locked("requirements-dev.lock")

    assert {_name(requirement) for requirement in wanted["product"]} <= product.keys()
    assert {_name(requirement) for requirement in wanted["product"] + wanted["dev"]} <= dev.keys()
    assert product.items() <= dev.items()


def test_each_lock_has_hashes_and_no_place_to_fetch_from() -> None:
    for file in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / file).read_text()
        assert all("--hash=sha256:" in entry for entry in _locked(file).values())
        assert "://" not in text
        assert "--index-url" not in text


def test_ci_does_what_make_test_does() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == ["exec make test"]
