"""From the calls of `job`, `task` and `defaults` to a table as TOML and YAML give it, with the place of each value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from jobistemer_tui.authoring import Declared
from jobistemer_tui.jobfiles.python_loader.places import Place, Places
from jobistemer_tui.jobfiles.python_loader.plain import Plain, Refused

Table = dict[str, Any]


class Collector:
    """Collects once; what is wrong is a problem of the document, and the rest is collected all the same."""

    def __init__(self, module: ModuleType, places: Places, file: str, declared: Sequence[Declared]) -> None:
        self._module = module
        self._places = places
        self._file = file
        self._declared = declared
        self._tasks = {id(one.target): one for one in declared if one.kind == "task" and one.target is not None}
        self._taken: set[int] = set()
        self._plain = Plain(self._name_of)
        self._jobs: Table = {}
        self._job_places: dict[str | int, Place] = {}
        self._problems: list[dict[str, Any]] = []

    def document(self) -> Table:
        """`data`, `places` and `problems`."""
        data: Table = {}
        root = Place(0, 0)
        for one in self._declared:
            try:
                if one.kind == "defaults":
                    self._defaults(one, data, root)
                elif one.kind == "job":
                    self._job(one)
            except Refused as error:
                self._problem(error)
        for one in self._declared:
            if one.kind == "task" and id(one) not in self._taken:
                hint = "put it into a class with @job, or name it in tasks=[…] of a job"
                self._problem(Refused(self._places.of(one).key, "this task belongs to no job", hint))
        if self._jobs:
            data["jobs"] = self._jobs
            root.inner["jobs"] = Place(0, 0, self._job_places)
        return {"data": data, "places": root.to_json(), "problems": self._problems}

    def _problem(self, error: Refused) -> None:
        self._problems.append({"offset": error.offset, "message": error.message, "hint": error.hint, "code": "value"})

    def _defaults(self, one: Declared, data: Table, root: Place) -> None:
        place = self._places.of(one)
        if "defaults" in data:
            raise Refused(place.at, "defaults is called twice", "join the two calls")
        data["defaults"] = self._words(one, place)
        root.inner["defaults"] = place

    def _words(self, one: Declared, place: Place) -> Table:
        """The words of a call without those that are None; a value that is refused is a problem and left out."""
        words: Table = {}
        for word, value in one.words.items():
            if value is None:
                continue
            try:
                inner = place.within(word)
                if one.kind == "job" and word == "tasks":
                    words[word] = self._listed_tasks(value, inner)
                else:
                    words[word] = self._plain.value(value, inner)
            except Refused as error:
                self._problem(error)
        return words

    def _job(self, one: Declared) -> None:
        place = self._places.of(one)
        words = self._words(one, place)
        name = self._named(one, words, place, "job")
        if "name" in place.inner:
            place.key = place.inner.pop("name").at
        target = one.target
        if isinstance(target, type):
            self._class_tasks(target, words, place)
        elif target is not None:
            self._callable(target, self._path_of(target), words, place)
        self._describe(target, words)
        if name in self._jobs:
            line = self._places.line(self._job_places[name].key)
            message = f'two jobs are named "{name[:80]}"; the first is at line {line}'
            raise Refused(place.key, message, "rename one of them")
        self._jobs[name] = words
        self._job_places[name] = place

    def _named(self, one: Declared, words: Table, place: Place, what: str, default: str = "") -> str:
        name = words.pop("name", None) if what == "job" else words.get("name")
        if name is None:
            name = default or getattr(one.target, "__name__", None)
        if isinstance(name, str):
            return name
        if name is None:
            raise Refused(place.at, f"the {what} has no name", f'write name="…", or @{what} over a function')
        raise Refused(place.within("name").at, "name: must be a text", 'write name="…"')

    def _callable(self, target: Any, path: str, words: Table, place: Place) -> None:
        """What a decorated function means: a `python` task of this very file."""
        if "python" in words:
            raise Refused(place.within("python").key, "python is the decorated function itself", "remove it")
        if not callable(target) and not hasattr(target, "__func__"):
            raise Refused(place.at, "only functions and classes can be decorated", "")
        self._refuse_unreachable(target, path, place)
        words["python"] = f"{self._file}:{path}"
        place.inner["python"] = Place(place.key, place.key)

    def _path_of(self, target: Any) -> str:
        return str(getattr(target, "__qualname__", ""))

    def _refuse_unreachable(self, target: Any, path: str, place: Place) -> None:
        """The task's process finds the function by its name, so the name must lead to it."""
        hint = "define it at the top of the file or in a class, under a name of its own"
        if not path or "<" in path:
            raise Refused(place.key, "a task cannot be a function within a function, nor a lambda", hint)
        found: Any = self._module
        for part in path.split("."):
            found = getattr(found, part, None)
        while found is not None and found is not target and found is not getattr(target, "__func__", target):
            found = getattr(found, "__wrapped__", getattr(found, "__func__", None))
        if found is None:
            raise Refused(place.key, f'the name "{path[:80]}" leads to something else', hint)

    def _describe(self, target: Any, words: Table) -> None:
        """The first paragraph of the docstring, where there is no description."""
        if not (isinstance(target, type) or hasattr(target, "__code__")):
            return  # other objects have the text of their type
        text = target.__doc__
        if isinstance(text, str) and text.strip() and "description" not in words:
            words["description"] = " ".join(text.strip().split("\n\n")[0].split())

    def _class_tasks(self, owner: type, words: Table, place: Place) -> None:
        if "tasks" in words:
            raise Refused(place.within("tasks").key, "a class has its tasks within it", "remove tasks")
        members = {name: value for kind in reversed(owner.__mro__) for name, value in vars(kind).items()}
        found = [
            self._task(one, f"{owner.__qualname__}.{name}", name)
            for name, value in members.items()
            if (one := self._task_of(value)) is not None
        ]
        if found:
            self._refuse_unreachable(owner, owner.__qualname__, place)
            words["tasks"] = [table for table, _ in found]
            place.inner["tasks"] = listed = Place(place.at, place.key)
            listed.inner.update(enumerate(task_place for _, task_place in found))

    def _task_of(self, value: object) -> Declared | None:
        if isinstance(value, Declared):
            return value if value.kind == "task" else None
        inner = value.__func__ if isinstance(value, staticmethod | classmethod) else value
        return self._tasks.get(id(value)) or self._tasks.get(id(inner))

    def _name_of(self, value: object) -> str | None:
        one = self._task_of(value)
        if one is None:
            return None
        name = one.words.get("name") or getattr(one.target, "__name__", None) or self._names_in_classes().get(id(one))
        return name if isinstance(name, str) else None

    def _names_in_classes(self) -> dict[int, str]:
        """Declared tasks without a function by the names they have in the classes of jobs."""
        classes = [one.target for one in self._declared if one.kind == "job" and isinstance(one.target, type)]
        return {
            id(value): name
            for owner in classes
            for kind in owner.__mro__
            for name, value in vars(kind).items()
            if isinstance(value, Declared)
        }

    def _task(self, one: Declared, path: str, default: str) -> tuple[Table, Place]:
        """The table of a task. A task that cannot be one is a problem, and its table what is left of it."""
        self._taken.add(id(one))
        place = self._places.of(one)
        words = self._words(one, place)
        try:
            words["name"] = self._named(one, words, place, "task", default)
            place.inner.setdefault("name", Place(place.key, place.key))
            if one.target is not None:
                self._callable(one.target, path, words, place)
                self._describe(one.target, words)
        except Refused as error:
            self._problem(error)
        return words, place

    def _listed_tasks(self, value: Any, place: Place) -> Any:
        """`tasks=[…]` of a job: tables, or what `task` has declared."""
        if not isinstance(value, list | tuple):
            return self._plain.value(value, place)
        return list(self._each_listed(value, place))

    def _each_listed(self, items: Sequence[Any], place: Place) -> Iterator[Any]:
        for number, item in enumerate(items):
            one = self._task_of(item)
            if one is None:
                yield self._plain.value(item, place.within(number), 1)
            else:
                table, own = self._task(one, self._path_of(one.target), "")
                place.inner[number] = own
                yield table
