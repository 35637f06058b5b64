/* What is wrong with the texts of a wall, as a person with a ruler would find it. */
() => {
  const wrong = [], W = innerWidth, H = innerHeight, short = Math.min(W, H);
  const root = getComputedStyle(document.documentElement);
  const least = parseFloat(root.getPropertyValue("--least")) * short / 100;
  const shift = 6;  // the slow shift against burning in
  const shown = element => {
    for (let each = element; each && each.nodeType === 1; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.display === "none" || style.visibility === "hidden" || each.hidden) { return false; }
    }
    return true;
  };
  const within = document.getElementById("party") || document.body;  // it covers the rest
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT), boxes = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement, text = node.textContent.trim();
    if (!text || element.closest("script") || !shown(element)) { continue; }
    const size = parseFloat(getComputedStyle(element).fontSize), told = text.slice(0, 24);
    if (size < least - 0.6) { wrong.push(`small, ${size} < ${least}: ${told}`); }
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const around of range.getClientRects()) {
      if (around.width < 1) { continue; }
      const middle = (around.top + around.bottom) / 2;
      const box = {
        left: around.left, right: around.right,
        top: middle - size * 0.42, bottom: middle + size * 0.42,
      };
      if (box.left < W * 0.05 - shift || box.right > W * 0.95 + shift
          || box.top < H * 0.05 - shift || box.bottom > H * 0.95 + shift) {
        wrong.push(`beyond the margin, ${JSON.stringify(box)}: ${told}`);
      }
      for (const other of boxes) {
        const wide = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const high = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        if (wide > 2 && high > 2) { wrong.push(`overlap: ${told} / ${other.told}`); }
      }
      boxes.push({ ...box, told });
    }
  }
  for (const face of document.querySelectorAll(".face")) {
    if (!shown(face)) { continue; }
    if (face.scrollHeight > face.clientHeight + 1) { wrong.push("the face is too high"); }
    if (face.scrollWidth > face.clientWidth + 1) { wrong.push("the face is too wide"); }
    const value = face.querySelector(".value");
    if (value && parseFloat(getComputedStyle(value).fontSize) < H / 25) { wrong.push("the number is small"); }
    for (const each of face.querySelectorAll("*")) {
      if (!shown(each) || each.closest("svg") || getComputedStyle(each).display === "inline") { continue; }
      if (each.scrollWidth > each.clientWidth + 1) { wrong.push(`cut: ${each.className || each.tagName}`); }
    }
  }
  const page = document.documentElement;
  if (page.scrollHeight > H || page.scrollWidth > W) { wrong.push("the page scrolls"); }
  if (boxes.length < 3) { wrong.push("nothing is there"); }
  return wrong;
}
