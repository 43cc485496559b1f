"""The book: a site of units from executed notebooks, alive without a kernel, a server or a network."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

import small_book
from browser import violations
from convbook.__main__ import main
from convbook.authoring import executed
from convbook.authoring.book import links, outputs, running, site
from convbook.authoring.canonical import read
from convbook.authoring.course import open_course
from convbook.authoring.health import runs
from convbook.authoring.health.leaks import holds, secrets_of

pytest.importorskip("sphinx", reason="the book's generator is not installed: pip install 'convbook[book]'")
PAGES = ("index.html", "00_start_here.html", f"{small_book.UNIT}.html", "search.html")
SMALL = f"{small_book.UNIT}.html"


def book(course: Path, out: Path, *words: str) -> int:
    return main(["book", "--course", str(course), "--out", str(out), *words])


@pytest.fixture(scope="module")
def course(tmp_path_factory, repository) -> Path:
    return small_book.make(tmp_path_factory.mktemp("book") / "course", repository)


@pytest.fixture(scope="module")
def click(course) -> Path:
    """Return the book of both units, solutions behind a click."""
    assert book(course, course.parent / "click", "--jobs", "2") == 0
    return course.parent / "click"


@pytest.fixture(scope="module")
def hidden(course) -> Path:
    """Return the book of the small unit without solutions."""
    assert book(course, course.parent / "hidden", "1", "--solutions", "hidden") == 0
    return course.parent / "hidden"


@pytest.fixture
def read_page(open_page):
    """Return a function that opens a page of a book from the disk; nothing but files may be asked for."""

    def opened(site: Path, name: str, **options):
        page = open_page(**options)
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / name).as_uri())
        return page

    asked: list[str] = []
    yield opened
    assert asked and all(url.startswith(("file:", "data:", "blob:")) for url in asked)


class TestAlive:
    def test_a_widget_follows_the_keys(self, click, read_page):
        page = read_page(click, SMALL)
        lab = page.get_by_role("group", name="Slide a window")
        lab.get_by_role("gridcell").last.click()
        before = lab.locator(".cb-sentence").inner_text()
        page.keyboard.press("ArrowLeft")
        after = lab.locator(".cb-sentence").inner_text()
        assert before != after and after.startswith("Output [")

    def test_a_question_tells_its_answer_after_a_guess_in_both_of_its_places(self, click, read_page):
        page = read_page(click, SMALL)
        places = page.get_by_role("group", name="Predict: Which corner is lit?")
        assert places.count() == 2 and all("nearer" not in one.inner_text() for one in places.all())
        assert page.locator(".cb-recap").inner_text() == "You have made no guess on this page yet."
        printed = page.locator("details.cb-later pre").first
        assert not printed.is_visible(), "what the next cell prints is the answer"
        page.locator("details.cb-later summary").first.click()
        assert printed.inner_text() == "the lower"
        places.first.get_by_text("the upper").click()
        places.first.get_by_text("That is my guess").click()
        assert "It is not that" in places.last.inner_text()
        assert (
            "You guessed 1 of 2 answers, and were surprised once." in page.locator(".cb-recap").inner_text()
        )
        places.last.get_by_text("Show the answer").click()
        for place in (places.first, places.last):
            assert "The answer: “the lower”. It is nearer." in place.inner_text()

    def test_a_drill_is_marked_and_has_other_numbers(self, click, read_page):
        page = read_page(click, SMALL)
        first = page.locator("form.cb-drill").first
        field = first.get_by_role("textbox")
        field.fill("123456789"), field.press("Enter")
        assert "123456789 is not right" in first.inner_text()
        field.fill(first.locator(".cb-answer").text_content()), field.press("Enter")
        assert "✓ Right." in first.inner_text()
        asked = first.locator(".cb-asked").inner_text()
        page.get_by_role("button", name="Other numbers").click()
        assert page.locator(".cb-asked").first.inner_text() != asked
        assert "kernel" not in page.locator(".convbook", has_text="Other numbers").inner_text()

    def test_pictures_are_there_with_their_sentences(self, course, click, read_page):
        page = read_page(click, SMALL)
        image = page.get_by_role("img", name=small_book.ALT)
        image.scroll_into_view_if_needed()
        page.wait_for_function("[...document.images].some((one) => one.className && one.naturalWidth > 100)")
        assert image.count() == 1 and image.get_attribute("src").startswith("_static/figures/")
        for unit in open_course(course).units():
            run = executed.kept(open_course(course), open_course(course).notebook(unit))
            told = re.findall(r'<img alt="([^"]*)"', json.dumps(run)[:].replace('\\"', '"'))
            shown = (click / f"{unit}.html").read_text("utf-8")
            assert told and all(f'alt="{alt}"' in shown for alt in told)

    def test_without_scripts_the_sentences_stand_in_for_the_widgets(self, click):
        text = (click / SMALL).read_text("utf-8")
        stills = re.findall(r'data-model="w\d+"><noscript>(.*?)</noscript></div>', text, re.DOTALL)
        assert len(stills) == text.count('class="cb-live"') >= 6
        assert any('alt="Output [0, 0] is' in still for still in stills)


class TestRead:
    def test_a_search_finds_the_page(self, click, read_page):
        page = read_page(click, "index.html")
        page.get_by_role("searchbox").or_(page.locator(".sidebar-search")).first.fill("corner")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results a")
        page.get_by_role("main").get_by_role("link", name="1 · Small").first.click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("1 · Small")

    def test_previous_and_next_lead_through_the_units(self, click, read_page):
        page = read_page(click, "index.html")
        for title in ("0 · Start here", "1 · Small"):
            page.locator(".next-page").click()
            assert page.get_by_role("heading", level=1).inner_text().startswith(title)
        assert page.locator(".next-page").count() == 0
        page.locator(".prev-page").click()
        assert page.url.endswith("00_start_here.html")

    def test_dark_follows_the_system_and_the_button(self, click, read_page):
        paper = "getComputedStyle(document.querySelector('.convbook')).backgroundColor"
        scheme = "getComputedStyle(document.querySelector('.cb-figure')).colorScheme"
        light, dark = (read_page(click, SMALL, dark=dark) for dark in (False, True))
        colours = {light.evaluate(paper), dark.evaluate(paper)}
        assert len(colours) == 2
        assert (light.evaluate(scheme), dark.evaluate(scheme)) == ("light", "dark")
        while dark.evaluate("document.body.dataset.theme") != "light":
            dark.locator(".theme-toggle:visible").click()
        assert dark.evaluate(paper) == light.evaluate(paper) and dark.evaluate(scheme) == "light"
        assert not dark.locator(".convbook.cb-dark").count() or dark.wait_for_selector(
            ".convbook:not(.cb-dark)"
        )

    def test_an_imported_name_is_not_underlined_like_a_link(self, click, read_page):
        for dark in (False, True):
            names = read_page(click, SMALL, dark=dark).locator(".highlight .nn")
            lines = names.evaluate_all("(all) => all.map((one) => getComputedStyle(one).textDecorationLine)")
            assert lines and set(lines) == {"none"}

    def test_where_a_learners_progress_stands_the_book_says_that_it_counts_none(self, click):
        text = (click / "00_start_here.html").read_text("utf-8")
        assert "This book counts no points." in text and "No notebooks of the course" not in text

    @pytest.mark.parametrize("name", PAGES)
    def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(self, click, read_page, name):
        for options in ({"width": 1300}, {"width": 390, "dark": True}):
            page = read_page(click, name, **options)
            page.wait_for_load_state()
            assert violations(page, "html", preload=False) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= options["width"]
            for box in page.locator(".convbook").all():
                assert box.bounding_box()["width"] <= options["width"]

    def test_what_is_wide_scrolls_and_can_be_reached_by_keys(self, click, read_page):
        page = read_page(click, SMALL, width=390)
        long = page.locator("pre", has_text="a very long line")
        assert long.last.evaluate("(one) => one.scrollWidth > one.clientWidth && one.tabIndex === 0")

    def test_the_front_page_has_the_courses_picture_and_a_card_for_each_unit(self, click, read_page):
        page = read_page(click, "index.html")
        assert page.get_by_role("heading", level=1).inner_text().startswith("A small course")
        assert (
            page.get_by_role("img", name="A check that speaks.").evaluate("(one) => one.naturalWidth") > 100
        )
        cards = page.locator(".cb-card")
        assert cards.count() == 2 and small_book.PROMISE in cards.last.inner_text()
        assert "5 min · 1 exercise" in cards.last.inner_text()

    def test_less_movement_is_respected(self, click, read_page):
        page = read_page(click, "index.html", still=True)
        shown = page.locator(".cb-opening").evaluate("(one) => one.currentSrc")
        assert shown.endswith("opening-still.png")

    def test_a_formula_is_drawn_without_a_script(self, click):
        text = (click / SMALL).read_text("utf-8")
        assert text.count("<math") == 2 and "<mfrac>" in text and "$" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL).split("<article", 1)[1].split("</article", 1)[0]  # fmt: skip

    def test_a_progress_bar_that_is_over_is_left_out(self, click):
        printed = re.findall(
            r'<pre class="cb-text">(.*?)</pre>', (click / SMALL).read_text("utf-8"), re.DOTALL
        )
        assert "&lt;b&gt; &amp; done" in printed and not any("20/20" in text for text in printed)


class TestLinks:
    def test_every_link_leads_somewhere_and_the_notebook_can_be_taken(self, click):
        assert list(links.broken_links(click)) == []
        text = (click / SMALL).read_text("utf-8")
        assert 'href="00_start_here.html">0 · Start here</a>' in text
        assert "9 · Nothing" in text and "09_nothing" not in text
        taken = read(click / "_static" / "notebooks" / f"{small_book.UNIT}.ipynb")
        assert "gathered_total" not in json.dumps(taken)

    @pytest.mark.parametrize(
        ("link", "said"),
        [("nowhere.html", "leads to no file"), ("index.html#nothing", "no such place on index.html"), ("#nothing", "no such place")],
    )  # fmt: skip
    def test_a_link_that_leads_nowhere_is_told(self, tmp_path, link, said):
        (tmp_path / "index.html").write_text(f'<p id="here"><a href="{link}">a</a><a href="#here">b</a></p>')
        (told,) = links.broken_links(tmp_path)
        assert told.startswith("index.html: ") and link in told and said in told

    def test_a_broken_link_keeps_the_last_book(self, course, click, tmp_path, capsys):
        changed = tmp_path / "course"
        shutil.copytree(course, changed)
        path = changed / "solutions" / small_book.UNIT / f"{small_book.UNIT}.ipynb"
        notebook = read(path)
        notebook["cells"][-1]["source"] += " [Lost](lost.png)"
        path.write_text(json.dumps(notebook))
        run = executed.kept(open_course(course), open_course(course).notebook(small_book.UNIT))
        run.cells[-1]["source"] += " [Lost](lost.png)"
        executed.keep(open_course(changed), path, run)
        shutil.copytree(click, tmp_path / "site")
        assert book(changed, tmp_path / "site", "1") == 1
        assert "lost.png" in capsys.readouterr().out
        assert (tmp_path / "site" / "00_start_here.html").is_file()
        assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


class TestSolutions:
    def test_behind_a_click_is_a_solution_and_before_it_the_stub(self, click, read_page):
        page = read_page(click, SMALL)
        solution = page.locator("details.cb-solution")
        assert not solution.get_by_text("return gathered_total").is_visible()
        assert page.get_by_text("NotImplementedError").first.is_visible()
        solution.locator("summary").click()
        assert solution.get_by_text("return gathered_total").is_visible()
        assert "BEGIN SOLUTION" not in page.content()

    def test_shown_they_stand_where_the_answer_goes(self, course, click, tmp_path, read_page):
        assert book(course, tmp_path / "site", "1", "--solutions", "shown") == 0
        page = read_page(tmp_path / "site", SMALL)
        assert page.get_by_text("return gathered_total").is_visible()
        assert page.locator("details.cb-solution").count() == 0

    def test_hidden_nothing_of_a_solution_is_anywhere(self, course, hidden):
        found = open_course(course)
        secrets = [
            lines for what, lines in secrets_of(read(found.notebook(small_book.UNIT))) if what == "a solution"
        ]
        assert secrets
        for path in hidden.rglob("*"):
            text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
            for word in ("gathered_total", "gathered", "zeile", "spalte", "BEGIN SOLUTION", "5484"):
                assert word not in text.casefold().replace("begin solution", "BEGIN SOLUTION"), (
                    f"{path.name}: {word}"
                )
            plain = html.unescape(re.sub(r"<[^>]+>", "", text))
            lines = [line.strip() for line in plain.splitlines() if line.strip()]
            assert not any(holds(lines, secret) for secret in secrets), path.name
        assert not list(hidden.rglob("*.gif")), "the course's picture shows an answer at work"

    def test_hidden_an_open_answer_is_said_to_be_open(self, hidden, read_page):
        page = read_page(hidden, SMALL)
        assert "• corr2d: not attempted yet" in page.locator("article").inner_text()
        question = page.get_by_role("group", name="Predict: How large is the sum?").first
        question.get_by_role("textbox").fill("4")
        question.get_by_text("That is my guess").click()
        assert "needs an exercise that is open here" in question.inner_text()
        assert violations(page, "html", preload=False) == []


class TestRefused:
    def test_what_has_not_changed_is_not_executed_again(self, course, click, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr(running.runs, "execute", lambda *_: pytest.fail("executed again"))
        assert book(course, tmp_path / "site") == 0
        said = capsys.readouterr().out
        assert re.search(r"2 units built in \d+\.\d s: .*index\.html", said) and "executing" not in said

    def test_a_notebook_that_fails_is_named_and_nothing_is_written(self, course, tmp_path, capsys):
        broken = tmp_path / "course"
        shutil.copytree(course, broken)
        small_book.break_it(broken)
        assert book(broken, tmp_path / "site", "1") == 2
        said = capsys.readouterr().err
        assert (
            f"solutions/{small_book.UNIT}/{small_book.UNIT}.ipynb could not be executed: cell fails" in said
        )
        assert "ZeroDivisionError: division by zero" in said and said.count("\n") == 1
        assert not (tmp_path / "site").exists()

    def test_a_missing_generator_is_named_with_what_installs_it(self, course, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr(site, "find_spec", lambda module: None if module == "furo" else module)
        assert book(course, tmp_path / "site") == 2
        said = capsys.readouterr().err
        assert "built with furo" in said and "pip install 'convbook[book]'" in said and said.count("\n") == 1

    def test_a_folder_that_is_no_book_is_left_alone(self, course, tmp_path, capsys):
        (tmp_path / "photo.png").write_bytes(b"mine")
        assert book(course, tmp_path) == 2
        assert "something else than a book" in capsys.readouterr().err
        assert (tmp_path / "photo.png").read_bytes() == b"mine"

    def test_hidden_needs_what_is_released(self, course, tmp_path, capsys):
        bare = tmp_path / "course"
        shutil.copytree(course, bare)
        shutil.rmtree(bare / "notebooks" / small_book.UNIT)
        assert book(bare, tmp_path / "site", "1", "--solutions", "hidden") == 2
        assert "run `convbook release` first" in capsys.readouterr().err


class TestKept:
    def test_a_change_of_the_notebook_or_the_library_makes_it_old(self, course, tmp_path, monkeypatch):
        mine = tmp_path / "course"
        shutil.copytree(course, mine, ignore=shutil.ignore_patterns(".convbook"))
        found = open_course(mine)
        path = found.notebook(small_book.UNIT)
        run = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("ran")])
        assert executed.kept(found, path) is None
        assert executed.keep(found, path, run) and executed.kept(found, path).cells[0].source == "ran"
        monkeypatch.setattr(executed, "library", lambda: "another")
        assert executed.kept(found, path) is None
        assert executed.keep(found, path, run)
        assert len(list((mine / ".convbook" / "executed").iterdir())) == 1, "the old one is forgotten"
        path.write_text(path.read_text() + "\n")
        assert executed.kept(found, path) is None

    def test_check_leaves_what_it_executed_to_the_book(self, course, tmp_path, monkeypatch):
        mine = tmp_path / "course"
        shutil.copytree(course, mine, ignore=shutil.ignore_patterns(".convbook"))
        found = open_course(mine)
        ran = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("ran")])
        monkeypatch.setattr(runs, "execute", lambda path, *_, **__: runs.Run(ran, 1.0))
        runs.run_unit(found, small_book.UNIT, 300.0)
        for path in (found.notebook(small_book.UNIT), found.released(small_book.UNIT)):
            assert executed.kept(found, path).cells[0].source == "ran"


def test_an_error_is_folded_behind_its_message(tmp_path):
    raised = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "",
        "traceback": ["Traceback", "\x1b[31mValueError\x1b[0m: "],
    }
    shown = outputs.outputs_html({"outputs": [raised]}, outputs.Figures(tmp_path), lambda *_: None)
    assert "<summary>ValueError</summary>" in shown and "\x1b" not in shown
