// Many boxes to tick: a line to type in leaves those that fit (ticked ones always stay), Enter ticks
// the only one left; and a note is said about some of those that are ticked. The page holds the words.
(() => {
  const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

  const find = (all) => {
    const ones = [...all.querySelectorAll(".one")];
    const line = document.createElement("input");
    const said = document.createElement("p");
    Object.assign(line, { type: "search", autocomplete: "off", placeholder: all.dataset.find });
    line.setAttribute("aria-label", all.dataset.find);
    // Two of them on a page are told apart by the heading each stands below.
    const panel = all.closest("[aria-labelledby]");
    if (panel) line.setAttribute("aria-describedby", panel.getAttribute("aria-labelledby"));
    said.className = "left";
    said.setAttribute("role", "status");
    // Where a word begins so; where none does, what holds the letters anywhere.
    const fitting = () => {
      const typed = plain(line.value.trim()).replace(/[’'-]/g, " ");
      const name = (one) => ` ${plain(one.textContent.trim()).replace(/[’'-]/g, " ")}`;
      const begun = ones.filter((one) => name(one).includes(` ${typed}`));
      return new Set(begun.length ? begun : ones.filter((one) => name(one).includes(typed)));
    };
    const narrow = () => {
      const found = fitting();
      for (const one of ones) one.hidden = !found.has(one) && !one.querySelector("input").checked;
      for (const group of all.querySelectorAll(".group")) {
        group.hidden = !group.querySelector(".one:not([hidden])");
      }
      const { left } = all.dataset;
      said.textContent = line.value.trim()
        ? left.replace("{n}", found.size).replace("{all}", ones.length)
        : "";
    };
    line.addEventListener("input", (event) => {
      event.stopPropagation();
      narrow();
    });
    // What is typed here is no part of the page: it neither counts as a change nor sends the form.
    for (const kind of ["change", "keyup"]) line.addEventListener(kind, (e) => e.stopPropagation());
    line.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const left = [...fitting()];
      if (left.length !== 1) return;
      left[0].querySelector("input").click();
      line.value = "";
      narrow();
    });
    all.prepend(line, said);
  };

  const tell = (all) => {
    const note = all.querySelector(".note");
    if (!note) return;
    const values = new Set(note.dataset.values.split(" "));
    const way = note.querySelector("a");
    const look = () => {
      const ticked = [...all.querySelectorAll("input:checked")].filter((it) => values.has(it.value));
      const names = ticked.map((it) => it.closest(".one").textContent.trim());
      const list = new Intl.ListFormat(document.documentElement.lang || "en").format(names);
      note.querySelector("span").textContent = names.length
        ? note.dataset.text.replace("{name}", list)
        : "";
      if (way) way.hidden = !names.length;
    };
    all.addEventListener("change", look);
    look();
  };

  const begin = () => {
    for (const all of document.querySelectorAll("[data-ticks]")) {
      if (all.querySelectorAll(".one").length > 12) find(all);
      tell(all);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
