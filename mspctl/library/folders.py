"""The Library on folders: each file is read and parsed once per run."""

from pathlib import Path

from mspctl.errors import ConfigurationError
from mspctl.library.places import NAME, Places, folder_text, places_of, read_text
from mspctl.model.playbook import Module, Playbook
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.module import parse_module
from mspctl.parse.playbook import parse_playbook
from mspctl.shipped import shipped_folder


class FolderLibrary:
    """Playbooks and modules of a project and of mspctl itself; what the project has wins, with a note."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._playbooks: dict[str, Playbook] = {}
        self._modules: dict[str, Module] = {}
        self._texts: dict[str, str] = {}
        self._notes: dict[str, None] = {}

    def playbook(self, name: str) -> Playbook:
        """The playbook of that name.

        Raises:
            ConfigurationError: there is none, or its file is wrong (all problems at once).
        """
        if name not in self._playbooks:
            path = self._places.playbook(name) if NAME.fullmatch(name) else None
            if path is None:
                hint = did_you_mean(name, self.playbook_names())
                raise ConfigurationError(f"there is no playbook `{name}`", hint=hint)
            self._note("playbook", name, path)
            self._playbooks[name] = parse_playbook(read_text(path), name)
        return self._playbooks[name]

    def module(self, name: str) -> Module:
        """The module of that name. Raises ConfigurationError as `playbook`."""
        if name not in self._modules:
            path = self._places.module(name) if NAME.fullmatch(name) else None
            if path is None:
                raise ConfigurationError(
                    f"there is no module `{name}`", hint=did_you_mean(name, self.module_names())
                )
            self._note("module", name, path)
            self._modules[name] = self._read_module(path, name)
        return self._modules[name]

    def shell(self, name: str) -> str:
        """The text of `templates/bundle/posix/<name>.sh` (`worker`, `lib/apt`). Raises ConfigurationError."""
        if name not in self._texts:
            self._texts[name] = folder_text(self._file(self._places.shell, name, ".sh"))
        return self._texts[name]

    def powershell(self, name: str) -> str:
        """As `shell`, of `templates/bundle/windows/<name>.ps1` (`worker`, `lib/program`)."""
        file = self._file(self._places.powershell, name, ".ps1")
        if str(file) not in self._texts:
            self._texts[str(file)] = folder_text(file)
        return self._texts[str(file)]

    def playbook_names(self) -> tuple[str, ...]:
        """All playbooks that there are, by name."""
        return self._places.playbook_names()

    def module_names(self) -> tuple[str, ...]:
        """All modules that there are, by name."""
        return self._places.module_names()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know: the project's own files that stand in for shipped ones."""
        return tuple(self._notes)

    def _file(self, folder: Path, name: str, suffix: str) -> Path:
        start, _, adapter = name.partition("/")
        if start != "foreign":
            return folder / f"{name}{suffix}"
        path = self._places.adapter(adapter, suffix) if NAME.fullmatch(adapter) else None
        if path is None:
            platform = "Windows" if suffix == ".ps1" else "Linux"
            hint = did_you_mean(adapter, self._places.adapter_names(suffix))
            raise ConfigurationError(f"there is no adapter `{adapter}` for {platform}", hint=hint)
        if path.parent != self._places.adapters[-1] and (self._places.adapters[-1] / path.name).is_file():
            self._notes[f"the project's own adapter {adapter} ({path}) replaces the shipped one"] = None
        return path

    def _read_module(self, path: Path, name: str) -> Module:
        posix, windows = path.with_name("posix.sh.j2"), path.with_name("windows.ps1.j2")
        module = parse_module(
            read_text(path),
            name,
            posix=folder_text(posix) if posix.is_file() else None,
            windows=folder_text(windows) if windows.is_file() else None,
        )
        _check_libraries(module, module.libraries, self._places.shell / "lib", "sh")
        _check_libraries(module, module.windows_libraries, self._places.powershell / "lib", "ps1")
        return module

    def _note(self, what: str, name: str, path: Path) -> None:
        shipped = self._places.playbooks[-1:] if what == "playbook" else self._places.modules[-1:]
        file = Path(f"{name}.yml") if what == "playbook" else Path(name, "module.yml")
        if any(folder / file != path and (folder / file).is_file() for folder in shipped):
            self._notes[f"the project's own {what} {name} ({path}) replaces the shipped one"] = None


def _check_libraries(module: Module, names: tuple[str, ...], folder: Path, suffix: str) -> None:
    for library in names:
        if not NAME.fullmatch(library) or not (folder / f"{library}.{suffix}").is_file():
            hint = did_you_mean(library, (file.stem for file in folder.glob(f"*.{suffix}")))
            raise ConfigurationError(f"there is no shell library `{library}`", place=module.place, hint=hint)


def open_library(project: Path | None) -> FolderLibrary:
    """The library for a project folder; None for the shipped playbooks and modules only."""
    return FolderLibrary(places_of(project, shipped_folder("templates"), shipped_folder("playbooks")))
