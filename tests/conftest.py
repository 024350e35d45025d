"""Fixtures live in tests/fixtures, one subject a file."""

pytest_plugins: list[str] = []
