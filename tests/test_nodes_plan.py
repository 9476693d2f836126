"""A network laid out by organizations that trust each other little: what a planner swaps is refused, with its own code."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.encoding import encode
from ledger.errors import OperatorError, TallystickError
from ledger.genesis import Genesis
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from nodes.key_files import random_key, read_key
from nodes.network.specification import build_network, issue_organization
from nodes.node.files import NodeFile, read_file, read_genesis, read_node_settings
from nodes.node.voting_mark import has_voting_mark
from nodes.plan import offers
from nodes.plan.network_plan import NetworkPlan, load_planned, parse_plan
from nodes.plan.offers import OFFER, Offer, make_approval, make_offer
from nodes.plan.office import Office
from nodes.plan.papers import Papers
from tests.commands import answer, fails, succeeds
from tests.support import refusal

PLAN = """
start_time = 2026-01-01T08:00:00+08:00
tls = true

[contracts]
asset = "nodes.sample_contract:Asset"

[parameters]
delay_ms = 50

[[organizations]]
name = "north"
members = [
  { name = "validator", roles = ["validator"], address = "127.0.0.1:18501" },
  { name = "admin", roles = ["admin"] },
  { name = "li", roles = ["member", "trader"] },
]

[[organizations]]
name = "south"
members = [
  { name = "validator", roles = ["validator"], address = "localhost:18502" },
  { name = "admin", roles = ["admin"] },
]

[[organizations]]
name = "east"
members = [{ name = "node", roles = ["node"], address = "[fd00::3]:18503" }]
"""
NAMES = ("north", "south", "east")
HOME = Path("/var/lib/tallystick")


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan with all offers beside it, and each organization's directory."""
    folder = tmp_path_factory.mktemp("offered")
    (folder / "plan.toml").write_text(PLAN)
    for name in NAMES:
        succeeds("network", "offer", folder / "plan.toml", name, "--dir", folder / name)
    succeeds("network", "gather", folder / "plan.toml")
    return folder


@pytest.fixture
def plan(offered: Path, tmp_path: Path) -> Path:
    """Of a copy."""
    shutil.copytree(offered, tmp_path / "plan")
    return tmp_path / "plan" / "plan.toml"


def office(plan: Path, name: str) -> Office:
    return Office(Papers(plan), name, plan.with_name(name))


def approve_all(plan: Path) -> Digest:
    """The digest that all have approved."""
    for name in NAMES:
        office(plan, name).approve()
    return Papers(plan).genesis.ledger


def keys_of(directory: Path) -> dict[str, PrivateKey]:
    """By member id and organization."""
    return {path.stem: read_key(path) for path in (directory / "keys").iterdir()}


# What the plan says.


def test_the_sample_is_a_plan() -> None:
    sample = parse_plan(succeeds("network", "plan", "--sample"), "sample")
    assert len(sample.specification.validators) == 4
    assert [node.url for node in sample.node_addresses][-1] == "https://ledger.west.example:8101"


def test_the_digest_is_over_the_meaning_and_not_the_spelling() -> None:
    first = parse_plan(PLAN, "plan").digest
    spelled = PLAN.replace("2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00Z # midnight").replace("tls = true", "tls=true")
    assert parse_plan(spelled, "plan").digest == first
    one, two, three = PLAN.partition('[[organizations]]\nname = "south"')
    assert parse_plan(one.replace("delay_ms = 50", "delay_ms = 51") + two + three, "plan").digest != first
    before, _, rest = PLAN.partition("[[organizations]]")
    parts = rest.split("[[organizations]]")
    assert parse_plan(before + "".join(f"[[organizations]]{part}" for part in reversed(parts)), "plan").digest != first


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("tls = true", "tls = maybe", "is not TOML", id="no TOML"),
        pytest.param("tls = true", "tls = 1", "tls: Input should be a valid boolean", id="another type"),
        pytest.param("tls = true", "tsl = true", "tsl: Extra inputs", id="an unknown name"),
        pytest.param("08:00:00+08:00", "08:00:00", "start_time: Input should have timezone", id="no time zone"),
        pytest.param("2026-01-01T08:00:00+08:00", "1970-01-01T00:00:00Z", "start time lies from", id="too early"),
        pytest.param("2026-01-01T08:00:00+08:00", "9999-01-01T00:00:00Z", "start time lies from", id="too late"),
        pytest.param("localhost:18502", "a\\u001bb:1", "'a\\x1bb:1'", id="a control character"),
        pytest.param("delay_ms = 50", "delay_ms = 0", "Parameter delay_ms lies outside 1", id="a parameter out of range"),
        pytest.param("delay_ms = 50", "delays_ms = 50", "parameters.delays_ms", id="an unknown parameter"),
        pytest.param('name = "south"', 'name = "so.uth"', "organizations.1.name", id="a name that is none"),
        pytest.param('name = "south"', 'name = "north"', "have the same organization", id="an organization twice"),
        pytest.param('name = "li"', 'name = "admin"', "have the same member", id="a member twice"),
        pytest.param('["admin"] },\n  { name = "li"', '[] },\n  { name = "li"', "organizations.0.members.1.roles", id="no role"),
        pytest.param("localhost:18502", "127.0.0.1:18501", "have the same address", id="an address twice"),
        pytest.param("localhost:18502", "localhost", "organizations.1.members.0: Value error, An address is", id="no port"),
        pytest.param("localhost:18502", "localhost:99999", "organizations.1.members.0", id="too high a port"),
        pytest.param("localhost:18502", "http://localhost:18502", "organizations.1.members.0", id="a URL"),
        pytest.param("localhost:18502", "local host:18502", "organizations.1.members.0", id="a host that is none"),
        pytest.param("localhost:18502", "0.0.0.0:18502", "by which other hosts reach", id="everywhere"),
        pytest.param("localhost:18502", "", "has an address", id="a node without an address"),
        pytest.param('roles = ["node"]', 'roles = ["member"]', "no other member has one", id="an address without a node"),
        pytest.param("nodes.sample_contract:Asset", "nodes.no_such:Asset", "no_such", id="a contract that is not installed"),
        pytest.param('asset = "nodes', 'assets = "nodes', "contracts.assets", id="a contract of another name"),
    ],
)
def test_a_fault_of_a_plan_is_named_by_its_place(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert PLAN.count(old) >= 1
    (tmp_path / "plan.toml").write_text(PLAN.replace(old, new, 1))
    fails(2, words, "network", "plan", tmp_path / "plan.toml")


def test_a_plan_without_validators_is_none() -> None:
    text = PLAN.replace('roles = ["validator"]', 'roles = ["node"]')
    with pytest.raises(OperatorError, match="1 to 100 members with the role `validator`"):
        parse_plan(text, "plan")


def test_a_plan_that_is_not_there_says_how_to_begin(tmp_path: Path) -> None:
    fails(2, "plan --sample", "network", "plan", tmp_path / "plan.toml")
    (tmp_path / "plan.toml").write_bytes(b"\xff")
    fails(2, "not UTF-8", "network", "plan", tmp_path / "plan.toml")
    fails(2, "--sample", "network", "plan")


# The steps, as they go well.


def test_the_genesis_is_that_of_a_network_made_at_one_place(offered: Path) -> None:
    papers = Papers(offered / "plan.toml")
    keys = {name: key for organization in NAMES for name, key in keys_of(offered / organization).items()}
    built = build_network(papers.plan.specification, keys.__getitem__, load_planned(papers.plan))
    assert built.genesis_bytes == papers.genesis.encode() == (offered / "genesis.json").read_bytes()
    assert papers.genesis.validators == ("north.validator", "south.validator")
    assert papers.genesis.organizations[0].roles == ("trader",)


def test_the_plan_tells_how_far_each_is(plan: Path) -> None:
    plan.with_name("south.offer.json").unlink()
    waiting = answer("network", "plan", plan, "--json")
    assert waiting["ledger"] is None
    assert [one["offer"] for one in waiting["organizations"]] == ["good", "missing", "good"]
    shown = succeeds("network", "plan", plan)
    assert "Next: south: tallystick network offer" in shown
    assert "https://[fd00::3]:1" in shown
    succeeds("network", "offer", plan, "south", "--dir", plan.with_name("south"))
    plan.with_name("genesis.json").unlink()
    assert "Next: anybody: tallystick network gather" in succeeds("network", "plan", plan)
    succeeds("network", "gather", plan)
    approved = succeeds("network", "approve", plan, "north", "--dir", plan.with_name("north"))
    assert "  north.li                 member, trader\n" in approved
    assert f"ledger {Papers(plan).genesis.ledger}" in approved
    assert "Next: south, east: tallystick network approve" in succeeds("network", "plan", plan)
    approve_all(plan)
    done = answer("network", "plan", plan, "--json")
    assert [one["approval"] for one in done["organizations"]] == ["good"] * 3
    assert done["ledger"] == Papers(plan).genesis.ledger
    assert "Next: all: tallystick network install" in succeeds("network", "plan", plan)


def test_an_offer_made_again_has_the_same_keys_and_bytes(plan: Path) -> None:
    before, keys = plan.with_name("north.offer.json").read_bytes(), keys_of(plan.with_name("north"))
    office(plan, "north").offer()
    assert plan.with_name("north.offer.json").read_bytes() == before
    assert {name: key.seed for name, key in keys_of(plan.with_name("north")).items()} == {n: k.seed for n, k in keys.items()}


def test_a_folder_holds_only_what_is_its_own(plan: Path) -> None:
    ledger = approve_all(plan)
    for name in NAMES:
        succeeds("network", "install", plan, name, "--ledger", ledger, "--dir", plan.with_name(name))
    for name in NAMES:
        foreign = [key for other in NAMES if other != name for key in keys_of(plan.with_name(other)).values()]
        tls = [path.read_bytes() for other in NAMES if other != name for path in plan.parent.glob(f"{other}/**/tls/*.key")]
        assert _holding(plan.with_name(name), foreign, tls) == []
    assert _holding(plan.parent / "north/nodes", keys_of(plan.with_name("north")).values(), []) == [
        "north.validator/keys/north.validator.key"
    ]
    public = [path for path in plan.parent.iterdir() if path.is_file()]
    assert [path for path in public if _holds(path, keys_of(plan.with_name("north")).values(), [])] == []
    if os.name != "nt":
        private = [path for name in NAMES for path in plan.with_name(name).rglob("*.key")]
        assert len(private) == 6 + 3 + 3 * 2
        assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
        assert {plan.with_name(name).stat().st_mode & 0o777 for name in NAMES} == {0o700}


def _holding(folder: Path, keys: Any, secrets: list[bytes]) -> list[str]:
    keys = list(keys)
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _holds(path, keys, secrets)
    ]


def _holds(path: Path, keys: Any, secrets: list[bytes]) -> bool:
    data = path.read_bytes()
    return any(key.seed in data or key.seed.hex().encode() in data for key in keys) or any(one in data for one in secrets)


def test_a_node_s_folder_is_whole_and_can_be_moved(plan: Path, tmp_path: Path) -> None:
    ledger = approve_all(plan)
    (folder,) = office(plan, "south").install(ledger, HOME, "/opt/tallystick/bin/python", "members")
    moved = folder.rename(tmp_path / "moved")
    settings = read_node_settings(moved)
    assert settings.genesis.ledger == ledger
    assert settings.key.public_key == keys_of(plan.with_name("south"))["south.validator"].public_key
    assert settings.addresses["east.node"] == "https://[fd00::3]:18503"
    assert settings.file.host == "0.0.0.0"
    assert "localhost" in settings.hosts
    assert settings.file.reads == "members"
    assert has_voting_mark(moved)
    unit = (moved / "tallystick-south.validator.service").read_text()
    assert 'ExecStart="/opt/tallystick/bin/python" -m nodes.node.process "/var/lib/tallystick/south.validator"\n' in unit
    assert "systemctl enable --now /var/lib/tallystick/south.validator/tallystick-south.validator.service" in unit


def test_a_folder_that_is_made_again_has_no_voting_mark(plan: Path) -> None:
    """The host is lost, and what its key signed: the node asks the others."""
    ledger = approve_all(plan)
    (folder,) = office(plan, "north").install(ledger, HOME)
    assert office(plan, "north").install(ledger, HOME) == []
    assert has_voting_mark(folder)
    shutil.rmtree(folder)
    said = succeeds("network", "install", plan, "north", "--ledger", ledger, "--dir", plan.with_name("north"))
    assert "never run it while the one before it runs" in " ".join(said.split())
    assert not has_voting_mark(folder)


def test_an_installation_that_failed_is_begun_again(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = approve_all(plan)

    def full(*_: object, **__: object) -> None:
        raise OperatorError("disk-full", "The disk is full.")

    with monkeypatch.context() as failing:
        failing.setattr("nodes.plan.office.create_node", full)
        assert refusal(OperatorError, office(plan, "north").install, ledger, HOME).code == "disk-full"
    assert not (plan.parent / "north/nodes/north.validator").exists()
    (folder,) = office(plan, "north").install(ledger, HOME)
    assert has_voting_mark(folder)


def test_a_folder_that_left_before_the_installation_was_complete_is_made_again_without_a_mark(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = approve_all(plan)

    def full(*_: object, **__: object) -> None:
        raise OperatorError("disk-full", "The disk is full.")

    with monkeypatch.context() as failing:
        failing.setattr("nodes.plan.office.monitoring_files", full)
        assert refusal(OperatorError, office(plan, "north").install, ledger, HOME).code == "disk-full"
    moved = plan.with_name("north").joinpath("nodes/north.validator").rename(tmp_path / "moved")
    assert has_voting_mark(moved)
    (folder,) = office(plan, "north").install(ledger, HOME)
    assert not has_voting_mark(folder)


def test_the_unit_is_one_that_systemd_takes(plan: Path) -> None:
    (folder,) = office(plan, "north").install(approve_all(plan), Path("/var/lib/a ledger"))
    path = folder / "tallystick-north.validator.service"
    unit = ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text())
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Service"]["ReadWritePaths"] == '"/var/lib/a ledger/north.validator"'
    assert unit["Service"]["Environment"].startswith("MALLOC_MMAP_THRESHOLD_=")
    program = shutil.which("systemd-analyze")
    if program is not None:
        done = subprocess.run([program, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        assert done.returncode == 0


@pytest.mark.parametrize("letter", ["%", "$", '"', "\\", "\n"])
def test_a_path_that_systemd_would_read_otherwise_is_refused(letter: str, plan: Path) -> None:
    error = refusal(OperatorError, office(plan, "north").install, approve_all(plan), Path(f"/var/lib/a{letter}b"))
    assert error.code == "wrong-use"
    assert not plan.with_name("north").joinpath("nodes").exists()


@pytest.mark.parametrize(("home", "python"), [("data", "/usr/bin/python3"), ("/var/lib/a", "-/usr/bin/python3")])
def test_a_path_that_is_not_absolute_is_refused(home: str, python: str, plan: Path) -> None:
    error = refusal(OperatorError, office(plan, "north").install, approve_all(plan), Path(home), python)
    assert error.code == "wrong-use"
    assert not plan.with_name("north").joinpath("nodes").exists()


def test_prometheus_finds_every_node(plan: Path) -> None:
    office(plan, "east").install(approve_all(plan), HOME)
    targets = json.loads((plan.parent / "east/monitoring/targets.json").read_text())
    assert {one["targets"][0]: one["labels"]["member"] for one in targets} == {
        "127.0.0.1:18501": "north.validator",
        "localhost:18502": "south.validator",
        "[fd00::3]:18503": "east.node",
    }
    assert {one["labels"]["__scheme__"] for one in targets} == {"https"}
    text = (plan.parent / "east/monitoring/prometheus.yml").read_text()
    assert (plan.parent / "east/monitoring" / text.partition("ca_file: ")[2].strip()).resolve().exists()


# What a planner, or anybody on the way, may try.


def with_key(plan: NetworkPlan, organization: str, keys: Mapping[str, PrivateKey]) -> Offer:
    """An offer made with these keys."""
    members = {name: key for name, key in keys.items() if name != organization}
    return make_offer(plan, organization, keys[organization], members)


def forged(plan: Path, organization: str = "south") -> Offer:
    """An offer in the name of an organization, root and all, by somebody who has none of its keys."""
    return with_key(Papers(plan).plan, organization, {name: random_key() for name in keys_of(plan.with_name(organization))})


def swapped_certificate(plan: Path) -> Offer:
    """South's offer with a certificate for its validator that the planner issued."""
    own = Papers(plan).offer("south")
    other = forged(plan).certificates["south.validator"]
    return replace(own, certificates={**own.certificates, "south.validator": other})


def swapped_key(plan: Path) -> Offer:
    """South's offer with a key for its validator that South's root once certified, and that did not sign this offer."""
    papers, keys = Papers(plan), keys_of(plan.with_name("south"))
    own, older = papers.offer("south"), {**keys, "south.validator": random_key()}
    _, members = issue_organization(papers.plan.specification, "south", keys["south"], older)
    return replace(own, certificates={**own.certificates, "south.validator": members[0].certificate})


def foreign_key(plan: Path) -> Offer:
    """South offers North's validator key, which it knows from North's offer, as its own admin's."""
    north = keys_of(plan.with_name("north"))["north.validator"]

    class Known(PrivateKey):
        """Only its public half is known: whoever signs with it signs with a key of its own."""

        def sign(self, tag: str, data: bytes) -> Any:
            return random_key().sign(tag, data)

    return with_key(Papers(plan).plan, "south", {**keys_of(plan.with_name("south")), "south.admin": Known(north.seed)})


def same_key(plan: Path) -> Offer:
    """South and North have one key in common, which both hold."""
    north = keys_of(plan.with_name("north"))["north.admin"]
    return with_key(Papers(plan).plan, "south", {**keys_of(plan.with_name("south")), "south.admin": north})


def one_more_member(plan: Path) -> Offer:
    """South certifies an auditor that the plan does not name."""
    text = plan.read_text().replace('localhost:18502" },', 'localhost:18502" },\n  { name = "more", roles = ["auditor"] },')
    planned = parse_plan(text, "plan")
    made = with_key(planned, "south", {**keys_of(plan.with_name("south")), "south.more": random_key()})
    return replace(made, plan=Papers(plan).plan.digest)


def other_times(plan: Path) -> Offer:
    """Certificates that begin at another time than the plan says."""
    planned = parse_plan(plan.read_text().replace("2026-01-01", "2026-01-02"), "plan")
    return replace(with_key(planned, "south", keys_of(plan.with_name("south"))), plan=Papers(plan).plan.digest)


def mixed_names(plan: Path) -> Offer:
    """The certificates of two members change places."""
    own = Papers(plan).offer("south").certificates
    mixed = {"south": own["south"], "south.validator": own["south.admin"], "south.admin": own["south.validator"]}
    return replace(Papers(plan).offer("south"), certificates=mixed)


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        pytest.param(swapped_certificate, "wrong-issuer", id="a certificate is swapped"),
        pytest.param(swapped_key, "no-possession", id="a key of the same member is swapped"),
        pytest.param(foreign_key, "no-possession", id="somebody else's key"),
        pytest.param(same_key, "key-twice", id="one key of two organizations"),
        pytest.param(one_more_member, "bad-offer", id="one more member"),
        pytest.param(other_times, "bad-offer", id="other times"),
        pytest.param(mixed_names, "bad-offer", id="mixed names"),
    ],
)
def test_an_offer_that_was_changed_is_refused(attack: Callable[[Path], Offer], code: str, plan: Path) -> None:
    Papers(plan).write(attack(plan))
    assert refusal(TallystickError, lambda: Papers(plan).genesis).code == code
    before = plan.with_name("genesis.json").read_bytes()
    fails(1, f"[{code}]", "network", "gather", plan)
    fails(1, f"[{code}]", "network", "approve", plan, "north", "--dir", plan.with_name("north"))
    assert plan.with_name("genesis.json").read_bytes() == before
    fails(1, "", "network", "plan", plan)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("delay_ms = 50", "delay_ms = 60"),
        ('asset = "nodes.sample_contract:Asset"', ""),
        ('["admin"] },\n  { name = "li"', '["admin", "trader"] },\n  { name = "li"'),
        ("127.0.0.1:18501", "127.0.0.1:18509"),
        ("tls = true", "tls = false"),
        ("08:00:00+08:00", "08:00:01+08:00"),
    ],
    ids=["a parameter", "the contracts", "a role", "an address", "no TLS", "the start"],
)
def test_a_plan_that_differs_fits_no_offer(old: str, new: str, plan: Path) -> None:
    """The planner hands one organization another plan, or brings offers of an earlier one."""
    plan.write_text(plan.read_text().replace(old, new, 1))
    assert refusal(TallystickError, lambda: Papers(plan).genesis).code == "other-plan"


def _with_role(genesis: dict[str, Any]) -> None:
    genesis["members"][1]["roles"].append("trader")


def _with_contract(genesis: dict[str, Any]) -> None:
    genesis["contracts"][0]["digest"] = "0" * 64


def _with_parameter(genesis: dict[str, Any]) -> None:
    genesis["parameters"]["delay_ms"] = 51


def _with_write(genesis: dict[str, Any]) -> None:
    genesis["writes"].append({"contract": "asset", "collection": "assets", "key": "A", "value": 1})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param(_with_role, "members.1.roles", id="a role"),
        pytest.param(_with_contract, "contracts.0.digest", id="a contract"),
        pytest.param(_with_parameter, "parameters.delay_ms", id="a parameter"),
        pytest.param(_with_write, "writes", id="a value"),
    ],
)
def test_a_genesis_that_does_not_follow_is_not_approved(change: Callable[[dict[str, Any]], None], place: str, plan: Path) -> None:
    path = plan.with_name("genesis.json")
    changed = json.loads(path.read_bytes())
    change(changed)
    path.write_bytes(encode(changed))
    caught = fails(1, "[other-genesis]", "network", "approve", plan, "north", "--dir", plan.with_name("north"))
    assert f"differs in {place}" in caught.stderr.replace("\n", " ")
    assert not plan.with_name("north.approval.json").exists()


def test_a_planner_who_plays_an_organization_is_noticed_by_it_and_by_the_digest_that_it_tells(plan: Path, tmp_path: Path) -> None:
    """North gets a South of the planner's, root and all; South gets the true papers. Each approves what it sees."""
    told_by_south = Papers(plan).genesis.ledger
    north = plan.with_name("north")
    shown = tmp_path / "shown to north" / "plan.toml"
    shutil.copytree(plan.parent, shown.parent)
    keys = {name: random_key() for name in keys_of(plan.with_name("south"))}
    papers = Papers(shown)
    papers.write(with_key(papers.plan, "south", keys))
    papers.gather()
    papers.write(make_approval(papers.plan, papers.genesis.ledger, "south", keys["south"]))
    for name in ("north", "east"):
        office(shown, name).approve()
    assert papers.genesis.ledger != told_by_south
    assert refusal(TallystickError, office(shown, "south").approve).code == "other-offer"
    assert refusal(TallystickError, office(shown, "north").install, told_by_south, HOME).code == "other-genesis"
    assert not (north / "nodes").exists()


def test_one_genesis_is_approved_for_one_plan(plan: Path) -> None:
    """East offers twice, and the planner shows one offer to North and the other to South."""
    office(plan, "north").approve()
    office(plan, "north").approve()
    plan.with_name("north.approval.json").unlink()
    shutil.rmtree(plan.with_name("east"))
    office(plan, "east").offer()
    Papers(plan).gather()
    fails(1, "approved ledger", "network", "approve", plan, "north", "--dir", plan.with_name("north"))
    assert not plan.with_name("north.approval.json").exists()


@pytest.mark.parametrize("name", NAMES)
def test_without_every_approval_no_node_is_made(name: str, plan: Path) -> None:
    ledger = approve_all(plan)
    plan.with_name(f"{name}.approval.json").unlink()
    fails(1, "[approval-missing]", "network", "install", plan, "north", "--ledger", ledger, "--dir", plan.with_name("north"))
    assert not plan.with_name("north").joinpath("nodes").exists()


def test_an_approval_of_another_genesis_or_key_is_refused(plan: Path) -> None:
    ledger = approve_all(plan)
    papers, south = Papers(plan), keys_of(plan.with_name("south"))
    for approval, code in (
        (make_approval(papers.plan, Digest("0" * 64), "south", south["south"]), "other-genesis"),
        (make_approval(papers.plan, ledger, "south", south["south.admin"]), "wrong-signature"),
        (replace(make_approval(papers.plan, ledger, "south", south["south"]), plan=Digest("0" * 64)), "other-plan"),
        (replace(make_approval(papers.plan, ledger, "east", south["south"]), organization="south"), "wrong-signature"),
    ):
        papers.write(approval)
        assert refusal(TallystickError, office(plan, "north").install, ledger, HOME).code == code
    plan.with_name("south.approval.json").write_bytes(plan.with_name("north.approval.json").read_bytes())
    assert refusal(TallystickError, office(plan, "north").install, ledger, HOME).code == "bad-paper"
    assert not plan.with_name("north").joinpath("nodes").exists()


def test_an_offer_is_no_approval_and_the_other_way_round(offered: Path) -> None:
    assert offers.OFFER_TAG != offers.APPROVAL_TAG
    assert {offers.OFFER_TAG, offers.APPROVAL_TAG}.isdisjoint({"transaction", "statement", "genesis", "network-plan"})


def test_no_letter_of_a_paper_can_be_changed(plan: Path) -> None:
    """Each is refused by an error of the tree, wherever it stands."""
    ledger = approve_all(plan)
    for name, stride in (("south.offer.json", 97), ("south.approval.json", 7)):
        path, whole = plan.with_name(name), plan.with_name(name).read_bytes()
        for place in range(0, len(whole), stride):
            for other in {b"0", b"a", b"\xff", b'"'} - {whole[place : place + 1]}:
                path.write_bytes(whole[:place] + other + whole[place + 1 :])
                with pytest.raises(TallystickError):
                    office(plan, "north").install(ledger, HOME)
        path.write_bytes(whole)
    assert not plan.with_name("north").joinpath("nodes").exists()
    assert office(plan, "north").install(ledger, HOME)


def test_a_missing_offer_and_a_broken_one_are_named(plan: Path) -> None:
    for name in ("east", "south"):
        plan.with_name(f"{name}.offer.json").rename(plan.with_name(f"{name}.kept"))
    fails(1, "offer of south, east is missing: `tallystick network offer`", "network", "gather", plan)
    plan.with_name("south.kept").rename(plan.with_name("south.offer.json"))
    plan.with_name("east.offer.json").write_text("{}")
    fails(1, "east.offer.json", "network", "gather", plan)


def test_what_others_wrote_moves_no_terminal(plan: Path) -> None:
    """Names in their papers are shown without control characters."""
    own = Papers(plan).offer("south")
    Papers(plan).write(replace(own, certificates={**own.certificates, "\x1b[2J": ""}))
    assert "\x1b" not in fails(1, "x1b[2J", "network", "gather", plan).stderr
    plan.with_name("east.offer.json").write_bytes(OFFER.encode(replace(own, organization="\x1b[2J")))
    shown = fails(1, "", "network", "plan", plan).stdout
    assert "x1b[2J" in shown
    assert "\x1b" not in shown
    plan.write_text('"\\u001b]0;x\\u0007" = 1\n' + plan.read_text())
    assert "\x1b" not in fails(2, r"\x1b]0;x\x07", "network", "plan", plan).stderr


def test_a_directory_is_that_of_one_organization_and_one_ledger(plan: Path) -> None:
    ledger = approve_all(plan)
    fails(2, "[other-organization]", "network", "offer", plan, "south", "--dir", plan.with_name("north"))
    fails(2, "[unknown-organization]", "network", "offer", plan, "nobody", "--dir", plan.with_name("nobody"))
    office(plan, "north").install(ledger, HOME)
    fails(2, "[already-a-network]", "network", "offer", plan, "north", "--dir", plan.with_name("north"))
    network = plan.parent / "north/network.json"
    network.write_text(network.read_text().replace(ledger, "0" * 64))
    assert refusal(OperatorError, office(plan, "north").install, ledger, HOME).code == "already-a-network"


def test_such_a_network_is_not_started_as_one_of_this_machine(plan: Path) -> None:
    office(plan, "north").install(approve_all(plan), HOME)
    fails(2, "[nodes-elsewhere]", "network", "up", "--dir", plan.with_name("north"))


def test_a_folder_given_another_genesis_does_not_start(plan: Path) -> None:
    """The database in it holds the genesis that was approved."""
    (folder,) = office(plan, "north").install(approve_all(plan), HOME)
    other = read_genesis(folder / "genesis.json")
    changed = Genesis.model_validate_json(other.encode()).model_copy(update={"time_ms": other.time_ms + 1})
    network = (folder / "network.json").read_text().replace(other.ledger, changed.ledger)
    (folder / "genesis.json").write_bytes(changed.encode())
    (folder / "network.json").write_text(network)
    fails(2, "ledger", "node", "run", folder)
    assert read_file(folder / "node.json", NodeFile).member == "north.validator"
