"""Which figures to mask besides the small ones, so that no sum, ceiling or ratio gives a small one back."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from territory.disclosure.audit import Breach, audit
from territory.disclosure.identities import Identity, Key, Table

Depend = Callable[[set[Key]], set[Key]]  # what else is masked with these cells: ratios, amounts, evolutions


def protect(table: Table, depend: Depend) -> list[Breach]:
    """Fills ``table.hidden`` until the audit finds nothing; what is left could only be masked by somebody else.

    Each round masks one figure at least. To mask more only widens what the others may be: those just masked are looked at,
    with those that were known, first by what told them before and by what was just masked, which is little; then everything
    once more, for figures that contradict one another keep no such promise.
    """
    table.hidden |= depend(table.hidden)
    touched: Iterable[Identity] = table.identities
    keys: set[Key] | None = None
    near: dict[int, Identity] = {}
    while True:
        masked = _mask_beside_lone_cells(table, depend, touched)
        keys = None if keys is None else keys | masked
        breaches = audit(table, keys, near.values()) if keys and near else []
        waiting = keys or set()
        if not (news := _suggested(table, breaches)):
            breaches, waiting = audit(table, keys), set()
            news = _suggested(table, breaches)
        if not news and keys is None:
            return breaches
        news |= depend(news)
        table.hidden |= news
        touched = _touched(table, news)
        near |= {id(one): one for one in [*touched, *(one for breach in breaches for one in breach.proof)]}
        keys = waiting | news | {breach.key for breach in breaches} if news else None


def _suggested(table: Table, breaches: Iterable[Breach]) -> set[Key]:
    return {choice for breach in breaches if (choice := suggestion(table, breach))}


def suggestion(table: Table, breach: Breach) -> Key | None:
    """What to mask so that this cell is known no more: of the figures that tell it, the ratio first, then the smallest, a
    part rather than a total; a zero hides nothing. Where nothing of ours tells it, among those hidden with it."""
    for key in sorted(breach.tellers):
        if table.cells[key].is_ours and not table.is_hidden(key):
            return key
    found: list[tuple[bool, Decimal, Key]] = []
    for told in breach.told:
        sign = told.get(breach.key, 1.0)
        for key, weight in told.items():
            cell = table.cells.get(key)
            if key != breach.key and cell and cell.is_ours and not table.is_hidden(key) and cell.number:
                found.append((weight * sign < 0, cell.number, key))
    return min(found)[2] if found else _nearest(table, breach)


def _nearest(table: Table, breach: Breach) -> Key | None:
    near, reached = [breach.key], {breach.key}
    while near:
        identities = [one for key in near for one in table.by_cell[key] if table.is_told(one)]
        if choice := _choice(table, identities, breach.key):
            return choice
        near = [key for one in identities for key in one.factors if table.is_hidden(key) and key not in reached]
        reached |= set(near)
    return None


def _mask_beside_lone_cells(table: Table, depend: Depend, touched: Iterable[Identity]) -> set[Key]:
    """Beside a shown total one hidden cell is known by subtraction, and so are two that make two: the smallest other one is
    masked too (T11)."""
    masked: set[Key] = set()
    waiting = [identity for identity in touched if identity.is_equality]
    while waiting:
        changed: set[Key] = set()
        for identity in waiting:
            lone = [key for key in identity.factors if table.is_hidden(key)]
            if not lone or not (
                _are_few(table, lone, identity) if lone[1:] else _must_protect(table, lone[0], identity)
            ):
                continue
            choice = _choice(table, [identity], lone[0])
            if choice:
                news = {choice} | depend({choice})
                table.hidden |= news
                changed |= news
        masked |= changed
        waiting = [identity for identity in _touched(table, changed) if identity.is_equality]
    return masked


def _touched(table: Table, keys: Iterable[Key]) -> list[Identity]:
    return list({id(identity): identity for key in keys for identity in table.by_cell[key]}.values())


def _must_protect(table: Table, key: Key, identity: Identity) -> bool:
    """A cell that was masked; one that nobody gave is left to the audit, which knows whether it is small."""
    cell = table.cells.get(key)
    others = [table.cells[other] for other in identity.factors if other != key]
    return cell is not None and (cell.is_masked or key in table.hidden) and all(other.is_exact for other in others)


def _are_few(table: Table, keys: list[Key], identity: Identity) -> bool:
    """Each is one at least: what the others leave to one of them is below its threshold."""
    if not all(table.least(key) and identity.factors[key] == 1 for key in keys):
        return False
    if not all(table.cells[other].is_exact for other in identity.factors if other not in keys):
        return False
    spare = sum((table.cells[key].number or Decimal(0) for key in keys), Decimal(1 - len(keys)))
    return any(spare < table.cells[key].threshold for key in keys)


def _choice(table: Table, identities: Iterable[Identity], target: Key) -> Key | None:
    """The smallest figure that can be masked, a part rather than a total; a zero hides nothing."""
    found: list[tuple[bool, Decimal, Key]] = []
    for identity in identities:
        teller = table.cells.get(identity.told_by) if identity.told_by else None
        if teller and teller.is_ours and not table.is_hidden(teller.key):
            return teller.key
        for key, factor in identity.factors.items():
            cell = table.cells.get(key)
            if key != target and cell and cell.is_ours and not table.is_hidden(key) and cell.number:
                found.append((factor < 0, cell.number, key))
    return min(found)[2] if found else None
