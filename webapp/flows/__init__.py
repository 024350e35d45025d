"""The story, one file a use case."""
