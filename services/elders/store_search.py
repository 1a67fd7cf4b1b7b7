"""The SQL that finds elders by what somebody types."""

from typing import Any

from services.accounts.model import Scope
from services.elders.searching import Sought
from services.elders.vault import Vault

MOST_CANDIDATES = 200
"""Of which the best are shown: more is not read while somebody talks, however common a name or street is."""

_IN_SCOPE = Scope.where(region="e.region_code", elder="e.id")
_NAME = "translate(lower(e.name), E' \\t\\n\u3000·•.', '')"
_ADDRESS = "translate(lower(e.address), E' \\t\\n\u3000', '')"
_PHONE = "regexp_replace({0}phone, '\\D', '', 'g')"
_HAS_PHONE = (
    f"right({_PHONE}, 4) = right(%(digits)s::text, 4)"
    f" AND {_PHONE} LIKE CASE length(%(digits)s) WHEN 4 THEN repeat('_', 7) ELSE '' END || %(digits)s"
)


def found(sought: Sought, *, capped: bool) -> str:
    """A query for ids, with `params`. `capped`: of common words not all of them.

    Each part has an index of its own, and the words in names are apart from those in addresses, so that a common street
    does not hide a name.
    """
    most = f" LIMIT {MOST_CANDIDATES}" if capped else ""
    parts = [
        "SELECT id FROM elders WHERE identity_number_index = %(index)s",
        "SELECT elder_id FROM device_bindings WHERE unbound_at IS NULL AND device_id IN (%(typed)s, upper(%(typed)s))",
    ]
    if sought.digits is not None:
        parts.append("SELECT e.id FROM elders e WHERE " + _HAS_PHONE.format("e."))  # noqa: S608
        parts.append("SELECT c.elder_id FROM contacts c WHERE " + _HAS_PHONE.format("c."))  # noqa: S608
    words = range(len(sought.words))
    if words:
        within = f"SELECT e.id FROM elder_search s JOIN elders e ON e.id = s.elder_id WHERE {_IN_SCOPE}"  # noqa: S608
        rest = "".join(f" AND ({_named(at)} OR {_lives(at)})" for at in words[1:])
        parts.append(f"({within} AND ({_named(0)}){rest}{most})")
        parts.append(f"({within} AND {_lives(0)}{rest}{most})")
    return " UNION ".join(parts)


def _named(at: int) -> str:
    return (
        f"s.keys @> %(name_{at})s::text[] AND strpos({_NAME}, %(word_{at})s) > 0 OR s.keys @> %(initials_{at})s::text[]"
    )


def _lives(at: int) -> str:
    return f"s.keys @> %(address_{at})s::text[] AND strpos({_ADDRESS}, %(word_{at})s) > 0"


def params(sought: Sought, vault: Vault) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "typed": sought.typed,
        "digits": sought.digits,
        "index": vault.blind_index(sought.typed.upper()),
        "first": sought.words[0].text if sought.words else "",
    }
    for at, word in enumerate(sought.words):
        plain[f"word_{at}"] = word.text
        for kind in ("name", "initials", "address"):
            plain[f"{kind}_{at}"] = list(getattr(word, kind))
    return plain


BEST_FIRST = (
    f"CASE WHEN {_NAME} = %(first)s THEN 0 WHEN {_NAME} ^@ %(first)s THEN 1"
    f" WHEN strpos({_NAME}, %(first)s) > 0 THEN 3 WHEN strpos({_ADDRESS}, %(first)s) > 0 THEN 5"
    f" WHEN length({_NAME}) = length(%(first)s) THEN 2 ELSE 4 END, e.name, e.id"
)
"""A whole name, its begin, all of its initials, a part of it, a begin of its initials, the address."""
