"""The socket: hello, the layer asked for, and nonsense answered."""

from __future__ import annotations

import pytest

from tests.oracles.hub import read_frame, read_table


def test_a_socket_gets_hello_then_the_layer_it_asks_for(client, slow):
    with client.websocket_connect("/ws") as socket:
        hello = socket.receive_json()["hello"]
        assert (hello["k"], hello["wire"], hello["state"]) == (5, 1, "live")
        table = read_table(client.get("/api/cells/8.bin").content)
        assert hello["tables"]["8"] == {"hash": table["hash"], "n": len(table["cells"])}
        socket.send_json({"subscribe": {"res": 8, "metric": "out", "minutes": 60}})
        frame = read_frame(socket.receive_bytes())
        assert (frame["kind"], frame["res"], frame["metric"], frame["window"]) == (0, 8, 1, 2)
        places = slow.places_by_cell(8)
        for cell, value in zip(table["cells"], frame["values"], strict=True):
            out = slow.window("last_60", places[cell])[1]
            assert value in (out, 65534, 65535)
            assert not 0 < value < 5
        socket.send_json({"resync": True})
        assert read_frame(socket.receive_bytes())["seq"] == frame["seq"]


@pytest.mark.parametrize(
    "nonsense", ["", "x", "[]", "{}", '{"subscribe": 1}', "[" * 900, "x" * 5000]
)
def test_nonsense_on_a_socket_is_answered_and_changes_nothing(client, nonsense):
    with client.websocket_connect("/ws") as socket:
        socket.receive_json()
        socket.send_text(nonsense)
        assert "expected" in socket.receive_json()["error"]
        socket.send_json({"subscribe": {"res": 9, "metric": "in", "minutes": 15}})
        assert read_frame(socket.receive_bytes())["kind"] == 0


def test_a_page_of_another_origin_may_not_listen(client):
    from starlette.websockets import WebSocketDisconnect  # noqa: PLC0415

    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/ws", headers={"origin": "http://elsewhere.example"}) as socket,
    ):
        socket.receive_json()


def test_the_page_and_the_socket_name_one_edition_and_files_are_asked_for_anew(client):
    with client.websocket_connect("/ws") as socket:
        edition = socket.receive_json()["hello"]["edition"]
    assert f'data-edition="{edition}"' in client.get("/").text
    first = client.get("/assets/js/room.js")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/assets/js/room.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")
