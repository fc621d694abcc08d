// How many a mailing would go to, asked anew while boxes are ticked.
(() => {
  const form = document.querySelector("form[data-count-at]");
  const shown = document.getElementById("count");
  if (!form || !shown) return;
  let waiting, asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const chosen = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (name !== "csrfmiddlewaretoken") chosen.append(name, value);
    }
    chosen.set("count", "");
    chosen.set("parts", "");
    try {
      const answer = await fetch(`${form.dataset.countAt}?${chosen}`, { cache: "no-store" });
      if (answer.ok && !answer.redirected && mine === asked) shown.innerHTML = await answer.text();
    } catch { /* the button asks the same */ }
  };
  form.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
})();
