"use strict";
// Filter, search, links to claims, copy buttons.  Without this script the page is whole, and everything opens by itself.
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filters"), find = byId("find"), count = byId("count"), said = byId("said");
  const claims = [...document.querySelectorAll("details.claim")];
  const boxes = [...document.querySelectorAll("details.readings")];
  const statements = [...document.querySelectorAll("section.statement")];
  const sources = [...document.querySelectorAll("section.source")];
  const cells = [...document.querySelectorAll(".map a")];
  const groups = { stands: ["every", "named", "sampled"], falls: ["false", "gap", "misprint", "refuted"] };

  const fits = (verdicts, ask) => !ask || verdicts.some((one) => one === ask || groups[ask]?.includes(one));

  const wanted = () => ({
    words: find.value.toLowerCase().split(/\s+/).filter(Boolean),
    source: byId("source").value, verdict: byId("verdict").value, kind: byId("kind").value,
  });

  function matches(claim, ask) {
    const kind = claim.classList.contains("r") ? "reading" : "printed";
    const verdict = [...claim.classList].find((name) => name.startsWith("v-")).slice(2);
    const right = ask.verdict === "changed" ? claim.classList.contains("c") : fits([verdict], ask.verdict);
    if (!right || ask.kind && ask.kind !== kind) return false;
    if (ask.source && claim.closest(".source").dataset.source !== ask.source) return false;
    if (!ask.words.length) return true;
    const text = textOf(claim);
    return ask.words.every((word) => text.includes(word));
  }

  // What the search reads: the key, the label and the statement, Greek letters by their names as well.
  const greek = { Σ: "sigma", σ: "sigma", Δ: "delta", η: "eta", β: "beta", λ: "lambda", α: "alpha", τ: "tau" };
  const texts = new Map();
  function textOf(claim) {
    if (!texts.has(claim)) {
      const says = claim.querySelector(".says").textContent;
      const names = [...says].map((letter) => greek[letter] ?? "").join(" ");
      const text = `${claim.id} ${claim.closest(".statement").querySelector("h3").textContent} ${says} ${names}`;
      texts.set(claim, text.toLowerCase());
    }
    return texts.get(claim);
  }

  function filter() {
    const ask = wanted();
    const asks = ask.words.length > 0 || ask.source || ask.verdict || ask.kind;
    let shown = 0;
    for (const claim of claims) {
      claim.hidden = !matches(claim, ask);
      shown += claim.hidden ? 0 : 1;
    }
    const alive = (part) => part.querySelector("details.claim:not([hidden])") !== null;
    for (const box of boxes) {
      box.hidden = !alive(box);
      if (asks) box.open = !box.hidden;
      else if (!box.querySelector("details.claim[open]")) box.open = false;
    }
    for (const part of [...statements, ...sources]) part.hidden = !alive(part);
    dim(ask.verdict);
    byId("nothing").hidden = shown > 0;
    count.textContent = `${shown} of ${claims.length} claims`;
  }

  // The map shows where the claims are that are asked for.
  function dim(ask) {
    for (const cell of cells)
      cell.classList.toggle("dim", ask === "changed" ? !cell.classList.contains("c") : !fits(cell.dataset.v.split(" "), ask));
  }

  function named() {
    try {
      return byId(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null;  // a broken escape names nothing
    }
  }

  function open(target) {
    for (let box = target.parentElement?.closest("details"); box; box = box.parentElement?.closest("details")) box.open = true;
    if (target.matches("details")) target.open = true;
  }

  // A link to a claim opens it; where the filter hides it, the filter gives way.  "#?verdict" is a filter.
  function follow() {
    if (form && location.hash.startsWith("#?")) {
      const [verdict, kind] = location.hash.slice(2).split("&");
      byId("verdict").value = verdict;
      byId("kind").value = kind ?? "";
      filter();
      byId("main").scrollIntoView({ block: "start" });
      byId("verdict").focus({ preventScroll: true });
      return;
    }
    const target = named();
    if (!target) return;
    if (form && (target.closest("[hidden]") || target.querySelector("details.claim") && !target.querySelector("details.claim:not([hidden])"))) {
      form.reset();
      filter();
    }
    open(target);
    if (target.matches("details.claim")) target.querySelector("summary").focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
  }

  // Opening a claim by hand is a step that "back" undoes; a number of the head asks for its claims.
  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-ask]");
    if (asked) {
      event.preventDefault();
      if (form) location.hash = `?${asked.dataset.ask}${asked.closest(".numbers") ? "&printed" : ""}`;
      else dim(asked.dataset.ask);
      return;
    }
    const summary = event.target.closest("details.claim > summary");
    if (!summary) return;
    const claim = summary.parentElement;
    if (!claim.open && named() !== claim) history.pushState(null, "", "#" + encodeURI(claim.id));
  });

  addEventListener("hashchange", follow);
  addEventListener("popstate", follow);
  addEventListener("beforeprint", () => { for (const box of document.querySelectorAll("details")) box.open = true; });

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  // A claim gets its button when it is opened.
  document.addEventListener("toggle", (event) => {
    const place = event.target.open ? event.target.querySelector(":scope > .body > .copy") : null;
    if (!place || place.querySelector("button")) return;
    const text = place.textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy the command: ${text}`);
    button.addEventListener("click", async () => {
      await copy(text);
      button.focus();
      button.textContent = "Copied";
      said.textContent = `Copied: ${text}`;
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    place.append(" ", button);
  }, true);

  for (const cell of cells) cell.title = cell.getAttribute("aria-label");
  document.documentElement.classList.add("js");
  if (form) {
    let timer = 0;
    const soon = () => { clearTimeout(timer); timer = setTimeout(filter, 80); };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => { setTimeout(filter); });
    form.hidden = false;
    if (find.value || byId("source").value || byId("verdict").value || byId("kind").value) filter();
  } else if (statements.length) {
    for (const claim of claims) claim.open = !claim.closest("details.readings");
  }
  // When the page is there the browser goes to the fragment itself, and takes the focus along: so this comes after it.
  if (document.readyState === "complete") follow();
  else addEventListener("load", () => setTimeout(follow));
})();
