"""`python -m scenarios.workshop.anomalies.write`: writes the tables that stand beside this file, and in the readme."""

from pathlib import Path

from scenarios.story.story import Language
from scenarios.workshop.anomalies.account import matrix_markdown
from scenarios.workshop.anomalies.matrix import run_matrix

FOLDER = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def main() -> None:
    """One file a language."""
    cells = run_matrix()
    for language in LANGUAGES:
        (FOLDER / f"matrix_{language}.md").write_text(matrix_markdown(cells, language), encoding="utf-8")


if __name__ == "__main__":
    main()
