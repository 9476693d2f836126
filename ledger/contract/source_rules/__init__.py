"""What the source of a contract may not hold, because two nodes could then see different results from one transaction.

imports     modules and names of `allowed.toml`, and modules of the contract's own package
numbers     no floats: no literals, no `/`, no `**` or `pow` but with a literal exponent, no `float` or `complex`
names       nothing of FORBIDDEN_NAMES (input and output, `hash`, `id`, `eval`, …), nothing with two underscores
state       of other contracts only what `reads` declares
sets        only where their order cannot show: in comparisons, in conditions, and as the one argument of ORDER_BLIND
text        none of what shows an address, a place of this machine or Python's own words
exceptions  none caught so broadly that a used-up stack or memory is among them
statements  no `global`, no `async`, no star import
kept        nothing outlives an operation (`kept`)
recursion   no function calls itself (`recursion`)
refusals    codes and details are declared, and what a `words.toml` declares is used (`refusals`)

It is a guard against mistakes and no sandbox. What it does not stop: an author who means to get past it; a loop without end;
text of an object that does not know how to show itself, where its class is not seen; keys of tables that come out of a
function; what is changed through a call of a function; a stack that is used up without recursion: iterators around iterators,
some hundred thousand deep, end the process and not just the transaction; Python's own words and characters in another version
of Python. Some of that `contract check` finds, which plays the contract in two interpreters; what else makes nodes disagree,
the ledger leaves aside.
"""
