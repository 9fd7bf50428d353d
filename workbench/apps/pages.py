"""What the server answers: the landing page, the app pages, files for those who are signed in, and errors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlparse

from jupyter_server.base.handlers import FileFindHandler, JupyterHandler
from jupyterlab_server.themes_handler import ThemesHandler
from tornado import web
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from .. import words
from . import DESKS
from .sign_in import visitor

#: Texts of an app page, whose template is rendered by nbconvert and is handed data, not functions.
_PAGE_TEXTS = (
    "product home sign_out theme_dark theme_light language opening working needs_javascript "
    "cell_failed ended reopen skip"
).split()


class LandingPage(JupyterHandler):
    """Where am I and what is here: one card a desk."""

    @web.authenticated
    def get(self) -> None:
        desks = [
            {
                "path": app_path(self.base_url, name),
                "title": words.say(f"apps.{name}.title"),
                "what": words.say(f"apps.{name}.what"),
                "who": words.say(f"apps.{name}.who"),
            }
            for name in DESKS
        ]
        self.set_header("Cache-Control", "no-store")
        self.write(self.render_template("landing.html", desks=desks, page="landing"))


def app_path(base_url: str, name: str) -> str:
    """The address of a desk on this server."""
    return f"{base_url}voila/render/{name}.ipynb"


class AppPage(TornadoVoilaHandler):  # type: ignore[misc]  # voila publishes no types
    """One desk: a kernel of its own, in the reader's language and theme."""

    def initialize(self, **options: Any) -> None:
        self.by_theme = options.pop("by_theme")
        super().initialize(**options)

    async def prepare(self) -> None:
        await super().prepare()
        self.voila_configuration = self.by_theme[visitor().theme or "light"]
        self.page_config_hook = self.add_texts

    def add_texts(self, page_config: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What our template shows around the cells."""
        name = self.path_args[0].removesuffix(".ipynb") if self.path_args else ""
        user = self.current_user
        lang = words.language()
        page_config["workbench"] = {
            "title": words.say(f"apps.{name}.title"),
            "user": user.display_name if user else "",
            "lang": lang,
            "other_lang": "en" if lang == "es" else "es",
            "theme": visitor().theme or "light",
            "xsrf": self.xsrf_token.decode(),
            "css": self.settings["jinja_template_vars"]["page_css"],
            **{key: words.say(f"apps.{key}") for key in _PAGE_TEXTS},
        }
        return page_config

    def write_error(self, status_code: int, **options: Any) -> None:
        JupyterHandler.write_error(self, status_code, **options)


class EndOfPage(VoilaShutdownKernelHandler):  # type: ignore[misc]  # voila publishes no types
    """Ends the kernel when its page closes.

    A browser's last word (``sendBeacon``) cannot carry the form token that Voila's handler asks for, so
    every closed page left its kernel behind (voila issue 1458). Here the origin is the proof instead: the
    browser sets it and no page elsewhere can forge it. And only the owner's session ends a kernel.
    """

    def check_xsrf_cookie(self) -> None:
        origin = self.request.headers.get("Origin")
        is_ours = (
            urlparse(origin).netloc == self.request.host
            if origin
            else self.request.headers.get("Sec-Fetch-Site") == "same-origin"
        )
        if not is_ours:
            raise web.HTTPError(403, "asked from another origin")

    @web.authenticated
    async def post(self, kernel_id: str) -> None:
        if kernel_id not in self.kernel_manager:
            self.set_status(204)
            return
        if not self.authorizer.is_authorized(self, self.current_user, "write", "kernels"):
            raise web.HTTPError(403)
        await self.kernel_manager.shutdown_kernel(kernel_id)
        self.set_status(204)


class NotFoundPage(JupyterHandler):
    """Anything not named by this server; without a session it only ever leads to the sign-in page."""

    async def prepare(self) -> None:  # type: ignore[override]  # the base's is async too, but says it returns an awaitable
        await super().prepare()
        if self.current_user is not None:
            raise web.HTTPError(404)


class _SignedIn:
    """The scripts and styles of the pages too are for those who are signed in."""

    @web.authenticated
    def get(self, path: str, include_body: bool = True) -> Any:
        return super().get(path, include_body)  # type: ignore[misc]  # the file handler beside it in the bases

    @web.authenticated
    def head(self, path: str) -> Any:
        return super().head(path)  # type: ignore[misc]  # as above


class PageFiles(_SignedIn, JupyterHandler, MultiStaticFileHandler):  # type: ignore[misc]  # voila publishes no types
    pass


class TemplateFiles(_SignedIn, JupyterHandler, TemplateStaticFileHandler):  # type: ignore[misc]  # as above
    pass


class ExtensionFiles(_SignedIn, FileFindHandler):  # type: ignore[misc]  # the decorator loosens get and head
    pass


class ThemeFiles(_SignedIn, ThemesHandler):  # type: ignore[misc]  # as above
    pass
