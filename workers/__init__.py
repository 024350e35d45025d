"""The queues: one file each."""
