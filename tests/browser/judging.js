// What judging.py asks of a page. Each function is called by itself, in the page as it stands.

const PRESSED = "a[href], button, input:not([type=hidden]), select, textarea, summary";

function path(node) {
  if (node.id) return `#${node.id}`;
  const parts = [];
  for (let at = node; at && at !== document.body; at = at.parentElement) {
    const twins = at.parentElement ? [...at.parentElement.children] : [at];
    parts.unshift(`${at.localName}:${twins.indexOf(at) + 1}`);
    if (at.parentElement?.id) {
      parts.unshift(`#${at.parentElement.id}`);
      break;
    }
  }
  const said = (node.innerText || node.name || "").trim().slice(0, 40).replace(/\s+/g, " ");
  return parts.join(">") + (said ? ` "${said}"` : "");
}

function every(selector, when) {
  return [...document.body.querySelectorAll(selector)].filter(when);
}

function shown(node) {
  return node.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && node.getClientRects().length > 0;
}

// Text for screen readers only is clipped away, and no eye misses it.
function clipped(node) {
  return getComputedStyle(node).clipPath !== "none";
}

function pressed(node) {
  return shown(node) && !clipped(node) && node.tabIndex >= 0;
}

async function axeFinds(tags) {
  const result = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    resultTypes: ["violations"],
  });
  return result.violations.flatMap((each) => each.nodes.map((node) => {
    const why = node.failureSummary.replace(/\s+/g, " ").slice(0, 200);
    return `${each.id}: ${node.target.join(" ")} ${why}`;
  }));
}

function wider() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = every("*", (node) => {
    const box = node.getBoundingClientRect();
    return box.width && box.right > clientWidth + 0.5 && !clipped(node);
  });
  const outer = wide.filter((node) => !wide.includes(node.parentElement));
  return outer.length ? outer.map(path) : ["the page"];
}

function cutOff() {
  return every("*", (node) => {
    if (!shown(node) || clipped(node) || node.matches(PRESSED)) return false;
    const style = getComputedStyle(node);
    const hides = [style.overflowX, style.overflowY].some((is) => ["hidden", "clip"].includes(is));
    const more = node.scrollWidth > node.clientWidth + 1
      || node.scrollHeight > node.clientHeight + 1;
    return hides && more && style.textOverflow !== "ellipsis";
  }).map(path);
}

function small(short) {
  const fits = (node) => {
    const box = node.getBoundingClientRect();
    return box.width >= short && box.height >= short;
  };
  return every(PRESSED, (node) => {
    const inSentence = node.localName === "a" && getComputedStyle(node).display === "inline";
    const label = node.closest("label") ?? node.labels?.[0] ?? node;
    return pressed(node) && !inSentence && !fits(node) && !fits(label);
  }).map(path);
}

function tabbable() {
  return every(`${PRESSED}, [tabindex]`, (node) => {
    if (node.disabled || node.tabIndex < 0 || !shown(node)) return false;
    if (node.type !== "radio") return true;
    const same = every("input[type=radio]", (each) =>
      each.name === node.name && each.form === node.form);
    return node === (same.find((each) => each.checked) ?? same[0]);
  }).map(path);
}

function toTheTop() {
  document.activeElement?.blur();
  getSelection().removeAllRanges();
  scrollTo(0, 0);
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  top.remove();
}

function focused() {
  const node = document.activeElement;
  if (!node || node === document.body || node === document.documentElement) return null;
  const ring = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  const around = [node, node.closest("label") ?? node];
  // Focus on a part that the browser draws, such as the button of a calendar, is shown by it.
  const shows = !node.matches(":focus") || around.some((each) =>
    ring(getComputedStyle(each)) || ring(getComputedStyle(each, "::after")));
  const box = node.getBoundingClientRect();
  const seen = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.8]].some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (node.contains(top) || top.contains(node)
      || top.closest("label")?.contains(node));
  });
  return { path: path(node), shows, seen };
}

function moving() {
  const long = (text) => text.split(",").some((each) => parseFloat(each) > 0.001);
  return every("*", (node) => {
    const style = getComputedStyle(node);
    return long(style.transitionDuration) || style.scrollBehavior === "smooth"
      || (style.animationName !== "none" && long(style.animationDuration));
  }).map(path);
}

function edgeless() {
  const drawn = ["checkbox", "radio", "file"];
  return every("button, .button, input:not([type=hidden]), select, textarea", (node) => {
    const style = getComputedStyle(node);
    const edge = parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none";
    return pressed(node) && !drawn.includes(node.type) && !edge;
  }).map(path);
}
