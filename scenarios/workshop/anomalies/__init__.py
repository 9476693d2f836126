"""The anomaly matrix: attacks tried on four ways of keeping a shared record, with what was observed."""
