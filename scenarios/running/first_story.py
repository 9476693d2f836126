"""The workshop's own story, told on its own network: a crate of tea is passed on, and whoever cheats is turned away.

It needs no trade to be understood, and shows in sixteen steps what every other story rests on: a rule that says no, an
envelope that counts once, a signature that nobody can lend, and a record of it all that everybody holds.
"""

from collections.abc import Iterator
from dataclasses import replace

from ledger.contract import Operation
from ledger.contract.refusal import Phrase
from ledger.identity.records import Parameters
from nodes.network.specification import NetworkSpecification, default_specification
from nodes.sample_contract import Asset, Holding
from scenarios.client_files import ClientFiles
from scenarios.dates import START_MS
from scenarios.identifiers import organization_of
from scenarios.story.play import played_events, rows
from scenarios.story.story import Act, Call, Ending, Finding, PlayedStory, Scenario, Snapshot, Story, StoryWriter

CONTRACTS = (
    ("asset", "nodes.sample_contract:Asset"),
    ("foreign", "nodes.foreign.contract:Foreign"),
    ("loans", "scenarios.workshop.loans:Loans"),
    ("tender", "scenarios.workshop.tender:Tendering"),
)
LIFETIME_MS = 8 * 3_600_000
"""An envelope stays good for this long, or half of it if a client signs it: what an exercise lays out may be used at its end,
and what waits for a quorum waits on while people talk.
"""
GARDEN, MERCHANT, BLENDER, HOUSE = "north.member1", "south.member1", "east.member1", "west.member1"
CRATE, SECOND, THIRD = "tea-1", "tea-2", "tea-3"
CAST = {
    GARDEN: Phrase("Lin's tea garden", "林家茶园"),
    MERCHANT: Phrase("Chen, tea merchant", "茶商老陈"),
    BLENDER: Phrase("Wang, tea blender", "拼茶师王师傅"),
    HOUSE: Phrase("Zhou's tea house", "周记茶馆"),
}
TERMS = {
    "number": Phrase("crate", "箱号"),
    "to": Phrase("to", "交给"),
    "holder": Phrase("holder", "持有人"),
    "version": Phrase("times handed on", "转手次数"),
    "assets": Phrase("assets", "资产"),
}


def workshop_network(start_time_ms: int) -> NetworkSpecification:
    """Four organizations, each with a validator, an admin and four members: `north.member1`, …; the labs run on it too."""
    parameters = Parameters(transaction_lifetime_max_ms=LIFETIME_MS)
    return replace(default_specification(start_time_ms, parameters=parameters), contracts=CONTRACTS)


# A story reads like a script, with each step's words beside it.
# fmt: off


def tell() -> Story:
    """Sixteen steps in four chapters."""
    writer = StoryWriter()
    _handed_on(writer)
    _refused(writer)
    _at_the_door(writer)
    _arrived(writer)
    return writer.story()


def _handed_on(writer: StoryWriter) -> None:
    step = writer.step
    writer.chapter(en="A crate of tea changes hands", zh="一箱茶几经转手")
    step(GARDEN, Asset.issue, number=CRATE, to=GARDEN,
         en="Lin's tea garden enters a crate of spring tea on the ledger. It is called tea-1, and the garden holds it.",
         zh="林家茶园把一箱春茶登上账本，编号 tea-1，持有人是茶园自己。")
    step(GARDEN, Asset.transfer, number=CRATE, to=MERCHANT,
         en="The garden sells it to Chen, the merchant, and signs it over to him.", zh="茶园把它卖给茶商老陈，签名转让。")
    writer.clock(1, en="A night passes: the clock of every node moves on to the next morning.",
                 zh="过了一夜：每个节点的时钟都拨到了第二天早上。")
    step(MERCHANT, Asset.transfer, number=CRATE, to=BLENDER, label="sale",
         en="Chen sells the crate on to Wang, who blends teas.", zh="老陈转手把这箱茶卖给拼茶的王师傅。")


def _refused(writer: StoryWriter) -> None:
    step = writer.step
    writer.chapter(en="What the rules refuse", zh="规则不答应的事")
    step(MERCHANT, Asset.transfer, number=CRATE, to=HOUSE, refused="not-holder",
         en="Chen sells the same crate a second time, to Zhou's tea house. But it is not his any more.",
         zh="老陈想一货两卖，把同一箱茶再卖给周记茶馆——可茶已经不是他的了。")
    step(HOUSE, Asset.transfer, number=CRATE, to=HOUSE, refused="not-holder",
         en="Zhou is tired of waiting and signs the crate over to himself.",
         zh="周老板等不及了，自己签字把这箱茶转到自己名下。")
    step(GARDEN, Asset.issue, number=CRATE, to=GARDEN, refused="already-issued",
         en="The garden enters tea-1 once more, as if there were two of it.", zh="茶园又登记了一次 tea-1，好像有两箱似的。")
    step(HOUSE, Asset.transfer, number="tea-9", to=BLENDER, refused="not-found",
         en="Zhou passes on tea-9, a crate that nobody has ever entered.", zh="周老板转让 tea-9——一箱从来没有人登记过的茶。")


def _at_the_door(writer: StoryWriter) -> None:
    step = writer.step
    writer.chapter(en="What does not even reach the ledger", zh="连账本的门都进不了")
    writer.again("sale", en="The envelope of Chen's sale comes once more, byte for byte as he signed it.",
                 zh="老陈卖茶的那个信封又来了一次，和他当初签的一字不差。")
    forged = Call(Asset.transfer, {"number": CRATE, "to": HOUSE}, signers=(BLENDER,), forger=HOUSE)
    words = Phrase("Zhou writes a transfer in Wang's name and signs it with his own key.",
                   "周老板冒用王师傅的名义写了一份转让，用的却是自己的密钥签名。")
    writer.add(Act((HOUSE,), (forged,), Ending("problem", "wrong-signature"), words))
    step(MERCHANT, _unknown("recall"), problem="unknown-operation", number=CRATE,
         en="Chen wants the crate back and calls an operation that the contract does not have.",
         zh="老陈想把茶要回来，调用了一个合约里根本没有的操作。")
    step(BLENDER, Asset.transfer, problem="bad-arguments", number=CRATE,
         en="Wang sends a transfer and forgets to say to whom.", zh="王师傅提交转让，却忘了写转给谁。")


def _arrived(writer: StoryWriter) -> None:
    writer.chapter(en="The tea arrives", zh="茶到了")
    writer.clock(3, en="Two days later the tea is blended.", zh="两天之后，茶拼好了。")
    writer.batch(GARDEN, [(Asset.issue, {"number": SECOND, "to": GARDEN}), (Asset.issue, {"number": THIRD, "to": MERCHANT})],
                 en="The garden enters two more crates in one go: one for itself, one for Chen.",
                 zh="茶园一次登记了两箱新茶：一箱自己留着，一箱给老陈。")
    writer.step(BLENDER, Asset.transfer, number=CRATE, to=HOUSE,
                en="Wang sells tea-1 to the tea house. This time whoever signs also holds it.",
                zh="王师傅把 tea-1 卖给周记茶馆。这一回，签字的人正是持有人。")
    writer.inspect(HOUSE, _is_served,
                   en="Zhou looks for himself: one crate tea-1, his own, handed on three times. He puts the kettle on.",
                   zh="周老板亲自核对：tea-1 只有一箱，归自己所有，转手三次。可以烧水了。")


# fmt: on


def _is_served(files: ClientFiles, state: Snapshot) -> str:
    return "" if state["assets"].get(CRATE) == Holding(holder=HOUSE, version=3) else "not-holder"


def _unknown(name: str) -> Operation:
    """An operation that the contract does not have."""

    def missing() -> None:
        raise NotImplementedError("no contract has it")

    missing.__name__ = name
    return Operation(missing, Asset.transfer.policy, Asset.name)


def judge(played_story: PlayedStory) -> tuple[Finding, ...]:
    """What must be true of all crates at the end."""
    return (
        Finding("T1", Phrase("A crate was entered once, and none is there that nobody entered.",
                            "每箱茶只登记过一次，账本上没有来历不明的茶。"), tuple(_entered(played_story))),
        Finding("T2", Phrase("A crate was handed on as often as its record says.",
                            "每箱茶的转手次数与实际转让次数一致。"), tuple(_handed(played_story))),
    )  # fmt: skip


def _entered(played_story: PlayedStory) -> Iterator[str]:
    issued = [str(one.data["number"]) for one in played_events(played_story) if one.name == "issued"]
    yield from sorted({number for number in issued if issued.count(number) > 1})
    yield from sorted(set(issued) ^ played_story.records["assets"].keys())


def _handed(played_story: PlayedStory) -> Iterator[str]:
    handed = [
        str(arguments["number"])
        for played in played_story.steps
        if isinstance(played.step, Act)
        for call, arguments, outcome in zip(played.step.calls, played.arguments, played.outcomes, strict=True)
        if call.operation is Asset.transfer and outcome.outcome == "committed"
    ]
    holdings = rows(played_story.records, "assets", Holding)
    yield from (number for number, holding in holdings.items() if holding.version != handed.count(number))


FIRST_STORY = Scenario(
    name="first-steps",
    title=Phrase("A crate of tea", "一箱茶"),
    summary=Phrase(
        "Four organizations pass a crate of tea on. Some try to cheat: they sell it twice, take what is not theirs, forge a "
        "signature. Every attempt fails, and everybody can see why.",
        "四家组织转让一箱茶。有人想作弊：一货两卖、拿不属于自己的东西、伪造签名。每次都没有得逞，而且人人都看得到原因。",
    ),
    contract=Asset,
    specification=lambda: workshop_network(START_MS),
    story=tell,
    findings=judge,
    exhibits=lambda played_story: (),
    key_figures=lambda played_story: (),
    cast=CAST,
    sources={},
    operator=organization_of(HOUSE),
    terms=TERMS,
)
