"""What can happen to a document on its way: one change or a few, by throw of the dice.

The same dice do the same, so a seed is enough to see a call again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from tests.fuzz.json_text import Doubled, Token
from tests.fuzz.tables import NUMBER

# Change -> why a document with it may be taken all the same.
REASONS = {
    "untouched": "nothing was changed",
    "dropped": "it is not needed, or nobody reads it",
    "doubled": "of a name that stands twice the later counts",
    "repeated": "an entry may stand twice, or says nothing new",
    "replaced": "the field takes this too, or nobody reads it",
    "restyled": "numbers are taken as texts, ids as numbers",
    "emptied": "an empty value says that there is none",
    "renamed": "under another name it is absent, and not needed",
    "respelt": "names are known in CamelCase too",
    "added": "what nobody knows is ignored",
    "reordered": "the order of names means nothing",
}
GARBAGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 7, 2**31, 2**63, 10**12, 10**13, 10**30, -(10**30)),
    *(Decimal("0.5"), Decimal("5.0"), Decimal("-0.01"), Decimal("0.00001"), Decimal("12345678.12345678901")),
    *(Token("NaN"), Token("Infinity"), Token("-0"), Token("-0.0"), Token("1e999"), Token("1E-400")),
    *(Token("1E+99999999999999999999"), Token("9" * 45), Token("9" * 5_000), Token("01"), Token("0x1F")),
    *("", " ", "x", "0", "-1", "5", "5.0", "5,0", "1e3", "1_000", " 5 ", "١٢", "NaN", "Infinity", "true"),
    *(
        "\0",
        "a\0b",
        "\x01\x1f",
        "\ud800",
        "\u202eabc",
        "\u2028",
        "é",
        "日本語",
        "🚚",
        "<script>alert(1)</script>",
    ),
    *("'; DROP TABLE orders; --", "{{7*7}}", "%s%n", "../../etc/passwd", "x" * 255, "x" * 256, "ü" * 3_000),
    *("2030-01-31", "2030-02-31", "2030-01-31T12:00:00+01:00", "31.01.2030", "0000-00-00"),
    *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"),
    *("SHIPPED", "shipped", "CANCELLED", "COMPLETE", "000000042", "javascript:alert(1)"),
    *([], {}, [[]], [{}], {"a": {}}, [None], [0], ["x"], {"items": []}, [1, 2, 3], {"id": 1}),
    *(Token("[" * 70 + "]" * 70), Token('{"a":' * 70 + "1" + "}" * 70)),
    *([0] * 3_000, {str(n): n for n in range(300)}),
)
Place = tuple[str | int, ...]
Change = Callable[[Any, Any, Random], Any]


@dataclass(frozen=True)
class Mutated:
    """A document after its changes, and their names in the order they happened."""

    document: Any
    changes: tuple[str, ...]


def mutate(document: Any, dice: Random, *, respell: bool) -> Mutated:
    """Change a document once or a few times, or not at all; `respell` where names may be spelt otherwise."""
    count = dice.choice((0, 1, 1, 1, 1, 1, 2, 2, 3))
    changes: list[str] = []
    for _ in range(count):
        name = dice.choice(LIKELY)
        if name == "respelt" and not respell:
            continue
        holder, key = _pick(document, dice)
        if key is None:
            continue
        document = _put(document, holder, partial(_change, name=name, key=key, dice=dice))
        changes.append(name)
    return Mutated(document, tuple(changes) or ("untouched",))


def _change(holder: Any, *, name: str, key: Any, dice: Random) -> Any:
    return CHANGES[name](holder, key, dice)


def _pick(document: Any, dice: Random) -> tuple[Place, Any]:
    """Where to change something: the place of a container, and a key of it (None where there is none)."""
    place: Place = ()
    value = document
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value))) if value else []
        if not keys:
            return place, None
        key = dice.choice(keys)
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or dice.random() < 0.2:
            return place, key
        place, value = (*place, key), inner


def _put(value: Any, place: Place, change: Callable[[Any], Any]) -> Any:
    """The document with what stands at a place changed; the rest of it is shared."""
    if not place:
        return change(value)
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _put(copy[place[0]], place[1:], change)
    return copy


def _with(holder: Any, key: Any, inner: Any) -> Any:
    return _put(holder, (key,), lambda _: inner)


def _drop(holder: Any, key: Any, dice: Random) -> Any:
    if isinstance(holder, dict):
        return {name: inner for name, inner in holder.items() if name != key}
    return [*holder[:key], *holder[key + 1 :]]


def _double(holder: Any, key: Any, dice: Random) -> Any:
    if isinstance(holder, dict):
        return Doubled(holder, key, dice.choice(GARBAGE))
    return _repeat(holder, key, dice)


def _repeat(holder: Any, key: Any, dice: Random) -> Any:
    if isinstance(holder, list):
        return [*holder, holder[key]]
    inner = holder[key]
    return _with(holder, key, [inner, inner] if not isinstance(inner, list) else inner * dice.choice((2, 40)))


def _replace(holder: Any, key: Any, dice: Random) -> Any:
    return _with(holder, key, dice.choice(GARBAGE))


def _restyle(holder: Any, key: Any, dice: Random) -> Any:
    inner = holder[key]
    if isinstance(inner, bool) or inner is None:
        return _with(holder, key, {True: 1, False: 0, None: ""}[inner])
    if isinstance(inner, int | Decimal):
        return _with(
            holder, key, dice.choice((str(inner), f"{inner:+f}", Decimal(f"{inner:f}") + Decimal("0.0")))
        )
    if isinstance(inner, str) and NUMBER.fullmatch(inner):
        return _with(holder, key, Token(str(Decimal(inner))))
    return _with(holder, key, inner.lower() if isinstance(inner, str) else inner)


def _empty(holder: Any, key: Any, dice: Random) -> Any:
    return _with(holder, key, dice.choice(([], {}, "", None, 0)))


def _rename(holder: Any, key: Any, dice: Random) -> Any:
    if isinstance(holder, list):
        return holder[::-1]
    return {f"zz_{name}" if name == key else name: inner for name, inner in holder.items()}


def _respell(holder: Any, key: Any, dice: Random) -> Any:
    if isinstance(holder, list):
        return holder
    spell = dice.choice((_camel, str.upper, lambda name: name.replace("_", "-"), _misspell))
    return {spell(name) if name == key else name: inner for name, inner in holder.items()}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _misspell(name: str) -> str:
    return "shimpent_id" if name == "shipment_id" else name


def _add(holder: Any, key: Any, dice: Random) -> Any:
    if isinstance(holder, dict):
        return {
            **holder,
            dice.choice(("zz_extra", "", "zz " * 60, "zz\0", "__proto__")): dice.choice(GARBAGE),
        }
    return [*holder, dice.choice(GARBAGE)]


def _reorder(holder: Any, key: Any, dice: Random) -> Any:
    if isinstance(holder, list):
        return dice.sample(holder, len(holder))
    return dict(dice.sample(list(holder.items()), len(holder)))


CHANGES: dict[str, Change] = {
    "dropped": _drop,
    "doubled": _double,
    "repeated": _repeat,
    "replaced": _replace,
    "restyled": _restyle,
    "emptied": _empty,
    "renamed": _rename,
    "respelt": _respell,
    "added": _add,
    "reordered": _reorder,
}
LIKELY = (*CHANGES, "replaced", "replaced", "replaced", "replaced", "dropped", "emptied", "renamed")
