"""What a strict content policy would silently not run may not be written into a template."""

import re
from pathlib import Path

import pytest

TEMPLATES = sorted(Path("templates").rglob("*.html"))
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an on… attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\shx-on\b"),
    "an evaluated value": re.compile(r"[\"']\s*(?:js|javascript):"),
    "a filter in a trigger": re.compile(r"hx-trigger\s*=\s*[\"'][^\"']*\["),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "markup that is not escaped": re.compile(r"\|\s*safe\b"),
    "something from another server": re.compile(
        r"<(?:script|link|img|use)[^>]*(?:src|href)=[\"'](?:https?:)?//"
    ),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_nothing_is_inline_or_evaluated(path: Path) -> None:
    text = COMMENT.sub("", path.read_text("utf-8"))
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_every_form_that_posts_carries_a_csrf_token(path: Path) -> None:
    text = COMMENT.sub("", path.read_text("utf-8"))
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        if re.search(r"method=\"post\"", form):
            assert "csrf()" in form or "csrf_token()" in form, form[:120]


def test_every_icon_named_exists() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', Path("static/icons.svg").read_text("utf-8")))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"\b(?:icon|draw)\(\"([a-z]+)\"", path.read_text("utf-8"))
    }
    assert named - drawn == set()
