export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({ quot: '"', amp: '&', apos: "'", lt: '<', gt: '>' }),
);

const characterOf = (name: string): string | undefined => {
  if (!name.startsWith('#')) return NAMED.get(name);
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
};

const unescapeXml = (text: string): string =>
  text.replace(/&(#?[a-zA-Z0-9]+);/g, (whole, name: string) => characterOf(name) ?? whole);

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"'\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);

/** What is in each element of a name that holds no other of that name. Enough for what S3 and STS answer. */
export function elementsOf(xml: string, name: string): readonly string[] {
  const [begin, end] = [`<${name}>`, `</${name}>`];
  const found: string[] = [];
  for (let at = xml.indexOf(begin); at >= 0; at = xml.indexOf(begin, at)) {
    const close = xml.indexOf(end, at + begin.length);
    // An expression would look for this end from every begin that there is.
    if (close < 0) break;
    found.push(xml.slice(at + begin.length, close));
    at = close + end.length;
  }
  return found;
}

/** The text of the first element of a name; undefined where there is none, or more than text in it. */
export function elementText(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? undefined : unescapeXml(text);
}
