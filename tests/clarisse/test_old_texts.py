"""Titles and commands of the vendor's plugins in today's words."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor.clarisse import expressions
from conductor.clarisse.attributes import DEFAULT_TASK_TEMPLATE
from conductor.clarisse.old_texts import (
    TOKEN,
    as_expression,
    as_plain_text,
    as_template,
    has_tokens,
    quoted,
    variable_of,
)
from conductor.lib.variables import BY_NAME

# The tokens that cioclarisse 0.3.2 puts into its context, one by one.
TOKENS = (
    "pdir", "temp_dir", "tempdir", "submitter", "render_package", "renderpackage", "project",
    "scout", "chunksize", "chunkcount", "scoutcount", "sequencelength", "sequence",
    "sequencemin", "sequencemax", "instance_type", "instance", "tiles", "preemptible",
    "retries", "job", "directories", "tile_number", "chunks", "sources", "chunklength",
    "chunkstart", "chunkend",
)


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_of_theirs_has_a_variable_that_exists(token: str) -> None:
    assert variable_of(token) in BY_NAME
    assert has_tokens("<%s>" % token)
    assert has_tokens("<ct_%s>" % token)


@pytest.mark.parametrize("text", ["", "plain", "<UDIM>", "<nobody>", "a < job", "$CT_JOB"])
def test_what_is_no_token(text: str) -> None:
    assert not has_tokens(text)


# ---------------------------------------------------------------- titles


@pytest.mark.parametrize("old, new", [
    ("My Clarisse Job", "My Clarisse Job"),
    ("$PNAME", "$PNAME"),
    ("<job>", "$CT_JOB"),
    ("<ct_job>", "$CT_JOB"),
    ("<job> <sequence>", '$CT_JOB+" "+$CT_SEQUENCE'),
    ("$PNAME <ct_job>", '"$PNAME "+$CT_JOB'),
    ("<job>'s frames", '$CT_JOB+"\'s frames"'),
    ('"<job>"', '"$CT_JOB"'),
    ("<sequencelength> frames, \"it's\"", '$CT_SEQLENGTH+" frames, \\"it\'s\\""'),
    ('a "b" <job>', "'a \"b\" '+$CT_JOB"),
    ("C:\\x <job>", '"C:\\\\x "+$CT_JOB'),
    ('"<job> of "+$PNAME', '"$CT_JOB of "+$PNAME'),
    ('"<job>1"+$PNAME', '"$CT_JOB:1"+$PNAME'),
    ("$CT_SEQUENCELENGTH frames", "$CT_SEQLENGTH frames"),
    ('$PNAME+" "+$CT_INSTANCE_TYPE', '$PNAME+" "+$CT_INSTANCE'),
    ('$CT_TYPE+" "+$CT_JOB', '$CT_TYPE+" "+$CT_JOB'),
    ("<job> <nobody>", '$CT_JOB+" <nobody>"'),
], ids=str)
def test_a_title(old: str, new: str) -> None:
    assert as_expression(old).text == new


@pytest.mark.parametrize("old, told", [
    ("<job> <nobody> <nobody>", ["there is no variable for <nobody>: it stays as text"]),
    ("<instance_type>", [
        "<instance_type> was the name of the machine; $CT_INSTANCE is its description"]),
    ("<job>", []),
])
def test_what_a_title_cannot_say_is_told(old: str, told: list[str]) -> None:
    assert list(as_expression(old).notes) == told


@pytest.mark.parametrize("old, new", [
    ("<job>_<sequence>", "$CT_JOB:_$CT_SEQUENCE"),
    ("lighting", "lighting"),
    ("<job>-a", "$CT_JOB-a"),
    ("<job>:a", "$CT_JOB::a"),
    ("<what>", "<what>"),
])
def test_a_plain_text(old: str, new: str) -> None:
    assert as_plain_text(old).text == new


_ALPHABET = st.text("ab<>_$\"'\\ +:;{}äß", max_size=12)
_TEXTS = st.lists(st.one_of(_ALPHABET, st.sampled_from(["<job>", "<ct_sequence>", "<project>"])))
_VALUES = {"CT_JOB": "JOB", "CT_SEQUENCE": "1-10", "CT_PROJECT": "DPOOL"}
_BY_TOKEN = {"job": "JOB", "sequence": "1-10", "project": "DPOOL"}


@settings(max_examples=100)
@given(_TEXTS.map("".join))
@example("<job>\\\"'<project>")
def test_a_translated_title_says_what_the_tokens_said(text: str) -> None:
    if expressions.is_expression(text) or "$" in text or not has_tokens(text):
        return
    wanted = TOKEN.sub(lambda match: _BY_TOKEN.get(match.group(1), match.group()), text)
    value = expressions.parse(as_expression(text).text).evaluate(_VALUES.get)
    assert value == wanted


@given(_ALPHABET.filter(lambda text: "$" not in text))
def test_a_quoted_literal_is_the_text(text: str) -> None:
    assert expressions.parse(quoted(text)).evaluate(lambda name: None) == text


# ---------------------------------------------------------------- commands

MAY = """cmd = $CT_TEMP_DIR+'/ct_cnode ';
cmd += $CT_RENDER_PACKAGE;
cmd += ' -image ';
cmd += $CT_SOURCES;
cmd += ' -image_frames_list ';
cmd += $CT_CHUNKS;
cmd += ' -directories ';
cmd += $CT_DIRECTORIES;
cmd += ' -log_level Debug5 -license_server conductor_ilise:40500 -script ';
cmd += $CT_TEMP_DIR+'/ct_prep.py';
cmd"""
LATE = ("<ct_temp_dir>/ct_cnode <ct_render_package> -image <ct_sources> -image_frames_list "
        "<ct_chunks> -tile_rendering <ct_tiles> <ct_tile_number>")
CIO = ("<temp_dir>/ciocnode <render_package> -image <sources> -image_frames_list <chunks> "
       "-tile_rendering <tiles> <tile_number> -license_server conductor_ilise:40500")


@pytest.mark.parametrize("old", [MAY, LATE, CIO, DEFAULT_TASK_TEMPLATE],
                         ids=["May 2019", "late 2019", "0.3.2", "ours"])
def test_the_usual_template_becomes_the_usual_one(old: str) -> None:
    assert as_template(old).text == DEFAULT_TASK_TEMPLATE
    assert as_template(old).notes == ()


@pytest.mark.parametrize("old, added", [
    (MAY.replace("Debug5", "Debug5 -threads 8"), '" -threads 8"'),
    (MAY.replace(" -log_level Debug5", " -log_level Info"), '" -log_level Info"'),
    (LATE + " -search_path /shows/<ct_project>/lib -v", (
        '" -search_path /shows/"+$CT_PROJECT+"/lib -v"')),
    (CIO.replace("-license_server conductor_ilise:40500", "-license_server mine:1 -offset -3"),
     '" -license_server mine:1 -offset -3"'),
    (CIO + " -directories <directories> -env <nobody>", '" -env <nobody>"'),
], ids=["a flag", "another level", "tokens", "another licence server", "a strange token"])
def test_what_an_artist_had_added_stays(old: str, added: str) -> None:
    assert as_template(old).text == "%s+%s" % (DEFAULT_TASK_TEMPLATE, added)


def test_a_strange_token_of_a_command_is_told() -> None:
    assert as_template(CIO + " -env <nobody>").notes == (
        "there is no variable for <nobody>: it stays as text",)


@pytest.mark.parametrize("old, new", [
    ("/studio/run.sh <render_package> <chunkstart> <chunkend>", (
        '"/studio/run.sh "+$CT_RENDER_PACKAGE+" "+$CT_CHUNKSTART+" "+$CT_CHUNKEND')),
    ("nice <temp_dir>/ciocnode <render_package> -image <sources> -image_frames_list <chunks>", (
        '"nice "+$CT_SCRIPT_DIR+"/ct_cnode "+$CT_RENDER_PACKAGE+" -image "+$CT_SOURCES+'
        '" -image_frames_list "+$CT_CHUNKS')),
    ("<tempdir>/ciocnode <renderpackage> -image project://a -image_frames_list <chunks>", (
        '$CT_SCRIPT_DIR+"/ct_cnode "+$CT_RENDER_PACKAGE+" -image project://a '
        '-image_frames_list "+$CT_CHUNKS')),
    ("'cnode '+$CT_RENDER_PACKAGE+' -script '+$CT_TEMP_DIR+'/ct_prep.py'",
     '"cnode "+$CT_RENDER_PACKAGE'),
    ("$CT_TEMP_DIR/mine.sh", '$CT_SCRIPT_DIR+"/mine.sh"'),
    ("echo done", "echo done"),
    ("", ""),
], ids=["a script", "a word before", "another image", "an expression", "plain", "words", "empty"])
def test_another_command_keeps_its_form(old: str, new: str) -> None:
    assert as_template(old).text == new


@pytest.mark.parametrize("old, new", [
    ("$CT_TILES == 1 ? $CT_TEMP_DIR+'/ct_cnode' : 'x'",
     "$CT_TILES == 1 ? $CT_SCRIPT_DIR+'/ct_cnode' : 'x'"),
    ("get_string('a.b')+$CT_CHUNK", "get_string('a.b')+$CT_CHUNKS"),
    ("'never closed +$CT_TEMP_DIR", "'never closed +$CT_SCRIPT_DIR"),
], ids=["decides", "calls", "broken"])
def test_an_expression_that_decides_is_only_renamed(old: str, new: str) -> None:
    assert as_template(old).text == new


def test_a_variable_of_the_scene_stays_one() -> None:
    assert "$PDIR" in as_template(MAY.replace("Debug5", "Debug5 -log_file $PDIR/x")).text


@settings(max_examples=100)
@given(st.lists(st.sampled_from(
    ["<sources>", "<ct_chunks>", "-image", "-threads", "8", "<temp_dir>/ciocnode", "<nobody>",
     "<render_package>", "'", '"', "$CT_JOB", "$PDIR", ";", "+"]), max_size=14).map(" ".join))
def test_no_known_token_is_left_in_any_command(text: str) -> None:
    assert not has_tokens(as_template(text).text)
