"""Benchmarks: ratios from one run on one machine, both sides measured in turn."""
