"""What the person in front of this page may see: viewers nothing personal, gift card codes admins alone."""

from typing import Final

from flask_login import current_user

from webapp.pages.words.masking import Sight, mask_words

# What stands where something personal is hidden.
HIDDEN_WORD: Final = "hidden"


def sight() -> Sight:
    """What whoever is signed in may see."""
    return Sight(people=current_user.may("operator"), codes=current_user.may("admin"))


def discreet(text: str) -> str:
    """A sentence as whoever is signed in may read it: without e-mail addresses for a viewer."""
    return mask_words(text, sight())
