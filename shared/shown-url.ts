/**
 * A URL that a user wrote, as a message may repeat it: without its query, and of one that may carry a user or password
 * its scheme alone. A password may hold any character.
 */
export function shownUrl(text: string): string {
  if (text.includes('@')) return `${/^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ''}…`;
  const query = text.indexOf('?');
  return query < 0 ? text : `${text.slice(0, query)}?…`;
}
