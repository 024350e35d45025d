"""The trade's arithmetic, pure: values in, values out. No clock, no I/O, nothing else of ours."""
