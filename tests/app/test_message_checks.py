"""Messages of a browser: those of the page pass, those that make the server do more do not."""

import json
import struct
from typing import Any

import pytest

from agentsim.app.server.message_checks import MOST_BYTES, is_usual


def _frame(kind: str, content: Any, **changed: Any) -> str:
    header = {"msg_id": "1", "msg_type": kind, "session": "s", "username": "", "version": "5.2"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    return json.dumps(message | {"buffers": []} | changed)


def _to_widget(data: Any) -> str:
    return _frame("comm_msg", {"comm_id": "abc", "data": data})


CLICK = {"method": "custom", "content": {"event": "choose", "data": {"toggle": "W-C1"}}}


def test_what_the_page_sends_passes() -> None:
    start = {"path": "/?s=drought", "dark": False, "themes": {"light": {}}, "appName": None}
    for frame in (
        _frame("kernel_info_request", {}),
        _frame("comm_info_request", {"target_name": "jupyter.widget"}),
        _frame("comm_open", {"comm_id": "abc", "target_name": "solara.control", "data": {}}),
        _frame("comm_open", {"comm_id": "abc", "target_name": "jupyter.widget.control", "data": {}}),
        _frame("comm_close", {"comm_id": "abc", "data": {}}),
        _frame("shutdown_request", {"restart": False}, channel="control"),
        _to_widget({"method": "run", "args": start}),
        _to_widget({"method": "app-status"}),
        _to_widget({"method": "request_states"}),
        _to_widget({"method": "update", "state": {"value": 3}, "buffer_paths": []}),
        _to_widget(CLICK),
    ):
        assert is_usual(frame), frame


@pytest.mark.parametrize(
    "data",
    [
        {
            "method": "custom",
            "content": {"create_widget": ["os", "system"], "props": {"command": "id"}, "id": "x"},
        },
        {"method": "custom", "content": {"event": "choose", "update_ref": {"fn": "open"}, "id": "x"}},
        {"method": "custom", "content": {"event": ["choose"]}},
        {"method": "custom", "content": "choose"},
        {"method": "run", "args": {"path": "/", "appName": "os", "themes": {}}},
        {"method": "run"},
        {"method": "reload"},
        {"method": "evict"},
        {"method": ["update"]},
        {"method": "update", "state": [1]},
        {"method": "update", "state": {}, "buffer_paths": [["a", "b"]]},
        [],
        None,
    ],
)
def test_what_would_make_the_server_do_more_does_not(data: Any) -> None:
    assert not is_usual(_to_widget(data))


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[1]",
        "null",
        "[" * 100_000,
        _frame("execute_request", {"code": "1"}),
        _frame("comm_open", {"comm_id": "abc", "target_name": "jupyter.widget", "data": {}}),
        _frame("comm_msg", {"data": CLICK}),
        _frame("comm_msg", {"comm_id": ["abc"], "data": CLICK}),
        _frame("comm_msg", []),
        _frame("comm_msg", {"comm_id": "abc", "data": CLICK}, channel="stdin"),
        _frame("comm_msg", {"comm_id": "abc", "data": CLICK}, header=[]),
        _frame("comm_msg", {"comm_id": "abc", "data": CLICK}, parent_header=3),
        _frame("kernel_info_request", {}) + " " * MOST_BYTES,
        b"",
        b"\x00\x00\x00",
        struct.pack("!i", 2**31 - 1),
        struct.pack("!iI", 1, 2**32 - 1),
        struct.pack("!iII", 2, 12, 4) + b"{}",
    ],
)
def test_what_is_no_message_is_passed_over(frame: str | bytes) -> None:
    assert not is_usual(frame)


def test_a_message_in_parts_is_read_like_one_in_text() -> None:
    for text, right in ((_to_widget(CLICK), True), (_to_widget({"method": "evict"}), False)):
        part = text.encode()
        assert is_usual(struct.pack("!iII", 2, 12, 12 + len(part)) + part + b"more") is right
        assert is_usual(struct.pack("!iI", 1, 8) + part) is right
