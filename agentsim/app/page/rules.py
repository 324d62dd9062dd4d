"""What a page may show and change. The usual page has no rules; the rounds of a room have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentsim.agents.attacker.mind import Plan
from agentsim.app.page.link import TABS, Choice

if TYPE_CHECKING:
    from agentsim.app.page.view import View


@dataclass(frozen=True)
class Rules:
    """Rules of a page.

    Attributes
    ----------
    fixed : what stands in the place of the scenario where it cannot be chosen; empty: it can
    hold : gives the choice that is in force, whatever the browser has sent
    tabs : below the maps; empty: none
    offered : countermeasures that may be chosen; None: all
    locked : no countermeasure may be changed
    hides_right, hides_both : results that must not be seen yet
    plan : of an attack that was handed in
    hand_in : takes a plan; None: the page carries it out itself
    observe : told of every change that the visitor asks for
    bar : draws what stands above the maps; None: the story
    place : changes when the maps should go to the hour and layer of the choice
    """

    fixed: str = ""
    hold: Callable[[Choice], Choice] = lambda choice: choice
    tabs: tuple[str, ...] = TABS
    offered: tuple[str, ...] | None = None
    locked: bool = False
    hides_right: bool = False
    hides_both: bool = False
    plan: Plan | None = None
    hand_in: Callable[[Plan], None] | None = None
    observe: Callable[[dict[str, Any]], None] = lambda change: None
    bar: Callable[["View"], None] | None = None
    place: dict[str, Any] | None = None


NO_RULES = Rules()
