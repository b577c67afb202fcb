/** The bytes of a part of a URL: percent-encoded ones need not be UTF-8, and a `%` may be a `%`. */
const bytesOf = (part: string): Buffer =>
  Buffer.from(
    part.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** `Proxy-Authorization` of a proxy's URL, as curl sends it: user and password, either of which may be empty. */
export function proxyLogin({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const login = Buffer.concat([bytesOf(username), Buffer.from(':'), bytesOf(password)]);
  return `Basic ${login.toString('base64')}`;
}
