"""The page in a real browser: Debian's Chromium, headless, driven by Selenium (the extra `browser`).

Skipped where there is none: `apt-get install chromium chromium-driver` and `pip install -e '.[browser]'` bring both.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.page_outline import outline
from theorems.catalogue import CLAIMS, stored
from theorems.claim import Kind
from theorems.page import page
from theorems.report.totals import is_printed

pytest.importorskip("selenium", reason="the extra `browser` is not installed: pip install -e '.[browser]'")
webdriver = pytest.importorskip("selenium.webdriver")
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
Select = pytest.importorskip("selenium.webdriver.support.select").Select
WebDriverWait = pytest.importorskip("selenium.webdriver.support.wait").WebDriverWait
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if BROWSER is None or DRIVER is None:
    pytest.skip("no Chromium: apt-get install chromium chromium-driver", allow_module_level=True)

#: Claims that the tests name.
FALLEN, REPAIR = "zeng-lee/equation-1.5", "zeng-lee/equation-1.5:repaired"
#: A part of the catalogue, since a browser takes its time; all of it is looked at once.
SOME = [c for i, c in enumerate(CLAIMS) if i % 6 == 0 or c.key.startswith(("zeng-lee/equation-1", "zeng-lee/lemma-11"))]
KEYS = list(outline(page(SOME, witnesses={})).claims)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-prefers-reduced-motion",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of some claims, with their counterexamples, as a file."""
    path = tmp_path_factory.mktemp("page") / "some.html"
    path.write_text(page(SOME), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the whole catalogue, with a few of its counterexamples, as a file."""
    files = stored()
    path = tmp_path_factory.mktemp("page") / "whole.html"
    chosen = {key: files[key] for key in [*list(files)[::20], "zeng-lee/theorem-5"]}
    path.write_text(page(CLAIMS, witnesses=chosen), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens the page, at a fragment and in a window of some size; afterwards nothing was complained of."""

    def visit(fragment: str = "", *, page: str = address, width: int = 1100, height: int = 900) -> Any:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get("about:blank")
        browser.get(page + fragment)
        return browser

    browser.get_log("browser")
    yield visit
    assert browser.get_log("browser") == []


def by_id(driver: Any, name: str) -> Any:
    return driver.find_element("id", name)


def shown(driver: Any) -> list[str]:
    """The claims that the filter shows, or would where their readings are opened."""
    keys: list[str] = driver.execute_script(
        "return [...document.querySelectorAll('details.claim')].filter(e => !e.closest('[hidden]')).map(e => e.id)"
    )
    return keys


def until(driver: Any, holds: Callable[[], bool]) -> None:
    WebDriverWait(driver, 20, poll_frequency=0.05).until(lambda _: holds())


def focused(driver: Any) -> str:
    """The id of the claim whose summary has the focus."""
    name: str = driver.execute_script("return document.activeElement.closest('details.claim')?.id ?? ''")
    return name


def test_the_filters_show_what_they_say(opened: Callable[..., Any]) -> None:
    driver = opened()
    assert shown(driver) == KEYS
    Select(by_id(driver, "verdict")).select_by_value("false")
    fallen = {claim.key for claim in SOME if claim.kind is Kind.FALSE}
    refuted = [key for key in KEYS if key in fallen]
    until(driver, lambda: by_id(driver, "count").text == f"{len(refuted)} of {len(SOME)} claims")
    assert shown(driver) == refuted
    Select(by_id(driver, "source")).select_by_value("textbook")
    Select(by_id(driver, "kind")).select_by_value("printed")
    left = [key for key in refuted if key.startswith("textbook/") and ":" not in key]
    until(driver, lambda: by_id(driver, "count").text.startswith(f"{len(left)} of "))
    assert shown(driver) == left
    heads = driver.execute_script(
        "return [...document.querySelectorAll('.statement > h3')].filter(e => e.checkVisibility()).length"
    )
    assert 0 < heads <= len(left)
    driver.find_element("css selector", "button[type=reset]").click()
    until(driver, lambda: len(shown(driver)) == len(SOME))


def test_the_search_reads_keys_and_statements(opened: Callable[..., Any]) -> None:
    driver = opened()
    box = by_id(driver, "find")
    box.send_keys("Lemma-11. identity")
    wanted = [c.key for c in SOME if "lemma-11." in c.key and "identity" in (c.key + c.summary).lower()]
    until(driver, lambda: set(shown(driver)) >= set(wanted) and len(shown(driver)) < len(SOME))
    words = "const e = document.getElementById(arguments[0]); return e.id + e.querySelector('.says').textContent"
    assert all("identity" in driver.execute_script(words, key).lower() for key in shown(driver))
    box.clear()
    box.send_keys("no claim says this")
    until(driver, lambda: shown(driver) == [])
    assert by_id(driver, "nothing").is_displayed()
    assert by_id(driver, "count").text == f"0 of {len(SOME)} claims"
    assert by_id(driver, "count").get_attribute("aria-live") == "polite"


def test_a_claim_opens_by_keyboard_and_back_leads_back(opened: Callable[..., Any]) -> None:
    driver = opened()
    claim = by_id(driver, FALLEN)
    summary = claim.find_element("css selector", "summary")
    driver.execute_script("arguments[0].focus()", summary)
    summary.send_keys(Keys.ENTER)
    until(driver, lambda: claim.get_attribute("open") is not None)
    assert driver.execute_script("return decodeURIComponent(location.hash)") == f"#{FALLEN}"
    outline = driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", summary)
    assert outline != "none"
    text = claim.text
    assert "left side" in text
    assert f"theorems verify {FALLEN}" in text
    assert "What stands instead" in text
    repair = claim.find_element("css selector", f'a[href="#{REPAIR}"]')
    repair.send_keys(Keys.ENTER)
    until(driver, lambda: by_id(driver, REPAIR).get_attribute("open") is not None and focused(driver) == REPAIR)
    driver.back()
    until(driver, lambda: focused(driver) == FALLEN)
    driver.forward()
    until(driver, lambda: focused(driver) == REPAIR)


def test_a_fragment_opens_a_claim_or_shows_a_statement(opened: Callable[..., Any]) -> None:
    driver = opened(f"#{FALLEN}")
    until(driver, lambda: by_id(driver, FALLEN).get_attribute("open") is not None and focused(driver) == FALLEN)
    box = by_id(driver, "find")
    box.send_keys("no claim says this")
    until(driver, lambda: shown(driver) == [])
    driver.execute_script("location.hash = '#zeng-lee/lemma-11'")  # the filter gives way to a link
    until(driver, lambda: len(shown(driver)) == len(SOME))
    top = "return document.getElementById('zeng-lee/lemma-11').getBoundingClientRect().top"
    until(driver, lambda: 0 <= driver.execute_script(top) < 400)
    opened("#nothing/of-the-kind%E0%A4%A")  # a broken fragment is no error


def test_a_number_of_the_head_is_a_filter(opened: Callable[..., Any]) -> None:
    driver = opened()
    driver.find_element("css selector", ".numbers a[data-ask=false]").click()
    fallen = {claim.key for claim in SOME if claim.kind is Kind.FALSE and is_printed(claim.key)}
    until(driver, lambda: set(shown(driver)) == fallen)
    assert by_id(driver, "count").text == f"{len(fallen)} of {len(SOME)} claims"
    dimmed = "return [...document.querySelectorAll('.map a')].every(e => e.classList.contains('dim') !== "
    assert driver.execute_script(dimmed + "e.dataset.v.split(' ').includes('false'))")
    opened("#?gap")  # a link to a filter
    until(driver, lambda: set(shown(driver)) == {claim.key for claim in SOME if claim.kind is Kind.GAP})


def test_the_map_leads_to_a_claim_by_keyboard(opened: Callable[..., Any]) -> None:
    driver = opened()
    cell = driver.find_element("css selector", f'.map a[href="#{FALLEN}"]')
    assert cell.get_attribute("aria-label") == "Equation (1), line 5: false, repaired"
    cell.send_keys(Keys.ENTER)
    until(driver, lambda: by_id(driver, FALLEN).get_attribute("open") is not None and focused(driver) == FALLEN)


THEOREM, MENDED = "zeng-lee/theorem-5", "zeng-lee/theorem-5:repaired"


def in_view(driver: Any, element: Any) -> bool:
    """Whether an element is on the screen as it is scrolled, its first line at least, and under nothing else."""
    return bool(
        driver.execute_script(
            "const {left, top} = arguments[0].getBoundingClientRect(), [x, y] = [left + 3, top + 4];"
            "return y < innerHeight && arguments[0].contains(document.elementFromPoint(x, y))",
            element,
        )
    )


@pytest.mark.parametrize("width", [1300, 390])
def test_a_new_reader_with_a_mouse_or_a_finger(opened: Callable[..., Any], whole: str, width: int) -> None:
    """Theorem 5's verdict is on the first screen; one step shows why and what stands, the next on what it rests."""
    driver = opened(page=whole, width=width, height=1000)
    link = driver.find_element("css selector", f"article a[href='#{THEOREM}']")
    assert in_view(driver, link)
    assert "false" in link.find_element("xpath", "./..").text
    link.click()
    claim = by_id(driver, THEOREM)
    until(driver, lambda: claim.get_attribute("open") is not None and in_view(driver, claim))
    heads = {head.text: head for head in claim.find_elements("css selector", "h5")}
    assert list(heads) == ["Counterexample", "What stands instead", "On what it rests"]
    until(driver, lambda: in_view(driver, heads["Counterexample"]))
    assert in_view(driver, claim.find_element("xpath", "ancestor::section[1]/h3"))  # which statement it is
    sides = claim.find_element("css selector", ".sides").text
    assert all(words in sides for words in ("floor for every choice", "best value found", "bound", "apart by"))
    pair = claim.find_element("css selector", ".pair").text
    assert "stands, sampled" in pair
    assert "sampled only: " in pair
    claim.find_element("css selector", f".pair a[href='#{MENDED}']").click()
    repair = by_id(driver, MENDED)
    until(driver, lambda: repair.get_attribute("open") is not None and in_view(driver, repair))
    assert "On what it rests" in repair.text
    assert "false variants" in repair.text


def tab_to(driver: Any, selector: str, most: int) -> None:
    """Press Tab, at most so many times, until the focus is on what is wanted."""
    for _ in range(most):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        if driver.execute_script("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"{most} times Tab do not lead to {selector}")


def test_a_new_reader_by_keyboard_alone(opened: Callable[..., Any], whole: str) -> None:
    driver = opened(page=whole, width=1300, height=1000)
    tab_to(driver, f"article a[href='#{THEOREM}']", 15)
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(driver, lambda: focused(driver) == THEOREM and by_id(driver, THEOREM).get_attribute("open") is not None)
    tab_to(driver, f"a[href='#{MENDED}']", 6)
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(driver, lambda: focused(driver) == MENDED and by_id(driver, MENDED).get_attribute("open") is not None)


def read_aloud(driver: Any) -> list[tuple[str, str]]:
    """Role and name of what a screen reader reads, in its order."""
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    by_number = {node["nodeId"]: node for node in nodes}
    told, ahead = [], [nodes[0]]
    while ahead:
        node = ahead.pop()
        ahead += [by_number[number] for number in reversed(node.get("childIds", ())) if number in by_number]
        if not node["ignored"]:
            told.append((node["role"]["value"], node.get("name", {}).get("value", "").strip()))
    return told


def test_a_new_reader_by_the_outline_of_a_screen_reader(opened: Callable[..., Any], whole: str) -> None:
    driver = opened(page=whole, width=1300, height=1000)
    told = read_aloud(driver)
    heads = [name for role, name in told if role == "heading"]
    assert heads[0] == "The theorem checker"
    assert [name.split()[-1] for name in heads[1:3]] == ["stand", "fall"]
    assert heads[3] == "Findings"
    assert heads[4].split() == ["Theorem", "5", "false"]
    assert {"banner", "main", "navigation", "contentinfo"} <= {role for role, _ in told}
    named = ("link", "button", "searchbox", "combobox", "img", "image")
    assert [row for row in told if row[0] in named and not row[1]] == []
    driver.execute_script("location.hash = arguments[0]", f"#{THEOREM}")
    until(driver, lambda: focused(driver) == THEOREM)
    heads = [name for role, name in read_aloud(driver) if role == "heading"]
    (start,) = [i for i, name in enumerate(heads) if name == "Counterexample"]
    assert heads[start - 1 : start + 3] == ["As meant", "Counterexample", "What stands instead", "On what it rests"]
    assert heads[start - 2].startswith("Theorem 5")


def test_readings_are_folded(opened: Callable[..., Any]) -> None:
    driver = opened()
    assert not by_id(driver, REPAIR).is_displayed()
    driver.execute_script("location.hash = arguments[0]", f"#{REPAIR}")
    until(driver, lambda: by_id(driver, REPAIR).is_displayed() and focused(driver) == REPAIR)


def test_a_command_is_copied(opened: Callable[..., Any]) -> None:
    driver = opened(f"#{FALLEN}")
    grant = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    button = by_id(driver, FALLEN).find_element("css selector", ".copy button")
    assert button.get_attribute("aria-label") == f"Copy the command: theorems verify {FALLEN}"
    button.click()
    until(driver, lambda: button.text == "Copied")
    assert by_id(driver, "said").get_attribute("textContent") == f"Copied: theorems verify {FALLEN}"


def test_nothing_is_wider_than_a_phone(opened: Callable[..., Any], whole: str) -> None:
    driver = opened(page=whole, width=360, height=780)
    driver.execute_script("for (const box of document.querySelectorAll('details')) box.open = true")
    assert driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    wide = driver.execute_script(
        "const edge = document.documentElement.clientWidth + 1;"
        "return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > edge"
        " && !e.closest('.scroll, .display, .long, .hidden, .skip')).slice(0, 5).map(e => e.outerHTML.slice(0, 200))"
    )
    assert wide == []


def test_every_control_has_a_name_and_headings_are_in_order(opened: Callable[..., Any]) -> None:
    driver = opened(f"#{FALLEN}")
    nameless = driver.execute_script(
        "return [...document.querySelectorAll('button, input, select, a, summary, [tabindex=\"0\"], [role=img]')]"
        ".filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim()))"
        ".map(e => e.outerHTML.slice(0, 200))"
    )
    assert nameless == []
    levels = driver.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4,h5')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    landmarks = "return document.querySelectorAll('main, header, footer, form[role=search]').length"
    assert driver.execute_script(landmarks) == 4
    assert driver.execute_script("return document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(opened: Callable[..., Any], scheme: str) -> None:
    """At least 4.5 to 1 for all text of an open claim (WCAG 2.2, 1.4.3)."""
    driver = opened()
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    found = driver.execute_script(
        """
        const light = (text) => {
          const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => +v / 255)
            .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const paper = light(getComputedStyle(document.body).backgroundColor);
        document.getElementById(arguments[0]).open = true;
        const within = ["header", "#filters", ".meanings", "article", ".map", "#" + CSS.escape(arguments[0])];
        return [...document.querySelectorAll(within.map((part) => part + " *").join(", "))]
          .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
          .map((e) => [light(getComputedStyle(e).color), e.outerHTML.slice(0, 120)])
          .filter(([ink]) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < 4.5);
        """,
        FALLEN,
    )
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert found == []


def test_print_shows_everything(opened: Callable[..., Any], tmp_path: Path) -> None:
    driver = opened()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = (
        "return [...document.querySelectorAll('details.claim .body')].filter(e => !e.checkVisibility("
        "{contentVisibilityAuto: true})).length"
    )
    WebDriverWait(driver, 20).until(lambda driver: driver.execute_script(hidden) == 0)  # what is far below comes later
    form = driver.execute_script("return document.getElementById('filters').checkVisibility()")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert not form


def test_without_script_all_is_there(browser: Any, address: str) -> None:
    """The page stands without its script: no dead controls, and the browser itself opens what a link names."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get("about:blank")
        browser.get(f"{address}#{FALLEN}")
        assert not by_id(browser, "filters").is_displayed()
        browser.get("about:blank")
        browser.get(f"{address}#{REPAIR}")  # among readings that are folded
        assert by_id(browser, REPAIR).is_displayed()
        assert by_id(browser, FALLEN).find_elements("css selector", ".copy button") == []
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
