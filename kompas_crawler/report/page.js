// Draws the report's figures in the reader's language and at the width of the reader's screen.
"use strict";
(() => {
  const given = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const NARROW = 560; // pixels; below it a chart's drawing for phones is taken
  const widths = new WeakMap();

  function described(name, width) {
    const view = width < NARROW ? `phone-${root.lang}` : root.lang;
    const spec = structuredClone(given.charts[name][view]);
    const { height, ratio, side } = spec.usermeta;
    spec.width = width;
    spec.height = height ?? Math.round((width - side) * ratio);
    spec.datasets = given.data;
    return spec;
  }

  async function draw(place) {
    const width = Math.floor(place.clientWidth);
    if (!width) return;
    widths.set(place, width);
    await vegaEmbed(place, described(place.dataset.chart, width), {
      actions: false,
      ast: true, // the page's policy forbids making code of text
      renderer: "svg",
      formatLocale: given.numbers[root.lang],
      timeFormatLocale: given.times[root.lang],
      tooltip: { theme: "report", disableDefaultStyle: true },
    });
  }

  const places = [...document.querySelectorAll("[data-chart]")];

  // One drawing after the other: an older one must not end up on top of a newer one.
  let drawn = Promise.resolve();

  function drawAll(which = places) {
    document.title = given.titles[root.lang];
    drawn = drawn.then(async () => {
      const language = root.lang;
      await Promise.all(which.map(draw));
      root.dataset.drawn = language;
    });
  }

  // A browser may refuse to remember anything of a page that lies on the disk.
  const memory = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(name, value); } catch { /* then it is forgotten */ } },
  };

  function chosen(name, act) {
    for (const input of document.querySelectorAll(`input[name=${name}]`)) {
      input.addEventListener("change", () => act(input.value));
    }
  }

  chosen("language", (language) => {
    root.lang = language;
    drawAll();
  });

  chosen("scheme", (scheme) => {
    root.dataset.scheme = scheme;
    memory.set("kompas-report-scheme", scheme);
  });

  const remembered = document.querySelector(
    `input[name=scheme][value="${CSS.escape(memory.get("kompas-report-scheme") ?? "auto")}"]`);
  if (remembered) {
    remembered.checked = true;
    root.dataset.scheme = remembered.value;
  }

  // A table goes to the clipboard as a spreadsheet takes it: numbers without points or commas.
  function asLines(table) {
    const cell = (each) => each.dataset.n ?? each.innerText.trim();
    return [...table.rows].map((row) => [...row.cells].map(cell).join("\t")).join("\n");
  }

  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const table = button.nextElementSibling.querySelector("table");
      try {
        await navigator.clipboard.writeText(asLines(table));
        button.textContent = given.copied[root.lang];
      } catch { // then the reader's own keys copy it
        getSelection().selectAllChildren(table);
      }
    });
  }

  for (const button of document.querySelectorAll("[data-all]")) {
    button.addEventListener("click", () => {
      for (const each of document.querySelectorAll(`#${button.dataset.all} .change`)) each.open = true;
    });
  }

  // A link to a difference opens it.
  function openLinked() {
    const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (linked?.matches("details")) linked.open = true;
  }
  addEventListener("hashchange", openLinked);
  openLinked();

  // Paper has another width.
  addEventListener("beforeprint", () => drawAll());

  let waiting;
  new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      drawAll(places.filter((place) => widths.get(place) !== Math.floor(place.clientWidth)));
    }, 150);
  }).observe(document.body);

  drawAll();
})();
