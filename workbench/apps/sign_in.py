"""Signing in: sessions kept by the server, and the headers that tell a kernel who is there."""

from __future__ import annotations

import asyncio
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from traitlets import Dict

from .. import words
from .identity import USER_HEADER, hash_password, is_password

LANGUAGE_HEADER = "X-Workbench-Lang"
THEME_HEADER = "X-Workbench-Theme"
#: All that Voila may hand to a kernel; the server writes each of them itself.
OWN_HEADERS = [USER_HEADER, LANGUAGE_HEADER, THEME_HEADER]
LANGUAGE_COOKIE = "workbench-lang"
THEME_COOKIE = "workbench-theme"
THEMES = ("light", "dark")
SESSION_HOURS = 12
_MOST_WAIT = 8.0


@dataclass(frozen=True)
class Visitor:
    """Who is being answered; the templates ask for it, error pages of any handler included."""

    name: str = ""
    theme: str = ""


_visitor: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def visitor() -> Visitor:
    """The one this request is from; before it is known, nobody."""
    return _visitor.get() or Visitor()


class UsersProvider(IdentityProvider):
    """Users with passwords. The cookie holds a session's number, so that signing out ends it here too."""

    hashed_passwords = Dict(config=True, help="user → argon2 hash")
    display_names = Dict(config=True, help="user → the name shown")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.token = ""
        self.cookie_options = {"samesite": "Lax", "expires_days": None}
        self.get_secure_cookie_kwargs = {"max_age_days": SESSION_HOURS / 24}
        self._sessions: dict[str, str] = {}
        self._failures: dict[str, int] = {}
        # An unknown user costs as long as a wrong password, so the answer's delay names nobody.
        self._decoy = hash_password(secrets.token_urlsafe())

    def get_user(self, handler: Any) -> User | None:
        """The user of the session; what the browser says of itself in our headers is deleted first."""
        for header in OWN_HEADERS:
            if header in handler.request.headers:
                del handler.request.headers[header]
        theme = _settle_preferences(handler)
        found = self.get_user_cookie(handler)
        user = found if isinstance(found, User) else None
        _visitor.set(Visitor(user.display_name if user else "", theme))
        if user is not None:
            handler.request.headers[USER_HEADER] = user.username
        return user

    def user_to_cookie(self, user: User) -> str:
        session = secrets.token_urlsafe(24)
        self._sessions[session] = user.username
        return session

    def user_from_cookie(self, cookie_value: str) -> User | None:
        name = self._sessions.get(cookie_value, "")
        return self._user(name) if name in self.hashed_passwords else None

    def _user(self, name: str) -> User:
        return User(username=name, display_name=self.display_names.get(name) or name)

    async def check(self, name: str, password: str) -> User | None:
        """The user, if the password is theirs; each failure makes that name's next answer wait longer."""
        failures = self._failures.get(name, 0)
        if failures > 2:
            await asyncio.sleep(min(0.5 * 2 ** (failures - 3), _MOST_WAIT))
        hashed = self.hashed_passwords.get(name, self._decoy)
        is_right = await asyncio.to_thread(is_password, hashed, password)
        if is_right and name in self.hashed_passwords:
            self._failures.pop(name, None)
            return self._user(name)
        if len(self._failures) < 10_000:
            self._failures[name] = failures + 1
        return None

    def end_session(self, handler: Any) -> None:
        kept = handler.get_secure_cookie(self.get_cookie_name(handler), **self.get_secure_cookie_kwargs)
        if kept:
            self._sessions.pop(kept.decode(), None)
        self.clear_login_cookie(handler)

    def get_handlers(self) -> list[tuple[str, object]]:
        return [(r"/login", SignInPage), (r"/logout", SignOut)]

    @property
    def auth_enabled(self) -> bool:
        return True


def _settle_preferences(handler: Any) -> str:
    """Language and theme (returned): the address asks, the cookie remembers, else the server's own."""
    voila = handler.settings.get("voila")
    lang = _choice(handler, "lang", LANGUAGE_COOKIE, words.LANGUAGES, getattr(voila, "language", "es"))
    theme = _choice(handler, "theme", THEME_COOKIE, THEMES, "")
    words.choose_language(lang)
    handler.request.headers[LANGUAGE_HEADER] = lang
    handler.request.headers[THEME_HEADER] = theme or THEMES[0]
    return theme


def _choice(handler: Any, name: str, cookie: str, known: tuple[str, ...], default: str) -> str:
    asked = str(handler.request.query_arguments.get(name, [b""])[-1], "utf-8", "replace")
    kept = handler.get_cookie(cookie, "")
    if asked in known:
        if asked != kept and hasattr(handler, "render_template"):
            handler.set_cookie(cookie, asked, path=handler.base_url, expires_days=365, samesite="Lax")
        return asked
    return str(kept) if kept in known else default


class SignInPage(LoginFormHandler):
    """User and password, in Spanish and English; the same answer for a wrong user and a wrong password."""

    def _render(self, message: Any = None) -> None:
        wanted = self.get_argument("next", default=self.base_url)
        self.set_header("Cache-Control", "no-store")
        self.write(self.render_template("login.html", next=wanted, is_refused=bool(message), page="login"))

    @allow_unauthenticated
    async def post(self) -> None:
        name = self.get_body_argument("user", default="").strip()
        provider = self.identity_provider
        assert isinstance(provider, UsersProvider)
        user = await provider.check(name, self.get_body_argument("password", default="", strip=False))
        if user is None:
            self.set_status(401)
            self._render(message={"error": "refused"})
            return
        self.current_user = user
        provider.set_login_cookie(self, user)
        self._redirect_safe(self.get_argument("next", default=self.base_url))


class SignOut(JupyterHandler):
    """Ends the session and every page that the user has open. By POST: a link elsewhere signs nobody out."""

    @web.authenticated
    async def post(self) -> None:
        provider = self.identity_provider
        assert isinstance(provider, UsersProvider)
        await self.settings["kernel_manager"].end_kernels_of(self.current_user.username)
        provider.end_session(self)
        self.redirect(self.settings["login_url"])
