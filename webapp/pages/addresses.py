"""Addresses of lists: the same list, asked for a little differently."""

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import request, url_for


def here(names: Iterable[str], /, **changes: str | int | None) -> str:
    """This list's address with those of its parameters that are set, after `changes` (None takes one out)."""
    return there(str(request.endpoint), names, **changes)


def there(endpoint: str, names: Iterable[str], /, **changes: str | int | None) -> str:
    """The same question put to another endpoint: the same rows as a file, or counted."""
    asked: dict[str, str | int | None] = {name: request.args.get(name) for name in names}
    wanted = {name: value for name, value in (asked | changes).items() if value not in (None, "")}
    # Not handed to url_for: it has parameters of its own, and a list may be asked for one of their names.
    return url_for(endpoint) + (f"?{urlencode(wanted)}" if wanted else "")
