"""What every tab shows: the visitor's choice, and both runs that follow from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agentsim.app.page.link import Choice
from agentsim.app.page.rules import NO_RULES, Rules
from agentsim.app.page.use_run import FollowedRun
from agentsim.app.replay.recording import Recording
from agentsim.app.server.open_pages import OpenPage
from agentsim.scenario.file import Scenario


@dataclass(frozen=True)
class View:
    """What every tab shows: the visitor's choice and both runs."""

    choice: Choice
    scenario: Scenario
    left: FollowedRun
    right: FollowedRun
    owner: OpenPage
    choose: Callable[[dict[str, Any]], None]
    visit: Callable[[dict[str, Any]], None]  # an hour of the maps
    refresh: Callable[[], None]  # after a table of replications has come
    hides_right: bool  # the result is hidden until it is predicted
    rules: Rules = NO_RULES  # those of a room

    @property
    def recordings(self) -> tuple[Recording | None, Recording | None]:
        return self.left.run.recording, self.right.run.recording

    @property
    def complete(self) -> bool:
        return None not in self.recordings
