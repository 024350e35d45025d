"""What pages and the API read: one file a page, never a write."""
