"""How the program ends: ask what becomes of live runs, stop the engine, and only then go."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final

from textual.app import App

from jobistemer_tui.errors import StoreError
from jobistemer_tui.settings.deferred import deferred

from .messages import EngineMoved
from .presentation.fitting import cleaned
from .reading import read_in_thread

if TYPE_CHECKING:
    from jobistemer_tui.settings import logout
    from jobistemer_tui.tui.dialogs import choice_dialog, stopping_dialog

    from .shell import Shell
else:
    logout = deferred("jobistemer_tui.settings.logout")
    choice_dialog = deferred("jobistemer_tui.tui.dialogs.choice_dialog")
    stopping_dialog = deferred("jobistemer_tui.tui.dialogs.stopping_dialog")

_PATIENCE_S: Final = 2.0
"""For so long at the most a person who leaves waits for what the store knows of live runs."""


async def leave(app: App[Any], shell: Shell) -> None:
    """Leave, unless the person stays. Runs in a worker of the app."""
    if shell.leaving or shell.asking:
        return
    app.clear_notifications()  # in a small window they lie on the answers
    how = "handover"
    if shell.engine.role == "serving":
        how = await _asked(app, shell)
    if how:
        await stop_engine(app, shell, how)


async def _asked(app: App[Any], shell: Shell) -> str:
    """What is to become of live runs; empty to stay. Where the store does not tell of any they are handed over."""
    shell.asking = True
    try:
        async with asyncio.timeout(_PATIENCE_S):
            live = await read_in_thread(shell.operations.live)
        if not live.any:
            return "handover"
        ends = logout.has_user_manager(os.environ) and not logout.lingers()
        return await app.push_screen_wait(choice_dialog.quit_dialog(live, ends_at_logout=ends))
    except (StoreError, TimeoutError) as error:
        why = cleaned(error.message) if isinstance(error, StoreError) else "the store does not answer"
        app.notify(f"what runs is not known, and goes on: {why}", severity="warning", markup=False)
        return "handover"
    finally:
        shell.asking = False


def hand_over(app: App[Any], shell: Shell) -> None:
    """Leave at once and ask nothing: tasks go on, also those that were being waited for."""
    app.run_worker(stop_engine(app, shell, "handover"), name="leave", group="leave", exit_on_error=False)


async def stop_engine(app: App[Any], shell: Shell, how: str) -> None:
    """Stop the engine with a sign that it is being stopped; if that fails, stay and say why.

    Who asks while it is being stopped waits for live runs no longer.
    """
    if shell.leaving:
        shell.hurried.set()
        return
    shell.leaving = stopping_dialog.WORDS[how].partition(":")[0] + "…"
    shell.hurried = asyncio.Event()
    dialog = stopping_dialog.StoppingDialog(how)
    app.push_screen(dialog, callback=lambda _: shell.hurried.set())
    app.screen_stack[-2].post_message(EngineMoved())
    try:
        await _stop_or_hurry(shell, how)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the person must see it and keep the screen
        shell.leaving = ""
        if dialog.is_current:
            dialog.dismiss("")
        app.notify(f"the engine did not stop: {cleaned(str(error))}", severity="error", markup=False)
        return
    app.exit()


async def _stop_or_hurry(shell: Shell, how: str) -> None:
    """Stop as chosen; if the person does not want to wait any longer, hand over."""
    stopping = asyncio.create_task(asyncio.to_thread(shell.engine.stop, how=how), name="stop engine")
    hurrying = asyncio.create_task(shell.hurried.wait(), name="hand over instead")
    try:
        await asyncio.wait({stopping, hurrying}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            await asyncio.to_thread(shell.engine.stop, how="handover")
        await stopping
    finally:
        hurrying.cancel()
