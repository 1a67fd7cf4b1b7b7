"""What is published when something is said of an elder's life. Pure."""

from backbone.bus import Record
from contracts import topics
from contracts.elder import ElderLifeChanged
from contracts.envelope import headers
from contracts.order import PersonOnOrder
from services.accounts.permissions import Role
from services.elders.life.model import Consequences, Said


def told(said: Said, consequences: Consequences) -> Record:
    elder, life = said.elder, said.after
    event = ElderLifeChanged(
        elder=PersonOnOrder(id=elder.id, name=elder.name),
        version=life.version,
        region_code=elder.region_code,
        region_before=said.region_before,
        move=said.move.value,
        state=life.state.value,
        from_day=life.from_day,
        until_day=life.until_day,
        visits_ended=consequences.visits,
        actor_name=said.by.name,
        by_family=said.by.account.role is Role.FAMILY,
        at=said.now,
    )
    return Record(
        topic=topics.ELDER.name,
        key=elder.region_code[:6],
        headers=headers(event.TYPE, event.SOURCE, event_id=f"{elder.id}:life:{life.version}", at=said.now),
        value=event.value(),
    )
