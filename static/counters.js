// Counts the characters of a line while it is typed, and says when an inbox would cut it.
(() => {
  const begin = (input) => {
    const { counts, least, most } = input.dataset;
    const said = document.createElement("p");
    said.className = "help counted";
    said.setAttribute("role", "status");
    input.after(said);
    const count = () => {
      const n = [...input.value.trim()].length;
      said.textContent = counts.replace("{n}", n).replace("{least}", least).replace("{most}", most);
      said.classList.toggle("lacks", n < Number(least) || n > Number(most));
    };
    input.addEventListener("input", count);
    count();
  };
  const all = () => document.querySelectorAll("input[data-counts]").forEach(begin);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
