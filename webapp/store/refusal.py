"""How the store's documents are refused; the API answers with it as it is."""

from webapp.domain.refusals import Refused

__all__ = ["Refused"]
