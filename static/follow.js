// What moves on a page follows by itself: its parts are asked for anew until nothing moves.
(() => {
  const root = document.documentElement;
  const SOON = 2000, SLOWEST = 30000; // milliseconds
  const moves = (page) => page.querySelector("[data-moves]") !== null;
  const pause = (time) => new Promise((go) => setTimeout(go, time));
  const inSight = () => new Promise((go) => {
    if (!document.hidden) return go();
    document.addEventListener("visibilitychange", go, { once: true });
  });

  // Puts each part that changed in its place, and the keyboard back where it was.
  const put = (page) => {
    let changed = false;
    for (const part of document.querySelectorAll("[data-part]")) {
      const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!fresh || fresh.innerHTML === part.innerHTML) continue;
      const held = part.contains(document.activeElement) && document.activeElement.id;
      part.innerHTML = fresh.innerHTML;
      if (held) document.getElementById(held)?.focus({ preventScroll: true });
      changed = true;
    }
    return changed;
  };

  const follow = async () => {
    const address = new URL(location.href);
    address.searchParams.set("parts", "");
    let wait = SOON;
    while (moves(document)) {
      await pause(wait);
      await inSight();
      let changed = false;
      try {
        const answer = await fetch(address, { cache: "no-store" });
        if (answer.redirected || answer.status === 403 || answer.status === 404) break;
        if (answer.ok) changed = put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch { /* the line is down: the next try may get through */ }
      wait = changed ? SOON : Math.min(wait * 1.3, SLOWEST);
    }
    root.classList.remove("follows");
  };

  if (moves(document)) {
    root.classList.add("follows");
    follow();
  }
})();
