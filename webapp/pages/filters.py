"""What templates may call: the words of pages/words as Jinja filters, and a few globals.

Filters: money, count, plural, size, relative, exact, iso, duration, readable, topic_words, message_badge,
export_badge, store_badge, oms_badge, oms_reason, payload, sparkline, bar_chart, discreet, ranges, skew,
sentence.
Globals: `asset(path)`, `now()`, `theme()`, `wants_fragment()`, `page_frame()`.
"""

from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, request, url_for

from webapp import clock
from webapp.oms.sentences import as_sentence
from webapp.pages.frame import page_frame, theme_of
from webapp.pages.htmx import wants_fragment
from webapp.pages.sight import discreet
from webapp.pages.words import amounts, charts, integration, payloads, pieces, statuses, times, topics


@cache
def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]


def _relative(when: datetime) -> str:
    return times.relative(when, clock.now())


def _theme() -> str:
    return theme_of(request.cookies)


def register_filters(app: Flask) -> None:
    """Give the app's templates their filters and globals."""
    static = Path(app.static_folder or "static")

    def asset(path: str) -> str:
        """A static file's URL, which changes with its content, so that it may be cached for good."""
        return url_for("static", filename=path, v=_digest(static / path))

    app.jinja_env.filters.update(
        money=amounts.money,
        count=amounts.count,
        plural=amounts.plural,
        size=amounts.size,
        relative=_relative,
        exact=times.exact,
        iso=times.iso,
        duration=times.duration,
        readable=statuses.readable,
        topic_words=topics.topic_words,
        message_badge=statuses.message_badge,
        export_badge=statuses.export_badge,
        store_badge=statuses.store_badge,
        oms_badge=statuses.oms_badge,
        oms_reason=statuses.oms_reason,
        payload=payloads.show,
        sparkline=charts.sparkline,
        bar_chart=charts.bar_chart,
        discreet=discreet,
        ranges=pieces.ranges,
        skew=integration.skew_of,
        sentence=as_sentence,
    )
    app.jinja_env.globals.update(
        asset=asset, now=clock.now, theme=_theme, wants_fragment=wants_fragment, page_frame=page_frame
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
