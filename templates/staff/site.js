"use strict";
// Sorts, filters and shortens tables that are whole without it; asks no server and keeps nothing.
document.documentElement.classList.add("starting");
document.addEventListener("DOMContentLoaded", () => {
  const STEP = 200;
  const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
  const keyOf = (cell) => cell.dataset.key ?? cell.textContent.trim();

  class Table {
    constructor(table) {
      this.body = table.tBodies[0];
      this.heads = Array.from(table.tHead.rows[0].cells);
      this.rows = Array.from(this.body.rows);
      this.fits = this.rows;
      this.most = STEP;
      this.more = document.createElement("button");
      this.more.type = "button";
      this.more.className = "more";
      this.more.addEventListener("click", () => {
        this.most += STEP * 5;
        this.show();
      });
      table.parentElement.after(this.more);
      this.heads.forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        button.addEventListener("click", () => this.sort(column));
        head.append(button);
      });
      this.show();
    }

    sort(column) {
      const head = this.heads[column];
      const before = head.getAttribute("aria-sort");
      const descending = before === null ? head.classList.contains("n") : before === "ascending";
      const keys = new Map(this.rows.map((row) => [row, keyOf(row.cells[column])]));
      const numbers = this.rows.every((row) => keys.get(row) === "" || !Number.isNaN(Number(keys.get(row))));
      const way = descending ? -1 : 1;
      this.rows.sort((one, other) => {
        const [a, b] = [keys.get(one), keys.get(other)];
        if (a === "" || b === "") return Number(a === "") - Number(b === "");
        return way * (numbers ? Number(a) - Number(b) : compare(a, b));
      });
      for (const each of this.heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const sorted = document.createDocumentFragment();
      for (const row of this.rows) row.hidden = true;
      sorted.append(...this.rows);
      this.body.append(sorted);
      const fitting = new Set(this.fits);
      this.fits = this.rows.filter((row) => fitting.has(row));
      this.show();
    }

    filter(text, state) {
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      this.words ??= new Map(this.rows.map((row) => [row, row.textContent.toLowerCase()]));
      this.fits = this.rows.filter(
        (row) => (!state || row.dataset.state === state) && wanted.every((word) => this.words.get(row).includes(word)),
      );
      this.most = STEP;
      this.show();
    }

    show() {
      const shown = new Set(this.fits.slice(0, this.most));
      for (const row of this.rows) row.hidden = !shown.has(row);
      this.more.hidden = shown.size === this.fits.length;
      this.more.textContent = `Show more (${this.fits.length - shown.size})`;
    }
  }

  const tables = new Map(Array.from(document.querySelectorAll("table.sortable"), (each) => [each.id, new Table(each)]));

  for (const tools of document.querySelectorAll(".tools[data-table]")) {
    const table = tables.get(tools.dataset.table);
    const [text, state, count] = ["input", "select", "output"].map((name) => tools.querySelector(name));
    const filter = () => {
      if (text.value || state?.value || table.words) table.filter(text.value, state?.value ?? "");
      count.textContent = `${table.fits.length} of ${table.rows.length}`;
    };
    const fromAddress = () => {
      const asked = new URLSearchParams(location.hash.slice(1));
      if (asked.has("q")) text.value = asked.get("q");
      if (state && asked.has("state")) state.value = asked.get("state");
      filter();
    };
    tools.hidden = false;
    text.addEventListener("input", filter);
    if (state) state.addEventListener("change", filter);
    window.addEventListener("hashchange", fromAddress);
    fromAddress();
  }

  const search = document.querySelector("form[data-hosts]");
  search.hidden = false;
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    location.href = `${search.dataset.hosts}#${new URLSearchParams({ q: search.elements.q.value })}`;
  });

  const old = document.querySelector(".old");
  const hours = (Date.now() - Date.parse(old.dataset.made)) / 3600000;
  if (hours >= 24) {
    old.querySelector("b").textContent = hours < 72 ? `${Math.floor(hours)} hours` : `${Math.floor(hours / 24)} days`;
    old.hidden = false;
  }
  document.documentElement.classList.remove("starting");
});
