/* Shows mail as it comes, without a reload. Without scripts the page works all the same. */

const list = document.querySelector("[data-live]");

async function follow(known) {
  const query = new URLSearchParams({
    to: list.dataset.to, count: known + 1, wait: 50, limit: 0, brief: 1,
  });
  const answer = await fetch(`/api/messages?${query}`);
  const { total } = await answer.json();
  if (total !== known) await renew();
  return total;
}

async function renew() {
  const page = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(page, "text/html");
  const seen = new Set([...document.querySelectorAll("[data-mail]")].map((li) => li.dataset.mail));
  for (const li of fresh.querySelectorAll("[data-mail]")) {
    li.classList.toggle("is-new", !seen.has(li.dataset.mail));
  }
  for (const id of ["mails", "count", "people"]) {
    const [old, now] = [document, fresh].map((where) => where.getElementById(id));
    if (old && now) old.innerHTML = now.innerHTML;
  }
}

async function live() {
  let known = Number(list.dataset.live);
  for (;;) {
    try {
      known = await follow(known);
    } catch {
      await new Promise((later) => setTimeout(later, 5000));
    }
  }
}

if (list) live();

/* A mail is as high as it is: its frame runs no scripts, so the page measures it from outside. */

function fit(frame) {
  const mail = frame.contentDocument?.documentElement;
  if (!mail) return;
  frame.style.blockSize = "0";
  frame.style.blockSize = `${Math.max(mail.scrollHeight, 240)}px`;
}

for (const frame of document.querySelectorAll("iframe")) {
  frame.addEventListener("load", () => fit(frame));
  window.addEventListener("resize", () => fit(frame));
  fit(frame);
}
