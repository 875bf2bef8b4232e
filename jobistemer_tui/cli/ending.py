"""What becomes of errors."""

from __future__ import annotations

from collections.abc import Callable

from jobistemer_tui.cli import output
from jobistemer_tui.cli.errors_shown import show_error
from jobistemer_tui.cli.exit_codes import ExitCode, exit_code_of
from jobistemer_tui.errors import JobistemerError, only_error


def exit_code_from(call: Callable[[], int], *, as_json: bool) -> int:
    """The exit code that `call` gives, or that of its error, which is shown."""
    output.prepare_streams()
    try:
        code = call()
        output.flush()
        return code
    except JobistemerError as error:
        show_error(error, as_json=as_json)
        return exit_code_of(error)
    except ExceptionGroup as group:
        expected = only_error(group)
        if expected is None:
            raise
        show_error(expected, as_json=as_json)
        return exit_code_of(expected)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except output.ReaderGone:
        output.give_up_stdout()
        return ExitCode.DONE
