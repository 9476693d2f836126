"""The control of a running lab: what a teacher does to a network, over HTTP, and what a page shows of it as a whole."""
