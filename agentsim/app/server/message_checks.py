"""Checks of what a browser sends over its connection: only messages that the page itself sends pass.

A page needs few messages: it starts, sets values of its widgets, and tells of clicks. Widgets understand
more: ``create_widget`` imports a module by its name, an update of a reference calls a method. None of that
is for visitors.
"""

import json
import struct
from typing import Any

MOST_BYTES = 500_000
OPENED = ("solara.control", "jupyter.widget.control")  # channels that a page opens
SIMPLE = ("kernel_info_request", "comm_info_request", "shutdown_request")
COMM = ("comm_open", "comm_msg", "comm_close")
LONGEST_NAME = 100


def is_usual(frame: str | bytes) -> bool:
    """True if the page could have sent this frame."""
    if len(frame) > MOST_BYTES:
        return False
    try:
        message = json.loads(_text_of(frame))
        return _is_message(message)
    except (ValueError, struct.error, RecursionError, IndexError):
        return False


def _text_of(frame: str | bytes) -> str | bytes:
    """The JSON part of a frame; a binary one begins with a count and the offsets of its parts."""
    if isinstance(frame, str):
        return frame
    (count,) = struct.unpack("!i", frame[:4])
    if not 1 <= count <= 100:
        raise ValueError(f"{count} parts")
    offsets = [*struct.unpack(f"!{count}I", frame[4 : 4 * (count + 1)]), len(frame)]
    if offsets != sorted(offsets) or offsets[-2] > len(frame):
        raise ValueError("parts out of order")
    return frame[offsets[0] : offsets[1]]


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("channel") not in ("shell", "control"):
        return False
    header, content = message.get("header"), message.get("content")
    if not isinstance(header, dict) or not isinstance(content, dict):
        return False
    if not all(isinstance(message.get(key, {}), dict) for key in ("parent_header", "metadata")):
        return False
    if not all(_is_name(header.get(key)) for key in ("msg_id", "msg_type", "session")):
        return False
    kind = header["msg_type"]
    return kind in SIMPLE or (kind in COMM and _is_name(content.get("comm_id")) and _is_comm(kind, content))


def _is_comm(kind: str, content: dict[str, Any]) -> bool:
    data = content.get("data", {})
    if not isinstance(data, dict):
        return False
    if kind == "comm_open":
        return content.get("target_name") in OPENED and not data
    return kind == "comm_close" or _is_widget_message(data)


def _is_widget_message(data: dict[str, Any]) -> bool:
    """An update, a request for values, a click, or the start of the page."""
    method = data.get("method")
    if method == "update":
        paths = data.get("buffer_paths", [])
        return isinstance(data.get("state"), dict) and isinstance(paths, list) and not paths
    if method == "custom":
        click = data.get("content")
        return isinstance(click, dict) and set(click) <= {"event", "data"} and _is_name(click.get("event"))
    if method == "run":
        return _is_start(data.get("args"))
    return method in ("request_state", "request_states", "app-status")


def _is_start(args: Any) -> bool:
    """Arguments of the start: the path of the page, and its colours."""
    if not isinstance(args, dict) or args.get("appName") is not None:
        return False
    path, dark, themes = args.get("path", ""), args.get("dark"), args.get("themes", {})
    return isinstance(path, str) and isinstance(themes, dict) and (dark is None or isinstance(dark, bool))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME
