// A new short translation begins in the first language that has none yet; the page's own is no
// choice. The language of the page stands at its title.
document.addEventListener("w-formset:added", () => {
  // A row that was deleted stays in the form, out of sight, until it is sent.
  const stays = ({ name }) =>
    document.querySelector(`[name="${name.replace(/language$/, "DELETE")}"]`)?.value !== "1";
  const rows = document.querySelectorAll("select[name^=short_translations-][name$=-language]");
  const all = [...rows].filter(stays);
  const own = document.getElementById("id_title")?.lang;
  const taken = new Set([own, ...all.map((one) => one.value)]);
  for (const select of all) {
    for (const option of [...select.options]) {
      if (own && option.value === own && !option.selected) option.remove();
    }
    if (select.value) continue;
    const free = [...select.options].find((one) => one.value && !taken.has(one.value));
    if (!free) continue;
    select.value = free.value;
    taken.add(free.value);
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
