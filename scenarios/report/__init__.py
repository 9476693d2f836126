"""The report of a played story: one HTML file that opens from disk, prints, and asks no other host for anything.

page        puts it together
book        the ledger's export, read again: what each transaction changed, and who may see what is sealed
steps       a step in full
lanes       swimlanes
cost        what trust costs
consensus   what the nodes said about each block, from their logs: a table, and the data of the diagram of nodes/picture
words.toml  every text of it, in both languages; templates/ and modules/ are the page
"""

from scenarios.report.page import Origin, render

__all__ = ["Origin", "render"]
