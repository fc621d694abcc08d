"""What an eye would stumble over on an open page, found by measuring.

In: an open page. Out: a list of faults, empty where nothing runs out, overlaps, is cut or broken.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

FAULTS = """async () => {
  const faults = [], say = (what, one) => faults.push([what, one.outerHTML.slice(0, 90)])
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide > 0) faults.push(['wider than the screen', wide])

  for (const picture of document.images) {
    picture.loading = 'eager'
    await picture.decode().catch(() => {})
    if (!picture.naturalWidth) say('broken picture', picture)
  }
  await document.fonts.ready

  const shown = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
  for (const one of document.querySelectorAll('body *')) {
    const style = getComputedStyle(one)
    if (!shown(one) || style.display === 'inline' || one.closest('svg, [hidden]')) continue
    const cuts = style.overflowX !== 'visible' || one.matches('select, input')
    // A text that was typed may be longer than its field; a choice and a button may not.
    const typed = one.matches('input:not([type=submit], [type=button]), textarea')
    if (cuts && !typed && one.scrollWidth > one.clientWidth + 1) say('cut at its side', one)
    if (cuts && !typed && one.scrollHeight > one.clientHeight + 2 && style.overflowY === 'hidden') {
      say('cut below', one)
    }
  }

  // Where each line of text stands, with the block it belongs to.
  const lines = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text; (text = walker.nextNode());) {
    const holder = text.parentElement
    const silent = holder.closest('svg, script, style, .skip, select, textarea, datalist')
    if (!text.data.trim() || silent || !shown(holder)) continue
    let block = holder
    while (getComputedStyle(block).display.startsWith('inline')) block = block.parentElement
    const range = document.createRange()
    range.selectNodeContents(text)
    for (const box of range.getClientRects()) {
      if (box.width < 1) continue
      if (box.right > innerWidth + 1 || box.left < -1) say('text outside of the screen', holder)
      const room = block.getBoundingClientRect()
      const out = box.right > room.right + 2 || box.left < room.left - 2
      if (out) say('text outside of its box', holder)
      lines.push({ box, block, holder })
    }
  }
  for (const [number, one] of lines.entries()) {
    for (const other of lines.slice(number + 1)) {
      if (one.block === other.block) continue
      const a = one.box, b = other.box, low = Math.min(a.height, b.height)
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (across > 3 && down > low * 0.4) say('one text over another', one.holder)
    }
  }
  return faults
}"""
TURNED = """() => {
  const rightToLeft = document.documentElement.dir === 'rtl'
  const title = document.querySelector('h1'), main = document.querySelector('main')
  const range = document.createRange()
  range.selectNodeContents(title)
  const text = range.getBoundingClientRect(), box = title.getBoundingClientRect()
  const name = document.querySelector('.masthead .name').getBoundingClientRect()
  const start = rightToLeft ? box.right - text.right : text.left - box.left
  const centred = getComputedStyle(title).textAlign === 'center'
  const nameFromStart = rightToLeft ? innerWidth - name.right : name.left
  return {
    direction: getComputedStyle(main).direction,
    titleAtItsStart: centred || Math.abs(start) < 12,
    nameAtItsStart: nameFromStart < innerWidth / 3,
  }
}"""


def stumbles(page: Page) -> list[Any]:
    """Everything that runs out, overlaps, is cut or broken."""
    return list(page.evaluate(FAULTS))


def turned_wrong(page: Page, language: str) -> list[Any]:
    """Which of title, name and text do not begin where this language does."""
    found = page.evaluate(TURNED)
    meant = {
        "direction": "rtl" if language == "ar" else "ltr",
        "titleAtItsStart": True,
        "nameAtItsStart": True,
    }
    return [(name, found[name]) for name, value in meant.items() if found[name] != value]
