"""Making: the steps by which a planned municipality comes to be, one by one or all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from hub.core.errors import SettingsError
from hub.core.permission import Grant, Role
from hub.jobs import own, welcome
from hub.jobs.contact import put_contact
from hub.jobs.dress import put_look
from hub.jobs.found import Plan, Step, add, refuse_twin
from hub.jobs.house import House
from hub.jobs.people import checked_address, invite_in
from hub.jobs.record import COMMAND, record
from hub.jobs.rotate import give_own
from hub.jobs.streets import import_streets
from hub.store import editors, feeds, grants, looks, towns

Act = Callable[[House, Session, Plan, str], Step | None]


def make(house: House, plan: Plan, actor: str = COMMAND) -> Iterator[Step]:
    """Make the municipality and yield each step when it is done; each is whole or not there at all.

    What is there stays, so that a run that was stopped may simply be repeated. Raises ``SettingsError``, and
    ``SubscribeError`` for an address that is none.
    """
    for act in STEPS:
        with house.store.begin() as session:
            step = act(house, session, plan, actor)
        if step is not None:
            yield step


def make_at_once(house: House, session: Session, plan: Plan, actor: str) -> list[Step]:
    """Make it in the caller's transaction: it is there as a whole, or not at all. Raises as :func:`make`.

    ``SettingsError`` also if it is there already.
    """
    if towns.get(session, plan.slug) is not None:
        raise SettingsError(f"/{plan.slug} is there already.")
    return [step for act in STEPS if (step := act(house, session, plan, actor)) is not None]


def _row(house: House, session: Session, plan: Plan, actor: str) -> Step:
    """Store the municipality's row with its own push key, or change in it what is planned otherwise."""
    row = refuse_twin(towns.listed(session), plan)
    if row is None:
        add(session, plan, house.now())
        give_own(session, plan.slug, house.now(), actor=actor, subject=plan.push_contact)
        record(house, session, actor, "municipality.added", municipality=plan.slug, ars=plan.place.ars)
        return Step("municipality", "made", plan.slug)
    wanted = {
        "name": plan.name,
        "language": plan.language,
        "zone": plan.zone,
        "colour": plan.colour or row["colour"],
    }
    changed = {name: value for name, value in wanted.items() if row[name] != value}
    if changed:
        looks.change(session, plan.slug, **changed)
        feeds.touch_town(session, plan.slug)  # calendars carry name and colour
        feeds.touch_town(session, plan.slug, private=True)
        record(house, session, actor, "municipality.changed", municipality=plan.slug, **changed)
    return Step("municipality", "changed" if changed else "there", ", ".join((plan.slug, *changed)))


def _look(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    if not plan.logo and not plan.look:
        return None
    changed = put_look(house, session, actor, plan.slug, plan.look, logo=plan.logo or None)
    return Step("logo" if plan.logo else "look", "made" if changed else "there")


def _own(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    if not plan.own:
        return None
    changed = own.settle(house, session, actor, plan.slug, plan.own)
    return Step("settings", "made" if changed else "there", ", ".join(changed))


def _streets(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    if not plan.streets:
        return None
    counts = import_streets(house, session, actor, plan.slug, plan.streets)
    return Step("streets", "made" if counts.words else "there", counts.words)


def _contact(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    if not plan.contact:
        return None
    same = towns.get(session, plan.slug)
    reached = same is not None and same["contact"] == plan.contact and plan.slug in editors.reached(session)
    if not reached:
        put_contact(house, session, actor, plan.slug, plan.contact)
    return Step("contact", "there" if reached else "made", plan.contact)


def _people(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    return _invited(house, session, plan, actor, Role.OPERATOR) if plan.operator else None


def _editor(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    return _invited(house, session, plan, actor, Role.EDITOR) if plan.editor else None


def _invited(house: House, session: Session, plan: Plan, actor: str, role: Role) -> Step:
    """Invite somebody, unless who has that address has that role, or is invited to it, already."""
    name = "operator" if role is Role.OPERATOR else "editor"
    typed = plan.operator if role is Role.OPERATOR else plan.editor
    grant, address = Grant(role, plan.slug), checked_address(house, typed)

    def here(rows: object) -> list[int]:
        return [one["id"] for one in rows if (one["address"], one["role"]) == (address, role)]  # type: ignore[attr-defined]

    asked = here(grants.open_in(session, plan.slug, house.now()))
    if asked or here(grants.rows_in(session, plan.slug)):
        return Step(name, "there", address, house.links.invitation(asked[-1]) if asked else "")
    made = invite_in(house, session, actor, (address, plan.language), grant)
    return Step(name, "made", address, made.link)


def _reader(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    if not plan.reader:
        return None
    fresh = welcome.read_along(house, session, actor, plan.slug, checked_address(house, plan.reader))
    return Step("reader", "made" if fresh else "there", plan.reader)


def _first(house: House, session: Session, plan: Plan, actor: str) -> Step | None:
    if not plan.first_notice:
        return None
    fresh = welcome.publish_first(house, session, actor, plan.slug, plan.first_notice)
    return Step("first notice", "made" if fresh else "there", plan.first_notice.partition("\n")[0])


# The reader comes before the notice, which reaches who is there by then.
STEPS: tuple[Act, ...] = (_row, _look, _own, _streets, _contact, _people, _editor, _reader, _first)
