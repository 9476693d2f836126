"""Energy records: hourly certificates matched with consumption, and the monthly green certificates of China."""
