"""The programs that Windows hosts would get: one per module, made by the real compiler."""

from functools import cache

from mspctl.engine.assemble import program
from mspctl.engine.capturing import recording
from mspctl.engine.compile_choice import Recipe
from mspctl.engine.compile_libraries import library_file
from mspctl.engine.compile_params import names_for
from mspctl.engine.compile_steps import StepMaker
from mspctl.engine.sending import Errand, Sending
from mspctl.library.folders import FolderLibrary, open_library
from mspctl.model.bundle import Bundle
from mspctl.model.inventory import Access, Client, ConnectionKind, Host, Site
from mspctl.model.playbook import Module, Parameter, ParameterType, Step
from mspctl.model.secret import Secret
from mspctl.model.value import Value
from mspctl.render.jinja import JinjaRenderer
from mspctl.shipped import shipped_folder
from mspctl.wiring.capturing import recorder_for
from mspctl.wiring.running import runtime_texts

HOST = Host("acme", "hq", "dc1", Access(ConnectionKind.WINRM, "10.0.0.20"), os="windows")
CLIENT = Client("acme", "Acme", "Europe/Berlin", (Site("hq", (HOST,)),))
ADAPTERS = shipped_folder("templates") / "foreign"
ERRAND = Errand("0" * 32, "mspctl-0123456789abcdef", owner="tech@office")
TRICKY = "it's \u2019 `$(x) \" \u00e4\n\U0001f600"
_SAMPLES: dict[ParameterType, Value] = {
    ParameterType.TEXT: TRICKY,
    ParameterType.LIST: ("one", TRICKY),
    ParameterType.PATH: "C:\\Program Files\\it's",
    ParameterType.SHELL: "Get-Item -Path C:\\",
    ParameterType.SECRET: "env:SECRET",
    ParameterType.SECONDS: 5,
    ParameterType.INTEGER: 7,
    ParameterType.BOOLEAN: True,
    ParameterType.MODE: "0644",
}


@cache
def rendered_modules() -> tuple[str, ...]:
    """The modules with a half for Windows, by name."""
    library = open_library(None)
    return tuple(name for name in library.module_names() if library.module(name).windows is not None)


@cache
def whole_programs() -> dict[str, str]:
    """The program of a bundle with one step, by module."""
    return {name: windows_program_of(open_library(None).module(name)) for name in rendered_modules()}


def captured_program_of(name: str) -> str:
    """The program of a bundle whose one step is recorded."""
    library = open_library(None)
    bundle = recording(_bundle(library, library.module(name)), recorder_for(library, windows=True))
    return _program(library, bundle)


def windows_program_of(module: Module, **params: Value) -> str:
    """The program for a Windows host with one step of this module, every parameter set."""
    library = open_library(None)
    return _program(library, _bundle(library, module, **params))


def _bundle(library: FolderLibrary, module: Module, **params: Value) -> Bundle:
    given = {parameter.name: _sample(parameter) for parameter in module.parameters} | params
    if module.adapters:
        given[module.adapters] = tuple(path.stem for path in sorted(ADAPTERS.glob("*.ps1")))
    recipe = Recipe(0, Step("Try", module.name, given), module, ":")
    maker = StepMaker((recipe,), JinjaRenderer())
    made = maker.steps(HOST, names_for(HOST, CLIENT, {}))
    assert not made.problems, made.problems
    libraries = tuple(library.powershell(library_file(name)) for each in made.made for name in each.libraries)
    return Bundle(HOST, tuple(each.step for each in made.made), libraries, made.secrets, "0" * 64)


def _program(library: FolderLibrary, bundle: Bundle) -> str:
    secrets = tuple(Secret(b"s3'cret") for _ in bundle.secrets)
    return program(Sending(ERRAND, bundle, secrets, runtime_texts(library, windows=True), {})).decode("ascii")


def _sample(parameter: Parameter) -> Value:
    if parameter.type is ParameterType.CHOICE:
        return parameter.choices[0]
    return _SAMPLES[parameter.type]
