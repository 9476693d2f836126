"""What is allowed in a contract and yet is seldom meant. Read from the source; it runs nothing.

open-operation       anybody may call it, and it does not look at who signed
member-for-name      a Member, as `context.signers` holds them, stands where its name belongs
unknown-member       a member is named in an argument, and nothing asks whether there is one of that name
no-operation         a method with `self, context` is no operation: `@operation(signed_by=…)` is missing
unused-refusal       a code is declared, and nothing refuses with it
write-only           a collection is written and never read
no-collection        a record's model is in no collection
sealed-for-nobody    a record has sealed fields, and `may_read` lets nobody read them
"""

import ast
from collections.abc import Iterator, Mapping

from ledger.contract.contract import Contract
from ledger.contract.source_rules.source import Remark, SourceModule


def advise(contract: type[Contract], source: SourceModule) -> Iterator[Remark]:
    """All advice on one contract, in the order of its lines."""
    body = next((node for node in source.tree.body if isinstance(node, ast.ClassDef) and node.name == contract.__name__), None)
    if body is None:
        return
    found = [*_operations(contract, body), *_refusals(contract, source, body), *_collections(contract, body)]
    found += _records(contract, source)
    yield from (source.remark(*remark) for remark in sorted(found))


def _operations(contract: type[Contract], body: ast.ClassDef) -> Iterator[tuple[int, str, str]]:
    methods = {node.name: node for node in body.body if isinstance(node, ast.FunctionDef)}
    for name, method in methods.items():
        operation = contract.operations.get(name)
        if operation is None:
            looks_like_one = [argument.arg for argument in method.args.args[:2]] == ["self", "context"]
            if looks_like_one and not name.startswith("_") and name != "may_read" and not _is_called(body, name):
                yield method.lineno, "no-operation", name
            continue
        yield from _unknown_members(method)
        yield from ((line, "member-for-name", said) for line, said in _members_for_names(method))
        if _is_open(operation.policy.to_json()) and not _asks_who(method, methods, set()):
            yield method.lineno, "open-operation", name


def _unknown_members(method: ast.FunctionDef) -> Iterator[tuple[int, str, str]]:
    """Arguments that name a member and that are neither looked up nor given to a function that could do so."""
    for argument in method.args.args[2:]:
        if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "MemberId":
            uses = [parent for parent, node in _with_parent(method) if isinstance(node, ast.Name) and node.id == argument.arg]
            if uses and not any(map(_looks_up, uses)):
                yield argument.lineno, "unknown-member", f"{method.name}({argument.arg})"


def _looks_up(use: ast.AST) -> bool:
    """Whether what stands in this place is looked up there: as a member, as a signer, or as a record's key."""
    match use:
        case ast.Call(ast.Attribute(_, "member" | "signed_by")) | ast.Compare(_, [ast.In() | ast.NotIn()]):
            return True
        case ast.Call(_, arguments):
            return any(isinstance(argument, ast.Name) and argument.id == "context" for argument in arguments)
        case ast.Subscript(_, _, ast.Load()):
            return True
    return False


def _members_for_names(method: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    """Where `context.signers[0]`, or a variable that holds it, is compared, is a key, or is given on as a name would be."""
    held = {
        target.id
        for line in ast.walk(method)
        if isinstance(line, ast.Assign) and _is_signer(line.value, set())
        for target in line.targets
        if isinstance(target, ast.Name)
    }
    for parent, node in _with_parent(method):
        if isinstance(node, ast.expr) and _is_signer(node, held) and _is_for_a_name(parent, node):
            yield node.lineno, ast.unparse(node)


def _is_signer(node: ast.AST, held: set[str]) -> bool:
    match node:
        case ast.Subscript(ast.Attribute(_, "signers"), index):
            return not isinstance(index, ast.Slice)
        case ast.Name(name, ast.Load()):
            return name in held
    return False


def _is_for_a_name(parent: ast.AST, node: ast.expr) -> bool:
    match parent:
        case ast.Compare(_, [ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn()]):
            return True
        case ast.Subscript(_, index):
            return index is node
        case ast.keyword() | ast.Call(ast.Attribute(_, "get" | "member" | "signed_by")):
            return True
    return False


def _is_open(policy: object) -> bool:
    return isinstance(policy, dict) and policy.get("policy") == "anyone"


def _is_called(body: ast.ClassDef, name: str) -> bool:
    return any(_own(node) == name for node in ast.walk(body))


def _asks_who(method: ast.FunctionDef, methods: Mapping[str, ast.FunctionDef], seen: set[str]) -> bool:
    """Whether it, or a method of its own that it calls, looks at the signers."""
    seen.add(method.name)
    for node in ast.walk(method):
        if isinstance(node, ast.Attribute) and node.attr in ("signed_by", "signers"):
            return True
        name = _own(node)
        if name in methods and name not in seen and _asks_who(methods[name], methods, seen):
            return True
    return False


def _refusals(contract: type[Contract], source: SourceModule, body: ast.ClassDef) -> Iterator[tuple[int, str, str]]:
    declared = next((line for line in body.body if isinstance(line, ast.Assign) and _names(line) == ["refusals"]), None)
    if declared is None:
        return
    inside = {id(node) for node in ast.walk(declared)}
    used = {node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant) and id(node) not in inside}
    for node in ast.walk(declared):
        if isinstance(node, ast.Constant) and node.value in contract.refusals and node.value not in used:
            yield node.lineno, "unused-refusal", str(node.value)


def _collections(contract: type[Contract], body: ast.ClassDef) -> Iterator[tuple[int, str, str]]:
    for line in body.body:
        for name in _names(line):
            if name in contract.collections:
                uses = [parent for parent, node in _with_parent(body) if _own(node) == name]
                if uses and all(isinstance(use, ast.Subscript) and isinstance(use.ctx, ast.Store) for use in uses):
                    yield line.lineno, "write-only", name


def _records(contract: type[Contract], source: SourceModule) -> Iterator[tuple[int, str, str]]:
    kept = {collection.record.__name__: collection.record for collection in contract.collections.values()}
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef) or not any(isinstance(b, ast.Name) and b.id == "Record" for b in node.bases):
            continue
        mentions = sum(isinstance(other, ast.Name) and other.id == node.name for other in ast.walk(source.tree))
        if node.name not in kept and not mentions:
            yield node.lineno, "no-collection", node.name
        elif node.name in kept and contract.may_read is Contract.may_read and _is_sealed(node):
            yield node.lineno, "sealed-for-nobody", node.name


def _is_sealed(node: ast.ClassDef) -> bool:
    annotations = [line.annotation for line in node.body if isinstance(line, ast.AnnAssign)]
    return any(isinstance(part, ast.Name) and part.id == "Sealed" for whole in annotations for part in ast.walk(whole))


def _names(line: ast.stmt) -> list[str]:
    """What a plain assignment of a class gives a name to."""
    targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _own(node: ast.AST) -> str:
    """`x` of `self.x`."""
    is_own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.attr if is_own and isinstance(node, ast.Attribute) else ""


def _with_parent(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            yield parent, child
