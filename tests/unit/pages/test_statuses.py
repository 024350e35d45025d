"""Every status has a word and a shape of its own, and red is kept for what needs a person."""

from itertools import product
from pathlib import Path

import pytest

from webapp.domain.states import Direction, ExportState, MessageStatus
from webapp.pages.words.statuses import (
    Badge,
    export_badge,
    message_badge,
    oms_badge,
    oms_reason,
    store_badge,
)

ICONS = Path("static/icons.svg").read_text("utf-8")
STORE_STATES = (
    "new",
    "pending_payment",
    "payment_review",
    "processing",
    "holded",
    "complete",
    "closed",
    "canceled",
)
OMS_STATUSES = """NEW NEW_ORDER RECEIVED APPROVED AUTHORIZED ONHOLD INCOMPLETE ERROR LOGISTICS PICKREADY
PICKCONFIRMED PARTIALLY_COMPLETE LOGISTICSCOMPLETE COMPLETE CANCELLED REJECTED ABORTED PRE_CANCELLATION
ALLOCATEDSHIP RECEIVEDBYLOGISTICS ITEM_PENDING_PICKING PICKDECLINED RESOURCED SHIPPED"""


def all_badges() -> list[Badge]:
    return [
        *(message_badge(status, direction) for status, direction in product(MessageStatus, Direction)),
        *(export_badge(state) for state in ExportState),
        *(store_badge(state) for state in STORE_STATES),
        *(oms_badge(code) for code in OMS_STATUSES.split()),
    ]


@pytest.mark.parametrize("shape", sorted({badge.shape for badge in all_badges()}))
def test_every_shape_is_drawn(shape: str) -> None:
    assert f'<symbol id="{shape}"' in ICONS


def test_statuses_of_a_message_are_told_apart_by_word_in_either_direction() -> None:
    for direction in Direction:
        words = [message_badge(status, direction).word for status in MessageStatus]
        assert len(set(words)) == len(MessageStatus)
    assert message_badge("succeeded", "out").word == "Delivered"
    assert message_badge("succeeded", "in").word == "Applied"


def test_exports_are_told_apart_by_shape_alone() -> None:
    assert len({export_badge(state).shape for state in ExportState}) == len(ExportState)


def test_red_is_for_what_needs_a_person() -> None:
    assert {badge.word for badge in all_badges() if badge.tone == "fail"} == {"Failed", "Error", "Incomplete"}


@pytest.mark.parametrize("code", ["PARTIALLY_COMPLETE", "partiallycomplete", "Partially_Complete"])
def test_a_peers_spelling_is_understood(code: str) -> None:
    assert oms_badge(code).word == "Partly complete"


def test_the_unknown_keeps_its_name() -> None:
    assert oms_badge("AWAITING_ORBIT").word == "Awaiting orbit"
    assert store_badge("packed_twice").word == "Packed twice"
    assert oms_reason("PENDING_REMORSE_TIME") == oms_reason("PENDINGREMORSETIME") == "remorse time running"
    assert oms_reason("MOON_PHASE") == "moon phase"
