// A button that copies the text of the field that it names: <button data-copy="id-of-the-field"
// data-copied="Copied" hidden>. Without scripts the text stands there to be copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  button.after(said);
  button.hidden = false;
  text.addEventListener("focus", () => text.select());
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      await navigator.clipboard.writeText(text.value);
      said.textContent = button.dataset.copied;
    } catch { /* not let: it is marked, and the keys copy it */
      text.focus();
      text.select();
    }
  });
}
