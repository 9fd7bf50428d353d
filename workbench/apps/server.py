"""``workbench apps``: Voila on its own, on loopback, behind a sign-in, with nothing from the internet.

Always standalone: as an extension of a Jupyter server Voila lets whoever holds the token run any code.
Configuration files of the machine are not read, so nothing can add a launch hook, a template or an open
door; what is not named here is not served.
"""

from __future__ import annotations

import ipaddress
import os
import threading
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.utils import url_path_join
from tornado import httpserver, ioloop, netutil
from traitlets import Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.configuration import VoilaConfiguration
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.utils import get_voila_labextensions_path

from .. import words
from ..errors import ParameterRefusedError, RefusedError
from ..runs.forked_kernels import PRELOADED, ForkServer
from ..views import theme
from . import DESKS, pages
from .identity import hash_password, one_time_passwords
from .page_kernels import OurKernelOnly, OwnKernelsOnly, PageKernels
from .places import Places
from .sign_in import OWN_HEADERS, THEMES, UsersProvider, visitor

if TYPE_CHECKING:
    from ..sources.organisation import Organisation

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "workbench"
LOOPBACK = "127.0.0.1"
#: The only extensions a page loads; each one installed would otherwise be sent with every page.
WIDGETS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
#: What the desks import beside what the run notebooks do.
PAGE_MODULES = ("workbench.apps.aging_desk", "workbench.apps.close_desk")
_KERNEL = r"/api/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
#: Ours or nothing. Scripts: Voila's own are inline, widgets come as blobs, Vega makes functions of text.
_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    ]
)


class AppsServer(Voila):  # type: ignore[misc]  # voila publishes no types
    """Voila with our pages, kernels and people, and without what a visitor has no use for."""

    port: int
    language = Unicode("es")
    on_listening: Callable[[AppsServer], None] | None = None

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Reads no configuration: a ``voila.json`` in some folder could open what is closed here."""

    def init_settings(self) -> dict[str, Any]:
        if self.voila_configuration.prelaunch_hook is not None or self.prelaunch_hook is not None:
            raise RefusedError("prelaunch-hook-refused")
        settings: dict[str, Any] = super().init_settings()
        self.by_theme = {name: VoilaConfiguration(parent=self, theme=name) for name in THEMES}
        environment = settings["voila_jinja2_env"]
        environment.globals.update(say=words.say, current_language=words.language, visitor=visitor)
        return {
            **settings,
            "jinja2_env": environment,
            "jinja_template_vars": {"page_css": page_css()},
            "default_handler_class": pages.NotFoundPage,
            # The name in the address must be ours, or a page elsewhere could rebind its name to loopback.
            "allow_remote_access": False,
            "local_hostnames": ["localhost"],
            "headers": {
                "Content-Security-Policy": _POLICY,
                "Referrer-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff",
            },
        }

    def init_handlers(self) -> list[tuple[Any, ...]]:
        """Everything this server answers, in one list."""
        notebooks = "|".join(DESKS)
        extensions = {"path": self.labextensions_path, "no_cache_paths": ["/"]}
        themes = {
            "themes_url": "/voila/api/themes",
            "path": self.themes_dir,
            "labextensions_path": get_voila_labextensions_path(),
            "no_cache_paths": ["/"],
        }
        app_page = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
            "by_theme": self.by_theme,
        }
        static = {"paths": self.static_paths}
        return [
            *(
                (url_path_join(self.base_url, path), page)
                for path, page in self.identity_provider.get_handlers()
            ),
            (self.base_url, pages.LandingPage),
            (
                url_path_join(self.base_url, rf"/voila/render/((?:{notebooks})\.ipynb)"),
                pages.AppPage,
                app_page,
            ),
            (url_path_join(self.base_url, r"/voila/api/shutdown/(.*)"), pages.EndOfPage),
            (url_path_join(self.base_url, _KERNEL), KernelHandler),
            (url_path_join(self.base_url, _KERNEL + "/channels"), VoilaKernelWebsocketHandler),
            (url_path_join(self.base_url, r"/voila/templates/(.*)"), pages.TemplateFiles),
            (url_path_join(self.base_url, r"/voila/static/(.*)"), pages.PageFiles, static),
            (url_path_join(self.base_url, r"/voila/labextensions/(.*)"), pages.ExtensionFiles, extensions),
            (url_path_join(self.base_url, r"/voila/api/themes/(.*)"), pages.ThemeFiles, themes),
        ]

    def listen(self) -> None:
        """Binds loopback and no other address; port 0 takes a free one, a taken port is refused."""
        refuse_beyond_loopback(self.ip)
        try:
            sockets = netutil.bind_sockets(self.port, self.ip)
        except OSError as error:
            raise ParameterRefusedError(
                "port-taken", name="port", value=self.port, reason=error.strerror
            ) from None
        self.port = int(sockets[0].getsockname()[1])
        server = httpserver.HTTPServer(self.app)
        server.add_sockets(sockets)
        self.ioloop = ioloop.IOLoop.current()
        self.ioloop.add_callback(self._tell)
        forks = self.fork_pages()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            server.stop()
            self.stop()
            if forks is not None:
                forks.close()

    def fork_pages(self) -> ForkServer | None:
        """From now on, or a little later, pages are forked; where that cannot be they start plainly."""
        server = (
            ForkServer.start([*PRELOADED, *PAGE_MODULES]) if os.environ.get("WORKBENCH_FORK") != "0" else None
        )

        def use_when_ready(forks: ForkServer) -> None:
            # More than one thread would be lost in the fork, perhaps with a lock in its hands.
            if forks.wait_ready() and forks.threads == 1:
                self.kernel_spec_manager.fork_address = forks.address
            self.ioloop.add_callback(self.kernel_manager.may_start.set)

        if server is None:
            self.kernel_manager.may_start.set()
        else:
            threading.Thread(target=use_when_ready, args=(server,), daemon=True).start()
        return server

    def _tell(self) -> None:
        if self.on_listening is not None:
            self.on_listening(self)


def page_css() -> str:
    """The pages' style: the one palette as variables (theme chosen, else the machine's), then the rules."""
    light, dark = theme.css_variables(), theme.css_variables(dark=True)
    colours = (
        f":root {{ {light} }}\n:root[data-theme=dark] {{ {dark} }}\n"
        "@media (prefers-color-scheme: dark) "
        f"{{ :root:not([data-theme]) {{ {dark} color-scheme: dark; }} }}\n"
    )
    rules = TEMPLATES / "voila" / "templates" / TEMPLATE / "static" / "workbench.css"
    return colours + rules.read_text(encoding="utf-8")


def refuse_beyond_loopback(address: str) -> None:
    """This server has no encryption: it is reached from its own machine, or through a proxy on it."""
    if address != "localhost" and not ipaddress.ip_address(address).is_loopback:
        raise ParameterRefusedError("bind-beyond-loopback", name="ip", value=address)


@dataclass(frozen=True)
class Limits:
    """How many pages this machine carries (100 to 150 MB each), and how long one lives unused."""

    pages: int = 16
    pages_of_one_user: int = 6
    idle_seconds: int = 180


def serve(
    *,
    book_url: str,
    parameters_dir: Path,
    notebooks_dir: Path,
    out: Path,
    port: int,
    lang: words.Language,
    on_ready: Callable[[dict[str, Any]], None],
    users: Mapping[str, str] | None = None,
    is_sample: bool = False,
    open_browser: bool = False,
    ip: str = LOOPBACK,
    limits: Limits = Limits(),
) -> None:
    """Serves the desks until Ctrl-C or SIGTERM; the kernels of open pages end with it.

    ``users`` maps a user to the argon2 hash of their password (:func:`identity.hash_password`). Without it
    every user of the organisation gets a one-time password, which is told once, to ``on_ready``: its
    argument holds ``url``, ``apps`` (``name``, ``title``, ``path``) and those ``users`` (``user``,
    ``password``, ``name``, ``clusters``). Raises when a desk's notebook or every user is missing, when the
    port is taken and when ``ip`` is not loopback.
    """
    from ..sources.organisation import load_organisation

    refuse_beyond_loopback(ip)
    for name in DESKS:
        if not (notebooks_dir / f"{name}.ipynb").is_file():
            raise ParameterRefusedError("desk-missing", name="notebooks", value=str(notebooks_dir), desk=name)
    organisation = load_organisation(parameters_dir)
    passwords = {} if users is not None else one_time_passwords(organisation.users)
    hashed = users if users is not None else {user: hash_password(word) for user, word in passwords.items()}
    if not hashed:
        raise ParameterRefusedError("users-missing", name="users", value="organisation.yaml")
    config = _config(limits)
    config.PageKernels.page_environment = {
        **Places.of(book_url, parameters_dir, out).variables,
        "WORKBENCH_SAMPLE": "1" if is_sample else "",
    }
    config.UsersProvider.hashed_passwords = dict(hashed)
    config.UsersProvider.display_names = {user: found.name for user, found in organisation.users.items()}
    # Voila finds templates by Jupyter's own path; ours goes first.
    paths = [str(TEMPLATES), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    server = AppsServer(
        config=config,
        identity_provider_class=UsersProvider,
        authorizer_class=OwnKernelsOnly,
        root_dir=str(notebooks_dir.resolve()),
        ip=ip,
        port=port,
        open_browser=False,
        language=lang,
        log_level="WARN",
    )

    def tell(listening: AppsServer) -> None:
        url = f"http://{ip}:{listening.port}/"
        on_ready({"url": url, "apps": _apps(), "users": _shown(organisation, passwords)})
        if open_browser:
            webbrowser.open(url)

    server.on_listening = tell
    server.initialize([])
    server.start()


def _config(limits: Limits) -> Config:
    config = Config()
    config.VoilaConfiguration.template = TEMPLATE
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.strip_sources = True
    config.VoilaConfiguration.http_header_envs = OWN_HEADERS
    config.VoilaConfiguration.file_allowlist = []
    config.VoilaConfiguration.extension_allowlist = WIDGETS
    config.VoilaConfiguration.multi_kernel_manager_class = PageKernels
    config.VoilaConfiguration.kernel_spec_manager_class = OurKernelOnly
    config.PageKernels.most = limits.pages
    config.PageKernels.most_of_one = limits.pages_of_one_user
    config.PageKernels.cull_idle_timeout = limits.idle_seconds
    config.PageKernels.cull_interval = max(1, min(30, limits.idle_seconds // 3))
    return config


def _apps() -> list[dict[str, str]]:
    return [
        {"name": name, "title": words.say(f"apps.{name}.title"), "path": pages.app_path("/", name)}
        for name in DESKS
    ]


def _shown(organisation: Organisation, passwords: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "user": user,
            "password": password,
            "name": organisation.users[user].name,
            "clusters": sorted(organisation.users[user].clusters),
        }
        for user, password in passwords.items()
    ]
