"""The commands of oms-connector."""
