// Who publishes while a draft is still being kept by itself waits for that first: two requests at
// once would make the page twice, or find its address taken by its own draft.
const LONGEST_WAIT = 10_000;
const ENDED = ["w-autosave:success", "w-autosave:error"];
const underway = new WeakSet();
const pressed = new WeakMap();

function send(form) {
  if (!pressed.has(form)) return;
  // A button is locked once it is pressed, and what is locked is not sent: its name goes beside it.
  form.append(pressed.get(form));
  pressed.delete(form);
  form.requestSubmit();
}

document.addEventListener("w-autosave:save", (event) => {
  if (!event.defaultPrevented) underway.add(event.target);
});
for (const ended of ENDED) {
  document.addEventListener(ended, ({ target }) => {
    underway.delete(target);
    send(target);
  });
}
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!underway.has(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (pressed.has(form)) return;
    const button = document.createElement("input");
    Object.assign(button, { type: "hidden", name: event.submitter?.name ?? "", value: "1" });
    pressed.set(form, button);
    setTimeout(() => {
      underway.delete(form);
      send(form);
    }, LONGEST_WAIT);
  },
  true,
);
