"""The second sheet of elders: whom to call, and in which order. A row is one person at one place of the list; who is
not in the sheet stays as they are."""

from collections.abc import Sequence

from services.elders.forms import ContactForm
from services.elders.model import Contact, ContactDraft, Elder
from services.people import masked_phone
from services.sheets import cells
from services.sheets.importing import Misplaced
from services.sheets.model import BadCell, Column, Row, SheetForm
from services.sheets.writing import TextRow

MOST = 20


def _place(text: str) -> int:
    """:raises BadCell:"""
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise BadCell(f"写 1 到 {MOST} 的整数，1 最先打", f"a whole number from 1 to {MOST}; 1 is called first")
    return int(text)


CONTACTS = SheetForm(
    name="联系人",
    also="contacts",
    columns=(
        Column(
            name="id",
            title="老人编号",
            also="elder id",
            read=cells.an_id,
            explained="老人的编号；新登记的老人写身份证号。The elder's id, or the identity number of somebody new.",
        ),
        Column(name="identity_number", title="老人身份证号", also="elder identity number", secret=True),
        Column(
            name="position",
            title="顺序",
            also="order",
            read=_place,
            needed=True,
            explained="1 最先打。已有这个顺序的人会被换成这一行。1 is called first; who stands there is replaced.",
        ),
        Column(name="name", title="姓名", also="name", needed=True),
        Column(name="relation", title="关系", also="relation", needed=True, explained="女儿 / 邻居 / …"),
        Column(
            name="phone",
            title="电话",
            also="phone",
            read=cells.phone,
            needed=True,
            explained="已登记的号码可保留带*的写法。The masked number of somebody registered may stay.",
        ),
        Column(name="distance_note", title="住处远近", also="how near", empty=""),
    ),
)


def contact_row(elder: Elder, contact: Contact, at: int) -> TextRow:
    return {
        "id": str(elder.id),
        "position": str(at),
        "name": contact.name,
        "relation": contact.relation,
        "phone": masked_phone(contact.phone),
        "distance_note": contact.distance_note,
    }


def with_row(known: Sequence[Contact], row: Row) -> list[ContactDraft]:
    """The list with this row in it. :raises Misplaced: :raises ValidationError:"""
    at = row.values["position"] - 1
    if at > len(known):
        zh = f"前面还没有第 {len(known) + 1} 位，请按顺序写"
        raise Misplaced("position", zh, f"nobody stands at {len(known) + 1} yet: fill the places in their order")
    before = known[at] if at < len(known) else None
    phone: str | None = row.values["phone"]
    if phone and "*" in phone:
        if before is None or phone != masked_phone(before.phone):
            raise Misplaced("phone", "请写完整号码", "write the whole number")
        phone = None
    form = ContactForm(
        id=before.id if before else None,
        name=row.values["name"],
        relation=row.values["relation"],
        phone=phone,
        distance_note=row.values.get("distance_note", before.distance_note if before else ""),
    )
    drafts = [_same(one) for one in known]
    return [*drafts[:at], form.draft(), *drafts[at + 1 :]]


def _same(contact: Contact) -> ContactDraft:
    return ContactDraft(
        id=contact.id, name=contact.name, relation=contact.relation, distance_note=contact.distance_note
    )
