"""One file a topic: its name, its schema, and how it is read or written."""
