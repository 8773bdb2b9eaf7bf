"""Software beyond the system's packages, updated by the real tools from sources on this machine."""

import venv
import zipfile
from pathlib import Path

import pytest

from mspctl.model.outcome import Forecast, StepStatus
from tests.integration.modules.here import Here, needs
from tests.integration.modules.registry import Registry, serving
from tests.integration.modules.runner import Result, run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

BUSYBOX = ("busybox", "sh")


def goes_through(host: Here, use: Use, *names: str) -> Result:
    """Dry run, real run, second run: the forecast is what is done, and then there is nothing left to do.

    Busybox looks, /bin/sh works: both must see the same.
    """
    (forecast,) = run(host, use, check=True, shell=BUSYBOX)
    assert forecast.forecast is Forecast.CHANGE, forecast.reason
    done = run_one(host, use)
    assert done.status is StepStatus.CHANGED, done.reason
    assert set(done.changes) == set(names)
    assert done.changes == forecast.changes
    again = run_one(host, use)
    assert (again.status, again.changes, again.findings) == (StepStatus.OK, {}, {}), again.reason
    return done


def wheel(folder: Path, name: str, version: str, *needs: str) -> None:
    """A pure Python wheel with a command of its own name."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    required = "".join(f"Requires-Dist: {need}\n" for need in needs)
    files = {
        f"{module}.py": "def main():\n    print('hello')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {module}:main\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{module}-{version}-py3-none-any.whl", "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)


def pip_conf(index: Path) -> str:
    return f"[global]\nno-index = true\nfind-links = {index}\n"


def environment_in(folder: Path, *, with_pip: bool) -> Path:
    """A virtual environment whose pip knows only the folder `index` beside it."""
    environment, index = folder / "it's app", folder / "index"
    index.mkdir()
    venv.create(environment, with_pip=with_pip, symlinks=True)
    (environment / "pip.conf").write_text(pip_conf(index))
    return environment


def test_python_packages_are_updated_as_far_as_they_fit_together(tmp_path: Path) -> None:
    environment = environment_in(tmp_path, with_pip=True)
    host, index = Here(tmp_path, {}), tmp_path / "index"
    wheel(index, "lab-lib", "1.0")
    wheel(index, "lab-app", "1.0", "lab-lib<2")
    host.run(str(environment / "bin/python"), "-m", "pip", "install", "-q", "lab-app", "lab-lib")
    wheel(index, "lab-lib", "1.1")
    wheel(index, "lab-lib", "2.0")
    wheel(index, "lab-app", "1.1", "lab-lib<2")
    use = Use("python-venvs", {"folders": (str(environment),)})
    done = goes_through(host, use, f"{environment}:lab-app", f"{environment}:lab-lib")
    assert done.changes[f"{environment}:lab-lib"] == {"old": "1.0", "new": "1.1"}
    (environment / "pip.conf").write_text(pip_conf(tmp_path / "gone"))
    silent = run_one(host, use)
    assert silent.status is StepStatus.FAILED
    assert "gone" in silent.reason


def test_the_systems_python_and_an_environment_of_two_users_are_left_alone(tmp_path: Path) -> None:
    environment = environment_in(tmp_path, with_pip=False)
    host = Here(tmp_path, {})
    refused = run_one(host, Use("python-venvs", {"folders": ("/usr",)}))
    assert refused.status is StepStatus.FAILED
    assert "/usr is no virtual environment" in refused.reason
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").write_text("#!/bin/sh\ntouch /run/was-root\n")
    (environment / "bin" / "python").chmod(0o755)
    host.run("chown", "nobody", str(environment / "bin" / "python"))
    mixed = run_one(host, Use("python-venvs", {"folders": (str(environment),)}))
    assert "belongs to several users" in mixed.reason


def test_pip_runs_as_the_user_to_whom_the_environment_belongs(tmp_path: Path) -> None:
    environment = environment_in(tmp_path, with_pip=False)
    host = Here(tmp_path, {})
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").write_text('#!/bin/sh\nid -un >>"${0%/*}/who"\n')
    (environment / "bin" / "python").chmod(0o755)
    host.run("chown", "-R", "nobody", str(environment))
    for folder in (environment, *environment.parents):
        if folder.stat().st_mode & 0o001 == 0:
            host.run("chmod", "o+x", str(folder))
    run_one(host, Use("python-venvs", {"folders": (str(environment),)}))
    assert set((environment / "bin" / "who").read_text().split()) == {"nobody"}


def test_applications_of_pipx_are_updated_with_what_they_need(tmp_path: Path) -> None:
    needs("pipx")
    index, home = tmp_path / "index", tmp_path / "pipx"
    (tmp_path / "pip.conf").write_text(pip_conf(index))
    names = {"PIPX_HOME": home, "PIPX_BIN_DIR": tmp_path / "bin", "PIP_CONFIG_FILE": tmp_path / "pip.conf"}
    host = Here(tmp_path, {name: str(value) for name, value in names.items()})
    wheel(index, "lab-lib", "1.0")
    wheel(index, "lab-app", "1.0", "lab-lib>=1.0")
    host.run("pipx", "install", "lab-app")
    wheel(index, "lab-lib", "1.1")
    wheel(index, "lab-app", "1.1", "lab-lib>=1.1")
    goes_through(host, Use("pipx"), "root/lab-app:lab-app", "root/lab-app:lab-lib")


def flatpak_repository(host: Here, folder: Path, version: str) -> None:
    """A runtime and an application in a repository on disk, with this version in them."""
    for kind, name, content in (("runtime", "org.lab.Platform", "usr"), ("app", "org.lab.App", "files")):
        build = folder / name
        for part in ("files", "usr", "export"):
            (build / part).mkdir(parents=True, exist_ok=True)
        (build / content / "version").write_text(version)
        group = "Runtime" if kind == "runtime" else "Application"
        base = "org.lab.Platform/x86_64/stable"
        (build / "metadata").write_text(
            f"[{group}]\nname={name}\nruntime={base}\nsdk={base}\ncommand=version\n"
        )
        option = ["--runtime"] if kind == "runtime" else []
        repository = str(folder / "repository")
        host.run("flatpak", "build-export", "--arch=x86_64", *option, repository, str(build), "stable")


def test_flatpaks_are_updated_and_masked_ones_stay(tmp_path: Path) -> None:
    needs("flatpak")
    names = ("SYSTEM_DIR", "SYSTEM_CACHE_DIR", "CONFIG_DIR", "USER_DIR")
    host = Here(tmp_path, {f"FLATPAK_{name}": str(tmp_path / name) for name in names})
    flatpak_repository(host, tmp_path, "1.0")
    source = f"file://{tmp_path}/repository"
    host.run("flatpak", "remote-add", "--system", "--no-gpg-verify", "lab", source)
    host.run("flatpak", "install", "--system", "--noninteractive", "-y", "lab", "org.lab.App")
    flatpak_repository(host, tmp_path, "1.1")
    host.run("flatpak", "mask", "--system", "org.lab.App")
    app, platform = "org.lab.App/x86_64/stable", "org.lab.Platform/x86_64/stable"
    use = Use("flatpak")
    done = goes_through(host, use, platform)
    assert set(done.held) == {app}
    host.run("flatpak", "mask", "--system", "--remove", "org.lab.App")
    goes_through(host, use, app)
    (tmp_path / "repository").rename(tmp_path / "gone")
    silent = run_one(host, use)
    assert silent.status is StepStatus.FAILED
    assert "Unable to load summary from remote lab" in silent.reason


def podman(folder: Path, registry: Registry) -> Here:
    storage, registries = folder / "storage.conf", folder / "registries.conf"
    storage.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
    registries.write_text(f'[[registry]]\nlocation = "{registry.address}"\ninsecure = true\n')
    return Here(
        folder, {"CONTAINERS_STORAGE_CONF": str(storage), "CONTAINERS_REGISTRIES_CONF": str(registries)}
    )


def test_images_are_pulled_and_containers_that_run_old_ones_are_named(tmp_path: Path) -> None:
    needs("podman")
    with serving() as registry:
        host = podman(tmp_path, registry)
        one, many = (f"{registry.address}/lab/{name}:stable" for name in ("one", "many"))
        registry.push("lab/one", "1")
        registry.push("lab/many", "m1", many=True)
        host.run("podman", "create", "--network=none", "--name=web", one, "/version")
        host.run("podman", "pull", "-q", many)
        first = registry.push("lab/new", "n1", many=True)
        absent = f"{registry.address}/lab/new:stable"
        assert run_one(host, Use("container-images", {"images": (absent,)}), check=True).changes == {
            absent: {"old": "", "new": first}
        }
        new = registry.push("lab/one", "2")
        registry.push("lab/many", "m2", many=True)
        use = Use("container-images", {"images": (one, many)})
        (forecast,) = run(host, use, check=True, shell=BUSYBOX)
        done = run_one(host, use)
        assert done.status is StepStatus.CHANGED, done.reason
        assert done.changes == forecast.changes
        assert set(done.changes) == {one, many}
        assert done.changes[one]["new"] == new
        assert done.findings == {"runs-old:web": {"image": one}}
        # Without a list, the images of all containers are looked after.
        assert run_one(host, Use("container-images")).status is StepStatus.OK
    silent = run_one(host, Use("container-images"))
    assert silent.status is StepStatus.FAILED
    assert "connection refused" in silent.reason
