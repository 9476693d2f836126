"""What a contract may import: each module with the names that it may take from there, and nothing else of it.

A module's own list of names will not do: pydantic's holds `ImportString`, functools' holds `cache`, and most modules hold
others (`dataclasses.sys`). A name stands here because its result is the same on every machine and in every version of
Python that Tallystick runs on, and because nothing that it makes outlives an operation by itself. Left out for that:
`itertools.batched` (Python 3.12), `unicodedata.numeric` (a float), `hashlib.new` and `md5` (which ones a machine has),
`collections.abc.Set` (its order), pydantic's dates (they ask the clock) and `ValidationError` (its words differ).
"""

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULES: Mapping[str, frozenset[str]] = {
    # Of Tallystick
    "ledger.contract": _names("""
        AllOf AnyOf Anyone Collection Context Contract DigestText Identifier Integer Member MemberId MemberIs NonNegative
        Opening Operation OrganizationIs OutOf Policy Positive ReadRule Record Refusal Role Sealed Text Timestamp operation
    """),
    "ledger.contract.calendar": _names("""
        DAY_MS add_days add_months civil_date date_text day_from_date day_number day_of days_30_360 days_between
        next_working_day weekday
    """),
    "ledger.contract.records": _names("""
        DigestText Identifier Integer MemberId NonNegative Positive Record TEXT_LENGTH_MAX TIMESTAMP_MAX Text Timestamp json_of
    """),
    "ledger.contract.sealed": _names("""
        Disclosure Opening Sealed disclose parse_disclosure parse_opening sealed_digest verify_disclosure verify_opening
    """),
    "ledger.encoding": _names("decode decode_object digest digest_bytes encode"),
    "ledger.identity.records": _names("GOVERNANCE MEMBERSHIP Member Organization Parameters StateModel"),
    "ledger.merkle": _names("""
        EMPTY_ROOT consistency_proof consistency_ranges inclusion_proof inclusion_ranges leaf_hash node_hash root split
        verify_consistency verify_inclusion
    """),
    "ledger.primitives": _names("DEPTH_MAX Digest INTEGER_MAX NO_DIGEST PublicKey is_digest is_member_id"),
    # Of Python
    "__future__": _names("annotations"),
    "abc": _names("ABC abstractmethod"),
    "bisect": _names("bisect bisect_left bisect_right insort insort_left insort_right"),
    "collections": _names("ChainMap Counter OrderedDict defaultdict deque namedtuple"),
    "collections.abc": _names("""
        Callable Collection Container Generator Hashable Iterable Iterator Mapping MutableMapping MutableSequence Reversible
        Sequence Sized
    """),
    "dataclasses": _names("InitVar KW_ONLY asdict astuple dataclass field fields is_dataclass replace"),
    "enum": _names("Enum Flag IntEnum IntFlag StrEnum auto unique"),
    "fractions": _names("Fraction"),
    "functools": _names("cmp_to_key partial reduce total_ordering wraps"),
    "hashlib": _names("blake2b blake2s sha224 sha256 sha384 sha3_256 sha3_384 sha3_512 sha512"),
    "heapq": _names("heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest"),
    "itertools": _names("""
        accumulate chain combinations combinations_with_replacement compress count cycle dropwhile filterfalse groupby islice
        pairwise permutations product repeat starmap takewhile tee zip_longest
    """),
    "re": _names("""
        A ASCII DOTALL I IGNORECASE M MULTILINE Match Pattern S VERBOSE X compile error escape findall finditer fullmatch match
        search split sub subn
    """),
    "string": _names("ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits punctuation whitespace"),
    "typing": _names("""
        Annotated Any Callable ClassVar Final Generic Iterable Iterator Literal Mapping NamedTuple Never NewType NoReturn
        Optional Protocol Self Sequence TypeAlias TypeGuard TypeVar TypedDict Union assert_never cast final get_args overload
    """),
    "unicodedata": _names("category combining decimal digit east_asian_width is_normalized normalize"),
}
"""Of these `unicodedata`, `re` and the methods of `str` know more characters in a newer Python; those known before stay."""
LIBRARIES: Mapping[str, tuple[str, tuple[int, ...], tuple[int, ...]]] = {
    "pydantic": ("pydantic", (2, 9), (3,)),
    "stdnum": ("python-stdnum", (1, 20), (3,)),
}
"""Top-level module → distribution, first version allowed, first version not allowed any more."""
OF_LIBRARIES: Mapping[str, frozenset[str]] = {
    "pydantic": _names("""
        AfterValidator BaseModel BeforeValidator ConfigDict Discriminator Field NegativeInt NonNegativeInt NonPositiveInt
        PlainValidator PositiveInt RootModel StrictBool StrictBytes StrictInt StrictStr StringConstraints Tag WrapValidator
        conint constr field_serializer field_validator model_serializer model_validator
    """),
    "stdnum": _names("calc_check_digit calc_check_digits checksum compact format is_valid validate"),
}
"""Names that may be taken from a library and from each of its submodules."""
NOT_OF_LIBRARIES = _names("""
    pydantic.deprecated pydantic.v1 stdnum.be.nn stdnum.by.unp stdnum.ch.uid stdnum.de.handelsregisternummer stdnum.dk.cpr
    stdnum.do.ncf stdnum.do.rnc stdnum.eu.vat stdnum.kr.rrn stdnum.no.fodselsnummer stdnum.ro.onrc stdnum.se.personnummer
    stdnum.sg.uen stdnum.tr.tckimlik stdnum.util stdnum.za.idnr
""")
"""Submodules that ask a clock or a network, or behave otherwise than the library that they are of."""
