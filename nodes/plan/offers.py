"""What organizations hand over, and the genesis that follows from it: from bytes to a verdict, without a disk.

An offer holds an organization's certificates. Each of its keys, of the root and of every member, signs the whole offer together
with its own name (tag `plan-offer`). The offer names the digest of the plan. So nobody offers a key that it does not hold, takes
a certificate out of an offer or puts another in, or brings an offer of another plan.

The genesis is a function of the plan, all offers, and the contracts that are installed. Every organization computes it by
itself, and its root signs the digest (tag `plan-approval`). What a root signs as certificates begins with other bytes than
what is tagged.

What no signature can show is that the root of an offer belongs to those whom its name means: who hands offers round can make one
for somebody else, root and all. Organizations notice when they tell each other the digest of the genesis by another way:
their own keys are in only one. `office.py` asks for the digest that was told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ledger.codec import Codec, HexDigest, HexSignature
from ledger.contract.contract import ContractSet
from ledger.encoding import encode
from ledger.errors import InputError, JsonValue, VerificationError
from ledger.genesis import Genesis, verify_genesis
from ledger.identity.records import Member
from ledger.identity.x509 import certified_member, read_certificate, verify_root_certificate
from ledger.keys import PrivateKey, verify_tagged_ed25519
from ledger.primitives import Digest, PublicKey, Signature
from nodes.network.specification import build_genesis, certificate_times, issue_organization
from nodes.plan.network_plan import NetworkPlan

OFFER_TAG, APPROVAL_TAG = "plan-offer", "plan-approval"


@dataclass(frozen=True, slots=True)
class Offer:
    """ORGANIZATION.offer.json."""

    format: Literal["tallystick-offer-1"]
    plan: HexDigest
    organization: str
    certificates: dict[str, str]
    """PEM by member id, and by organization for its root."""
    signatures: dict[str, HexSignature]
    """By the same names, with the key of each certificate."""


@dataclass(frozen=True, slots=True)
class Approval:
    """ORGANIZATION.approval.json."""

    format: Literal["tallystick-approval-1"]
    plan: HexDigest
    ledger: HexDigest
    organization: str
    signature: HexSignature
    """Of the organization's root."""


OFFER = Codec(Offer, "bad-paper")
APPROVAL = Codec(Approval, "bad-paper")


def make_offer(plan: NetworkPlan, organization: str, root_key: PrivateKey, keys: Mapping[str, PrivateKey]) -> Offer:
    """The organization's offer, the same bytes for the same keys; `keys` has those of its members."""
    root, members = issue_organization(plan.specification, organization, root_key, keys)
    certificates = {organization: root, **{member.member: member.certificate for member in members}}
    signing = {organization: root_key, **keys}
    signatures = {
        name: signing[name].sign(OFFER_TAG, _offered(plan.digest, organization, certificates, name)) for name in certificates
    }
    return Offer("tallystick-offer-1", plan.digest, organization, certificates, signatures)


def verify_offer(plan: NetworkPlan, offer: Offer) -> list[Member]:
    """The members that the offer certifies, in order of the plan; raises InputError or VerificationError.

    Codes: `other-plan`, `bad-offer`, `bad-certificate`, `wrong-issuer`, `certificate-validity`, `no-possession`.
    """
    # 1. It is for this plan.
    if offer.plan != plan.digest:  # check: offer-plan
        raise VerificationError("other-plan", f"The offer of {offer.organization:.64} is for plan {offer.plan[:16]}….")
    # 2. It names the organization's root and members as the plan does.
    names = plan.members_of(offer.organization)
    if offer.certificates.keys() != {offer.organization, *names}:  # check: offer-members
        message = f"The offer of {offer.organization} has certificates of {sorted(offer.certificates)!r:.400}."
        raise InputError("bad-offer", f"{message} The plan names {', '.join(names)}.")
    # 3. The root issued each certificate, for this member and the times of the plan.
    root = offer.certificates[offer.organization]
    verify_root_certificate(root, offer.organization)
    roles, times = dict(plan.specification.members()), certificate_times(plan.specification)
    members = [certified_member(offer.certificates[name], root, roles[name]) for name in names]
    for name, member in zip(names, members, strict=True):
        if (member.member, member.not_before_ms, member.not_after_ms) != (name, *times):  # check: offer-certificate
            raise InputError("bad-offer", f"The certificate for {name} is that of {member.member}, or has other times.")
    # 4. Whoever made the offer holds the key of each certificate.
    for name in offer.certificates:
        key = read_certificate(offer.certificates[name]).public_key
        data = _offered(offer.plan, offer.organization, offer.certificates, name)
        try:
            verify_tagged_ed25519(key, OFFER_TAG, data, offer.signatures.get(name, Signature("")))  # check: offer-possession
        except VerificationError as error:
            message = f"The key of {name} did not sign the offer of {offer.organization}: it may be somebody else's."
            raise VerificationError("no-possession", message) from error
    return members


def gathered_genesis(plan: NetworkPlan, offers: Mapping[str, Offer], contracts: ContractSet) -> Genesis:
    """The one genesis of a plan and the offers of all its organizations; raises as `verify_offer`.

    Codes besides: `offer-missing`, `key-twice`.
    """
    roots, members, owners = dict[str, str](), list[Member](), dict[PublicKey, str]()
    missing = [organization.name for organization in plan.organizations if organization.name not in offers]
    if missing:  # check: offer-missing
        message = f"The offer of {', '.join(missing)} is missing: `tallystick network offer` makes it; it lies beside the plan."
        raise InputError("offer-missing", message)
    for organization in plan.organizations:
        offer = offers[organization.name]
        members += verify_offer(plan, offer)
        roots[organization.name] = offer.certificates[organization.name]
        for name, certificate in offer.certificates.items():
            key = read_certificate(certificate).public_key
            if key in owners:  # check: offer-key-twice
                raise InputError("key-twice", f"{name} and {owners[key]} have the same key {key[:16]}….")
            owners[key] = name
    genesis = build_genesis(plan.specification, roots, members, contracts)
    verify_genesis(genesis)
    return genesis


def make_approval(plan: NetworkPlan, ledger: Digest, organization: str, root_key: PrivateKey) -> Approval:
    """The organization's approval of that genesis."""
    signature = root_key.sign(APPROVAL_TAG, _approved(plan.digest, ledger, organization))
    return Approval("tallystick-approval-1", plan.digest, ledger, organization, signature)


def verify_approval(plan: NetworkPlan, genesis: Genesis, approval: Approval) -> None:
    """Raises VerificationError `other-plan`, `other-genesis` or `wrong-signature`."""
    name = approval.organization
    plan.members_of(name)
    if approval.plan != plan.digest:  # check: approval-plan
        raise VerificationError("other-plan", f"The approval of {name} is for plan {approval.plan[:16]}….")
    if approval.ledger != genesis.ledger:  # check: approval-genesis
        message = f"{name} approved the genesis {approval.ledger[:16]}…; from the plan and these offers follows"
        raise VerificationError("other-genesis", f"{message} {genesis.ledger[:16]}….")
    root = next(one.root_certificate for one in genesis.organizations if one.name == name)
    data = _approved(approval.plan, approval.ledger, name)
    verify_tagged_ed25519(read_certificate(root).public_key, APPROVAL_TAG, data, approval.signature)  # check: approval-signature


def root_key_of(offer: Offer) -> PublicKey:
    """Public key of the offer's root."""
    return read_certificate(offer.certificates[offer.organization]).public_key


def first_difference(expected: JsonValue, found: JsonValue, place: str = "") -> str:
    """The place of the first difference between two values, empty if they are equal."""
    if isinstance(expected, dict) and isinstance(found, dict):
        pairs = [(name, expected.get(name), found.get(name)) for name in sorted(expected.keys() | found.keys())]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(str(index), *pair) for index, pair in enumerate(zip(expected, found, strict=True))]
    else:
        return "" if expected == found else place or "the whole"
    inside = (first_difference(one, other, f"{place}.{name}".strip(".")) for name, one, other in pairs)
    return next(filter(None, inside), "")


def _offered(plan: str, organization: str, certificates: Mapping[str, str], name: str) -> bytes:
    """What the key of that name signs."""
    return encode({"certificates": dict(certificates), "name": name, "organization": organization, "plan": plan})


def _approved(plan: str, ledger: str, organization: str) -> bytes:
    return encode({"ledger": ledger, "organization": organization, "plan": plan})
