"""The same work for every tool, in its language: directories, files with content, lines in files."""

from dataclasses import dataclass
from enum import StrEnum

import yaml


class Kind(StrEnum):
    """What a step does; the kinds take turns."""

    DIRECTORY = "directory"
    FILE = "file"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Task:
    """One step: `path` is below the workload's own folder, `text` the file's content or the line."""

    kind: Kind
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Workload:
    """`steps` tasks below `folder` on the host."""

    folder: str
    steps: int

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The first makes the folder itself."""
        made = [Task(Kind.DIRECTORY, self.folder, "")]
        kinds = (Kind.FILE, Kind.LINE, Kind.DIRECTORY)
        for number in range(1, self.steps):
            kind = kinds[number % len(kinds)]
            made.append(Task(kind, f"{self.folder}/{kind}{number}", f"text of step {number}"))
        return tuple(made)

    def mspctl(self) -> str:
        """A playbook of ours."""
        steps = []
        for number, task in enumerate(self.tasks):
            params: dict[str, str | bool] = {"path": task.path}
            if task.kind is Kind.DIRECTORY:
                params["mode"] = "0755"
            elif task.kind is Kind.FILE:
                params |= {"content": f"{task.text}\n", "mode": "0644"}
            else:
                params |= {"line": task.text, "create": True}
            steps.append({"name": f"step {number}", "module": str(task.kind), "params": params})
        document = {"name": "bench", "description": "The benchmark's work.", "steps": steps}
        return yaml.safe_dump(document, sort_keys=False)

    def ansible(self) -> str:
        """A play."""
        tasks: list[dict[str, object]] = []
        for number, task in enumerate(self.tasks):
            module: dict[str, dict[str, str | bool]]
            if task.kind is Kind.DIRECTORY:
                module = {"ansible.builtin.file": {"path": task.path, "state": "directory", "mode": "0755"}}
            elif task.kind is Kind.FILE:
                module = {
                    "ansible.builtin.copy": {"dest": task.path, "content": f"{task.text}\n", "mode": "0644"}
                }
            else:
                module = {
                    "ansible.builtin.lineinfile": {"path": task.path, "line": task.text, "create": True}
                }
            tasks.append({"name": f"step {number}", **module})
        return yaml.safe_dump([{"hosts": "all", "gather_facts": False, "become": True, "tasks": tasks}])

    def pyinfra(self) -> str:
        """A deploy."""
        lines = ["from io import StringIO", "from pyinfra.operations import files"]
        for task in self.tasks:
            if task.kind is Kind.DIRECTORY:
                lines.append(f"files.directory(path={task.path!r}, mode='755', _sudo=True)")
            elif task.kind is Kind.FILE:
                content = f"StringIO({task.text + chr(10)!r})"
                lines.append(f"files.put(src={content}, dest={task.path!r}, mode='644', _sudo=True)")
            else:
                lines.append(f"files.line(path={task.path!r}, line={task.text!r}, _sudo=True)")
        return "\n".join(lines) + "\n"

    def shell(self) -> str:
        """What a person would write by hand for one `sh`: the floor's script."""
        lines = ["set -e"]
        for task in self.tasks:
            path, text = task.path, task.text
            if task.kind is Kind.DIRECTORY:
                lines.append(f'[ -d {path} ] && [ "$(stat -c %a {path})" = 755 ] || mkdir -m 755 -p {path}')
            elif task.kind is Kind.FILE:
                lines.append(
                    f'[ "$(cat {path} 2>/dev/null)" = \'{text}\' ] && [ "$(stat -c %a {path})" = 644 ] '
                    f"|| {{ echo '{text}' >{path}; chmod 644 {path}; }}"
                )
            else:
                lines.append(f"grep -qxF '{text}' {path} 2>/dev/null || echo '{text}' >>{path}")
        return "\n".join(lines) + "\nexit 0\n"
