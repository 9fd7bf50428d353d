"""The kernels behind the pages: one a page view, owned by who opened it, capped, and ended when idle.

Voila has no cap of its own (its issue 617) and lets every page view start 100 to 150 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado import web
from traitlets import Dict, Integer, Unicode

from ..runs.forked_kernels import PROVISIONER
from .identity import SERVED_VARIABLE, USER_VARIABLE

_MOST_WAIT = 60.0


class PageKernels(AsyncMappingKernelManager):
    """Kernels with an owner. Full is a friendly 503, never a machine that swaps."""

    most = Integer(16, config=True, help="Pages open at once, all users together.")
    most_of_one = Integer(6, config=True, help="Pages one user may have open at once.")
    connected_idle_timeout = Integer(3600, config=True, help="Seconds after which an open, idle page ends.")
    page_environment = Dict(
        config=True, help="What every page's kernel gets beside the server's own variables."
    )
    language_header = Unicode("HTTP_X_WORKBENCH_LANG")
    theme_header = Unicode("HTTP_X_WORKBENCH_THEME")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.owners: dict[str, str] = {}
        self._starting: list[str] = []
        #: A page asked for while the fork server still imports waits for it: importing twice is no faster.
        self.may_start = asyncio.Event()

    async def _async_start_kernel(self, **options: Any) -> str:
        environment = dict(options.get("env") or {})
        owner = environment.get(USER_VARIABLE, "")
        if not owner:
            raise web.HTTPError(403, "a page without a user starts no kernel")
        self._refuse_when_full(owner)
        self._starting.append(owner)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.may_start.wait(), _MOST_WAIT)
            kernel_id = await super()._async_start_kernel(**{**options, "env": self._furnish(environment)})
        finally:
            self._starting.remove(owner)
        self.owners[kernel_id] = owner
        return kernel_id

    start_kernel = _async_start_kernel  # type: ignore[assignment]  # as the base class ties the two names

    def _refuse_when_full(self, owner: str) -> None:
        alive = [self.owners.get(kernel_id, "") for kernel_id in self.list_kernel_ids()] + self._starting
        if len(alive) >= self.most:
            raise web.HTTPError(503, "full")
        if alive.count(owner) >= self.most_of_one:
            raise web.HTTPError(503, "yours-full")

    def _furnish(self, environment: dict[str, str]) -> dict[str, str]:
        environment[SERVED_VARIABLE] = "1"
        environment["WORKBENCH_LANG"] = environment.pop(self.language_header, "es")
        environment["WORKBENCH_THEME"] = environment.pop(self.theme_header, "light")
        # A page reads and draws; more threads than one would only fight the other pages for two cores.
        environment.setdefault("OMP_NUM_THREADS", "1")
        environment.setdefault("OPENBLAS_NUM_THREADS", "1")
        return {**environment, **self.page_environment}

    def remove_kernel(self, kernel_id: str) -> Any:
        self.owners.pop(kernel_id, None)
        return super().remove_kernel(kernel_id)

    async def end_kernels_of(self, owner: str) -> None:
        """All pages of one user, when they log out."""
        for kernel_id in [kernel for kernel, name in self.owners.items() if name == owner]:
            if kernel_id in self:
                await self.shutdown_kernel(kernel_id)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """A page left open is given longer than one whose browser has gone without saying so."""
        short = self.cull_idle_timeout
        is_open = bool(self._kernel_connections.get(kernel_id, 0))
        self.cull_connected, self.cull_idle_timeout = (
            is_open,
            self.connected_idle_timeout if is_open else short,
        )
        try:
            await super().cull_kernel_if_idle(kernel_id)
        finally:
            self.cull_idle_timeout = short


class OwnKernelsOnly(Authorizer):
    """A kernel answers to who opened its page and to nobody else, whoever knows its id."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        kernel_id = handler.path_kwargs.get("kernel_id") or next(iter(handler.path_args), None)
        if resource != "kernels" or kernel_id is None or user is None:
            return False
        owners: dict[str, str] = handler.kernel_manager.owners
        return owners.get(str(kernel_id)) == str(user.username)


class OurKernelOnly(KernelSpecManager):
    """This Python and no other kernel of the machine."""

    fork_address = Unicode(help="where kernels are forked; empty while they start plainly")

    def get_all_specs(self) -> dict[str, Any]:
        spec = self.get_kernel_spec("python3")
        return {"python3": {"resource_dir": spec.resource_dir, "spec": spec.to_dict()}}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        spec = super().get_kernel_spec("python3")
        spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        if self.fork_address:
            forked = {"provisioner_name": PROVISIONER, "config": {"server_address": self.fork_address}}
            spec.metadata = {**spec.metadata, "kernel_provisioner": forked}
        return spec
