// Wagtail's editor of a text has no name for those who hear it: it takes that of its panel.
(() => {
  const LACKS = "[contenteditable=true]:not([aria-label], [aria-labelledby])";
  const name = () => {
    for (const text of document.querySelectorAll(LACKS)) {
      const panel = text.closest(".w-panel");
      const heading = panel?.querySelector(".w-panel__heading :is(.c-sf-block__type, label, span)");
      const said = heading?.textContent.replace("*", "").trim();
      if (said) text.setAttribute("aria-label", said);
    }
  };
  const begin = () => {
    const form = document.querySelector("[data-edit-form]");
    if (!form) return;
    new MutationObserver(name).observe(form, { childList: true, subtree: true });
    name();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
