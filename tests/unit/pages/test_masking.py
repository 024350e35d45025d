"""What is secret or personal is taken out of a body; every other token stays as it came (F03)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.words.masking import HIDDEN, UNREADABLE, Sight, mask, mask_words

VIEWER, OPERATOR, ADMIN = Sight(False, False), Sight(True, False), Sight(True, True)


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ('{"email": "a@b.cd", "n": 1.10}', '{"email": "•••", "n": 1.10}'),
        ('{"customer_email":"x","customer_id":7}', '{"customer_email":"•••","customer_id":7}'),
        ('{"FirstName":"Ada","Sku":"A"}', '{"FirstName":"•••","Sku":"A"}'),
        ('{"street":["12 Mill Lane","Flat"],"x":[]}', '{"street":"•••","x":[]}'),
        ('{"em\\u0061il":"x"}', '{"em\\u0061il":"•••"}'),
        ('{"customer":{"id":7,"name":"Ada"},"name":"P"}', '{"customer":{"id":7,"name":"•••"},"name":"P"}'),
        ('{"addresses":[{"name":"Ada","country":"GB"}]}', '{"addresses":[{"name":"•••","country":"GB"}]}'),
        ('{"error":"no customer a.b@c.de here"}', '{"error":"•••"}'),
        ('{"email":"","phone":null,"zip":"LS1"}', '{"email":"","phone":null,"zip":"•••"}'),
        ('{"email":{"a":"b","email":"c"},"k":1}', '{"email":"•••","k":1}'),
        ('[{"email":"x"},"y"]', '[{"email":"•••"},"y"]'),
        ('["a@b.cd"]', '["•••"]'),
        ("[]", "[]"),
        ("", ""),
    ],
)
def test_a_viewer_sees_nothing_personal(body: str, masked: str) -> None:
    assert mask(body.encode(), VIEWER).decode() == masked


@pytest.mark.parametrize("sight", [VIEWER, OPERATOR, ADMIN])
def test_secrets_are_for_nobody(sight: Sight) -> None:
    body = b'{"secret":"s","params":{"Access-Token":"t","password":{"a":1}},"ok":1}'
    assert mask(body, sight) == (
        '{"secret":"•••","params":{"Access-Token":"•••","password":"•••"},"ok":1}'.encode()
    )


CARDS = (
    b'{"custom_attributes":[{"name":"giftcard_1_code","value":"G1"},'
    b'{"value":"G2","attribute_code":"GIFTCARD_2_CODE"},{"name":"giftcard_1_amount","value":"5"}],'
    b'"promotions":[{"code":"G3","name":"Gift card"},{"code":"SALE","name":"S"}],'
    b'"gift_cards":[{"id":1,"code":"G4","c":"G5","amount":5}],"x":{"gift_cards":"[{\\"c\\":\\"G6\\"}]"}}'
)


@pytest.mark.parametrize("sight", [VIEWER, OPERATOR])
def test_gift_card_codes_are_for_admins(sight: Sight) -> None:
    masked = mask(CARDS, sight).decode()
    assert [code for code in ("G1", "G2", "G3", "G4", "G5", "G6") if code in masked] == []
    assert [kept for kept in ('"5"', "SALE", '"amount":5', '"id":1') if kept not in masked] == []
    assert mask(CARDS, ADMIN) == CARDS


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ('{"email":"x","n":{"first_name":"A', f'{{"email":"•••","n":{{"first_name":\n{HIDDEN}'),
        ('{"a":1} and ada', f'{{"a":1}} \n{HIDDEN}'),
        ("<html>ada", UNREADABLE),
        ('"ada"', UNREADABLE),
        ('}{"email":"x"}', UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_hidden_as_a_whole_from_viewers(body: str, masked: str) -> None:
    assert mask(body.encode(), VIEWER).decode() == masked
    assert mask(body.encode(), ADMIN) == body.encode()


@given(st.binary(max_size=200), st.sampled_from([VIEWER, OPERATOR, ADMIN]))
def test_any_bytes_can_be_masked(body: bytes, sight: Sight) -> None:
    mask(body, sight)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["email", "sku", "items", "name", "customer"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["email", "sku", "a"]), JSON, max_size=4))
def test_a_masked_document_is_json_with_the_same_names(document: dict[str, object]) -> None:
    masked = json.loads(mask(json.dumps(document).encode(), VIEWER))
    assert list(masked) == list(document)
    assert masked.get("email") in (HIDDEN, "", None)


def test_sentences_lose_their_addresses() -> None:
    assert mask_words("No customer ada.moss+1@example.co.uk here.", VIEWER) == "No customer ••• here."
    assert mask_words("No customer ada@example.com here.", OPERATOR) == "No customer ada@example.com here."
    assert mask_words("@ a@ @b a@b 5@5", VIEWER) == "@ a@ @b a@b 5@5"
