"""Hostile Python files: (text, whether it loads)."""

# ruff: noqa: E501 - a case stands in one line

from __future__ import annotations

_JOB = "from jobistemer_tui import job, task\njob(name='a', run='x')\n"

PYTHON: dict[str, tuple[str, bool]] = {
    "exits": ("import sys; sys.exit(3)", False),
    "exits at once": ("import os; os._exit(0)", False),
    "exits with a code": ("import os; os._exit(3)", False),
    "exits after its jobs": (_JOB + "raise SystemExit", False),
    "aborts": ("import os; os.abort()", False),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", False),
    "kills its group": ("import os; os.kill(0, 9)", False),
    "stops itself": ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", False),
    "reads null": ("import ctypes; ctypes.string_at(0)", False),
    "recurses": ("def f(): f()\nf()", False),
    "interrupts": ("raise KeyboardInterrupt", False),
    "raises a base exception": ("class E(BaseException): ...\nraise E", False),
    "raises a generator exit": ("raise GeneratorExit", False),
    "raises a group": ("raise ExceptionGroup('g', [ValueError('x')])", False),
    "raises what cannot be shown": ("class E(Exception):\n def __str__(self): raise self\nraise E", False),
    "raises what ends when shown": ("import os\nclass E(Exception):\n def __str__(self): os._exit(0)\nraise E", False),
    "raises a text that is none": ("class E(Exception):\n def __str__(self): return 5\nraise E", False),
    "raises a giant text": ("raise ValueError('x' * 10**7)", False),
    "raises control characters": ("raise ValueError('\\x1b[2J\\n\\0\\ud800')", False),
    "raises its own name": ("class M(type):\n @property\n def __name__(c): 1/0\n"
                            "class E(Exception, metaclass=M): ...\nraise E", False),
    "a circle of causes": ("a = ValueError(); b = ValueError()\na.__cause__ = b; b.__cause__ = a\nraise a", False),
    "deep brackets": ("x = " + "[" * 2000 + "]" * 2000, False),
    "deep signs": ("x = " + "-" * 100_000 + "1", False),
    "deep blocks": ("\n".join(" " * n + "if 1:" for n in range(200)) + "\n" + " " * 200 + "x", False),
    "deep attributes": ("x" + ".a" * 100_000, False),
    "a long sum": ("x = " + "1+" * 50_000 + "1", False),
    "a giant number": ("x = " + "9" * 10_000, False),
    "a NUL": ("x = '\0'", False),
    "a form feed": ("\f" + _JOB, False),
    "an escape": ("# \x1b[2J\n", False),
    "no Python": ("[jobs.a]\nrun = x y", False),
    "tabs and spaces": ("if 1:\n\tx = 1\n        y = 2", False),
    "half a text": ("x = '''", False),
    "a return": ("return 5", False),
    "an await": ("await x", False),
    "a cookie": ("# -*- coding: rot13 -*-\n" + _JOB, True),
    "a mark": ("\ufeff" + _JOB, True),
    "empty": ("", True),
    "prints megabytes": ("print('x' * 20_000_000)\n" + _JOB, True),
    "prints without end of line": ("import os\nfor _ in range(500): os.write(2, b'x' * 4096)\n" + _JOB, True),
    "has no output": ("import sys\nsys.stdout = sys.stderr = None\n" + _JOB, True),
    "closes its output": ("import os\nos.close(1); os.close(2)\n" + _JOB, True),
    "closes everything": ("import os\nos.closerange(0, 100)\n" + _JOB, False),
    "writes everywhere": ("import os\nfor n in range(3, 50):\n try: os.write(n, b'{}')\n except OSError: pass\n" + _JOB, False),
    "writes a document of its own": ("import os, sys\nfor n in range(3, 50):\n"
                                     " try: os.write(n, b'{\"data\": 5}')\n except OSError: pass\nos._exit(0)", False),
    "writes a deep document": ("import os\nfor n in range(3, 50):\n"
                               " try: os.write(n, b'['*60000)\n except OSError: pass\nos._exit(0)", False),
    "writes places that are none": (
        "import os\nfor n in range(3, 50):\n try: os.write(n, b'{\"data\": {}, \"places\": [1, 2, [[[], 3]]], "
        "\"problems\": [], \"imported\": []}')\n except OSError: pass\nos._exit(0)", False),
    "writes halves of characters": (
        "import os\nfor n in range(3, 50):\n try: os.write(n, b'{\"data\": {\"\\\\ud800\": [\"\\\\ud800\"]}, \"places\": [1, 2, []], "
        "\"problems\": [], \"imported\": []}')\n except OSError: pass\nos._exit(0)", False),
    "reads its input": ("input()", False),
    "has no json": ("import json\njson.dumps = json.loads = None\n" + _JOB, True),
    "has no builtins": ("import builtins\nbuiltins.isinstance = None\n" + _JOB, False),
    "has no modules": ("import sys\nsys.modules.clear()\n" + _JOB, True),
    "has no path": ("import sys, os\nsys.path.clear(); os.chdir('/')\n" + _JOB, True),
    "forks": ("import os\nos.fork()\n" + _JOB, True),
    "leaves children": ("import os, time\nfor _ in range(20):\n if os.fork() == 0: time.sleep(600)\n" + _JOB, True),
    "leaves a daemon": ("import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: time.sleep(600)\n"
                        " os._exit(0)\n" + _JOB, True),
    "leaves a program": ("import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\n" + _JOB, True),
    "leaves a thread": ("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n" + _JOB, True),
    "hangs at its end": ("import atexit, time\natexit.register(time.sleep, 600)\n" + _JOB, True),
    "a hostile value": ("class V:\n def __repr__(s): raise s\n __class__ = property(lambda s: 1/0)\n"
                        "from jobistemer_tui import job\njob(name='a', run=V())", False),
    "hostile texts": ("class S(str):\n def __str__(s): 1/0\n __eq__ = __hash__ = encode = __repr__ = None\n"
                      "from jobistemer_tui import job\njob(name=S('a'), run=S('x'))", True),
    "a hostile table": ("class D(dict):\n items = keys = __iter__ = __getitem__ = None\n"
                        "from jobistemer_tui import job\njob(name='a', run='x', env=D(A='x'))", True),
    "hostile numbers": ("class I(int):\n __index__ = __int__ = bit_length = __repr__ = None\n"
                        "from jobistemer_tui import job\njob(name='a', run='x', max_active=I(5))", True),
    "a hostile class": ("class M(type):\n def __getattribute__(c, n): 1/0\n"
                        "from jobistemer_tui import job\n@job\nclass A(metaclass=M): ...", False),
    "a bomb of references": ("a = ['x']\nfor _ in range(50): a = [a] * 50\n"
                             "from jobistemer_tui import job\njob(name='a', run='x', tags=a)", False),
    "a list in itself": ("a = []; a.append(a)\nfrom jobistemer_tui import job\njob(name='a', run='x', tags=a)", False),
    "too much": ("from jobistemer_tui import job\njob(name='a', run='x' * 20_000_000)", False),
    "many jobs": ("from jobistemer_tui import job\nfor n in range(2000): job(name=f'j{n}', run='x')", True),
    "many bad jobs": ("from jobistemer_tui import job\nfor n in range(2000): job(name=n, rum='x')", False),
    "decorates a number": ("from jobistemer_tui import job\njob(5)", False),
    "decorates a builtin": ("from jobistemer_tui import job\njob(len)", False),
    "decorates a lambda": ("from jobistemer_tui import job\njob(lambda: 1)", False),
    "decorates None": ("from jobistemer_tui import job\njob(name='a')(None)", False),
    "asynchronous": ("from jobistemer_tui import job\n@job\nasync def a(context): ...", True),
    "imports itself": ("import importlib, sys\nimportlib.import_module(__name__)\n" + _JOB, True),
    "imports nothing there": ("import nothing.such.module", False),
    "removes itself": ("import os\nos.remove(__file__)\n" + _JOB, True),
}  # fmt: skip

ENDLESS: dict[str, str] = {
    "recurses without a limit": "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "loops": "while True: pass",
    "sleeps": "import time\ntime.sleep(600)",
    "loops and catches all": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "loops without an alarm": "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
    "prints for ever": "while True: print('x' * 1000)",
}
