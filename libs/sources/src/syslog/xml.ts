/** An element: its attributes and child elements by name, its own text as `#text`. A leaf without attributes is its text alone. */
export type XmlValue = string | XmlElement | readonly XmlValue[];
export interface XmlElement {
  readonly [name: string]: XmlValue;
}

const MAX_DEPTH = 32;
const MAX_NODES = 10_000;
const TAG = /<(?:!--(?:[^-]|-(?!->))*-->|!\[CDATA\[((?:[^\]]|\](?!\]>))*)\]\]>|\?[^>]*>|(\/?)([A-Za-z_][\w:.-]{0,127})([^<>]*?)(\/?)>)/y;
const ATTRIBUTE = /([A-Za-z_][\w:.-]{0,127})\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface Open {
  readonly name: string;
  readonly members: Record<string, XmlValue>;
  /** Lists in `members` that were made here, so that they may grow. */
  readonly lists: Map<string, XmlValue[]>;
  text: string;
}

/**
 * A small, bounded reader for the XML that log senders write: elements, attributes, text, CDATA, comments, the five entities and character
 * references. No DTD, no external entity, at most 32 levels and 10,000 elements. Elements of one name become a list.
 *
 * @returns the root element's content under its name, `{ syslog: { audit_record: {...} } }`, or undefined when it is not well-formed
 */
export function readXml(text: string): XmlElement | undefined {
  const stack: Open[] = [];
  let at = text.indexOf('<');
  let nodes = 0;
  while (at >= 0 && at < text.length) {
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (!tag) return undefined;
    const [, cdata, closing, name, attributes = '', selfClosing] = tag;
    const top = stack.at(-1);
    if (cdata !== undefined && top) top.text += cdata;
    if (name !== undefined) {
      if (closing) {
        if (top?.name !== name) return undefined;
        stack.pop();
        const parent = stack.at(-1);
        if (!parent) return { [name]: valueOf(top) };
        add(parent, name, valueOf(top));
      } else {
        nodes += 1;
        if (nodes > MAX_NODES || stack.length >= MAX_DEPTH) return undefined;
        const opened: Open = { name, members: attributesOf(attributes), lists: new Map(), text: '' };
        if (!selfClosing) stack.push(opened);
        else if (top) add(top, name, valueOf(opened));
        else return { [name]: valueOf(opened) };
      }
    }
    const next = text.indexOf('<', TAG.lastIndex);
    const inside = stack.at(-1);
    if (inside) inside.text += decodeEntities(text.slice(TAG.lastIndex, next < 0 ? undefined : next));
    at = next;
  }
  return undefined;
}

function valueOf(element: Open): XmlValue {
  const text = element.text.trim();
  if (Object.keys(element.members).length === 0) return text;
  return text === '' ? element.members : { ...element.members, '#text': text };
}

function add(parent: Open, name: string, value: XmlValue): void {
  const list = parent.lists.get(name);
  if (list) {
    list.push(value);
    return;
  }
  const first = Object.hasOwn(parent.members, name) ? parent.members[name] : undefined;
  if (first === undefined) {
    parent.members[name] = value;
    return;
  }
  const both = [first, value];
  parent.lists.set(name, both);
  parent.members[name] = both;
}

function attributesOf(text: string): Record<string, XmlValue> {
  const members: Record<string, XmlValue> = {};
  for (const [, name = '', double, single = ''] of text.matchAll(ATTRIBUTE)) members[name] = decodeEntities(double ?? single);
  return members;
}

/** The five entities and character references; what is none of them stays. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot|apos));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
