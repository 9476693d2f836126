"""The report of a played story: one HTML file that opens from disk, prints, and asks no other host for anything.

page        puts it together
texts       every text of it, in both languages
book        the ledger's export, read again: what each transaction changed
sights      who may see what is sealed
steps       a step in full
lanes       swimlanes
cost        what trust costs
messages    what the nodes said to each other, from their logs
spacetime   that as a diagram
consensus   that for each block of the story
"""

from scenarios.report.page import Origin, render

__all__ = ["Origin", "render"]
