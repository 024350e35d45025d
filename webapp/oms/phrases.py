"""What an OMS's words for a refusal mean, where a rule of its own follows from it (F05, F11, F22).

OMS programs say it in sentences of their own, so the sentence is what there is to go by.
"""

import re
from collections.abc import Sequence
from typing import Final

UNKNOWN_SKU: Final = "oms.unknown_sku"
ALREADY_EXISTS: Final = "oms.already_exists"
UNKNOWN_ORDER: Final = "oms.unknown_order"

_CREATE: Final = "magento.sales.order_management.create"

_NOT_THERE: Final = (
    r"(?:(?:is|are|was|were|has|have|could|can|does|do|did)?\s*(?:not|n[o']t)\s+(?:be\s+|been\s+)?"
    r"(?:found|exist|known|present|recogni[sz]ed|registered|in\s+(?:its|the|our|this)\s+(?:catalog(?:ue)?|system))"
    r"|(?:is|are)\s+(?:unknown|missing))"
)
_THING: Final = {"sku": r"(?:skus?|products?|catalog\s+items?)", "order": r"(?:orders?)"}


def _absence_of(thing: str) -> re.Pattern[str]:
    name = _THING[thing]
    return re.compile(
        rf"\b(?:unknown|no\s+such|non-?existent|unrecogni[sz]ed)\s+(?:entity\s+with\s+)?{name}\b"
        rf"|\b(?:(?:could|can|did|do)\s*(?:not|n't)|cannot|unable\s+to|failed\s+to)\s+(?:find|locate|load)"
        rf"\s+(?:\w+\s+){{0,2}}{name}\b"
        rf"|\bno\s+{name}\s+(?:found|with|exists?)\b"
        rf"|\b{name}\b(?:(?!\border|\bsku|\bproduct).){{0,150}}?\b{_NOT_THERE}"
        rf"|\b(?:unknown|no_such|not_found)_{name}\b|\b{name}_(?:not_found|unknown)\b",
        re.IGNORECASE | re.DOTALL,
    )


_NO_SKU: Final = _absence_of("sku")
_NO_ORDER: Final = _absence_of("order")
_EXISTS: Final = re.compile(
    r"\balready\s+(?:exists?|imported|created|known|present|received|in\s+use|been\s+\w+)\b"
    r"|\b(?:exists|imported|created)\s+already\b|\bduplicate\s+(?:order|entry|key|id|value)\b"
    r"|\bis\s+(?:a\s+duplicate|not\s+unique|taken)\b|\b(?:order|id)_(?:already_)?exists\b|\balready_exists\b",
    re.IGNORECASE,
)
# What may stand after the word SKU without being one.
_NO_NAME: Final = (
    r"an?|and|are|be|been|by|can|cannot|could|did|do|does(?:n't)?|for|found|from|has|have|id|in|is(?:n't)?|it"
    r"|missing|no|not|of|on|or|sku|that|the|this|unknown|was|were|which|with"
)
_NAMED_SKU: Final = re.compile(
    rf"""\b(?:(?:sku|product)s?\b(?:\s+with\s+sku)?|(?:unknown_sku|not\s+found|not\s+exist)(?=\s*:))\s*[:=\#]?\s*
        (?:["'“‘`](?P<quoted>[^"'”’`]{{1,255}})["'”’`]
        |(?P<bare>(?!(?:{_NO_NAME})(?![\w-]))[^\s"'“”‘’`,;:()]{{1,255}}))""",
    re.IGNORECASE | re.VERBOSE,
)
_LINE: Final = re.compile(r"\blines\[(\d+)\]")


def recognise(topic: str, words: str) -> str | None:
    """The cause by which a refusal of a call of `topic` is known, from the OMS's words; None without one."""
    if topic == _CREATE:
        if _EXISTS.search(words):
            return ALREADY_EXISTS
        return UNKNOWN_SKU if _NO_SKU.search(words) else None
    return UNKNOWN_ORDER if _NO_ORDER.search(words) else None


def find_unknown_sku(words: str, skus: Sequence[str], field: str | None = None) -> str | None:
    """Which SKU a refusal of cause `oms.unknown_sku` is about.

    `words` is the outcome's reason, `skus` those of the order's lines in their order, `field` the path the
    refusal named. One of `skus` if the words name one or the path leads to one, else what the words
    call a SKU, else None.
    """
    named = [sku for sku in skus if sku and _is_named(sku, words)]
    if named:
        # `MT07` is also found in "MT07-M": the longest says which was meant.
        return max(named, key=len)
    line = _LINE.search(field or "")
    if line and int(line[1]) < len(skus):
        return skus[int(line[1])]
    found = _NAMED_SKU.search(words)
    return (found["quoted"] or found["bare"].rstrip(".") or None) if found else None


def _is_named(sku: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(sku)}(?![\w-])", words) is not None
