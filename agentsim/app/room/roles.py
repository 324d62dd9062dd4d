"""The roles of groups: which countermeasures each may choose, and what it sees first."""

from dataclasses import dataclass

from agentsim.policies import POLICIES

ATTACKER = "attacker"


@dataclass(frozen=True)
class Role:
    """What a group of this role may choose and see.

    Attributes
    ----------
    policies : that it may choose; empty: none
    tabs : below the maps
    layer, measure : that the maps show at first; empty: as the scenario opens
    """

    policies: tuple[str, ...]
    tabs: tuple[str, ...] = ("outcomes",)
    layer: str = ""
    measure: str = ""


ROLES: dict[str, Role] = {
    # who runs the networks: all technologies, and from whom supplies are bought
    "operator": Role(
        (*(id for id in POLICIES if id.partition("-")[2].startswith("S")), "R-C2"), layer="grid"
    ),
    # who governs: which authority operates what
    "mayor": Role(("E-C1", "E-C2", "W-C1", "T-C1", "R-C2", "X-C1", "X-C3"), layer="districts"),
    # what homes can do by themselves
    "resident": Role(("E-S2", "E-C1", "W-S3", "X-C3", "X-C5"), layer="districts", measure="deprivation"),
    # who watches: public records, monitors, law
    "monitor": Role(
        ("E-C3", "W-C2", "W-C3", "T-C2", "R-C1", "X-C2", "X-C4"), tabs=("outcomes", "why"), layer="districts"
    ),
    ATTACKER: Role(()),
}
NO_ROLE = Role(tuple(POLICIES), tabs=("outcomes", "why"))


def role_of(name: str) -> Role:
    """The role of this name; a group without a role may choose every countermeasure."""
    return ROLES.get(name, NO_ROLE)
