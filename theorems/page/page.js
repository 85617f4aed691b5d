"use strict";
// Filter, search, links to claims, copy buttons.  Without this script the page is whole, and everything opens by itself.
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filters"), find = byId("find"), count = byId("count"), said = byId("said");
  const claims = [...document.querySelectorAll("details.claim")];
  const statements = [...document.querySelectorAll("section.statement")];
  const sources = [...document.querySelectorAll("section.source")];

  const wanted = () => ({
    words: find.value.toLowerCase().split(/\s+/).filter(Boolean),
    source: byId("source").value, verdict: byId("verdict").value, kind: byId("kind").value,
  });

  function matches(claim, ask) {
    const data = claim.dataset;
    return (!ask.source || claim.closest(".source").dataset.source === ask.source)
      && (!ask.verdict || data.verdict === ask.verdict) && (!ask.kind || data.kind === ask.kind)
      && ask.words.every((word) => data.find.includes(word));
  }

  function filter() {
    const ask = wanted();
    let shown = 0;
    for (const claim of claims) {
      claim.hidden = !matches(claim, ask);
      shown += claim.hidden ? 0 : 1;
    }
    for (const part of [...statements, ...sources]) part.hidden = !part.querySelector("details.claim:not([hidden])");
    byId("nothing").hidden = shown > 0;
    count.textContent = `${shown} of ${claims.length} claims`;
  }

  function named() {
    try {
      return byId(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null;  // a broken escape names nothing
    }
  }

  // A link to a claim opens it; where the filter hides it, the filter gives way.
  function follow() {
    const target = named();
    if (!target) return;
    if (target.closest("[hidden]") || target.querySelector("details.claim") && !target.querySelector("details.claim:not([hidden])")) {
      form.reset();
      filter();
    }
    if (target.matches("details.claim")) {
      target.open = true;
      target.querySelector("summary").focus({ preventScroll: true });
    }
    target.scrollIntoView({ block: "start" });
  }

  // Opening a claim by hand is a step that "back" undoes.
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("details.claim > summary");
    if (!summary) return;
    const claim = summary.parentElement;
    if (!claim.open && named() !== claim) history.pushState(null, "", "#" + encodeURI(claim.id));
  });

  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(filter, 80); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => { setTimeout(filter); });
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

  for (const place of document.querySelectorAll(".copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${place.dataset.what}: ${place.dataset.copy}`);
    button.addEventListener("click", async () => {
      await copy(place.dataset.copy);
      button.focus();
      button.textContent = "Copied";
      said.textContent = `Copied: ${place.dataset.copy}`;
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    place.append(button);
  }

  document.documentElement.classList.add("js");
  form.hidden = false;
  filter();
  // When the page is there the browser goes to the fragment itself, and takes the focus along: so this comes after it.
  if (document.readyState === "complete") follow();
  else addEventListener("load", () => setTimeout(follow));
})();
