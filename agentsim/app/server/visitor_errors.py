"""An error that a visitor's message causes is logged in one line, once for each place in the code."""

import logging
import traceback

# those that log errors of messages
LOGGERS = ("Comm", "solara.server.patch", "solara.server.kernel", "solara.server.app")


class OneLine(logging.Filter):
    """Puts the kind and place of an error in the place of its traceback, and drops repetitions.

    The text of the error is left out, because a visitor may have written it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "agentsim" in frame.filename] or frames
        place = f"{own[-1].filename}:{own[-1].lineno}" if own else "?"
        text = f"a visitor's message was passed over: {type(error).__name__} at {place}"
        record.msg, record.args, record.exc_info, record.exc_text = text, (), None, None
        is_new = text not in self._told
        self._told.add(text)
        return is_new


def shorten_visitor_errors() -> None:
    """Log such errors in one line from now on."""
    one_line = OneLine()
    for name in LOGGERS:
        logging.getLogger(name).addFilter(one_line)
