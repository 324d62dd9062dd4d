"""What a visitor is told before a run: what is recorded and appears at once, and how long the rest takes."""

from functools import lru_cache

from agentsim.app.page.link import Choice
from agentsim.app.page.start_page import changed, requests
from agentsim.app.page.use_run import is_ready, job_queue
from agentsim.app.server.run_times import is_planned, told_s
from agentsim.policies import POLICIES


def recorded_after(choice: Choice) -> set[str]:
    """Countermeasures whose box can be ticked or cleared with an answer at once."""
    case = choice.having(tab="outcomes", layer="districts", measure="power", hour=0, lang="en", view="page")
    runs = _after_each(case)
    return {id for id, request in runs if is_ready(job_queue(), request)}


@lru_cache(maxsize=64)
def _after_each(choice: Choice) -> tuple:
    return tuple((id, requests(changed(choice, {"toggle": id}))[1]) for id in POLICIES)


def takes_text(choice: Choice, labels: dict[str, str]) -> str:
    """How long a run that is not recorded takes on this machine, for this attacker and length."""
    request = requests(choice)[1]
    about_s = told_s(job_queue().run_times.about_s(request))
    return labels["takes_planning" if is_planned(request) else "takes_at_once"].format(about_s)
