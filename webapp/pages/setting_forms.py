"""The Integration page's settings as forms: groups by what they decide, each saved by itself."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.flows.registry import subscribed_topics
from webapp.flows.save_settings import save_settings
from webapp.pages.words.settings import (
    EXAMPLES,
    GROUPS,
    HINTS,
    LABELS,
    MODES,
    STATUSES,
    Kind,
    kind_of,
    words_for,
)
from webapp.pages.words.statuses import readable
from webapp.pages.words.topics import topic_words
from webapp.queries.integration import Choices, consequence_of

STATUS_KEY = "orders.export_statuses"
OTHER_STATUSES = "orders.export_statuses.other"
MODE_OF = "inbound.mode."
GENERATED_BYTES = 32
_PLAIN = {Kind.SWITCH: BooleanField, Kind.TABLE: TextAreaField, Kind.WRITE_ONLY: PasswordField}


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]  # WTForms ships no types
    """Several of a list, each a tick box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


@dataclass(slots=True)
class SettingsPanel:
    """One group as its panel shows it: the form, which secrets are set, what is offered beside it."""

    slug: str
    title: str
    lead: str
    form: FlaskForm
    keys: tuple[str, ...]
    secrets_set: frozenset[str] = frozenset()
    covered: int = 0
    saved: bool = False
    note: str = ""
    consequences: Mapping[str, str] = field(default_factory=dict)

    def kind(self, key: str) -> str:
        """How a setting is entered."""
        return kind_of(key).value

    def example(self, key: str) -> str:
        """What a value looks like."""
        return EXAMPLES.get(key, "")


def panels(choices: Choices, wrong: SettingsPanel | None = None) -> list[SettingsPanel]:
    """All groups, filled with the settings in force; `wrong` as it was sent in."""
    return [wrong if wrong and wrong.slug == slug else panel_of(slug, choices) for slug in GROUPS]


def still_to_do(slug: str) -> str:
    """What is left to do once the group that was sent in is saved, as a sentence."""
    changed = slug == "secrets" and (request.form.get("oms.secret") or request.form.get("make_up"))
    return "The secret is new: register again within the hour, so that the OMS learns it." if changed else ""


def save_group(slug: str, choices: Choices, actor: str) -> SettingsPanel | None:
    """Save the group that was sent in, or give it back with what is wrong at each field."""
    form = _form(slug, choices, submitted=True)
    # Every value is judged by its setting; the form has no rules of its own.
    form.validate()
    typed = _typed(slug, form)
    if typed.get(STATUS_KEY) == "":
        problems = {STATUS_KEY: "Choose at least one status; orders in others can be exported by hand."}
    else:
        problems = save_settings(typed, actor)
    if not problems:
        return None
    for key, problem in problems.items():
        form[key].errors = [problem]
    form.form_errors.append("Nothing was saved. What is wrong stands at its field below.")
    return panel_of(slug, choices, form)


def panel_of(slug: str, choices: Choices, form: FlaskForm | None = None) -> SettingsPanel:
    """One group, with the settings in force or the form as it was sent in."""
    group, keys = GROUPS[slug], _keys(slug)
    return SettingsPanel(
        slug=slug,
        title=group.title,
        lead=group.lead,
        form=form or _form(slug, choices, submitted=False),
        keys=keys,
        secrets_set=frozenset(
            key for key in keys if kind_of(key) is Kind.WRITE_ONLY and choices.settings.is_set(key)
        ),
        covered=choices.covered if STATUS_KEY in keys else 0,
        consequences={key: consequence_of(key) for key in keys if not key.startswith(MODE_OF)},
    )


def _keys(slug: str) -> tuple[str, ...]:
    """The group's settings; the modes of events go on with one for each topic we take."""
    keys = GROUPS[slug].keys
    return (*keys, *(MODE_OF + topic for topic in subscribed_topics())) if slug == "events" else keys


def _form(slug: str, choices: Choices, *, submitted: bool) -> FlaskForm:
    keys = _keys(slug)
    fields: dict[str, Field] = {key: _field(key, choices) for key in keys}
    if STATUS_KEY in keys:
        fields[OTHER_STATUSES] = StringField(
            "Other statuses", description="Codes that are not in the list, separated by commas."
        )
    made: type[FlaskForm] = type("GroupForm", (FlaskForm,), fields)
    if submitted:
        return made()
    return made(formdata=None, data={key: _shown(key, choices.settings[key]) for key in keys})


def _field(key: str, choices: Choices) -> Field:
    hint = HINTS.get(key, "")
    if key.startswith(MODE_OF):
        return SelectField(
            topic_words(key.removeprefix(MODE_OF)), choices=_options([("", "As above"), *MODES])
        )
    label = LABELS[key]
    kind = kind_of(key)
    if kind is Kind.STATUSES:
        return CheckboxesField(
            label, description=hint, choices=_options(_statuses(choices)), validate_choice=False
        )
    if kind is Kind.CHOICE:
        return SelectField(label, description=hint, choices=_options(words_for(key)), validate_choice=False)
    return _PLAIN.get(kind, StringField)(label, description=hint)


def _options(choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=words) for value, words in choices]


def _statuses(choices: Choices) -> list[tuple[str, str]]:
    """The statuses to choose from: Magento's own, those in force, those that orders here wait in."""
    known = dict.fromkeys((*STATUSES, *choices.settings.codes(STATUS_KEY), *choices.waiting_by_status))
    return [(code, _status_words(code, choices.waiting_by_status.get(code, 0))) for code in known]


def _status_words(code: str, waiting: int) -> str:
    return f"{readable(code)} ({waiting} waiting)" if waiting else readable(code)


def _shown(key: str, value: Any) -> Any:
    """A setting as its field shows it; a secret never."""
    match kind_of(key):
        case Kind.WRITE_ONLY:
            return ""
        case Kind.STATUSES:
            return [code for code in str(value or "").split(",") if code]
        case Kind.TABLE:
            return json.dumps(value, indent=2, ensure_ascii=False) if value else ""
        case Kind.SWITCH:
            return value is True
        case _:
            return "" if value is None else str(value)


def _typed(slug: str, form: FlaskForm) -> dict[str, str | bool]:
    """What was entered, by key; a secret that was left empty stays as it is."""
    typed: dict[str, str | bool] = {}
    for key in _keys(slug):
        data = form[key].data
        match kind_of(key):
            case Kind.STATUSES:
                typed[key] = ",".join(_codes([*(data or ()), form[OTHER_STATUSES].data or ""]))
            case Kind.SWITCH:
                typed[key] = bool(data)
            case Kind.WRITE_ONLY:
                if request.form.get("make_up") == key:
                    typed[key] = secrets.token_hex(GENERATED_BYTES)
                elif data:
                    typed[key] = data
            case _:
                typed[key] = (data or "").strip()
    return typed


def _codes(texts: Iterable[str]) -> list[str]:
    return [code.strip() for text in texts for code in text.split(",") if code.strip()]
