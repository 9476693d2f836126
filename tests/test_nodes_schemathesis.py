"""What schemathesis makes of the OpenAPI document, sent to four nodes that played supply-chain finance.

No answer is a 500, has a status, code, header or member that the document does not tell of, or takes what it forbids;
once with reads open to all, once for members, each request then with a token of its own, on a node that was pruned. The
number of cases is printed.
`--long` sends 20 times as many; `python -m pytest --long -s tests/test_nodes_schemathesis.py`.
"""

from pathlib import Path

import pytest

from nodes.network.directory import set_nodes
from nodes.node.copies import prune_node
from tests.api_network import ApiNetwork, attempt, played_network
from tests.test_nodes_openapi import ROUTES

CASES_EACH, CASES_EACH_LONG = 6, 120
"""Of one operation, right or wrong ones."""
STEPS, STEPS_LONG = 60, 1_000
"""Of the story."""


@pytest.mark.timeout(3_600)
def test_every_operation_answers_as_documented(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    is_long = pytestconfig.getoption("--long")
    cases, steps = (CASES_EACH_LONG, STEPS_LONG) if is_long else (CASES_EACH, STEPS)
    with played_network(tmp_path / "network", steps) as network:
        api = ApiNetwork(network)
        attempts = {"open": attempt(api, cases)}
        network.stop()
        prune_node(tmp_path / "network" / "nodes" / network.members[0], keep=1)
        set_nodes(tmp_path / "network", reads="members")
        network.start()
        attempts["members"] = attempt(api, cases)
    for reads, found in attempts.items():
        print(f"reads {reads}: {found.cases.total()} cases of {len(found.cases)} operations, answers {found.by_status()}")
    assert {name: found.failures for name, found in attempts.items() if found.failures} == {}
    assert all(found.cases.keys() == ROUTES.keys() for found in attempts.values())
    told = attempts["open"].statuses + attempts["members"].statuses
    assert {200, 202, 304, 400, 403, 404, 409, 410, 422} <= told.keys(), "the cases do not get through"
