/**
 * The origin of a token service, from `https://HOST[:PORT]`, a host alone, or the whole realm, as an error names it;
 * undefined where it is none of these.
 */
export function parseTokenService(text: string): string | undefined {
  const url = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!/^[\x21-\x7e]{1,2048}$/.test(text) || text.includes('\\') || !URL.canParse(url)) return undefined;
  const { protocol, origin, username, password } = new URL(url);
  const isHttp = protocol === 'https:' || protocol === 'http:';
  return isHttp && username === '' && password === '' ? origin : undefined;
}
