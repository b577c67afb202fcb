const PLAIN = /^[\w\-.~/]*$/;

/** RFC 3986's unreserved characters stay; encodeURIComponent leaves five more. */
export const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** S3's rule for a key in a path: slashes stay, too. Most keys are of nothing that changes. */
export const encodeKey = (key: string): string =>
  PLAIN.test(key) ? key : encodeRfc3986(key).replaceAll('%2F', '/');
