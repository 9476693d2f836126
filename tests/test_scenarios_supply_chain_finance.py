"""What operations of supply-chain finance write."""

import pytest

from ledger.contract.test_kit import check_contract
from ledger.contract.words import words_of
from ledger.identity.records import Member
from scenarios.dates import on
from scenarios.fractional import PARTS_MAX
from scenarios.supply_chain_finance import cast
from scenarios.supply_chain_finance.certificates import DEPTH_MAX, LEAVES_MAX
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from tests import scf_rules, trade_rules
from tests import scf_world as given
from tests.scf_world import World


def test_every_declared_refusal_is_tried() -> None:
    assert {trade_rules.code_of(rule) for rule in scf_rules.RULES} == set(words_of(Scf).refusals)


def test_a_signature_of_the_settlement_bank_is_asked_of_everybody_who_moves_money() -> None:
    moving = ("disburse", "pay_at_maturity", "pay_recourse")
    assert all("role:settlement-bank" in Scf.operations[name].policy.text() for name in moving)
    code = given.registered().code(cast.YANSHAN, Scf.disburse, certificate=given.ROOT, net_cents=given.NET)
    assert code == "policy-not-satisfied"


def test_one_root_of_the_most_leaves_is_paid_in_one_transaction() -> None:
    world = given.invoiced(
        given.wide().do(cast.LULIN, Scf.accept, certificate=f"{given.ROOT}-{PARTS_MAX}"), "M", cast.MINGHE, cast.LULIN, given.FACE
    )
    rest = given.FACE - PARTS_MAX + 1
    parts = [
        *(given.part(cast.LULIN, 1) for _ in range(LEAVES_MAX - PARTS_MAX)),
        given.part(cast.MINGHE, rest - LEAVES_MAX + PARTS_MAX, "M"),
    ]
    world.do(cast.LULIN, Scf.split_transfer, certificate=f"{given.ROOT}-{PARTS_MAX}", parts=parts).at("2026-10-05")
    world.do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=given.FACE)
    assert world.contract.obligors[cast.HAIHE].outstanding_cents == 0
    assert world.contract.accounts[cast.HAIHE].change_cents == -given.FACE


def test_an_offer_that_is_declined_goes_back_and_its_invoice_with_it() -> None:
    world = given.held()
    parts = [given.part(cast.BEICHEN, 4 * given.MILLION), given.part(cast.LULIN, 6 * given.MILLION, "L")]
    world.do(cast.BEICHEN, Scf.split_transfer, certificate=given.ROOT, parts=parts).do(cast.LULIN, Scf.reject, certificate="R-2")
    returned = world.contract.certificates["R-2-1"]
    assert (returned.state, returned.holder, returned.amount_cents) == ("active", cast.BEICHEN, 6 * given.MILLION)
    assert world.contract.invoices["L"].used_cents == 0


@pytest.mark.parametrize("ending", ["reject", "void", "expire"])
def test_a_root_that_nobody_takes_ends_and_frees_line_and_invoice(ending: str) -> None:
    world = given.issued()
    if ending == "expire":
        world.at("2026-04-20")
    signer = {"reject": cast.BEICHEN, "void": cast.HAIHE, "expire": cast.XINYUAN}[ending]
    world.do(signer, Scf.operations[ending], certificate=given.ROOT)
    assert world.contract.obligors[cast.HAIHE].outstanding_cents == 0
    assert world.contract.invoices["A"].used_cents == 0
    assert world.contract.certificates[given.ROOT].state in ("rejected", "void", "expired")


def test_a_partial_payment_is_shared_to_the_cent_blocks_and_a_late_one_cures() -> None:
    world = given.split(given.held()).at("2026-10-05")
    world.do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=333_333_33)
    leaves = [world.contract.certificates[name] for name in ("R-1", "R-2")]
    assert [leaf.paid_cents for leaf in leaves] == [133_333_33, 200_000_00]
    assert {leaf.state for leaf in leaves} == {"overdue"}
    assert world.contract.obligors[cast.HAIHE].blocked
    world.at("2026-10-20").do(
        (cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=given.FACE - 333_333_33
    )
    obligor = world.contract.obligors[cast.HAIHE]
    assert (obligor.outstanding_cents, obligor.overdue_cents, obligor.blocked) == (0, 0, False)


def test_after_recourse_the_core_owes_the_seller() -> None:
    world = given.overdue().do(cast.YANSHAN, Scf.claim_recourse, certificate=given.ROOT)
    world.do((cast.BEICHEN, cast.CLEARING), Scf.pay_recourse, certificate=given.ROOT)
    world.at("2026-10-20").do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=given.FACE)
    assert world.contract.certificates[given.ROOT].holder == cast.BEICHEN
    changes = {name: account.change_cents for name, account in world.contract.accounts.items()}
    assert changes[cast.BEICHEN] == given.NET
    assert changes[cast.YANSHAN] == given.FACE - given.NET
    assert sum(changes.values()) == 0


def test_a_round_trip_and_a_similar_invoice_are_marked_and_inherited() -> None:
    world = given.invoiced(given.split(given.held()), "B", cast.BEICHEN, cast.LULIN, given.FACE)
    world.do(
        cast.LULIN,
        Scf.split_transfer,
        certificate="R-2",
        parts=[given.part(cast.LULIN, 1), given.part(cast.BEICHEN, 6 * given.MILLION - 1, "B")],
    )
    assert world.contract.certificates["R-2-1"].flags == ()
    assert world.contract.certificates["R-2-2"].flags == ("round-trip",)
    world = given.opened()
    for name in ("X-001-1", "X-001-2"):
        world.do((cast.BEICHEN, cast.REGISTRY), Scf.register_invoice, **given.registration(name, name, cast.BEICHEN, cast.HAIHE))
    assert world.contract.invoices["X-001-1"].resembles == ""
    assert world.contract.invoices["X-001-2"].resembles == "X-001-1"


def test_leading_zeros_and_letters_of_lines_make_invoices_alike() -> None:
    world = given.opened()
    for name in ("BC-0327", "BC-327", "BC-327-B"):
        world.do((cast.BEICHEN, cast.REGISTRY), Scf.register_invoice, **given.registration(name, name, cast.BEICHEN, cast.HAIHE))
    assert [world.contract.invoices[name].resembles for name in ("BC-0327", "BC-327", "BC-327-B")] == ["", "BC-0327", "BC-0327"]


def test_parts_of_the_longest_number_at_the_greatest_depth_can_be_named() -> None:
    world = given.invoiced(given.opened(), "A", cast.BEICHEN, cast.HAIHE, given.FACE).at("2026-04-03")
    name = "N" * 64
    world.do(cast.HAIHE, Scf.issue, **given.issue(name)).do(cast.BEICHEN, Scf.accept, certificate=name)
    for step in range(DEPTH_MAX):
        given.invoiced(world, f"{step}", cast.LULIN, cast.BEICHEN, given.FACE)
        world.do(cast.BEICHEN, Scf.split_transfer, certificate=name, parts=[given.part(cast.LULIN, given.FACE, f"{step}")])
        world.do(cast.LULIN, Scf.reject, certificate=f"{name}-1")
        name += "-1-1"
    assert world.code(cast.BEICHEN, Scf.apply_finance, **given.terms(certificate=name)) == "ok"
    assert world.code(cast.HAIHE, Scf.issue, **given.issue("N" * 65)) == "bad-arguments"


def test_what_falls_due_is_booked_by_day_until_it_is_paid_or_written_off() -> None:
    world = given.issued()
    due = {f"{cast.HAIHE}:{on('2026-10-01'):015}": given.FACE}
    assert maturities(world) == {}
    assert maturities(world.do(cast.BEICHEN, Scf.accept, certificate=given.ROOT)) == due
    given.invoiced(world, "L", cast.LULIN, cast.BEICHEN, given.FACE)
    given.split(world)
    assert maturities(world) == due
    world.at("2026-10-05").do(
        (cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=5 * given.MILLION
    )
    assert list(maturities(world).values()) == [5 * given.MILLION]
    world.do(cast.LULIN, Scf.write_off, certificate="R-2")
    assert list(maturities(world).values()) == [2 * given.MILLION]
    world.do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=2 * given.MILLION)
    assert maturities(world) == {}


def maturities(world: World) -> dict[str, int]:
    return {key: row.owed_cents for key, row in world.contract.maturities.items()}


def test_the_registry_answers_yes_or_no_and_not_who() -> None:
    world = given.registered().do(cast.LANHAI, Scf.query_registry, certificate=given.ROOT)
    assert world.events[-1] == ("registry-answered", {"certificate": given.ROOT, "assigned": True})


def test_released_by_its_bank_a_certificate_is_free_and_its_registration_gone() -> None:
    world = given.registered().do(cast.YANSHAN, Scf.release, certificate=given.ROOT)
    assert world.contract.certificates[given.ROOT].state == "active"
    assert world.contract.registrations[given.ROOT].state == "cancelled"
    assert world.code(cast.BEICHEN, Scf.apply_finance, **given.terms(bank=cast.LANHAI)) == "ok"


def test_who_may_read_a_sealed_invoice() -> None:
    world = given.sealed(given.held(), "S", cast.LULIN, cast.BEICHEN)
    assert readers(world, "S") == {cast.LULIN, cast.BEICHEN, cast.REGULATOR}
    world.do(cast.BEICHEN, Scf.split_transfer, certificate=given.ROOT, parts=[given.part(cast.LULIN, given.FACE, "S")]).do(
        cast.LULIN, Scf.accept, certificate="R-1"
    )
    assert readers(world, "S") == {cast.LULIN, cast.BEICHEN, cast.REGULATOR}
    world.do(cast.LULIN, Scf.apply_finance, **given.terms(certificate="R-1", bank=cast.LANHAI))
    assert readers(world, "S") == {cast.LULIN, cast.BEICHEN, cast.REGULATOR, cast.LANHAI}
    world.do(cast.LANHAI, Scf.release, certificate="R-1")
    assert readers(world, "S") == {cast.LULIN, cast.BEICHEN, cast.REGULATOR}


def test_a_bank_below_reads_the_invoices_above_and_a_neighbour_does_not() -> None:
    world = given.sealed(given.held(), "S", cast.LULIN, cast.BEICHEN)
    world.do(
        cast.BEICHEN,
        Scf.split_transfer,
        certificate=given.ROOT,
        parts=[given.part(cast.LULIN, 4 * given.MILLION, "S"), given.part(cast.LULIN, 6 * given.MILLION, "L")],
    )
    world.do(cast.LULIN, Scf.accept, certificate="R-1").do(cast.LULIN, Scf.accept, certificate="R-2")
    world.do(cast.LULIN, Scf.apply_finance, **given.terms(certificate="R-2", bank=cast.LANHAI))
    assert cast.LANHAI not in readers(world, "S")
    given.invoiced(world, "M", cast.MINGHE, cast.LULIN, given.FACE)
    world.do(cast.LULIN, Scf.split_transfer, certificate="R-1", parts=[given.part(cast.MINGHE, 4 * given.MILLION, "M")]).do(
        cast.MINGHE, Scf.accept, certificate="R-1-1"
    )
    world.do(cast.MINGHE, Scf.apply_finance, **given.terms(certificate="R-1-1", bank=cast.YANSHAN))
    assert cast.YANSHAN in readers(world, "S")
    assert readers(world, "L") >= {cast.XINYUAN, cast.TUOHAI}, "what is open is open to all"


def readers(world: World, invoice: str) -> set[str]:
    """Members that may open an invoice; asking changes nothing."""
    people = (
        cast.HAIHE,
        cast.TUOHAI,
        cast.BEICHEN,
        cast.LULIN,
        cast.MINGHE,
        cast.XINYUAN,
        cast.YANSHAN,
        cast.LANHAI,
        cast.TONGDA,
        cast.REGISTRY,
        cast.CLEARING,
        cast.REGULATOR,
    )
    before = world.state.writes()
    found = set()
    for person in people:
        reader = world.context(person).signers[0]
        if Scf.read_rule(world.state, world.contract.invoices[invoice], reader, world.time_ms, 1):
            found.add(person)
    assert world.state.writes() == before
    return found


def test_random_operations_end_or_are_refused_by_a_declared_rule() -> None:
    members = [
        Member(
            member=p["member"], public_key="0" * 64, roles=tuple(p["roles"]), not_before_ms=0, not_after_ms=10**14, certificate=""
        )
        for p in cast.MEMBERS
    ]
    check_contract(Scf, members=members, examples=40)
