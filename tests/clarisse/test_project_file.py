"""Reading, walking and editing the text of Clarisse projects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conductor.clarisse.project_file import (
    Edit,
    Entry,
    Header,
    Item,
    ProjectFile,
    Token,
    parse,
    quote,
)
from conductor.lib.errors import ProjectFileError

# Every construct of the grammar, and the odd things seen in real files.
TEXT = Path(__file__).with_name("every_construct.project").read_text(encoding="utf-8")

PATHS = [
    ("project://at_root", "Material"),
    ("project://scene", "Context"),
    ("project://scene/image", "Image"),
    ("project://scene/image.Diffuse", "Layer3d"),
    ("project://scene/image.background", "Layer3d"),
    ("project://scene/image.background.deep", "Integrator"),
    ("project://scene/wood", "TextureMapFile"),
    ("project://scene/sub.v2", "Context"),
    ("project://scene/sub.v2/at_root", "Material"),
    ("project://variables", "variables"),
]


@pytest.fixture(scope="module")
def project() -> ProjectFile:
    return parse(TEXT)


def item(project: ProjectFile, path: str) -> Item:
    found = project.item(path)
    assert found is not None, path
    return found


def entry(found: Entry | None) -> Entry:
    assert found is not None
    return found


def texts(tokens: tuple[Token, ...] | None) -> list[str] | None:
    return None if tokens is None else [token.text for token in tokens]


# -- the file as a whole


@pytest.mark.parametrize("text", [
    pytest.param(TEXT, id="no newline at the end"),
    pytest.param(TEXT + "\n", id="newline at the end"),
    pytest.param(TEXT.replace("\n", "\r\n"), id="windows line ends"),
    pytest.param("\ufeff" + TEXT, id="byte order mark"),
    pytest.param(TEXT.replace("    ", "\t"), id="tabs"),
    pytest.param(re.sub(r"(?m)\{$", "{ // why", TEXT), id="comments behind braces"),
    pytest.param("", id="empty"),
    pytest.param("\n\n", id="blank lines"),
    pytest.param("// nothing", id="only a comment"),
])
def test_an_unedited_file_is_written_back_as_it_was(text: str) -> None:
    parsed = parse(text)
    assert parsed.to_text() == text
    assert parsed.edited([]) == text
    expected = [path for path, _ in PATHS[:-1]] if "scene" in text else []
    assert [found.path for found in parsed.items()][:len(expected)] == expected


@pytest.mark.parametrize("text, header", [
    pytest.param(TEXT, Header("1.2", "5", "0.98"), id="all three"),
    pytest.param(TEXT.replace("\n", "\r\n"), Header("1.2", "5", "0.98"), id="windows line ends"),
    pytest.param("\ufeff" + TEXT, Header("1.2", "5", "0.98"), id="byte order mark"),
    pytest.param("#Isotropix_Clarisse_Version 3\n", Header("", "3", ""), id="one of them"),
    pytest.param("#Isotropix_Clarisse_Version\n", Header("", "", ""), id="no number"),
    pytest.param("a {\n}\n#Isotropix_Clarisse_Version 3", Header("", "", ""), id="too late"),
    pytest.param("", Header("", "", ""), id="none"),
])
def test_header(text: str, header: Header) -> None:
    assert parse(text).header == header


def test_entries_at_the_top(project: ProjectFile) -> None:
    assert [found.key for found in project.entries] == [
        "#Isotropix_Serial_Version", "#Isotropix_Clarisse_Version",
        "#Isotropix_Clarisse_Project_Version", "comment", "#include", "Material", "Context",
        "variables", "#resources", "#preferences",
    ]


def test_preferences_is_the_block(project: ProjectFile) -> None:
    found = entry(project.preferences)
    assert [child.key for child in found.children] == ["isolate", "Context"]
    assert parse("#preferences yes\n").preferences is None
    assert parse("").preferences is None


# -- items


def test_items_in_file_order_without_preferences_and_resources(project: ProjectFile) -> None:
    assert [(found.path, found.class_name) for found in project.items()] == PATHS


@pytest.mark.parametrize("path", [path for path, _ in PATHS])
def test_item_by_path(project: ProjectFile, path: str) -> None:
    assert item(project, path).path == path


@pytest.mark.parametrize("path", [
    "", "scene/image", "project:/", "project://", "project://scene/", "project://scene/nothing",
    "project://image", "project://scene.image", "project://scene/image/background",
    "project://scene/image.", "project://scene/image..deep", "project://scene/image.deep",
    "project://scene/.background", "project://nothing/scene/image", "project://isolate",
    "project://scene/name_is_not_first", "project://in_resources", "project://hidden",
])
def test_no_item_of_that_path(project: ProjectFile, path: str) -> None:
    assert project.item(path) is None


def test_parents_and_children(project: ProjectFile) -> None:
    image = item(project, "project://scene/image")
    scene = item(project, "project://scene")
    assert image.parent == scene
    assert scene.parent is None
    assert [child.name for child in image.children] == ["Diffuse", "background"]
    assert [child.name for child in scene.children] == ["image", "wood", "sub.v2"]
    assert list(item(project, "project://at_root").children) == []


@pytest.mark.parametrize("path, is_context, is_embedded", [
    ("project://scene", True, False),
    ("project://scene/sub.v2", True, False),
    ("project://scene/image", False, False),
    ("project://scene/image.background", False, True),
    ("project://scene/image.background.deep", False, True),
    ("project://at_root", False, False),
])
def test_kinds_of_items(
    project: ProjectFile, path: str, is_context: bool, is_embedded: bool
) -> None:
    found = item(project, path)
    assert (found.is_context, found.is_embedded) == (is_context, is_embedded)


def test_of_two_items_with_one_path_the_first_counts() -> None:
    twice = parse('A {\n name "x"\n}\nB {\n name "x"\n}\n')
    assert item(twice, "project://x").class_name == "A"
    assert [found.class_name for found in twice.items()] == ["A", "B"]


def test_a_name_with_dots_wins_over_embedded_objects() -> None:
    inner = ' embedded_objects {\n  B {\n   name "y"\n  }\n }\n'
    text = 'A {\n name "x.y"\n}\nA {\n name "x"\n%s}\n' % inner
    assert item(parse(text), "project://x.y").class_name == "A"


@pytest.mark.parametrize("text, paths", [
    pytest.param('Context {\n}\n', ["project://"], id="context without a name"),
    pytest.param('Context scene {\n}\n', ["project://scene"], id="bare name"),
    pytest.param('Context "a b" {\n}\n', ["project://a b"], id="blank in a name"),
    pytest.param('Context"a"{\n}\n', ["project://a"], id="no blanks"),
    pytest.param('Contexts {\n}\n', [], id="only begins like a context"),
    pytest.param('A {\n name\n}\n', [], id="name without a value"),
    pytest.param('A {\n name {\n }\n}\n', [], id="name is a block"),
    pytest.param('A {\n names "x"\n}\n', [], id="only begins like a name"),
    pytest.param('A {\n name"x"\n}\n', ["project://x"], id="name without a blank"),
    pytest.param('A {\n}\n', [], id="empty block"),
    pytest.param('A {\n}\nname "x"\n', [], id="name behind the block"),
    pytest.param('#A {\n name "x"\n}\n', [], id="directive"),
    pytest.param('A {\n name "x"\n B {\n  name "y"\n }\n}\n', ["project://x"],
                 id="a block in an object is no object unless embedded"),
    pytest.param('A {\n name "x"\n embedded_objects {\n }\n embedded_objects{\n  B {\n'
                 '   name "y"\n  }\n }\n}\n', ["project://x", "project://x.y"],
                 id="two groups of embedded objects"),
])
def test_what_counts_as_an_item(text: str, paths: list[str]) -> None:
    assert [found.path for found in parse(text).items()] == paths


def test_views_are_equal_when_they_show_the_same_place(project: ProjectFile) -> None:
    image = item(project, "project://scene/image")
    assert image == item(project, "project://scene/image")
    assert image != item(project, "project://scene/wood")
    assert len({image, item(project, "project://scene/image")}) == 1
    assert image.entry == entry(entry(image.entry.parent).find("Image"))
    assert image.entry != entry(parse(TEXT).item("project://scene/image").entry)  # type: ignore[union-attr]
    assert image.entry != "Image" and image != "image"
    assert repr(image) == "<Item Image project://scene/image>"
    assert repr(image.entry) == "<Entry 'Image' line 14>"


# -- attributes


@pytest.mark.parametrize("path, name, values", [
    pytest.param("image", "layers", [".background", ".Diffuse"], id="line"),
    pytest.param("image", "private", [], id="keyword alone"),
    pytest.param("image", "render_to_disk", None, id="omitted"),
    pytest.param("image.Diffuse", "save_as", ["$PDIR/out \"a\"\\b\n'c' // no comment"],
                 id="escapes"),
    pytest.param("wood", "filename", ["C:\\tex\\wood.####.tx"], id="doubled backslashes"),
    pytest.param("wood", "color", ["1", "0.0", "-2.68220901489258e-06"], id="block with a value"),
    pytest.param("wood", "curve", None, id="block without a value"),
    pytest.param("wood", "collision_object", ["", ""], id="empty slots"),
    pytest.param("wood", "clip_maps", ["<empty>"], id="empty list"),
    pytest.param("wood", "offset", ["0.5", "0.0", "0.0"], id="custom in a group"),
    pytest.param("wood", "shader", ["$PDIR/a.osl"], id="custom in a group of a group"),
    pytest.param("wood", "note", None, id="custom without a value"),
])
def test_values(project: ProjectFile, path: str, name: str, values: list[str] | None) -> None:
    assert texts(item(project, "project://scene/" + path).values(name)) == values


def test_attribute_gives_the_line_the_block_or_nothing(project: ProjectFile) -> None:
    wood = item(project, "project://scene/wood")
    assert entry(wood.attribute("filename")).is_block is False
    assert entry(wood.attribute("color")).is_block is True
    assert entry(wood.attribute("shader")).key == "filename_open"
    assert wood.attribute("missing") is None


def test_custom_attributes(project: ProjectFile) -> None:
    wood = item(project, "project://scene/wood")
    found = [(word, name) for word, name, _ in wood.custom_attributes]
    assert sorted(found) == [
        ("double[3]", "offset"), ("filename_open", "shader"), ("string", "note"),
    ]
    assert list(item(project, "project://scene/image").custom_attributes) == []


def test_a_bare_word_is_told_from_a_text(project: ProjectFile) -> None:
    wood = item(project, "project://scene/wood")
    assert [token.quoted for token in wood.values("collision_object") or ()] == [True, True]
    assert [token.quoted for token in wood.values("clip_maps") or ()] == [False]


# -- entries


def test_keys_and_indices(project: ProjectFile) -> None:
    size = entry(item(project, "project://scene/wood").attribute("size"))
    assert [(child.key, child.index) for child in size.children] == [
        ("value", None), ("expression", 0), ("expression", 2),
    ]
    assert entry(size.find("expression")).index == 0
    assert entry(size.find("expression", 2)).tokens[0].text == "T"
    assert size.find("expression", 1) is None
    assert size.find("expr") is None
    lines = project.text.split("\n")
    for child in size.find_all("expression"):
        assert lines[child.line - 1].strip().startswith(child.key_text + " ")


@pytest.mark.parametrize("line, key, index", [
    ("key[12] 1", "key", 12),
    ("key[] 1", "key", 0),
    ("key[x] 1", "key[x]", None),
    ("[] 1", "[]", None),
    ("key[1]x 1", "key[1]x", None),
    ("key[%s] 1" % ("9" * 5000), "key[%s]" % ("9" * 5000), None),
    ('"quoted key" 1', "quoted key", None),
    ("a/b //c", "a/b", None),
    ("/a 1", "/a", None),
])
def test_odd_keys(line: str, key: str, index: int | None) -> None:
    [found] = parse(line).entries
    assert (found.key, found.index) == (key, index)


def test_a_quoted_key_is_found() -> None:
    assert entry(next(parse('a {\n "b c" 1\n}\n').entries).find("b c")).line == 2


@pytest.mark.parametrize("line, values", [
    ('k "a""b"', ["a", "b"]),
    ('k a"b"c', ["a", "b", "c"]),
    ("k  1\t2 \r", ["1", "2"]),
    ('k "a" // "b"', ["a"]),
    ("k project://a//b", ["project://a//b"]),
    (r'k "\x\\"', ["x\\"]),
    ('k "a\rb"', ["a\rb"]),
    ("k \u00e9\u2028\u4e2d", ["\u00e9\u2028\u4e2d"]),
])
def test_tokens(line: str, values: list[str]) -> None:
    [found] = parse(line).entries
    assert texts(found.tokens) == values


def test_tokens_of_a_block_stop_before_its_brace(project: ProjectFile) -> None:
    assert texts(item(project, "project://scene").entry.tokens) == ["scene"]


def test_spans_cover_the_text_once(project: ProjectFile) -> None:
    for found in item(project, "project://scene").entry.children:
        shown = project.text[found.start:found.end]
        assert shown.startswith(" " * found.indent + found.key)
        assert shown.endswith("}\n" if found.is_block else "\n")
        if found.is_block:
            assert project.text[found.body_end:found.end] == "    }\n"
        else:
            assert found.body_end == found.end


def test_token_spans_include_the_quotes(project: ProjectFile) -> None:
    [token] = item(project, "project://scene/wood").values("filename") or ()
    assert project.text[token.start:token.end] == r'"C:\\tex\\wood.####.tx"'
    assert quote(token.text) == project.text[token.start:token.end]


def test_lines_are_counted_from_one_far_into_the_text() -> None:
    text = "".join("line%d yes\n" % number for number in range(1, 20001))
    assert all(found.key == "line%d" % found.line for found in parse(text).entries)


def test_lines_before_a_very_long_one_are_counted() -> None:
    long, last = parse("\n%s\nlast\n" % ("x" * 70000)).entries
    assert (long.line, last.line) == (2, 3)


def test_a_line_has_no_children(project: ProjectFile) -> None:
    found = next(project.entries)
    assert list(found.children) == [] and found.find("x") is None and found.parent is None


# -- edits


def test_edits_change_their_spans_only(project: ProjectFile) -> None:
    image = item(project, "project://scene/image")
    layers = entry(image.attribute("layers")).tokens
    edited = project.edited([
        Edit(image.entry.body_end, image.entry.body_end, "        last_frame 9\n"),
        Edit(layers[1].start, layers[1].end, quote('.a"b')),
        Edit(entry(image.attribute("private")).start, entry(image.attribute("private")).end, ""),
    ])
    expected = project.text.replace('".Diffuse"', r'".a\"b"').replace("        private\n", "")
    changed = item(parse(edited), "project://scene/image")
    assert texts(changed.values("last_frame")) == ["9"]
    assert edited.replace("        last_frame 9\n", "") == expected


def test_removing_an_item_takes_its_whole_block(project: ProjectFile) -> None:
    wood = item(project, "project://scene/wood").entry
    rest = parse(project.edited([Edit(wood.start, wood.end, "")]))
    assert [found.path for found in rest.items()] == [
        path for path, _ in PATHS if path != "project://scene/wood"
    ]


def test_insertions_at_one_place_keep_their_order() -> None:
    parsed = parse("ab")
    edits = [Edit(1, 1, "2"), Edit(1, 1, "1"), Edit(1, 2, "x")]
    assert parsed.edited(edits) == "a21x"


@pytest.mark.parametrize("edits", [
    pytest.param([Edit(0, 3, ""), Edit(2, 4, "")], id="overlap"),
    pytest.param([Edit(0, 3, ""), Edit(1, 1, "x")], id="insertion inside"),
    pytest.param([Edit(0, 3, ""), Edit(0, 3, "")], id="twice"),
    pytest.param([Edit(-1, 1, "")], id="before the text"),
    pytest.param([Edit(0, 5, "")], id="behind the text"),
    pytest.param([Edit(2, 1, "")], id="backwards"),
])
def test_edits_that_cannot_be_made(edits: list[Edit]) -> None:
    with pytest.raises(ValueError):
        parse("abcd").edited(edits)


# -- errors


@pytest.mark.parametrize("text, line, column, words", [
    pytest.param('a "b', 1, 3, "string", id="string without an end"),
    pytest.param('a "b\nc" d', 1, 3, "string", id="string over two lines"),
    pytest.param('a\nb "c" "d\\"\n', 2, 7, "string", id="escaped last quote"),
    pytest.param('a "b\\\n', 1, 3, "string", id="backslash before the line end"),
    pytest.param('a "b\\', 1, 3, "string", id="backslash before the end"),
    pytest.param('a {\n b "c {\n}\n', 2, 4, "string", id="brace in an open string"),
    pytest.param("a {\n", 1, 1, "never closed", id="block without an end"),
    pytest.param("a {\n  b {\n}\n", 1, 1, "never closed", id="outer block without an end"),
    pytest.param("a\n  b {\n", 2, 3, "never closed", id="place of an indented block"),
    pytest.param("}\n", 1, 1, "closes nothing", id="too many closing braces"),
    pytest.param("a {\n}\n  }", 3, 3, "closes nothing", id="one closing brace too many"),
    pytest.param("a { b }", 1, 3, "last on its line", id="block on one line"),
    pytest.param("a {\n b }\n", 2, 4, "alone", id="closing brace behind a word"),
    pytest.param("a {\n } b\n", 2, 2, "alone", id="word behind a closing brace"),
    pytest.param("a {\n }}\n", 2, 2, "alone", id="two closing braces"),
    pytest.param("a {{\n", 1, 3, "last on its line", id="two opening braces"),
    pytest.param("a b{c 1", 1, 4, "last on its line", id="brace in a word"),
    pytest.param("  {\n}\n", 1, 3, "without a name", id="brace alone"),
    pytest.param("a\r\n\r\nb \"", 3, 3, "string", id="windows line ends"),
])
def test_malformed_text(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ProjectFileError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)


def test_an_error_shows_what_stands_there_but_not_all_of_it() -> None:
    with pytest.raises(ProjectFileError, match=r'does not end on its line: "bbb+\.\.\.$') as caught:
        parse('a "' + "b" * 10000)
    assert len(str(caught.value)) < 120


# -- a file that Clarisse wrote


def test_a_real_file(shared_dir: Path) -> None:
    raw = (shared_dir / "data" / "kubix_demo.project").read_bytes()
    real = parse(raw.decode("utf-8"))
    assert real.to_text().encode("utf-8") == raw
    assert real.header == Header("1.2", "4", "0.94")
    # Counted by hand: one context, nineteen objects in it, one layer embedded in the image.
    assert [found.path[len("project://scene"):] for found in real.items()] == [
        "", "/camera", "/image", "/image.kubix_layer", "/kubix_renderer", "/point_array",
        "/scatterer", "/sphere_1", "/sphere_2", "/sphere_3", "/sphere_4", "/floor",
        "/back_wall_1", "/back_wall_2", "/back_wall_3", "/kubix_light", "/kubix_floor_texture",
        "/kubix_green_mat", "/kubix_purple_mat", "/kubix_red_mat", "/kubix_floor_mat",
    ]
    assert texts(item(real, "project://scene/image").values("layers")) == [".kubix_layer"]
    floor = item(real, "project://scene/kubix_floor_mat")
    assert texts(entry(entry(floor.attribute("color")).find("texture")).tokens) == [
        "kubix_floor_texture"
    ]
    animation = entry(entry(entry(real.preferences).find("categories")).find("animation"))
    assert texts(entry(animation.find("frames_per_second")).tokens) == ["1"]
