"""Settings as typed into a form: every mistake is told at its field, and nothing is changed then."""

from collections.abc import Mapping

from webapp.domain.refusals import Refused
from webapp.domain.setting_kinds import Value
from webapp.domain.settings import check, read_text_value
from webapp.extensions import transaction
from webapp.flows.change_settings import change_settings


def save_settings(typed: Mapping[str, str | bool], actor: str) -> dict[str, str]:
    """Take over all of the values, or none; gives what is wrong by key, nothing when saved."""
    problems: dict[str, str] = {}
    changes: dict[str, Value] = {}
    for key, value in typed.items():
        try:
            changes[key] = read_text_value(key, value) if isinstance(value, str) else check(key, value)
        except Refused as refusal:
            within = refusal.field.removeprefix(key).lstrip(".")
            where = f"At {within}: expected" if within else "Expected"
            problems[key] = f"{where} {refusal.expected}, got {refusal.got}."
    if not problems:
        with transaction() as session:
            change_settings(session, changes, actor)
    return problems
