"""Labels and lists: what stands after a series of changes, against a slow twin, and what is refused."""

import random
from pathlib import Path

import pytest

from warehouse.labels import store
from warehouse.labels.entry import Entry, Spot, UnusableLabels, entry
from warehouse.labels.known import Known, known_saes, placed
from warehouse.labels.labels import read_labels
from warehouse.labels.ledger import read_entries

SAES = [Known(f"L{layer}@{layer}", f"L{layer}", layer, 50, "run") for layer in (0, 1)]
KNOWN = {name: [sae] for sae in SAES for name in (sae.sae_id, sae.sae_key)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose warehouse has two autoencoders of 50 features."""
    monkeypatch.setattr("warehouse.labels.store.known_saes", lambda _: KNOWN)
    return tmp_path


def label(feature: int, text: str, **more: object) -> Entry:
    return entry(**{"kind": "label", "sae_id": "L0", "feature": feature, "label": text, **more})


def member(name: str, feature: int, **more: object) -> Entry:
    return entry(**{"kind": "list", "list_name": name, "sae_id": "L0", "feature": feature, **more})


def test_what_stands_is_what_a_slow_twin_says(home: Path) -> None:
    """Three hundred changes at random by three people; a dictionary that is edited in place says what is left."""
    rng = random.Random(0)
    labels: dict[tuple[Spot, str], str] = {}
    lists: dict[str, list[Spot]] = {}
    for number in range(300):
        who, feature, name = rng.choice("abc"), rng.randrange(4), rng.choice("xyz")
        spot = Spot("L0@0", feature)
        match rng.randrange(6):
            case 0 | 1:
                store.save(home, [label(feature, str(number))], who)
                labels[spot, who] = str(number)
            case 2:
                assert store.remove_label(home, spot, who) == ((spot, who) in labels)
                labels.pop((spot, who), None)
            case 3:
                store.save(home, [member(name, feature)], who)
                own = lists.setdefault(name, [])
                own += [] if spot in own else [spot]
            case 4:
                store.remove_from_list(home, name, [spot], who)
                lists[name] = [one for one in lists.get(name, []) if one != spot]
            case 5 if lists.get(name) and not lists.get("new"):
                store.rename_list(home, name, "new", who)
                lists["new"] = lists.pop(name)
        found = read_labels(home)
        lists = {name: spots for name, spots in lists.items() if spots}
        assert {(spot, who): one.label for spot, by in found.labels.items() for who, one in by.items()} == labels
        assert {name: list(members) for name, members in found.lists.items()} == lists
    assert len(read_entries(home)) > 150


def test_an_edit_and_a_removal_keep_what_was_said_before(home: Path) -> None:
    store.save(home, [label(3, "B cells", confidence="a guess")], "anna")
    store.save(home, [label(3, "plasma cells", confidence="sure", note="after looking")], "anna")
    store.save(home, [label(3, "something else")], "ben")
    spot = Spot("L0@0", 3)
    assert [(one.author, one.label) for one in read_labels(home).of(spot)] == [
        ("anna", "plasma cells"),
        ("ben", "something else"),
    ]
    store.remove_label(home, spot, "anna")
    found = read_labels(home)
    assert [one.author for one in found.of(spot)] == ["ben"]
    assert [one.label for one in found.said[spot]] == ["B cells", "plasma cells", "something else", ""]
    assert store.save(home, [label(3, "something else")], "ben") == 0  # nothing new: no line


def test_a_label_holds_for_the_autoencoder_in_whatever_run_and_for_no_other() -> None:
    same = [Known("L0@a", "L0", 0, 50, "newer"), Known("L0@a", "L0", 0, 50, "older")]
    both = {"L0@a": same, "L0": same}
    assert placed(label(1, "x"), both) == placed(label(1, "x", run_id="newer"), both)
    assert placed(label(1, "x", run_id="older"), both).sae_key == "L0@a"
    others = [*same, Known("L0@b", "L0", 0, 50, "third")]
    retrained = {"L0@a": same, "L0@b": others[2:], "L0": others}
    with pytest.raises(UnusableLabels, match="several autoencoders have sae_id L0: fill in sae_key or run_id"):
        placed(label(1, "x"), retrained)
    assert placed(label(1, "x", run_id="third"), retrained).sae_key == "L0@b"
    assert placed(label(1, "x", sae_key="L0@a"), retrained).sae_key == "L0@a"
    for wrong, says in ((label(50, "x"), "features 0 to 49, and no feature 50"), (label(1, "x", sae_id="L9"), "L9")):
        with pytest.raises(UnusableLabels, match=says):
            placed(wrong, both)


def test_the_keys_of_published_autoencoders(published: Path) -> None:
    found = known_saes(published)
    for sae in (sae for saes in found.values() for sae in saes):
        assert sae.sae_key == f"{sae.sae_id}@{'b' * 16}"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"label": "x" * 121}, "at most 120 characters"),
        ({"label": "x", "note": "y" * 2_001}, "at most 2000 characters"),
        ({"label": "\u202eevil"}, "cannot be shown"),
        ({"label": "a\x1b[31m"}, "cannot be shown"),
        ({"label": "\ud800"}, "cannot be shown|valid string"),
        ({"label": "  "}, "has a label"),
        ({"label": "x", "confidence": "certain"}, "confidence: "),
        ({"label": "x", "feature": -1}, "feature: "),
        ({"label": "x", "feature": 1 << 31}, "feature: "),
        ({"label": "x", "time": "yesterday"}, "is no time"),
        ({"kind": "list", "list_name": "all"}, "no list may be called all"),
        ({"kind": "list"}, "has a list_name"),
        ({"label": "x", "path": "/etc"}, "path: "),
    ],
)
def test_what_cannot_be_a_label_is_refused_in_one_line(row: dict[str, object], says: str) -> None:
    with pytest.raises(UnusableLabels, match=says) as refused:
        entry(**{"kind": "label", "sae_id": "L0", "feature": 1, **row})
    assert refused.value.exit_status == 2
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("author", ["x" * 121, "a\x1b[31m", "\ud800"])
def test_an_author_that_is_no_line_is_refused_before_it_is_written(home: Path, author: str) -> None:
    with pytest.raises(UnusableLabels, match="author: "):
        store.save(home, [label(1, "x")], author)
    assert store.save(home, [label(1, "x")], "  anna   b ") == 1
    assert read_entries(home)[0].author == "anna b"


@pytest.mark.parametrize("text", ["../../etc", "'; DROP TABLE run --", "<b>x</b>", "=1+1", "**B**", "\\n", "🧬 B"])
def test_any_other_text_stays_as_it_is(home: Path, text: str) -> None:
    store.save(home, [label(1, text, note=f"{text}\nsecond line"), member(text, 1)], text)
    found = read_labels(home)
    (one,) = found.of(Spot("L0@0", 1))
    assert (one.label, one.note, one.author, list(found.lists)) == (text, f"{text}\nsecond line", text, [text])
    assert [path.name for path in home.iterdir()] == ["labels.jsonl"]


def test_lists_have_so_many_features_and_a_home_so_many_lists(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_MEMBERS", 2)
    monkeypatch.setattr(store, "MOST_LISTS", 1)
    store.save(home, [member("x", 1), member("x", 2)], "anna")
    with pytest.raises(UnusableLabels, match="list x would have 3 features, and may have 2"):
        store.save(home, [member("x", 3)], "anna")
    with pytest.raises(UnusableLabels, match="there would be 2 lists"):
        store.save(home, [member("y", 1)], "anna")
    with pytest.raises(UnusableLabels, match="there is no list z"):
        store.rename_list(home, "z", "w", "anna")
    with pytest.raises(UnusableLabels, match="there is a list x already"):
        store.rename_list(home, "x", " x ", "anna")
    assert list(read_labels(home).lists["x"]) == [Spot("L0@0", 1), Spot("L0@0", 2)]
