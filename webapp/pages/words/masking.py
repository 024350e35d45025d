"""A body with what its reader may not see taken out; every other token stays exactly as it came (F03).

Secrets are hidden from all. What is personal is told by the names of its fields, so a body that is no JSON,
or the rest of one that is broken, is hidden as a whole from whoever may not see what is personal.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

HIDDEN: Final = "•••"
UNREADABLE: Final = (
    f"{HIDDEN} Hidden from your role: this is no JSON, so what in it is personal cannot be told."
)

# Names as peers spell them, lower case, without underscores.
SECRET: Final = frozenset({
    "secret", "password", "token", "accesstoken", "refreshtoken", "clientsecret", "authorization", "apikey",
})  # fmt: skip
PERSONAL: Final = frozenset({
    "email", "customeremail", "firstname", "lastname", "middlename", "fullname", "customername",
    "customerfirstname", "customerlastname", "customermiddlename", "customertaxvat", "customerdob",
    "customernote", "street", "address1", "address2", "address3", "city", "zip", "postcode", "postalcode",
    "phone", "telephone", "phonenumber", "mobile", "fax", "company", "vatid", "taxvat", "dob", "birthdate",
    "ip", "remoteip", "xforwardedfor", "account", "ccowner", "cclast4", "ccnumberenc", "ccexpmonth",
    "ccexpyear", "iban", "giftmessage", "recipient", "sender", "user",
})  # fmt: skip
PEOPLE: Final = frozenset({"customer", "address", "addresses", "billingaddress", "shippingaddress", "person"})
CARDS: Final = frozenset({"giftcards", "giftcardaccounts"})
CARD_CODES: Final = frozenset({"code", "c", "giftcardcode", "giftcardaccount"})

_TOKEN: Final = re.compile(
    r'\s*+(?:(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>,)|(?P<colon>:)'
    r"|(?P<plain>[^\s{}\[\],:\"]++))",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_CARD_ATTRIBUTE: Final = re.compile(r'"giftcard_\d+_code"', re.IGNORECASE)
_CARD_PROMOTION: Final = '"gift card"'
# The part before the @ is short in any address that works, which also keeps the search linear.
_EMAIL: Final = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may see: what is personal (`people`), and gift card codes (`codes`)."""

    people: bool
    codes: bool


@dataclass(slots=True)
class _Value:
    """A value's place in the text, and its own text where it is no object or list."""

    name: str
    begin: int
    end: int
    text: str = ""


@dataclass(slots=True)
class _Container:
    name: str
    begin: int
    values: list[_Value] = field(default_factory=list)
    key: str = ""
    last_text: str = ""


def mask(body: bytes, sight: Sight) -> bytes:
    """The body as `sight` may see it; byte for byte the same where nothing in it is hidden."""
    text = body.decode("utf-8", "replace")
    if text.lstrip()[:1] not in ("{", "["):
        return body if sight.people or not text.strip() else UNREADABLE.encode()
    hidden, end = _find_hidden(text, sight)
    whole = sight.people or not text[end:].strip()
    if not hidden and whole:
        return body
    parts: list[str] = []
    place = 0
    for begin, past in sorted(hidden):
        # What stands inside something hidden went with it.
        if begin >= place:
            parts += [text[place:begin], f'"{HIDDEN}"']
            place = past
    rest = text[place:] if whole else f"{text[place : max(place, end)]}\n{HIDDEN}"
    return "".join((*parts, rest)).encode("utf-8", "replace")


def mask_words(text: str, sight: Sight) -> str:
    """A sentence with the e-mail addresses in it hidden from whoever may not see them."""
    return text if sight.people else _EMAIL.sub(HIDDEN, text)


def _find_hidden(text: str, sight: Sight) -> tuple[list[tuple[int, int]], int]:
    """What must be hidden, as (begin, end), and where the text stops being JSON."""
    hidden: list[tuple[int, int]] = []
    open_ones: list[_Container] = [_Container("", 0)]
    position = 0
    while match := _TOKEN.match(text, position):
        kind, token, position = match.lastgroup, match[match.lastgroup or 0], match.end()
        here = open_ones[-1]
        begin = position - len(token)
        if len(open_ones) == 1 and (here.values or kind != "open"):
            return hidden, begin
        if kind == "open":
            # What a list holds goes by the list's name.
            open_ones.append(_Container(here.key or here.name, begin))
            here.key = ""
        elif kind == "close":
            hidden += _hidden_in(open_ones.pop(), sight)
            open_ones[-1].values.append(_Value(here.name, here.begin, position))
        elif kind == "colon":
            here.key = _plain(here.last_text)
            if here.values:
                here.values.pop()
        elif kind in ("text", "plain"):
            here.last_text = token
            here.values.append(_Value(here.key or here.name, begin, position, token))
            here.key = ""
    for container in open_ones[1:]:
        hidden += _hidden_in(container, sight)
    return hidden, position


def _hidden_in(container: _Container, sight: Sight) -> Iterator[tuple[int, int]]:
    cards = not sight.codes and _holds_a_card(container)
    for value in container.values:
        if value.text in ('""', "null"):
            continue
        personal = (
            value.name in PERSONAL
            or (value.name == "name" and container.name in PEOPLE)
            or ("@" in value.text and _EMAIL.search(value.text) is not None)
        )
        code = not sight.codes and (
            (value.name in CARD_CODES and container.name in CARDS)
            or (value.name in CARDS and bool(value.text))
            or value.name in ("giftcardcode", "giftcardaccount")
            or (cards and value.name in ("value", "code"))
        )
        if value.name in SECRET or code or (personal and not sight.people):
            yield value.begin, value.end


def _holds_a_card(container: _Container) -> bool:
    """Whether an attribute, or a promotion, is one of a gift card."""
    names: Sequence[_Value] = [one for one in container.values if one.name in ("name", "attributecode")]
    return any(_CARD_ATTRIBUTE.fullmatch(one.text) or one.text.lower() == _CARD_PROMOTION for one in names)


def _plain(key: str) -> str:
    if "\\" in key:
        key = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), key)
    return key.strip('"').replace("_", "").replace("-", "").lower()
