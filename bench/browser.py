"""A person at a keep-alive connection: signs in as people do, asks for pages and the parts they load, posts forms."""

from __future__ import annotations

import http.client
import re
import time
from urllib.parse import urlencode

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """One keep-alive connection with a session's cookies."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = dict(cookies or {})
        self.token = ""

    def get(self, path: str) -> bytes:
        """The body of a page; anything but 200 or 302 is an error."""
        return self._ask("GET", path, None)

    def panel(self, path: str) -> bytes:
        """A part that a page loads by itself."""
        return self._ask("GET", path, None, {"HX-Request": "true"})

    def post(self, path: str, **fields: str) -> bytes:
        """Send a form as the page's own script does."""
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None, more: dict[str, str] | None = None) -> bytes:
        headers = (more or {}) | {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        }
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self.token,
                "HX-Request": "true",
            }
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status not in {200, 302}:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return told

    def sign_in(self, staff_no: str, password: str) -> None:
        """Through the door, and keep the token that posts need."""
        self.token = self._token("/sign-in")
        self._ask(
            "POST",
            "/sign-in",
            urlencode({"csrfmiddlewaretoken": self.token, "staff_no": staff_no, "password": password}),
        )
        if "guanxi_session" not in self.cookies:
            raise RuntimeError("sign-in failed")
        self.token = self._token("/customers/")

    def _token(self, path: str) -> str:
        found = CSRF.search(self.get(path).decode())
        if found is None:
            raise RuntimeError(f"{path} carries no token")
        return found[1]

    def again(self, port: int) -> Browser:
        """Another connection of the same session."""
        other = Browser(port, self.cookies)
        other.token = self.token
        return other


def wait_for(port: int) -> None:
    """Until the server at this port is ready; an error after a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            Browser(port).get("/ready")
        except (OSError, RuntimeError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server did not answer")
