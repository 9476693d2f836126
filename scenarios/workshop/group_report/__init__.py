"""The report of a group: one HTML file with the page of the nodes and the answers that it needs, to look at without any node."""
