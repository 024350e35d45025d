"""The sandbox OMS: the far side of the protocol, as strict as a real one, to try and to test against.

An app of its own with its own state; it imports nothing else of the product and nothing imports it.
`python -m webapp.sandbox` runs it; `webapp.sandbox.app.create_sandbox` makes it.
"""
