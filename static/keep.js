// What was typed survives a lost line: kept on this device until the answer has been saved.
(() => {
  const name = (key) => `kept ${key}`;
  const saved = document.querySelector("[data-kept]");
  if (saved) localStorage.removeItem(name(saved.dataset.kept));
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const key = name(form.dataset.keep);
  const fields = () => [...form.elements].filter((one) => one.name && one.type !== "hidden");
  form.addEventListener("input", () => {
    const typed = fields().map((one) => [one.name, one.value, one.checked]);
    localStorage.setItem(key, JSON.stringify(typed));
  });
  const ticks = (one) => one.type === "radio" || one.type === "checkbox";
  const answered = new URLSearchParams(location.search).has("answer");
  const first = form.querySelector(".first input")?.name;
  for (const [field, value, checked] of JSON.parse(localStorage.getItem(key) ?? "[]")) {
    // The answer just tapped in the mail is newer than the one that was kept.
    if (answered && field === first) continue;
    for (const one of fields().filter((one) => one.name === field)) {
      if (!ticks(one)) one.value ||= value;
      else if (one.value === value) one.checked = checked;
    }
  }
})();
