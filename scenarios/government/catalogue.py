"""The catalogue: duty -> item -> fields, in versions. Drafted by a department, put in force by the data bureau, never changed."""

from collections.abc import Sequence

from ledger.contract import AnyOf, Collection, Context, DigestText, Role, operation
from ledger.encoding import digest, encode
from scenarios.government.argument_types import Fields, Note, Number
from scenarios.government.offices import DATA_BUREAU, ISSUER, PROVIDER, OfficeOperations
from scenarios.government.records import Attribute, Item, ItemVersion


class CatalogueOperations(OfficeOperations):
    """The part of the contract that says which data there are, and how they are shared."""

    items = Collection(Item)
    drafts = Collection(ItemVersion)
    versions = Collection(ItemVersion)

    @operation(signed_by=AnyOf(Role(PROVIDER), Role(ISSUER)))
    def draft_item(self, context: Context, item: Number, duty: Note, attribute: Attribute, basis: Note, fields: Fields) -> None:
        """A department drafts an entry, or the next version of its own one."""
        # READ
        provider = self.acting(context, PROVIDER, ISSUER)
        found = self.items.get(item)
        current = self.versions.get(version_key(item, found.version)) if found else None
        version = found.version + 1 if found else 1
        # CHECK
        context.require(found is None or found.provider == provider, "not-provider", provider=found.provider if found else "")
        context.require(found is None or found.state != "retired", "retired", item=item)
        context.require(len(set(fields)) == len(fields), "doubled-field", item=item)
        is_new = current is None or (current.attribute, current.fields) != (attribute, fields)
        context.require(is_new, "nothing-amended", item=item, version=version - 1)
        # WRITE
        if found is None:
            self.items[item] = Item(provider=provider, state="draft")
        self.drafts[item] = ItemVersion(
            duty=duty,
            attribute=attribute,
            basis=basis,
            fields=fields,
            schema_digest=schema_digest(item, version, attribute, fields),
        )

    @operation(signed_by=Role(DATA_BUREAU))
    def publish_item(self, context: Context, item: Number, schema_digest: DigestText) -> None:
        """The data bureau puts in force the draft that it has read; the version before stays on the ledger."""
        # READ
        found = self.items[item]
        draft = self.drafts.get(item)
        # CHECK
        if draft is None:  # check: government-no-draft
            context.refuse("no-draft", item=item)
        context.require(schema_digest == draft.schema_digest, "other-draft", item=item)
        # WRITE
        version = found.version + 1
        self.items[item] = found.replace(state="published", version=version)
        self.versions[version_key(item, version)] = draft
        del self.drafts[item]
        # EMIT
        context.emit("item-published", item=item, provider=found.provider, version=version, **draft.model_dump(mode="json"))

    @operation(signed_by=AnyOf(Role(PROVIDER), Role(ISSUER)))
    def retire_item(self, context: Context, item: Number) -> None:
        """A department takes an entry out: nothing can be requested or accessed under it any more."""
        # READ
        found = self.items[item]
        # CHECK
        context.require(self.signs_as_provider(context, found.provider), "not-provider", provider=found.provider)
        context.require(found.state == "published", "not-published", item=item)
        # WRITE
        self.items[item] = found.replace(state="retired")
        if item in self.drafts:
            del self.drafts[item]
        # EMIT
        context.emit("item-retired", item=item)

    def require_current(self, context: Context, item: str, version: int, fields: Sequence[str]) -> ItemVersion:
        """The version in force, which must be the one cited, shareable, and hold the fields."""
        found = self.items[item]
        context.require(found.state != "retired", "retired", item=item)
        context.require(found.state == "published", "not-published", item=item)
        context.require(version == found.version, "stale-version", item=item, version=found.version, cited=version)
        current = self.versions[version_key(item, version)]
        context.require(current.attribute != "not-shared", "not-shared", item=item, basis=current.basis)
        unknown = [field for field in fields if field not in current.fields]
        context.require(unknown == [], "unknown-field", item=item, fields=unknown)
        context.require(len(set(fields)) == len(fields), "doubled-field", item=item)
        return current


def version_key(item: str, version: int) -> str:
    """Where a version stands."""
    return f"{item}:{version:03}"


def schema_digest(item: str, version: int, attribute: str, fields: Sequence[str]) -> str:
    """What tells one version's schema from every other: names alone, nothing that is secret."""
    return digest("government-schema", encode([item, version, attribute, list(fields)]))
