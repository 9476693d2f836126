"""Conditional requests: what a caller holds already is answered with 304, and who may keep what is said truly."""

import pytest

from tests.http_support import FakeNode

VALUE, LIST, BLOCK = "/v1/state/asset/assets/A", "/v1/state/asset/assets", "/v1/blocks/1"


@pytest.fixture
def node() -> FakeNode:
    node = FakeNode()
    node.issue("A")
    return node


@pytest.mark.parametrize("path", [VALUE, LIST, BLOCK, "/v1/blocks/0", "/v1/blocks/latest"])
@pytest.mark.parametrize("form", ["{}", "*", '"other", {}', "W/{}"])
async def test_what_is_held_is_not_sent_again(node: FakeNode, path: str, form: str) -> None:
    first = await node.http.get(path)
    given = form.format(first.headers["etag"].removeprefix("W/"))
    again = await node.http.get(path, {"if-none-match": given})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == first.headers["cache-control"]
    for other in ('"other"', "", "other", "**"):
        assert (await node.http.get(path, {"if-none-match": other})).status == 200


async def test_the_state_has_a_weak_tag_that_follows_it(node: FakeNode) -> None:
    head = node.decided.chain.head
    assert head is not None
    for path in (VALUE, LIST):
        answer = await node.http.get(path)
        assert (answer.headers["etag"], answer.headers["cache-control"]) == (f'W/"{head.state_root}"', "public, no-cache")
    node.issue("B")
    assert (await node.http.get(LIST, {"if-none-match": answer.headers["etag"]})).status == 200


async def test_what_never_changes_has_a_strong_tag_and_may_be_kept(node: FakeNode) -> None:
    first = await node.http.get(BLOCK)
    assert first.headers["etag"].startswith('"')
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    latest = await node.http.get("/v1/blocks/latest")
    assert (latest.headers["etag"], latest.headers["cache-control"]) == (first.headers["etag"], "public, no-cache")
    assert (await node.http.get(BLOCK, proof="true")).headers["etag"] != first.headers["etag"]
    page = await node.http.get(LIST, at=1)
    assert page.headers["cache-control"] == "public, max-age=31536000, immutable"
    node.issue("B")
    assert (await node.http.get(BLOCK)).headers["etag"] == first.headers["etag"]
    assert (await node.http.get(LIST, {"if-none-match": page.headers["etag"]}, at=1)).status == 304


async def test_a_final_transaction_is_known_by_its_id_and_its_language(node: FakeNode) -> None:
    (transaction,) = node.issue("A")
    path = f"/v1/transactions/{transaction.id}"
    english = await node.http.get(path)
    assert english.headers["vary"] == "authorization, accept-language, accept"
    node.issue("B")
    assert (await node.http.get(path, {"if-none-match": english.headers["etag"]})).status == 304
    chinese = await node.http.get(path, {"if-none-match": english.headers["etag"], "accept-language": "zh"})
    assert (chinese.status, chinese.json["sentence"]) == (200, "资产 A 已存在。")


async def test_what_is_not_final_is_not_kept(node: FakeNode) -> None:
    transaction = node.decided.issue("B")
    path = f"/v1/transactions/{transaction.id}"
    for _ in ("unknown", "pending"):
        answer = await node.http.get(path, {"if-none-match": "*"})
        assert (answer.status, answer.headers["cache-control"], "etag" in answer.headers) == (200, "no-store", False)
        node.submit((transaction,))


async def test_what_is_not_there_is_never_unchanged(node: FakeNode) -> None:
    etag = (await node.http.get(VALUE)).headers["etag"]
    for given in (etag, "*"):
        for path in ("/v1/state/asset/assets/Z", "/v1/blocks/9"):
            assert (await node.http.get(path, {"if-none-match": given})).status == 404


async def test_what_a_member_was_given_is_private(node: FakeNode) -> None:
    for path, kept in ((VALUE, "no-cache"), (BLOCK, "max-age=31536000, immutable")):
        answer = await node.http.get(path, {"authorization": "Bearer x"})
        assert answer.headers["cache-control"] == f"private, {kept}"
        assert "authorization" in answer.headers["vary"]


async def test_a_tag_tells_nothing_to_whoever_may_not_read() -> None:
    node = FakeNode(reads="members")
    node.issue("A")
    for path in (VALUE, LIST, BLOCK):
        assert (await node.http.get(path, {"if-none-match": "*"})).status == 401
