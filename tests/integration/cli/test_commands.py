"""The command line: exit status 0 only when the whole thing worked, else one clear sentence on stderr."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fixtures.magento_documents import Document, an_item, an_order
from tests.fixtures.settings import NO_REDIS
from webapp.cli import main
from webapp.oms.wire import encode

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a database of the test's own: `run("settings", "show")`."""
    for name, value in {
        "CONNECTOR_HOME": str(tmp_path),
        "DATABASE_URL": database,
        "REDIS_URL": NO_REDIS,
        "CONNECTOR_ADMIN_EMAIL": "admin@example.com",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CONNECTOR_ADMIN_PASSWORD", raising=False)

    def run_one(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="oms-connector")

    assert run_one("db", "upgrade").stdout == "The database is up to date.\n"
    return run_one


def order(number: str, day: str = "2024-05-01", **more: object) -> Document:
    """An order of one piece, placed on a day."""
    placed = {"increment_id": number, "created_at": f"{day} 10:00:00"}
    return an_order([an_item(1, "A", 1, 10)], 10) | placed | more


def sentence_of(result: Result) -> str:
    """The one sentence of a command that failed."""
    assert result.exit_code == 1, (result.output, result.exception)
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


def test_settings_are_shown_and_set(run: Run) -> None:
    assert run("settings", "set", "oms.timeout_seconds", "20").stdout == "oms.timeout_seconds is now 20.\n"
    assert run("settings", "set", "oms.secret", "tell nobody").stdout == 'oms.secret is now "set".\n'
    shown = json.loads(run("settings", "show", "--json").stdout)
    assert (shown["oms.timeout_seconds"], shown["oms.secret"]) == (20, "set")
    assert "oms.timeout_seconds" in run("settings", "show").stdout
    assert run("settings", "set", "oms.timeout_seconds", "").stdout == "oms.timeout_seconds is now 15.\n"
    assert run("settings", "set", "stores.map", "").exit_code == 0

    for key, value, words in (
        ("oms.timeout_seconds", "soon", "expected a whole number from 1 to 40"),
        ("oms.nothing", "1", "expected a setting that exists"),
        ("inbound.mode.magento.nothing", "sync", "magento.sales.order_management.created"),
    ):
        assert words in sentence_of(run("settings", "set", key, value))
    assert run("settings", "set", "oms.url").exit_code == 2


def test_people_and_tokens_are_added(run: Run, tmp_path: Path) -> None:
    generated = tmp_path / "admin-password"
    assert generated.stat().st_mode & 0o777 == 0o600
    assert (
        run(
            "user", "add", "v@example.com", "--role", "viewer", "--password-stdin", stdin="long enough\n"
        ).exit_code
        == 0
    )
    assert generated.exists()

    changed = run(
        "user", "add", "Admin@example.com", "--role", "admin", "--password-stdin", stdin="another one\n"
    )
    assert changed.exit_code == 0
    # What is no longer anybody's password is not kept.
    assert not generated.exists()

    assert "at least 8" in sentence_of(
        run("user", "add", "x@y", "--role", "viewer", "--password-stdin", stdin="short\n")
    )
    assert "e-mail" in sentence_of(
        run("user", "add", "nobody", "--role", "viewer", "--password-stdin", stdin="long enough\n")
    )
    token = run("token", "add", "a store", "--scope", "orders:write")
    assert token.stdout.split()[-1].startswith("omsc_")
    assert "no other token" in sentence_of(run("token", "add", "a store", "--scope", "orders:write"))
    assert run("token", "add", "a store", "--scope", "everything").exit_code == 2


def test_orders_are_imported_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.json"
    file.write_bytes(encode({"items": [order("1"), order("2", "2023-12-31"), order("3", items=[])]}))

    first = run("import", "orders", str(file), "--from", "2024-01-01")

    assert "1 of 3 orders could not be read" in sentence_of(first)
    assert first.stdout == "1 held, 1 not_exported, 1 refused\n"
    assert "Order 3: items: expected a list of at least one item" in first.stderr
    listed = json.loads(run("messages", "list", "--json").stdout)
    again = run("import", "orders", str(file), "--from", "2024-01-01", "--json")
    told = [json.loads(line) for line in again.stdout.splitlines()]
    assert [one.get("export") for one in told] == ["held", "not_exported", None]
    assert told[1]["reason"] == "It was placed before 2024-01-01, the cut-over date."
    assert len(json.loads(run("messages", "list", "--json").stdout)) == len(listed) + 1, "but for the refusal"


def test_orders_already_in_the_oms_are_not_exported(run: Run, tmp_path: Path) -> None:
    lines = tmp_path / "orders.jsonl"
    lines.write_bytes(b"\n".join((encode(order("1")), encode(order("2")))))

    assert run("import", "orders", str(lines), "--already-in-oms").stdout == "2 exported\n"
    assert run("import", "orders", str(lines)).stdout == "2 exported\n"
    assert (
        json.loads(
            run("messages", "list", "--topic", "magento.sales.order_management.create", "--json").stdout
        )
        == []
    )

    lines.write_bytes(b"{oops")
    assert "not JSON" in sentence_of(run("import", "orders", str(lines)))
    assert run("import", "orders", str(tmp_path / "nothing.json")).exit_code == 2


def test_messages_are_looked_at_and_mended(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_bytes(encode(order("1")))
    run("import", "orders", str(file))
    create = json.loads(
        run("messages", "list", "--topic", "magento.sales.order_management.create", "--json").stdout
    )[0]
    shown = json.loads(run("messages", "show", create["id"]).stdout)
    assert json.loads(shown["payload"])["params"]["order"]["id"] == "1"
    assert "held" in run("messages", "list", "--order", "1").stdout

    assert "1 of 1 messages were left" in sentence_of(run("messages", "replay", create["id"]))
    assert run("messages", "skip", create["id"], "--reason", " ").exit_code == 2
    skipped = run("messages", "skip", create["id"], "--reason", "a test order")
    assert (skipped.exit_code, skipped.stdout) == (0, f"{create['id']}: skipped\n")
    assert "There is no such message." in run("messages", "skip", "nobody", "--reason", "x").stderr
    assert "There is no message nobody" in sentence_of(run("messages", "show", "nobody"))
    assert "expected a time" in sentence_of(run("messages", "list", "--since", "yesterday"))


def test_all_that_a_filter_matches_is_replayed_and_counted_first(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.json"
    file.write_bytes(encode({"items": [order("1"), order("2")]}))
    run("import", "orders", str(file))
    create = "magento.sales.order_management.create"
    held = [one["id"] for one in json.loads(run("messages", "list", "--topic", create, "--json").stdout)]
    assert run("messages", "skip", *held, "--reason", "tests").exit_code == 0

    asked = run("messages", "replay", "--status", "skipped", stdin="n\n")
    assert asked.exit_code == 1
    assert "Send 2 messages again (2 skipped)?" in asked.output
    assert "skipped" in run("messages", "list", "--topic", create).stdout
    again = run("messages", "replay", "--status", "skipped", "--order", "1", "--yes")
    assert (again.exit_code, again.stdout[:39]) == (0, "1 queued again, 0 left as they are (job")
    job = json.loads(run("messages", "replay", "--status", "skipped", "--json").stdout)
    assert (job["kind"], job["state"], job["total"], job["done"]) == ("messages.replay", "done", 1, 1)

    assert "No message that the filter matches" in sentence_of(
        run("messages", "replay", "--status", "failed")
    )
    assert "expected a time" in sentence_of(run("messages", "replay", "--since", "yesterday"))
    assert run("messages", "replay").exit_code == 2
    assert run("messages", "replay", held[0], "--status", "failed").exit_code == 2


def test_a_lane_is_held_and_let_go(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_bytes(encode(order("1")))
    run("settings", "set", "oms.url", "http://127.0.0.1:9/")
    held = run("messages", "hold", "--lane", "orders", "--reason", "counting stock")
    assert (held.exit_code, held.stdout) == (0, "The lane orders is held.\n")
    run("import", "orders", str(file))
    assert "counting stock" in run("messages", "list", "--status", "held").stdout
    released = run("messages", "release", "--lane", "orders")
    assert released.stdout == "The lane orders is let go; 2 messages go on.\n"
    assert "not held by hand" in sentence_of(run("messages", "release", "--lane", "orders"))
    assert "expected a text of 1 to 500" in sentence_of(
        run("messages", "hold", "--lane", "orders", "--reason", " ")
    )
    assert run("messages", "hold", "--reason", "x").exit_code == 2
    assert run("messages", "hold", "--lane", "retries", "--reason", "x").exit_code == 2


def test_disabling_and_registering(run: Run) -> None:
    assert run("disable").exit_code == 0
    assert "No OMS address is set" in sentence_of(run("register"))


def test_the_doctor_says_what_is_wrong_and_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("doctor")
    assert "wrong redis: does not answer" in result.stdout
    assert "not in order" in sentence_of(result)

    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://me:se:cret@127.0.0.1:1/x")
    gone = run("doctor")
    assert "se:cret" not in gone.output
    assert "cret" not in gone.output
    assert "wrong database: does not answer" in gone.stdout


def test_what_cannot_be_used_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://me@127.0.0.1:1/x")
    assert "The database cannot be used" in sentence_of(run("settings", "show"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    assert "oms-connector db upgrade" in sentence_of(run("settings", "show"))
    monkeypatch.setenv("PORT", "eighty")
    assert "PORT: expected a whole number" in sentence_of(run("settings", "show"))


def test_an_order_s_sums_are_explained(run: Run, tmp_path: Path) -> None:
    kit = [
        an_item(1, "A", 3, "59.97", discount_amount="6.00", tax_amount="10.25", tax_percent=19),
        an_item(2, "B", 1, 10),
    ]
    orders = [an_order(kit, "75.22", subtotal="69.97", coupon_code="SPRING") | {"increment_id": "42"}]
    (tmp_path / "orders.json").write_bytes(encode(orders))
    assert run("import", "orders", str(tmp_path / "orders.json")).exit_code == 0

    said = run("orders", "explain", "42")
    assert said.exit_code == 0, said.stderr
    text = " ".join(said.stdout.split())
    assert "5 unit lines add up to 75.22 USD, the order's total. Reading A, residual 1.00" in text
    assert "A (chosen) 69.97 74.22 1.00 yes yes no" in text
    assert "items[0] A 3 64.22 10.25 71.36 Discount -7.14 64.22 10.25" in text
    assert "1 PHYSICAL A 23.79 Discount -2.38 21.41 17.99 3.42" in text

    told = json.loads(run("orders", "explain", "42", "--json").stdout)
    assert [line["gross"] for line in told["lines"]] == ["21.41", "21.41", "21.40", "10.00", "1.00"]
    assert json.loads(told["payload"])["params"]["order"]["id"] == "42"
    assert sentence_of(run("orders", "explain", "43")) == "Error: There is no order 43 here."
