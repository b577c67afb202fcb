/** What a site that is switched by prefix says of its key: as its deploy does. */
export interface SwitchedSite {
  readonly key: string;
  /** The folder of the bucket that the releases are in; the origin has no path of its own. Default: the bucket itself. */
  readonly prefix?: string;
}

/**
 * Code of a CloudFront Function for viewer requests, in cloudfront-js-2.0, associated with the KeyValueStore. Pages are of
 * the release that the key says; what a page loads is of the release that the page was of, which a cookie tells, so that a
 * switch between the two mixes nothing. The cookie chooses among releases of this site and nothing else.
 */
export const switchRequestCode = ({ key, prefix = '' }: SwitchedSite): string => `import cf from 'cloudfront';
const ROOT = ${JSON.stringify(prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`)};
async function handler(event) {
  const request = event.request;
  const isPage = /(\\/|\\.x?html?|\\/[^./]+)$/i.test(request.uri);
  const cookie = request.cookies['landfall-release'];
  const isKept = !isPage && cookie && /^[0-9a-f]{64}$/.test(cookie.value);
  const folder = isKept ? ROOT + 'releases/' + cookie.value : await cf.kvs().get(${JSON.stringify(key)});
  if (request.uri.endsWith('/')) request.uri += 'index.html';
  request.uri = '/' + folder + request.uri;
  return request;
}
`;

/** The same for viewer responses: a page tells which release it is of. */
export const SWITCH_RESPONSE_CODE = `function handler(event) {
  const response = event.response;
  const type = response.headers['content-type'];
  const found = /\\/releases\\/([0-9a-f]{64})\\//.exec(event.request.uri);
  if (found && type && /html/.test(type.value)) {
    if (!response.cookies) response.cookies = {};
    response.cookies['landfall-release'] = { value: found[1], attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax' };
  }
  return response;
}
`;
