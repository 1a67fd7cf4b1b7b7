"""Which migrations are run, and what is refused."""

import pytest

from services.db.migrate import Applied, MigrationRefused, packaged, plan, read_migrations, statements

FILES = {"0001_one.sql": "SELECT 1;", "0002_two.plain.sql": "SELECT 2;", "0002_two.timescale.sql": "SELECT 22;"}


def applied(*labels: str) -> list[Applied]:
    known = {migration.label: migration for migration in read_migrations(FILES)}
    return [Applied(known[label].number, label, known[label].sha256) for label in labels]


def test_an_empty_database_gets_all_of_its_variant_in_order() -> None:
    migrations = read_migrations(FILES)
    assert [m.label for m in plan(migrations, [], variant="plain")] == ["0001_one", "0002_two.plain"]
    assert [m.label for m in plan(migrations, [], variant="timescale")] == ["0001_one", "0002_two.timescale"]


def test_what_was_applied_is_not_run_again_even_when_the_variant_changes() -> None:
    migrations = read_migrations(FILES)
    assert plan(migrations, applied("0001_one", "0002_two.plain"), variant="timescale") == []


def test_a_changed_migration_is_refused_and_named() -> None:
    changed = read_migrations(FILES | {"0001_one.sql": "SELECT 100;"})
    with pytest.raises(MigrationRefused, match="0001_one was changed"):
        plan(changed, applied("0001_one"), variant="plain")


def test_a_missing_migration_is_refused_and_named() -> None:
    fewer = read_migrations({"0001_one.sql": "SELECT 1;"})
    with pytest.raises(MigrationRefused, match=r"0002_two\.plain was applied but is missing"):
        plan(fewer, applied("0001_one", "0002_two.plain"), variant="plain")


def test_a_migration_numbered_before_an_applied_one_is_refused() -> None:
    with pytest.raises(MigrationRefused, match="0001_one is numbered before 0002"):
        plan(read_migrations(FILES), applied("0002_two.plain"), variant="plain")


@pytest.mark.parametrize(
    "files",
    [
        {"1_one.sql": ""},
        {"0001_One.sql": ""},
        {"0001_one.sql": "", "0001_other.sql": ""},
        {"0001_one.sql": "", "0001_one.plain.sql": ""},
        {"0001_one.plain.sql": "", "0001_other.timescale.sql": ""},
    ],
)
def test_names_that_do_not_fit_are_refused(files: dict[str, str]) -> None:
    with pytest.raises(MigrationRefused):
        read_migrations(files)


def test_statements_are_split_outside_of_dollar_quotes() -> None:
    sql = "-- no-transaction\nCREATE TABLE a ();\nCREATE FUNCTION f() AS $$\nBEGIN;\nEND;\n$$;\nSELECT\n 1;\n-- end\n"
    assert [part.splitlines()[-1] for part in statements(sql)] == ["CREATE TABLE a ();", "$$;", " 1;"]


def test_a_last_statement_without_a_semicolon_is_not_lost() -> None:
    assert list(statements("SELECT 1;\nSELECT 2")) == ["SELECT 1;", "SELECT 2"]


def test_both_variants_make_the_same_names() -> None:
    def names(variant: str) -> set[str]:
        words = packaged()[f"0141_moments.{variant}.sql"].replace("(", " ").replace("'", " ").split()
        made = {"TABLE", "VIEW", "INDEX"}
        return {words[i + 1] for i, word in enumerate(words[:-1]) if word in made and words[i - 1] != "ALTER"}

    kept_up_by_itself = {"hours_touched", "hours_kept", "days_touched", "days_kept"}
    assert names("plain") - kept_up_by_itself == names("timescale")
    assert {"moments", "moments_once", "moments_hourly", "moments_daily"} <= names("plain")


def test_the_packaged_migrations_can_be_planned_for_either_variant() -> None:
    """Numbers may be left out, never given twice, and each is run in both variants."""
    migrations = read_migrations(packaged())
    every = sorted({migration.number for migration in migrations})
    for variant in ("plain", "timescale"):
        assert [migration.number for migration in plan(migrations, [], variant=variant)] == every
