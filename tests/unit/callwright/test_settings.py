"""Settings: what may be said in the environment, and that everything wrong is named at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callwright.asterisk.plan import Directories
from callwright.foundation import core_options
from callwright.settings import AmiHost, Endpoint, SettingsWrong, load_settings, secret_key
from crm_core.services.options import CoreOptions


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("CALLWRIGHT_"):
            monkeypatch.delenv(name)


def test_the_defaults_need_no_environment() -> None:
    settings = load_settings()
    assert settings.database == f"sqlite:///{Path('var/callwright.db').absolute()}"
    assert settings.http_endpoint == Endpoint(host="127.0.0.1", port=8080)
    assert settings.asterisks == ()
    assert settings.health_endpoint is None


def test_every_wrong_setting_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWRIGHT_HTTP", "8080")
    monkeypatch.setenv("CALLWRIGHT_DATABASE_URL", "mysql://nope")
    monkeypatch.setenv("CALLWRIGHT_AMI_HOSTS", "user@host")
    monkeypatch.setenv("CALLWRIGHT_HEALTH", "8081")
    with pytest.raises(SettingsWrong) as caught:
        load_settings()
    sentence = caught.value.sentence()
    assert {"CALLWRIGHT_HTTP", "CALLWRIGHT_DATABASE_URL", "CALLWRIGHT_AMI_HOSTS", "CALLWRIGHT_HEALTH"} <= set(
        sentence.replace(":", " ").split()
    )


def test_several_asterisks_with_secrets_that_hold_colons_and_at_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWRIGHT_AMI_HOSTS", "cw:p:w@d@127.0.0.1:5038, cw:x@[::1]:5039")
    assert load_settings().asterisks == (
        AmiHost(user="cw", secret="p:w@d", host="127.0.0.1", port=5038),
        AmiHost(user="cw", secret="x", host="::1", port=5039),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "calls.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://calls.example.com:port"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.0/40"),
        ("SIP_WS_URL", "https://calls.example.com/ws"),
        ("SIP_WS_URL", "/ws"),
        ("SIP_WS_URL", "ws://calls.example.com/ws"),  # from a page of PUBLIC_URL no browser would open it
    ],
)
def test_an_address_no_browser_could_use_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("CALLWRIGHT_PUBLIC_URL", "https://calls.example.com")
    monkeypatch.setenv("CALLWRIGHT_SIP_WS_URL", "wss://calls.example.com/ws")
    load_settings()
    monkeypatch.setenv(f"CALLWRIGHT_{name}", value)
    with pytest.raises(SettingsWrong, match=f"CALLWRIGHT_{name} should"):
        load_settings()


def test_a_house_elsewhere_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert core_options(load_settings()) == CoreOptions(region="CN", area_code="21", timezone="Asia/Shanghai")
    monkeypatch.setenv("CALLWRIGHT_TIMEZONE", "Europe/London")
    monkeypatch.setenv("CALLWRIGHT_REGION", "gb")
    assert core_options(load_settings()) == CoreOptions(region="GB", area_code="", timezone="Europe/London")
    monkeypatch.setenv("CALLWRIGHT_AREA_CODE", "020")
    assert core_options(load_settings()).area_code == "20"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("TIMEZONE", zone) for zone in ("", "Shanghai", "Asia", "Asia/Peking Duck", "CST", "posix/Asia/Shanghai")),
        *(("TIMEZONE", zone) for zone in ("../../etc/passwd", "/etc/localtime", "+08:00")),
        *(("REGION", region) for region in ("", "UK", "CHN", "中国", "86")),
        *(("AREA_CODE", code) for code in ("+86 21", "shanghai", "1234567")),
    ],
)
def test_a_place_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CALLWRIGHT_{name}", value)
    with pytest.raises(SettingsWrong, match=f"CALLWRIGHT_{name} should be"):
        load_settings()


def test_a_proxy_is_believed_on_this_machine_unless_it_is_said_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [str(one) for one in load_settings().proxy_networks] == ["127.0.0.0/8", "::1/128"]
    monkeypatch.setenv("CALLWRIGHT_TRUSTED_PROXIES", "10.0.0.5, 10.1.2.3/16 2001:db8::/32")
    networks = [str(one) for one in load_settings().proxy_networks]
    assert networks == ["10.0.0.5/32", "10.1.0.0/16", "2001:db8::/32"]


@pytest.mark.parametrize("text", ["127.0.0.1", ":80", "host:0", "host:99999", "host:abc"])
def test_an_endpoint_that_cannot_be_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Endpoint.parse(text)


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "new")
    first = secret_key(settings)
    assert len(first) > 40
    assert secret_key(settings) == first
    assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_of_many_who_start_at_once_all_sign_with_one_key(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "new")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(settings), range(40)))
    assert len(keys) == 1
    assert len(keys.pop()) > 40
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret-key"]


def test_an_empty_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    with pytest.raises(SettingsWrong, match="is empty"):
        secret_key(load_settings(home=tmp_path))


def test_no_secret_shows_where_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWRIGHT_AMI_HOSTS", "cw:s3cret@127.0.0.1:5038")
    monkeypatch.setenv("CALLWRIGHT_DATABASE_URL", "postgresql://cw:s3cret@db/cw")
    monkeypatch.setenv("CALLWRIGHT_REDIS_URL", "redis://:s3cret@redis/0")
    monkeypatch.setenv("CALLWRIGHT_SECRET_KEY", "s3cret")
    settings = load_settings()
    assert "s3cret" not in f"{settings!r} {settings.asterisks!r}"
    monkeypatch.setenv("CALLWRIGHT_AMI_HOSTS", "cw:s3cret@127.0.0.1:99999")
    with pytest.raises(SettingsWrong) as caught:
        load_settings()
    assert "cw:s3cret" not in caught.value.sentence().replace("callwright:s3cret", "")


@pytest.mark.parametrize(
    ("trunks", "public_url", "addresses"),
    [
        (None, "", ("127.0.0.1",)),
        (None, "https://calls.example.com", ()),
        ("", "", ()),
        ("127.0.0.1", "https://calls.example.com", ("127.0.0.1",)),
        ("203.0.113.7, 198.51.100.0/24", "", ("203.0.113.7", "198.51.100.0/24")),
    ],
)
def test_calls_come_from_this_machine_unless_a_proxy_on_it_speaks_for_the_world(
    monkeypatch: pytest.MonkeyPatch, trunks: str | None, public_url: str, addresses: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CALLWRIGHT_PUBLIC_URL", public_url)
    if trunks is not None:
        monkeypatch.setenv("CALLWRIGHT_TRUNKS", trunks)
    assert load_settings().trunk_addresses == addresses


@pytest.mark.parametrize("trunks", ["sip.example.com", "203.0.113.7/24", "203.0.113.300", "::1", "127.0.0.1;x"])
def test_what_is_no_address_of_a_line_is_refused(monkeypatch: pytest.MonkeyPatch, trunks: str) -> None:
    monkeypatch.setenv("CALLWRIGHT_TRUNKS", trunks)
    with pytest.raises(SettingsWrong, match=r"CALLWRIGHT_TRUNKS .* should be an IPv4 address"):
        load_settings()


def test_each_of_several_asterisks_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWRIGHT_ASTERISK_NAME", "hall-2")
    assert load_settings().asterisk_name == "hall-2"


@pytest.mark.parametrize("name", ["", "hall 2", "-2", "h" * 33, "东", "a\nb", "a.b"])
def test_what_cannot_be_a_part_of_a_calls_id_is_no_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CALLWRIGHT_ASTERISK_NAME", name)
    with pytest.raises(SettingsWrong, match=r"CALLWRIGHT_ASTERISK_NAME .* letters, digits and hyphens"):
        load_settings()


@pytest.mark.parametrize(
    ("environment", "outside"),
    [
        ({}, ""),
        ({"CALLWRIGHT_TRUNKS": "198.51.100.0/24, 203.0.113.7"}, "203.0.113.7"),
        ({"CALLWRIGHT_TRUNKS": "127.0.0.1"}, ""),
        ({"CALLWRIGHT_TRUNKS": "203.0.113.7", "CALLWRIGHT_OUTBOUND": "gateway.example:5070"}, "gateway.example:5070"),
        ({"CALLWRIGHT_TRUNKS": "203.0.113.7", "CALLWRIGHT_OUTBOUND": ""}, ""),
    ],
)
def test_calls_go_out_by_the_first_line_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], outside: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings().lines.outside == outside


def test_what_costs_dearly_is_not_dialled_unless_the_house_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"00979", "168"} <= set(load_settings().lines.forbidden)
    assert "168" not in load_settings(region="GB").lines.forbidden
    monkeypatch.setenv("CALLWRIGHT_FORBIDDEN_NUMBERS", "00, 400")
    assert load_settings().lines.forbidden == ("00", "400")
    monkeypatch.setenv("CALLWRIGHT_FORBIDDEN_NUMBERS", "")
    assert load_settings().lines.forbidden == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLWRIGHT_OUTBOUND", "sip:203.0.113.7"),
        ("CALLWRIGHT_CALLER_ID", "Callwright"),
        ("CALLWRIGHT_FORBIDDEN_NUMBERS", "00, +44"),
    ],
)
def test_what_makes_no_sense_for_calls_to_the_outside_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong, match=name):
        load_settings()


def test_asterisks_own_account_is_that_of_this_home_unless_files_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load_settings(home=tmp_path).cdr_files == ()
    own = Directories.under(tmp_path)
    own.etc.mkdir(parents=True)
    own.configuration.touch()
    assert load_settings(home=tmp_path).cdr_files == (own.cdr / "calls.csv",)
    monkeypatch.setenv("CALLWRIGHT_CDR", "/mnt/hall 1/calls.csv, /mnt/hall-2/Master.csv,")
    assert load_settings(home=tmp_path).cdr_files == (Path("/mnt/hall 1/calls.csv"), Path("/mnt/hall-2/Master.csv"))
    monkeypatch.setenv("CALLWRIGHT_CDR", "")
    assert load_settings(home=tmp_path).cdr_files == ()


@pytest.mark.parametrize("seconds", ["0", "4", "86401", "often"])
def test_it_is_looked_into_neither_all_the_time_nor_never(monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    monkeypatch.setenv("CALLWRIGHT_RECONCILE_EVERY", seconds)
    with pytest.raises(SettingsWrong, match="CALLWRIGHT_RECONCILE_EVERY"):
        load_settings()


def test_the_hosts_that_menus_may_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().allowed_menu_hosts == ()
    monkeypatch.setenv("CALLWRIGHT_MENU_HOSTS", "crm.example.com, 10.0.0.5:8443")
    assert load_settings().allowed_menu_hosts == ("crm.example.com", "10.0.0.5:8443")
    monkeypatch.setenv("CALLWRIGHT_MENU_HOSTS", "https://crm.example.com/x")
    with pytest.raises(SettingsWrong, match="CALLWRIGHT_MENU_HOSTS"):
        load_settings()


def test_by_which_header_the_hosts_that_menus_ask_know_us(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().keys_of_menu_hosts == {}
    monkeypatch.setenv("CALLWRIGHT_MENU_KEYS", "crm.example.com Authorization: Bearer a:b c | 10.0.0.5:8443 X-Key:42")
    settings = load_settings()
    assert settings.keys_of_menu_hosts == {
        "crm.example.com": ("Authorization", "Bearer a:b c"),
        "10.0.0.5:8443": ("X-Key", "42"),
    }
    assert "Bearer" not in repr(settings)


@pytest.mark.parametrize("wrong", ["hidden", "crm.example.com hidden", "crm.example.com X-Key: hid\nden"])
def test_a_key_that_cannot_be_read_is_not_said_aloud(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("CALLWRIGHT_MENU_KEYS", wrong)
    with pytest.raises(SettingsWrong, match="CALLWRIGHT_MENU_KEYS") as refused:
        load_settings()
    assert wrong not in str(refused.value)


@pytest.mark.parametrize("wrong", ["0", "10001", "many"])
def test_how_many_may_be_in_menus_at_once(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    assert load_settings().menu_callers == 500
    monkeypatch.setenv("CALLWRIGHT_MENU_CALLERS", "1200")
    assert load_settings().menu_callers == 1200
    monkeypatch.setenv("CALLWRIGHT_MENU_CALLERS", wrong)
    with pytest.raises(SettingsWrong, match="CALLWRIGHT_MENU_CALLERS"):
        load_settings()


def test_the_numbers_to_which_menus_may_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().allowed_menu_numbers == ()
    monkeypatch.setenv("CALLWRIGHT_MENU_NUMBERS", "02164881234, 0800")
    assert load_settings().allowed_menu_numbers == ("02164881234", "0800")
    monkeypatch.setenv("CALLWRIGHT_MENU_NUMBERS", "+86 21")
    with pytest.raises(SettingsWrong, match="CALLWRIGHT_MENU_NUMBERS"):
        load_settings()


def test_another_synthesiser_has_to_write_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in ("", "piper --model '/opt/my voices/{language}.onnx' --output_file {file}", "sh -c 'cat > {file}'"):
        monkeypatch.setenv("CALLWRIGHT_VOICE_COMMAND", command)
        assert load_settings().voice_command == command
    for command in ("piper", "{file}", "piper '{file}", "piper --output_file speech.wav"):
        monkeypatch.setenv("CALLWRIGHT_VOICE_COMMAND", command)
        with pytest.raises(SettingsWrong, match="piper --model"):
            load_settings()
