"""The language of the order management system (OMS): envelope, signature, client, topics.

Everything here takes settings, tokens and the time as values; nothing here keeps state in a database.
"""
