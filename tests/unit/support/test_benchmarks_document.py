"""docs/benchmarks.md has many writers: each puts its own section in, and leaves what the others wrote."""

from __future__ import annotations

from tests.bench.document import with_head, with_section

WRITTEN = "# Measured\n\nAbout.\n\n## Calls\n\n| a |\n\n## Soak\n\nold\n"


def test_a_section_takes_the_place_of_the_one_of_its_name() -> None:
    assert with_section(WRITTEN, "Calls", "| b |\n") == "# Measured\n\nAbout.\n\n## Calls\n\n| b |\n\n## Soak\n\nold\n"


def test_a_new_section_comes_last() -> None:
    assert with_section("# Measured\n", "Soak", "new") == "# Measured\n\n## Soak\n\nnew\n"
    assert with_section(WRITTEN, "More", "x").endswith("## Soak\n\nold\n\n## More\n\nx\n")


def test_a_head_is_written_without_touching_the_sections() -> None:
    assert with_head(WRITTEN, "# Measured\n\nAnew.\n") == "# Measured\n\nAnew.\n\n## Calls\n\n| a |\n\n## Soak\n\nold\n"
    assert with_head("", "# Measured\n") == "# Measured\n"


def test_writing_the_same_twice_changes_nothing() -> None:
    once = with_section(WRITTEN, "Soak", "new")
    assert with_section(once, "Soak", "new") == once
