"""A visitor without a browser: cookies, a form token and headers of their own."""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    url: str


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Visitor:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.jar = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self._following = urllib.request.build_opener(cookies)
        self._staying = urllib.request.build_opener(cookies, _Stay)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        form: dict[str, str] | None = None,
        follow: bool = True,
        **headers: str,
    ) -> Answer:
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=named)
        try:
            with (self._following if follow else self._staying).open(request, timeout=60) as response:
                return Answer(response.status, response.read().decode("utf-8", "replace"), response.url)
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read().decode("utf-8", "replace"), refusal.url)

    def token(self) -> str:
        self.ask("/login")
        return next(cookie.value or "" for cookie in self.jar if cookie.name == "_xsrf")

    def sign_in(self, user: str, password: str) -> Answer:
        return self.ask(
            "/login", method="POST", form={"_xsrf": self.token(), "user": user, "password": password}
        )

    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)
