// Shows what a model wrote: a little of Markdown (code, headings, lists, bold), the rest as it
// stands. All of it is built from text nodes, so nothing that a model writes becomes markup.

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^#{1,6} +(.+)$/;
const ITEM = /^ *(?:[-*+]|(\d{1,9})[.)]) +(.*)$/;
const INLINE = /(`+)([^`]+)\1|\*\*([^*]+)\*\*/g;

// Which block of text each element shows.
const shown = new WeakMap();

// Show the text in this place. Blocks that did not change since the last time stay as they are:
// nobody loses what they have marked, or how far they have scrolled.
export function show(place, text) {
  const blocks = blocksOf(text);
  blocks.forEach((block, index) => {
    const old = place.children[index];
    const before = old && shown.get(old);
    if (before?.kind === block.kind) {
      if (before.text !== block.text || before.language !== block.language) fill(old, block);
      return;
    }
    const element = made(block);
    fill(element, block);
    if (old) old.replaceWith(element);
    else place.append(element);
  });
  while (place.children.length > blocks.length) place.lastElementChild.remove();
}

function blocksOf(text) {
  const blocks = [];
  let open = null; // the block that the next line may belong to
  let fence = null;
  const begin = (kind, line, more = {}) => {
    open = { kind, text: line, ...more };
    blocks.push(open);
  };
  for (const line of text.split("\n")) {
    if (fence) {
      const mark = line.trim();
      if (mark.length >= fence.length && mark === fence[0].repeat(mark.length)) {
        fence = open = null;
      } else {
        open.text += open.isEmpty ? line : `\n${line}`;
        open.isEmpty = false;
      }
      continue;
    }
    const [, mark, language] = FENCE.exec(line) ?? [];
    const item = ITEM.exec(line);
    if (mark) {
      fence = mark;
      begin("code", "", { language: language.trim(), isEmpty: true });
    } else if (!line.trim()) {
      open = null;
    } else if (HEADING.test(line)) {
      begin("heading", HEADING.exec(line)[1]);
      open = null;
    } else if (item) {
      const kind = item[1] ? "ol" : "ul";
      const last = blocks.at(-1);
      // A blank line between two items does not end the list.
      if (last?.kind === kind) open = last;
      else begin(kind, "", { items: [], first: Number(item[1] ?? 1) });
      open.items.push(item[2]);
      open.text += `\n${line}`;
    } else if (open?.items) {
      open.items[open.items.length - 1] += `\n${line.trim()}`;
      open.text += `\n${line}`;
    } else if (open) {
      open.text += `\n${line}`;
    } else {
      begin("p", line);
    }
  }
  return blocks;
}

function made(block) {
  if (block.kind === "heading") {
    const heading = document.createElement("p");
    heading.className = "heading";
    return heading;
  }
  if (block.kind !== "code") return document.createElement(block.kind);
  const box = document.createElement("div");
  box.className = "code";
  const head = document.createElement("div");
  const name = document.createElement("span");
  name.textContent = block.language;
  head.append(name, copyButton(() => shown.get(box).text));
  const pre = document.createElement("pre");
  // Long lines are scrolled, by keyboard too.
  pre.tabIndex = 0;
  pre.append(document.createElement("code"));
  box.append(head, pre);
  return box;
}

function fill(element, block) {
  shown.set(element, block);
  if (block.kind === "code") {
    element.querySelector("span").textContent = block.language;
    element.querySelector("code").textContent = block.text;
  } else if (block.items) {
    if (block.kind === "ol") element.start = block.first;
    element.replaceChildren(
      ...block.items.map((item) => {
        const line = document.createElement("li");
        line.append(...inline(item));
        return line;
      }),
    );
  } else {
    element.replaceChildren(...inline(block.text));
  }
}

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const element = document.createElement(found[1] ? "code" : "strong");
    element.textContent = found[2] ?? found[3];
    nodes.push(text.slice(end, found.index), element);
    end = found.index + found[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

// A button that puts a text on the clipboard; where the browser lets nobody copy, it stays hidden.
export function copyButton(textOf) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button-small";
  button.textContent = "Copy";
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const wrote = navigator.clipboard.writeText(textOf());
    button.textContent = await wrote.then(() => "Copied", () => "Not copied");
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}
