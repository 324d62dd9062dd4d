"""The room of a class: who has joined, which round runs, and what was handed in. Safe for several threads.

All rules are kept here, on the server: nothing that a browser sends can change a round, hand in for another
group, or hand in after the end.
"""

import secrets
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from agentsim.app.replay.bilingual import Bilingual, BilingualError
from agentsim.app.room.roles import ATTACKER, ROLES
from agentsim.app.room.room_file import RoomFile
from agentsim.app.room.rounds import ATTACK, DEFEND, Entry, Group, Result, Round

LETTERS = "ACDEFHJKLMNPRTUVWXY34679"  # none that looks like another
CODE_LENGTH, RETURN_DIGITS, SECRET_BYTES = 4, 4, 12
MOST_GROUPS = 60
MOST_MINUTES = 120.0
MOST_REPEATS = 3


class RefusedEntry(BilingualError):
    """Something that a group or a leader asked for that the room does not do; the text says why."""

    code = "refused_entry"


class Room:
    """One class.

    Parameters
    ----------
    file : keeps everything; None: in memory
    now : time of day [s since 1970]

    Attributes
    ----------
    code : with which groups join; secret : with which the leader's view opens
    version : rises with every change
    """

    def __init__(self, file: RoomFile | None = None, now: Callable[[], float] = time.time) -> None:
        self._file, self._now = file or RoomFile(), now
        self._lock = threading.RLock()
        self.version = 0
        facts = self._file.facts()
        self.code = facts.get("code") or self._fact(
            "code", "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        )
        self.secret = facts.get("secret") or self._fact("secret", secrets.token_urlsafe(SECRET_BYTES))
        self.lang = facts.get("lang") or "en"
        self._members = self._file.members()
        self._groups = {one["number"]: Group(**one) for (one,) in self._file.contents("groups")}
        self._rounds = [Round.from_data(one) for (one,) in self._file.contents("rounds")]
        entries = [Entry.from_data(one) for (one,) in self._file.contents("entries")]
        self._entries = {(one.round, one.group): one for one in entries}
        self._results = {
            (number, name): Result.from_data(one) for number, name, one in self._file.contents("results")
        }

    def _fact(self, name: str, text: str) -> str:
        self._file.put("facts", name, text)
        return text

    # ---- who is here --------------------------------------------------------------------------------

    def is_leader(self, secret: str, session: str) -> bool:
        """True for the leader's browser: it has shown the secret now or before."""
        with self._lock:
            name = _digest(session)
            if secret and session and secrets.compare_digest(secret.encode(), self.secret.encode()):
                self._members[f"leader {name}"] = 0
                self._file.put("members", f"leader {name}", 0)
            return f"leader {name}" in self._members

    def set_language(self, lang: str) -> None:
        """The language in which groups begin."""
        if lang in ("en", "ja") and lang != self.lang:
            with self._lock:
                self.lang = self._fact("lang", lang)
                self.version += 1

    def group_of(self, session: str) -> Group | None:
        """The group of a browser's session; None if it has not joined."""
        return self._groups.get(self._members.get(_digest(session), -1)) if session else None

    def join(self, code: str, session: str, address: str = "") -> Group:
        """A new group; a browser that is in a group stays in it. Raises RefusedEntry."""
        with self._lock:
            self._check_code(code, session)
            known = self.group_of(session)
            if known is not None:
                return known
            if len(self._groups) >= MOST_GROUPS:
                raise _refused(
                    f"there are {MOST_GROUPS} groups already; join one of them",
                    f"すでに{MOST_GROUPS}班あります。既存の班に入ってください",
                )
            number = max(self._groups, default=0) + 1
            back = "".join(secrets.choice("0123456789") for _ in range(RETURN_DIGITS))
            self._keep_group(Group(number, back, address=address))
            return self._sit(number, session)

    def come_back(self, code: str, number: int, back: str, session: str) -> Group:
        """Another device of a group, or one that has lost its cookies. Raises RefusedEntry."""
        with self._lock:
            self._check_code(code, session)
            group = self._groups.get(number)
            if group is None or not _is_code(back, group.code):
                raise _refused(
                    "this group and code do not belong together; the leader's view shows all codes",
                    "班の番号と暗証番号が合いません。暗証番号は先生の画面で確認できます",
                )
            return self._sit(number, session)

    def _check_code(self, code: str, session: str) -> None:
        if not _is_code(code, self.code):
            raise _refused(
                "this is not the code of the room; it stands on the leader's screen",
                "教室コードが違います。先生の画面のコードを入力してください",
            )
        if not session:
            raise _refused(
                "this browser keeps no cookies; allow them for this address, then reload",
                "Cookieが使えません。このアドレスのCookieを許可して、再読み込みしてください",
            )

    def _sit(self, number: int, session: str) -> Group:
        self._members[_digest(session)] = number
        self._file.put("members", _digest(session), number)
        self.version += 1
        return self._groups[number]

    def _keep_group(self, group: Group) -> None:
        self._groups[group.number] = group
        self._file.put("groups", group.number, group.__dict__)
        self.version += 1

    def set_role(self, number: int, role: str) -> None:
        """Give a group a role; an empty name takes it away."""
        with self._lock:
            if number in self._groups and (role in ROLES or not role):
                self._keep_group(replace(self._groups[number], role=role))

    def deal_roles(self, deal: bool = True) -> None:
        """Give the groups one role after another, or take all roles away."""
        with self._lock:
            for k, number in enumerate(sorted(self._groups)):
                self.set_role(number, list(ROLES)[k % len(ROLES)] if deal else "")

    @property
    def groups(self) -> list[Group]:
        with self._lock:
            return [self._groups[number] for number in sorted(self._groups)]

    # ---- rounds -------------------------------------------------------------------------------------

    @property
    def rounds(self) -> list[Round]:
        with self._lock:
            return list(self._rounds)

    @property
    def current(self) -> Round | None:
        """The round that runs, or the last one."""
        return self._rounds[-1] if self._rounds else None

    def is_open(self, round: Round) -> bool:
        return round.is_open(self._now())

    def left_s(self, round: Round) -> float:
        """Seconds until a round ends; 0 if it has."""
        return max(0.0, round.ends_s - self._now()) if self.is_open(round) else 0.0

    def begin(self, planned: Round, minutes: float) -> Round:
        """Begin a round; one that runs is ended. *planned* has been checked."""
        with self._lock:
            self.stop()
            began, spell = self._now(), 60.0 * min(max(minutes, 0.1), MOST_MINUTES)
            new = replace(planned, number=len(self._rounds) + 1, began_s=began, ends_s=began + spell)
            self._rounds.append(new)
            self._keep_round(new)
            return new

    def stop(self) -> None:
        """End the round that runs."""
        with self._lock:
            last = self.current
            if last and self.is_open(last):
                self._keep_round(replace(last, stopped=True, ends_s=min(last.ends_s, self._now())))

    def more_time(self, minutes: float) -> None:
        """Give the last round some minutes more; one that has ended goes on."""
        with self._lock:
            last = self.current
            if last:
                until = max(last.ends_s, self._now()) + 60.0 * min(max(minutes, 0.0), MOST_MINUTES)
                self._keep_round(replace(last, stopped=False, ends_s=until))

    def repeat(self, number: int) -> None:
        """Ask for repetitions of everything that was handed in for a round."""
        with self._lock:
            if 1 <= number <= len(self._rounds):
                self._keep_round(replace(self._rounds[number - 1], repeats=MOST_REPEATS))

    def _keep_round(self, round: Round) -> None:
        self._rounds[round.number - 1] = round
        self._file.put("rounds", round.number, round.as_data())
        self.version += 1

    def takes_part(self, round: Round, group: Group) -> bool:
        """Attackers do not defend; if there are any, nobody else attacks."""
        if round.kind == DEFEND:
            return group.role != ATTACKER
        if round.kind == ATTACK:
            return group.role == ATTACKER or all(one.role != ATTACKER for one in self.groups)
        return True

    def target_of(self, round: Round, group: Group) -> int:
        """The group whose choice this one attacks; 0: the policies of the round."""
        if not round.against_groups:
            return 0
        with self._lock:
            defenders = [n for n in sorted(self._groups) if (round.defended, n) in self._entries]
            others = [one.number for one in self.groups if one.number not in defenders]
        if not defenders:
            return 0
        if group.number in defenders:
            return defenders[(defenders.index(group.number) + 1) % len(defenders)]
        return defenders[others.index(group.number) % len(defenders)]

    def policies_faced(self, round: Round, group: Group) -> tuple[str, ...]:
        """The countermeasures that a group meets in an attack round."""
        target = self.target_of(round, group)
        defence = self._entries.get((round.defended, target))
        return defence.policies if defence else round.policies

    # ---- what is handed in, and what came of it -----------------------------------------------------

    def entry(self, round: Round, group: Group) -> Entry | None:
        return self._entries.get((round.number, group.number))

    def entries(self, round: Round) -> list[Entry]:
        """Everything that was handed in for a round, by group."""
        with self._lock:
            return sorted(
                (one for one in self._entries.values() if one.round == round.number), key=lambda e: e.group
            )

    def hand_in(self, round: Round, group: Group, **what: Any) -> Entry:
        """Keep what a group hands in (``guess``, ``policies`` or ``plan``); it replaces what was there.

        Raises RefusedEntry if the round has ended or the group does not take part.
        """
        with self._lock:
            now = self._rounds[round.number - 1] if 1 <= round.number <= len(self._rounds) else round
            if now is not self.current or not self.is_open(now):
                raise _refused("the round has ended", "このラウンドは終了しました")
            if not self.takes_part(now, group):
                raise _refused(
                    "your role has nothing to hand in now", "今のラウンドで提出するものはありません"
                )
            entry = Entry(
                now.number,
                group.number,
                round_s(self._now()),
                target=self.target_of(now, group),
                role=group.role,
                **what,
            )
            self._entries[now.number, group.number] = entry
            self._file.put("entries", now.number, group.number, entry.as_data())
            for name in [n for k, n in self._results if k == now.number and is_of_group(n, group.number)]:
                del self._results[now.number, name]
                self._file.drop_result(now.number, name)
            self.version += 1
            return entry

    def result(self, round: Round, name: str) -> Result | None:
        return self._results.get((round.number, name))

    def keep_result(self, round: Round, name: str, result: Result, of: Entry | None = None) -> None:
        """Keep the result of a run, unless the group has handed in something else since."""
        with self._lock:
            if of is not None and self._entries.get((of.round, of.group)) != of:
                return
            self._results[round.number, name] = result
            self._file.put("results", round.number, name, result.as_data())
            self.version += 1

    def close(self) -> None:
        with self._lock:
            self._file.close()


def is_of_group(name: str, number: int) -> bool:
    """True if a result is that of a group's entry.

    >>> is_of_group("group:3", 3), is_of_group("repeat:2:group:3", 3), is_of_group("group:31", 3)
    (True, True, False)
    """
    return name.endswith(f"group:{number}")


def _is_code(typed: str, code: str) -> bool:
    """True if somebody has typed this code, also in small letters or in the wide ones of a Japanese keyboard.

    >>> _is_code(" ｍjＷ4", "MJW4"), _is_code("MJW", "MJW4")
    (True, False)
    """
    plain = unicodedata.normalize("NFKC", typed).strip().upper()
    return secrets.compare_digest(plain.encode(errors="replace"), code.encode())


def round_s(seconds: float) -> float:
    return float(round(seconds, 1))


def _digest(session: str) -> str:
    """A session as it is kept: nobody can take it over who reads the file."""
    return blake2b(session.encode(), digest_size=16).hexdigest()


def _refused(en: str, ja: str) -> RefusedEntry:
    return RefusedEntry(Bilingual(en, ja))
