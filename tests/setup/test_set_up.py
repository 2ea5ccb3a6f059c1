"""What set-up decides, without installing anything."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"set_up_{name}", ROOT / "setup" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def install(tmp_path, monkeypatch):
    module = load("install")
    monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps.json")
    return module


def test_without_venv_and_without_root_the_exact_line_is_printed_and_set_up_ends(
    install, monkeypatch, capsys
):
    monkeypatch.setattr(install, "has_what_runs", lambda: False)
    monkeypatch.setattr(install, "apt_prefix", lambda: None)
    with pytest.raises(SystemExit) as ended:
        install.set_up("run")
    assert ended.value.code == 1
    line = "sudo apt-get install --no-install-recommends python3-venv"
    assert line in capsys.readouterr().out.splitlines()[-1]


def test_nothing_is_asked_of_apt_when_nothing_is_missing(install, monkeypatch):
    monkeypatch.setattr(install, "apt_install", lambda _: pytest.fail("called apt"))
    assert install.ensure_debian("test", lambda: True)


def test_packages_that_apt_could_not_bring_are_still_missing(install, monkeypatch, capsys):
    monkeypatch.setattr(install, "apt_install", lambda _: True)
    assert not install.ensure_debian("test", lambda: False)
    assert "chromium" in capsys.readouterr().out


def test_a_step_is_done_once_until_its_files_change_or_its_result_is_gone(install, tmp_path):
    source, result, done = tmp_path / "lock", tmp_path / "result", []
    source.write_text("1")

    def work() -> None:
        result.touch()
        done.append(source.read_text())

    for _ in range(2):
        install.step("copy", [source], work, made=result)
    assert done == ["1"]
    source.write_text("2")
    install.step("copy", [source], work, made=result)
    result.unlink()
    install.step("copy", [source], work, made=result)
    assert done == ["1", "2", "2"]


def test_a_step_that_failed_is_done_again(install, tmp_path):
    source = tmp_path / "lock"
    source.write_text("1")
    with pytest.raises(RuntimeError):
        install.step("copy", [source], lambda: (_ for _ in ()).throw(RuntimeError()))
    done = []
    install.step("copy", [source], lambda: done.append(1))
    assert done == [1]


def test_uv_learns_the_mirror_that_pip_knows_and_its_own_setting_wins(install, monkeypatch):
    monkeypatch.setattr(install, "answer", lambda *words: "mirror" if "global.index-url" in words else "")
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    assert install.uv_environment()["UV_DEFAULT_INDEX"] == "mirror"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "own")
    assert install.uv_environment()["UV_DEFAULT_INDEX"] == "own"


def test_uv_learns_the_certificate_that_pip_knows_and_its_own_setting_wins(install, monkeypatch):
    monkeypatch.setattr(install, "answer", lambda *_: "")
    monkeypatch.setenv("PIP_CERT", "/pip.crt")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert install.uv_environment()["SSL_CERT_FILE"] == "/pip.crt"
    monkeypatch.setenv("SSL_CERT_FILE", "/own.crt")
    assert install.uv_environment()["SSL_CERT_FILE"] == "/own.crt"


def test_messages_come_from_code_and_templates_and_a_missing_translation_is_named(tmp_path, monkeypatch):
    messages = load("messages")
    app = tmp_path / "web"
    (app / "templates" / "web").mkdir(parents=True)
    (app / "__init__.py").touch()
    (app / "views.py").write_text('from x import gettext as _\n\ntitle = _("Customers")\n')
    (app / "templates" / "web" / "page.html").write_text(
        '<h1>{{ _("Tier") }}</h1>{% trans %}Stage{% endtrans %}'
    )
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    messages.extract()
    assert len(messages.gaps()) == 3
    place = app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    place.write_text(place.read_text().replace('msgid "Tier"\nmsgstr ""', 'msgid "Tier"\nmsgstr "等级"'))
    assert [gap.rsplit(": ", 1)[1] for gap in messages.gaps()] == ["'Customers'", "'Stage'"]
    once = place.read_bytes()
    messages.extract()
    assert place.read_bytes() == once


def test_the_sprite_holds_each_icon_once():
    names = load("vendor").icon_names()
    assert sorted(set(names)) == names
