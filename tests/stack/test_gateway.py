"""Metrics pushed to the gateway can be scraped there, and nowhere but on loopback."""

import http.client

import pytest

from stack.gateway import Gateway


@pytest.fixture
def gateway():
    server = Gateway(0)
    server.serve_beside()
    yield server
    server.shutdown()
    server.server_close()


def ask(gateway, method, path, body=None, **more):
    connection = http.client.HTTPConnection(*gateway.server_address, timeout=5)
    connection.request(method, path, body, **more)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_gateway_listens_on_loopback(gateway):
    assert gateway.server_address[0] == "127.0.0.1"


def test_last_push_of_each_process_is_scraped(gateway):
    ask(gateway, "PUT", "/metrics/job/jobmanager", b"a 1\n")
    ask(gateway, "PUT", "/metrics/job/jobmanager", b"a 2\n")
    ask(gateway, "PUT", "/metrics/job/taskmanager", b"b 3\n")
    assert ask(gateway, "GET", "/metrics") == (200, b"a 2\nb 3\n")


def test_push_in_chunks_is_put_together(gateway):
    ask(gateway, "POST", "/metrics/job/x", iter([b"a ", b"1\n"]), encode_chunked=True,
        headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert ask(gateway, "GET", "/metrics")[1] == b"a 1\n"


def test_push_to_another_place_is_refused(gateway):
    assert ask(gateway, "PUT", "/elsewhere", b"x")[0] == 400
