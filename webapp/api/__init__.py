"""The entrances for machines: the OMS's callbacks, the store's API, operations."""
